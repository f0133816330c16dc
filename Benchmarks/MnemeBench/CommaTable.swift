// Tables with commas between fields (RFC 4180): a header, quoted fields, line breaks inside quotes.

internal import MnemeCommandLine

/// The rows of a `.csv` file, read one by one.
struct CommaTable {
    private let path: String
    private var lines: InputLines
    /// The names in the header.
    let columns: [String]

    /// Opens a table and reads its header.
    ///
    /// - Throws: `Failure` when it is not there, cannot be read or is empty.
    init(_ path: String) throws(Failure) {
        self.path = path
        lines = InputLines(try InputFile(path))
        guard let header = try Self.row(&lines, path) else {
            throw Failure("\(path) is empty; it must begin with the names of its columns.")
        }
        columns = header
    }

    /// Where a column stands.
    ///
    /// - Throws: `Failure` where there is none of this name.
    func column(_ name: String) throws(Failure) -> Int {
        guard let place = columns.firstIndex(of: name) else {
            throw Failure(
                "\(path) has no column \"\(name)\"; its columns: "
                    + columns.joined(separator: ", ") + "."
            )
        }
        return place
    }

    /// The next row, as many fields as there are columns; nil after the last one.
    ///
    /// - Throws: `Failure` with the line's number for another number of fields, an open quote or
    ///   text that is not UTF-8.
    mutating func next() throws(Failure) -> [String]? {
        guard let row = try Self.row(&lines, path) else { return nil }
        guard row.count == columns.count else {
            throw Failure(
                "\(path):\(lines.number) has \(row.count) fields, and the header \(columns.count)."
            )
        }
        return row
    }

    /// A whole number in a field of the row that was read last.
    ///
    /// - Throws: `Failure` where it is none.
    func integer(_ field: String) throws(Failure) -> Int {
        guard let number = Int(field) else {
            throw Failure("\(path):\(lines.number): \"\(field)\" must be a whole number.")
        }
        return number
    }

    private static func row(
        _ lines: inout InputLines,
        _ path: String
    ) throws(Failure) -> [String]? {
        guard var line = try lines.next() else { return nil }
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        while true {
            isQuoted = split(line, into: &fields, isQuoted)
            guard isQuoted else { break }
            guard let more = try lines.next() else {
                throw Failure("\(path):\(lines.number): a quote is never closed.")
            }
            fields[fields.count - 1].append(UInt8(ascii: "\n"))
            line = more
        }
        var row: [String] = []
        row.reserveCapacity(fields.count)
        for field in fields {
            guard let text = String(validating: field, as: UTF8.self) else {
                throw Failure("\(path):\(lines.number) is not UTF-8.")
            }
            row.append(text)
        }
        return row
    }

    /// Adds the fields of a line.
    ///
    /// Returns whether it ends inside quotes.
    private static func split(
        _ line: [UInt8],
        into fields: inout [[UInt8]],
        _ startsQuoted: Bool
    ) -> Bool {
        var isQuoted = startsQuoted
        var index = 0
        while index < line.count {
            let byte = line[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\"") where isQuoted:
                if index < line.count, line[index] == UInt8(ascii: "\"") {
                    fields[fields.count - 1].append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
            case UInt8(ascii: "\"") where fields[fields.count - 1].isEmpty: isQuoted = true
            case UInt8(ascii: ",") where !isQuoted: fields.append([])
            default: fields[fields.count - 1].append(byte)
            }
        }
        return isQuoted
    }
}
