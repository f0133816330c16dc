// Rows of a file of values with commas between them (RFC 4180): values may stand in quotes, where
// line feeds, commas and doubled quotes belong to them. A value without quotes that is the source's
// text for null is null; one in quotes never is.

internal import Mneme
internal import MnemeCommandLine

/// The records of a file.
struct CommaRows: RowSource {
    /// How the file is written.
    struct Style: Sendable {
        var delimiter = UInt8(ascii: ",")
        /// What stands for null without quotes.
        var null: [UInt8] = []
    }

    private struct Part {
        var bytes: [UInt8] = []
        var isQuoted = false
    }

    private struct Line {
        var parts: [Part] = []
        var fault: String?
        var place = ""
    }

    private enum State {
        case start, plain, quoted, afterQuote, afterReturn
    }

    private var stream: ByteStream
    private let style: Style
    private var names: [String] = []
    private var number = 0

    /// The records of a file; its first one names the columns unless they are given.
    ///
    /// - Throws: `Failure` for a header that cannot be one.
    init(_ file: InputFile, columns: [String]?, style: Style) throws(Failure) {
        stream = try ByteStream(file)
        self.style = style
        if let columns {
            names = columns
        } else {
            names = try header()
        }
        try ColumnNames.check(names, of: path)
    }

    var path: String { stream.path }
    var columns: [String]? { names }
    var progress: (done: Int, total: Int?) { stream.progress }

    private mutating func header() throws(Failure) -> [String] {
        guard let line = try line() else {
            throw Failure(
                "\(path) is empty. Its first line should name the columns; or name them in the "
                    + "mapping: \"columns\": […]."
            )
        }
        if let fault = line.fault { throw Failure("\(path), \(line.place): \(fault).") }
        var names: [String] = []
        for part in line.parts {
            names.append(try SourceText.text(part.bytes, of: "\(path): the header"))
        }
        return names
    }

    mutating func next() throws(Failure) -> RowStep {
        while let line = try line() {
            if names.count > 1, line.fault == nil, line.parts.count == 1, !line.parts[0].isQuoted,
                line.parts[0].bytes.isEmpty
            {
                continue
            }
            number += 1
            do throws(Failure) {
                return .row(try row(line))
            } catch {
                return .bad(BadRow(number: number, place: line.place, message: error.message))
            }
        }
        return .end
    }

    private func row(_ line: Line) throws(Failure) -> SourceRow {
        if let fault = line.fault { throw Failure(fault) }
        guard line.parts.count == names.count else {
            throw Failure(
                "the row has \(Figures.count(line.parts.count, "value")), and there are "
                    + "\(Figures.count(names.count, "column")) (\(listed(names.prefix(12)))); put "
                    + "values that have a delimiter or a line feed in them into quotes"
            )
        }
        var members = [String: Value](minimumCapacity: names.count)
        for (name, part) in zip(names, line.parts) {
            if !part.isQuoted, part.bytes == style.null {
                members[name] = Value.null
            } else {
                members[name] = .text(
                    try SourceText.text(part.bytes, of: "the column \(quoted(name))")
                )
            }
        }
        return SourceRow(number: number, place: line.place, members: members)
    }

    /// The next record; nil at the end.
    private mutating func line() throws(Failure) -> Line? {
        var line = Line()
        let first = stream.lineFeeds + 1
        line.place = "line \(first)"
        var part = Part()
        var state = State.start
        var count = 0
        while true {
            guard let byte = try stream.next() else {
                if state == .quoted {
                    throw Failure(
                        "\(path), line \(first): a quote is not closed before the end of the file. "
                            + "The file may be cut short; close the quote, or make the file again."
                    )
                }
                if count == 0 { return nil }
                finish(&part, state, &line)
                return line
            }
            count += 1
            if count > RowLimit.bytes {
                line.fault = line.fault ?? RowLimit.message
                (line.parts, part.bytes) = ([], [])
            }
            switch (state, byte) {
            case (.quoted, UInt8(ascii: "\"")): state = .afterQuote
            case (.quoted, _): part.bytes.append(byte)
            case (_, UInt8(ascii: "\n")):
                finish(&part, state, &line)
                return line
            case (.start, UInt8(ascii: "\"")):
                part.isQuoted = true
                state = .quoted
            case (.afterQuote, UInt8(ascii: "\"")):
                part.bytes.append(byte)
                state = .quoted
            case (_, style.delimiter):
                finish(&part, state, &line)
                part = Part()
                state = .start
            case (.afterQuote, UInt8(ascii: "\r")): state = .afterReturn
            case (.afterQuote, _), (.afterReturn, _):
                line.fault =
                    line.fault
                    ?? "there is something behind a closed quote; a quote inside quotes is doubled"
                state = .plain
            case (_, UInt8(ascii: "\"")):
                line.fault =
                    line.fault
                    ?? "a quote stands inside a value that does not begin with one; put the whole "
                    + "value into quotes and double those inside"
                state = .plain
            default:
                part.bytes.append(byte)
                state = .plain
            }
        }
    }

    /// Ends a value.
    private func finish(_ part: inout Part, _ state: State, _ line: inout Line) {
        if state == .plain, part.bytes.last == UInt8(ascii: "\r") { part.bytes.removeLast() }
        line.parts.append(part)
    }
}

/// Names of columns.
enum ColumnNames {
    /// - Throws: `Failure` for a name that is empty or given twice.
    static func check(_ names: [String], of path: String) throws(Failure) {
        var seen: Set<String> = []
        for (place, name) in names.enumerated() {
            guard !name.isEmpty else {
                throw Failure("\(path): column \(place + 1) has no name. Give it one.")
            }
            guard seen.insert(name).inserted else {
                throw Failure(
                    "\(path): two columns have the name \(quoted(name)). Rename one of them."
                )
            }
        }
    }
}
