// Rows of PostgreSQL's `COPY … TO` in its text format: a line each, values divided by tabs, `\N`
// for null and backslashes before what would be misread. Of a dump by pg_dump, the blocks of one
// table; their first lines name the columns, and `\.` ends them.

internal import Mneme
internal import MnemeCommandLine

/// The rows of a file, or of a table in a dump.
struct CopyRows: RowSource {
    private var stream: ByteStream
    private let delimiter: UInt8
    private let null: [UInt8]
    /// The table of a dump; nil where the file has nothing but rows.
    private let table: String?
    private var names: [String] = []
    private var isInBlock: Bool
    private var blockLine = 0
    private var number = 0
    private var lineNumber = 0

    /// The rows of a file; with a table, the rows of its blocks in a dump.
    ///
    /// - Throws: `Failure` where neither columns nor a table are given, or the dump does not have
    ///   the table.
    init(
        _ file: InputFile,
        table: String?,
        columns: [String]?,
        delimiter: UInt8 = 0x09,
        null: [UInt8] = Array("\\N".utf8)
    ) throws(Failure) {
        stream = try ByteStream(file)
        self.delimiter = delimiter
        self.null = null
        self.table = table
        isInBlock = table == nil
        if let table {
            names = try findBlock(of: table)
        } else if let columns {
            names = columns
        } else {
            throw Failure(
                "\(file.path) has no names of columns. Give the mapping's source \"columns\", in "
                    + "the "
                    + "order of COPY, or \"table\" where the file is a dump by pg_dump."
            )
        }
        try ColumnNames.check(names, of: path)
    }

    var path: String { stream.path }
    var columns: [String]? { names }
    var progress: (done: Int, total: Int?) { stream.progress }

    /// Goes to the first block of the table and says its columns.
    private mutating func findBlock(of table: String) throws(Failure) -> [String] {
        var others: [String] = []
        while let block = try nextBlock() {
            if block.isNamed(table) {
                isInBlock = true
                return block.columns
            }
            let name = "\(block.schema.map { $0 + "." } ?? "")\(block.table)"
            if !others.contains(name) { others.append(name) }
        }
        throw Failure(
            "\(path) has no block COPY \(table) (…) FROM stdin. Tables with rows in it: "
                + "\(listed(others)). Name one of them, or make the dump without --inserts."
        )
    }

    /// The next line that begins a block; nil at the end.
    private mutating func nextBlock() throws(Failure) -> CopyBlock? {
        while true {
            let line = try stream.line()
            lineNumber += 1
            switch line {
            case .end: return nil
            case .tooLong: continue
            case .line(let bytes):
                guard let block = CopyBlock(bytes) else { continue }
                blockLine = lineNumber
                return block
            }
        }
    }

    mutating func next() throws(Failure) -> RowStep {
        while true {
            if !isInBlock {
                guard try goToNextBlock() else { return .end }
            }
            let line = try stream.line()
            lineNumber += 1
            switch line {
            case .end:
                guard table != nil else { return .end }
                throw Failure(
                    "\(path): the block of \(table ?? "") that begins on line \(blockLine) has no "
                        + "end "
                        + "mark \\. before the end of the file. The dump is cut short; make it "
                        + "again."
                )
            case .tooLong:
                number += 1
                return bad(RowLimit.message)
            case .line(let bytes):
                if bytes == Array("\\.".utf8) {
                    isInBlock = false
                    if table == nil { return .end }
                    continue
                }
                number += 1
                return row(bytes)
            }
        }
    }

    /// Goes to the table's next block; false where there is none.
    private mutating func goToNextBlock() throws(Failure) -> Bool {
        guard let table else { return false }
        while let block = try nextBlock() {
            guard block.isNamed(table) else { continue }
            guard block.columns == names else {
                throw Failure(
                    "\(path), line \(lineNumber): this block of \(table) has other columns "
                        + "(\(listed(block.columns))) than the one before (\(listed(names))). "
                        + "Import the two from files of their own."
                )
            }
            isInBlock = true
            return true
        }
        return false
    }

