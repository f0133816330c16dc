// How a mapping makes one value: from where, and what becomes of it on the way. Spelled as a path,
// or as an object. Page: formats/import.md#values.

internal import Mneme
internal import MnemeCommandLine

/// How one value is made of a row.
struct Derivation: Sendable {
    /// Where it comes from.
    indirect enum Origin: Sendable {
        case path(RowPath)
        case constant(Value)
        case template([TemplatePart])
        /// Texts with something between them; those that are missing are left out.
        case join([Derivation], with: String)
        /// An owner's path; none of its parts may be missing.
        case owner([Derivation])
        case list([Derivation])
        case object([String: Derivation])
        /// The first that is not null.
        case first([Derivation])
    }

    /// A part of a template.
    enum TemplatePart: Sendable {
        case text(String)
        case path(RowPath)
    }

    let origin: Origin
    /// What stands between the elements of a text that is a list.
    var separator: String?
    var lookup: [String: Value]?
    var cast: Cast?
    /// What it is where there is none.
    var standard: Value?
    var isRequired = false
    /// Where the mapping says it, for messages.
    let place: String

    /// What is at the end of a path.
    init(_ path: String, _ place: String) {
        origin = .path(RowPath(path))
        self.place = place
    }

    private static let origins = [
        "from", "constant", "template", "join", "owner", "list", "object", "first",
    ]

    /// Reads a derivation.
    ///
    /// - Throws: `Failure` that names what is wrong in the mapping.
    init(
        _ spelling: Value,
        _ place: String,
        lookups: [String: [String: Value]]
    ) throws(Failure) {
        self.place = place
        if case .text(let path) = spelling {
            origin = .path(RowPath(path))
            return
        }
        var members = try MappingMembers(spelling, place)
        func parts(_ values: [Value], _ name: String) throws(Failure) -> [Derivation] {
            var parts: [Derivation] = []
            for (index, value) in values.enumerated() {
                let part = "\(place).\(name)[\(index)]"
                parts.append(try Derivation(value, part, lookups: lookups))
            }
            return parts
        }
        var found: [Origin] = []
        if let path = try members.text("from") { found.append(.path(RowPath(path))) }
        if let value = members.value("constant") { found.append(.constant(value)) }
        if let text = try members.text("template") {
            found.append(.template(try Self.template(text, place)))
        }
        let between = try members.text("with")
        if let values = try members.array("join") {
            found.append(.join(try parts(values, "join"), with: between ?? " "))
        } else if between != nil {
            throw Failure("\(place): \"with\" goes with \"join\", which is not there.")
        }
        if let values = try members.array("owner") {
            found.append(.owner(try parts(values, "owner")))
        }
        if let values = try members.array("list") {
            found.append(.list(try parts(values, "list")))
        }
        if let values = try members.array("first") {
            found.append(.first(try parts(values, "first")))
        }
        if let object = members.value("object") {
            guard case .map(let values) = object else {
                throw members.wrong("object", "an object", object)
            }
            var parts: [String: Derivation] = [:]
            for (name, value) in values {
                parts[name] = try Derivation(value, "\(place).object.\(name)", lookups: lookups)
            }
            found.append(.object(parts))
        }
        separator = try members.text("split")
        guard separator != "" else {
            throw Failure("\(place): \"split\" takes a text that is not empty.")
        }
        switch members.value("lookup") {
        case nil: break
        case .map(let table)?: lookup = table
        case .text(let name)?:
            guard let table = lookups[name] else {
                throw Failure(
                    "\(place): there is no lookup \(quoted(name)). Known: "
                        + "\(listed(lookups.keys.sorted()))."
                )
            }
            lookup = table
        case let other?: throw members.wrong("lookup", "a name or an object", other)
        }
        cast = try members.word("as")
        standard = members.value("default")
        isRequired = try members.flag("required")
        try members.finish()
        guard let origin = found.first, found.count == 1 else {
            throw Failure(
                "\(place) says \(found.isEmpty ? "not" : "in \(found.count) ways") where its value "
                    + "comes from. Give one of \(listed(Self.origins))."
            )
        }
        self.origin = origin
    }

    /// The parts of a template: `{path}`, and `{{` and `}}` for braces.
    static func template(_ text: String, _ place: String) throws(Failure) -> [TemplatePart] {
        var parts: [TemplatePart] = []
        var plain = ""
        var rest = text[...]
        while let letter = rest.popFirst() {
            if letter == "{" || letter == "}", rest.first == letter {
                plain.append(letter)
                rest = rest.dropFirst()
            } else if letter == "{", let end = rest.firstIndex(of: "}"), end > rest.startIndex {
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = ""
                parts.append(.path(RowPath(String(rest[..<end]))))
                rest = rest[rest.index(after: end)...]
            } else if letter == "{" || letter == "}" {
                throw Failure(
                    "\(place): the template \(quoted(text)) has a brace alone. Write {path} for a "
                        + "value and {{ or }} for a brace."
                )
            } else {
                plain.append(letter)
            }
        }
        if !plain.isEmpty { parts.append(.text(plain)) }
        return parts
    }

