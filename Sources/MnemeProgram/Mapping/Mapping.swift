// A mapping file: where rows come from, and what each of them makes. Page: formats/import.md.

internal import Mneme
internal import MnemeCommandLine

/// How a source is written.
enum SourceFormat: String, CaseIterable, Sendable {
    case jsonl, csv, sqlite, copy
}

/// Where rows come from.
struct MappingSource: Sendable {
    var format: SourceFormat
    var path: String?
    var table: String?
    var query: String?
    var columns: [String]?
    var delimiter: UInt8?
    var null: String?
    /// Columns, or members of objects, that may be missing everywhere.
    var optional: [String] = []

    /// Reads a source.
    ///
    /// - Throws: `Failure` that names what is wrong in the mapping.
    init(_ spelling: Value, _ place: String) throws(Failure) {
        var members = try MappingMembers(spelling, place)
        guard let format = try members.word("format", SourceFormat.self) else {
            throw Failure(
                "\(place) needs the member \"format\": one of "
                    + "\(listed(SourceFormat.allCases.map(\.rawValue)))."
            )
        }
        self.format = format
        path = try members.text("path")
        table = try members.text("table")
        query = try members.text("query")
        columns = try members.texts("columns")
        null = try members.text("null")
        optional = try members.texts("optional") ?? []
        if let text = try members.text("delimiter") {
            guard text.utf8.count == 1, let byte = text.utf8.first, byte != UInt8(ascii: "\""),
                byte != UInt8(ascii: "\n"), byte < 0x80
            else {
                throw members.wrong("delimiter", "one ASCII character", .text(text))
            }
            delimiter = byte
        }
        if let encoding = members.value("encoding"), encoding.text?.lowercased() != "utf-8" {
            throw Failure(
                "\(place): the encoding \(encoding.shown) is not read. Convert the source to "
                    + "UTF-8, "
                    + "for example with iconv, and leave \"encoding\" out or say \"UTF-8\"."
            )
        }
        try members.finish()
        try check(place)
    }

    private func check(_ place: String) throws(Failure) {
        let given = [
            ("table", table != nil), ("query", query != nil), ("columns", columns != nil),
            ("delimiter", delimiter != nil), ("null", null != nil),
        ]
        let taken: [String] =
            switch format {
            case .jsonl: []
            case .csv: ["columns", "delimiter", "null"]
            case .sqlite: ["table", "query"]
            case .copy: ["table", "columns", "delimiter", "null"]
            }
        for (name, isGiven) in given where isGiven && !taken.contains(name) {
            throw Failure(
                "\(place): a source of the format \(format.rawValue) takes no \"\(name)\". It may "
                    + "have: \(listed(["path", "optional"] + taken))."
            )
        }
        if format == .copy, table != nil, columns != nil {
            throw Failure(
                "\(place): a dump names the columns of \"table\" itself. Leave \"columns\" out."
            )
        }
        if columns?.isEmpty == true {
            throw Failure("\(place): \"columns\" takes an array of at least one name.")
        }
    }

    /// Opens the source at its beginning.
    ///
    /// - Throws: `Failure` when it cannot be read, or is not what the mapping says.
    func open(_ path: String) throws(Failure) -> any RowSource {
        switch format {
        case .jsonl: return try ObjectRows(try InputFile(path))
        case .csv:
            var style = CommaRows.Style()
            if let delimiter { style.delimiter = delimiter }
            if let null { style.null = Array(null.utf8) }
            return try CommaRows(try InputFile(path), columns: columns, style: style)
        case .sqlite: return try SQLiteRows(path, table: table, query: query)
        case .copy:
            return try CopyRows(
                try InputFile(path),
                table: table,
                columns: columns,
                delimiter: delimiter ?? 0x09,
                null: Array((null ?? "\\N").utf8)
            )
        }
    }
}

/// What a mapping file says.
struct Mapping: Sendable {
    let source: MappingSource
    /// Values that rules use under a name.
    let values: [String: Derivation]
    let rules: [Rule]

    /// Reads a mapping file.
    ///
    /// - Throws: `Failure` that names the file and what is wrong in it.
    init(reading path: String) throws(Failure) {
        let bytes = try InputFile(path).readAll()
        let spelling: Value
        do {
            spelling = try Value(json: bytes)
        } catch {
            throw Failure(GivenJSON.placed(error.message, in: path), code: error.code)
        }
        do throws(Failure) {
            self = try Mapping(spelling)
        } catch {
            throw Failure("\(path): \(error.message)", code: error.code)
        }
    }

    /// Reads a mapping.
    ///
    /// - Throws: `Failure` that names what is wrong in it.
    init(_ spelling: Value) throws(Failure) {
        var members = try MappingMembers(spelling, "The mapping")
        _ = try members.text("about")
        source = try MappingSource(try members.required("source"), "source")
        var lookups: [String: [String: Value]] = [:]
        for (name, table) in try members.object("lookups") {
            guard case .map(let table) = table else {
                throw Failure("lookups.\(name) takes an object and got \(table.shown).")
            }
            lookups[name] = table
        }
        var values: [String: Derivation] = [:]
        for (name, value) in try members.object("values") {
            guard !name.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "@") })
            else {
                throw Failure(
                    "values: the name \(quoted(name)) has a dot or an @ in it. Give another one."
                )
            }
            let derivation = try Derivation(value, "values.\(name)", lookups: lookups)
            let inside = derivation.paths.map(\.root)
            if let word = inside.first(where: { RowPath.words.contains($0) && $0 != RowPath.number }
            ) {
                throw Failure("values.\(name): \(word) is known in rules alone. Use it there.")
            }
            values[name] = derivation
        }
        self.values = values
        guard let spelled = try members.array("rules"), !spelled.isEmpty else {
            throw Failure("The mapping needs the member \"rules\", an array of at least one rule.")
        }
        var rules: [Rule] = []
        for (index, rule) in spelled.enumerated() {
            rules.append(try Rule(rule, "rules[\(index)]", lookups: lookups))
        }
        self.rules = rules
        try members.finish()
        try checkCircles()
        try checkWords()
    }

    /// Makes sure that no named value is made of itself.
    private func checkCircles() throws(Failure) {
        var isDone: Set<String> = []
        func visit(_ name: String, _ way: [String]) throws(Failure) {
            if isDone.contains(name) { return }
            if let start = way.firstIndex(of: name) {
                let circle = (way[start...] + [name]).joined(separator: " → ")
                throw Failure(
                    "values.\(name) is made of itself: \(circle). Where it should be made of a "
                        + "column "
                        + "of that name, give the value another one."
                )
            }
            for path in values[name]?.paths ?? [] where values[path.root] != nil {
                try visit(path.root, way + [name])
            }
            isDone.insert(name)
        }
        for name in values.keys.sorted() { try visit(name, []) }
    }

    /// Makes sure that words of rules that go through something stand in no others.
    private func checkWords() throws(Failure) {
        for rule in rules {
            for path in rule.paths where path.root.hasPrefix("@") {
                guard RowPath.words.contains(path.root) else {
                    throw Failure(
                        "\(rule.place): there is no \(path.root). Known: \(listed(RowPath.words))."
                    )
                }
                guard rule.each != nil || path.root == RowPath.number else {
                    throw Failure(
                        "\(rule.place): \(path.root) is of what a rule goes through, and this one "
                            + "has no \"each\". Give it one, or name a column."
                    )
                }
            }
            for path in rule.each?.paths ?? []
            where path.root.hasPrefix("@") && path.root != RowPath.number {
                throw Failure(
                    "\(rule.place).each: \(path.root) is known only inside what it goes through."
                )
            }
        }
    }
}