    private func row(_ line: [UInt8]) -> RowStep {
        let parts = line.split(separator: delimiter, omittingEmptySubsequences: false)
        guard parts.count == names.count else {
            return bad(
                "the row has \(Figures.count(parts.count, "value")), and there are "
                    + "\(Figures.count(names.count, "column")) (\(listed(names.prefix(12))))"
            )
        }
        var members = [String: Value](minimumCapacity: names.count)
        do throws(Failure) {
            for (name, part) in zip(names, parts) {
                if part.elementsEqual(null) {
                    members[name] = Value.null
                } else {
                    members[name] = .text(
                        try SourceText.text(
                            Self.unescaped(part),
                            of: "the column \(quoted(name))"
                        )
                    )
                }
            }
        } catch {
            return bad(error.message)
        }
        return .row(SourceRow(number: number, place: "line \(lineNumber)", members: members))
    }

    private func bad(_ message: String) -> RowStep {
        .bad(BadRow(number: number, place: "line \(lineNumber)", message: message))
    }

    /// A value without its backslashes, as PostgreSQL reads it.
    static func unescaped(_ part: ArraySlice<UInt8>) -> [UInt8] {
        guard part.contains(UInt8(ascii: "\\")) else { return Array(part) }
        var bytes: [UInt8] = []
        var rest = part
        func digits(_ most: Int, _ radix: Int) -> UInt8? {
            var value = 0
            var count = 0
            while count < most, let byte = rest.first,
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix
            {
                value = value * radix + digit
                count += 1
                rest = rest.dropFirst()
            }
            return count > 0 ? UInt8(truncatingIfNeeded: value) : nil
        }
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "\\"), let mark = rest.first else {
                bytes.append(byte)
                continue
            }
            if let code = digits(3, 8) {
                bytes.append(code)
                continue
            }
            rest = rest.dropFirst()
            switch mark {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0c)
            case UInt8(ascii: "n"): bytes.append(0x0a)
            case UInt8(ascii: "r"): bytes.append(0x0d)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "v"): bytes.append(0x0b)
            case UInt8(ascii: "x"): bytes.append(digits(2, 16) ?? mark)
            default: bytes.append(mark)
            }
        }
        return bytes
    }
}

/// The line that begins a block of a dump: `COPY public.sessions (id, "at") FROM stdin;`.
struct CopyBlock {
    let schema: String?
    let table: String
    let columns: [String]

    /// Nil for any other line.
    init?(_ line: [UInt8]) {
        guard line.starts(with: Array("COPY ".utf8)),
            let text = String(validating: line, as: UTF8.self)
        else { return nil }
        var rest = text.dropFirst("COPY ".count)
        guard let first = Self.name(&rest) else { return nil }
        if rest.first == "." {
            rest = rest.dropFirst()
            guard let second = Self.name(&rest) else { return nil }
            (schema, table) = (first, second)
        } else {
            (schema, table) = (nil, first)
        }
        guard rest.hasPrefix(" (") else { return nil }
        rest = rest.dropFirst(2)
        var names: [String] = []
        while let name = Self.name(&rest) {
            names.append(name)
            guard rest.hasPrefix(", ") else { break }
            rest = rest.dropFirst(2)
        }
        guard rest.hasPrefix(") FROM stdin") else { return nil }
        columns = names
    }

    /// A name, in quotes or without.
    private static func name(_ rest: inout Substring) -> String? {
        guard let first = rest.first else { return nil }
        if first != "\"" {
            let name = rest.prefix { !".,() \"".contains($0) }
            rest = rest.dropFirst(name.count)
            return name.isEmpty ? nil : String(name)
        }
        rest = rest.dropFirst()
        var name = ""
        while let letter = rest.popFirst() {
            guard letter == "\"" else {
                name.append(letter)
                continue
            }
            guard rest.first == "\"" else { return name }
            name.append("\"")
            rest = rest.dropFirst()
        }
        return nil
    }

    /// Whether `sessions` or `public.sessions` names its table.
    func isNamed(_ name: String) -> Bool {
        name == table || (schema.map { name == "\($0).\(table)" } ?? false)
    }
}