    /// Every path that it reads.
    var paths: [RowPath] {
        switch origin {
        case .path(let path): [path]
        case .constant: []
        case .template(let parts):
            parts.compactMap { if case .path(let path) = $0 { path } else { nil } }
        case .join(let parts, _), .owner(let parts), .list(let parts), .first(let parts):
            parts.flatMap(\.paths)
        case .object(let parts): parts.values.flatMap(\.paths)
        }
    }
}

extension Derivation {
    /// The value for a row; null where there is none and none is needed.
    ///
    /// - Throws: `Failure` that names the place in the mapping and what came.
    func value(_ scope: inout RowScope) throws(Failure) -> Value {
        var value = try origin(&scope)
        if let separator, let text = value.text { value = Self.split(text, separator) }
        if let lookup, !value.isNull { value = try look(value, in: lookup) }
        if let cast, !value.isNull {
            do throws(Failure) {
                value = try cast.value(value)
            } catch {
                throw Failure("\(place): \(error.message)", code: error.code)
            }
        }
        if value.isNull, let standard { return standard }
        if value.isNull, isRequired {
            let names = listed(paths.map(\.description))
            throw Failure("\(place) is required, and \(names) gives nothing", code: .missingField)
        }
        return value
    }

    private func origin(_ scope: inout RowScope) throws(Failure) -> Value {
        switch origin {
        case .path(let path): return try scope.value(path)
        case .constant(let value): return value
        case .template(let parts):
            var text = ""
            for part in parts {
                switch part {
                case .text(let plain): text += plain
                case .path(let path):
                    let value = try scope.value(path)
                    if value.isNull { return .null }
                    text += try word(value, path.description)
                }
            }
            return .text(text)
        case .join(let parts, let between):
            var words: [String] = []
            for part in parts {
                let value = try part.value(&scope)
                if !value.isNull { words.append(try word(value, part.place)) }
            }
            return words.isEmpty ? .null : .text(words.joined(separator: between))
        case .owner(let parts):
            var words: [String] = []
            for part in parts {
                let value = try part.value(&scope)
                let word = value.isNull ? "" : try word(value, part.place)
                guard !word.isEmpty, !word.utf8.contains(UInt8(ascii: "/")) else {
                    throw Failure(
                        "\(part.place) should be a part of an owner's path, a text that is not "
                            + "empty and has no / in it, and is \(value.shown)",
                        code: .badOwner
                    )
                }
                words.append(word)
            }
            return .text(words.joined(separator: "/"))
        case .list(let parts):
            var values: [Value] = []
            for part in parts {
                let value = try part.value(&scope)
                if !value.isNull { values.append(value) }
            }
            return .array(values)
        case .object(let parts):
            var members: [String: Value] = [:]
            for (name, part) in parts {
                let value = try part.value(&scope)
                if !value.isNull { members[name] = value }
            }
            return .map(members)
        case .first(let parts):
            for part in parts {
                let value = try part.value(&scope)
                if !value.isNull { return value }
            }
            return .null
        }
    }

    private func word(_ value: Value, _ what: String) throws(Failure) -> String {
        if let word = Cast.word(value) { return word }
        throw Failure("\(place): \(what) is \(value.shown), which cannot stand inside a text")
    }

    private func look(_ value: Value, in table: [String: Value]) throws(Failure) -> Value {
        if case .array(let values) = value {
            var found: [Value] = []
            for value in values { found.append(try look(value, in: table)) }
            return .array(found)
        }
        if let word = Cast.word(value), let found = table[word] { return found }
        if let standard { return standard }
        throw Failure(
            "\(place): the lookup has nothing for \(value.shown). Known: "
                + "\(listed(table.keys.sorted().prefix(20))). Add it, or give a \"default\""
        )
    }

    /// The parts of a text without the blanks around them; of an empty one none.
    private static func split(_ text: String, _ separator: String) -> Value {
        let parts = text.split(separator: separator, omittingEmptySubsequences: true)
        return .array(
            parts.compactMap { part in
                let word = part.trimmingBlanks
                return word.isEmpty ? nil : .text(word)
            }
        )
    }
}

extension Substring {
    /// The text without blanks, tabs and line ends around it.
    fileprivate var trimmingBlanks: String {
        var rest = self
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
