// A file of requests: one a line, or all of them in one array of JSON. Each is told with the line
// that it begins on, which is what errors name.

internal import Mneme
internal import MnemeCommandLine

/// The requests of a file, in order.
struct RequestFile {
    private let file: InputFile

    /// The requests of a file.
    ///
    /// - Throws: `Failure` when it cannot be read.
    init(_ path: String) throws(Failure) { file = try InputFile(path) }

    /// Hands out every request and the line that it begins on, and returns how many there are.
    ///
    /// - Throws: `Failure` that names the line of what is no request; what `body` throws.
    /// - Complexity: O(*n*) in the bytes. Of lines one is in memory at a time; an array is whole.
    @discardableResult
    func each(_ body: (Int, Request) throws(Failure) -> Void) throws(Failure) -> Int {
        var lines = InputLines(file)
        var count = 0
        while let line = try lines.next() {
            guard let first = line.first(where: { !Self.isBlank($0) }) else { continue }
            if count == 0, first == UInt8(ascii: "[") { return try eachOfArray(body) }
            try body(lines.number, try request(line[...], beginning: lines.number))
            count += 1
        }
        return count
    }

    private func eachOfArray(
        _ body: (Int, Request) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        let bytes = try file.readAll()
        let parts: [JSONPart]
        do throws(MnemeError) {
            // What is wrong with it as a whole is said first, with its line and column.
            guard case .array = try Value(json: bytes) else { return 0 }
            parts = JSONPart.elements(of: bytes)
        } catch {
            throw Failure(GivenJSON.placed(error.message, in: file.path), code: error.code)
        }
        for part in parts {
            try body(part.line, try request(bytes[part.range], beginning: part.line))
        }
        return parts.count
    }

    private func request(
        _ bytes: ArraySlice<UInt8>,
        beginning line: Int
    ) throws(Failure) -> Request {
        do throws(MnemeError) {
            return try Request(spelling: try Value(json: Array(bytes)))
        } catch {
            throw failure(line, error)
        }
    }

    /// What went wrong with the request of a line.
    func failure(_ line: Int, _ error: MnemeError, _ rest: String = "") -> Failure {
        // A line of its own is line 1 of its JSON.
        let mark = "JSON, line 1, "
        let what =
            error.message.hasPrefix(mark)
            ? ", \(error.message.dropFirst(mark.count))" : ": \(error.message)"
        let end = error.message.hasSuffix(".") ? "" : "."
        return Failure("\(file.path), line \(line)\(what)\(end)\(rest)", code: error.code)
    }

    /// What went wrong with all of its requests as they were committed together.
    func failure(_ error: MnemeError) -> Failure {
        Failure(
            "\(file.path): all of its requests together cannot be committed: \(error.message)",
            code: error.code
        )
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}

/// An element of an array, and the line that it begins on.
private struct JSONPart {
    var line: Int
    var range: Range<Int>

    /// The elements of an array that was read as JSON before, and is one.
    static func elements(of bytes: [UInt8]) -> [JSONPart] {
        guard let begin = bytes.firstIndex(of: UInt8(ascii: "[")) else { return [] }
        var parts: [JSONPart] = []
        var line = 1 + bytes[..<begin].count { $0 == UInt8(ascii: "\n") }
        var depth = 0
        var (isText, isEscaped) = (false, false)
        var start: (line: Int, place: Int)?
        var end = begin
        for place in (begin + 1)..<bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\n") { line += 1 }
            if isText {
                isText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                end = place + 1
                continue
            }
            if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                if let begun = start {
                    parts.append(JSONPart(line: begun.line, range: begun.place..<end))
                }
                start = nil
                continue
            }
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: "\""): isText = true
            default: break
            }
            if start == nil { start = (line, place) }
            end = place + 1
        }
        return parts
    }
}
