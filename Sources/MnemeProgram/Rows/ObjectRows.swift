// Rows of a file of JSON objects, one a line.

internal import Mneme
internal import MnemeCommandLine

/// The objects of a file.
struct ObjectRows: RowSource {
    private var stream: ByteStream
    private var number = 0
    private var lineNumber = 0

    /// The objects of a file.
    init(_ file: InputFile) throws(Failure) { stream = try ByteStream(file) }

    var path: String { stream.path }
    var columns: [String]? { nil }
    var progress: (done: Int, total: Int?) { stream.progress }

    mutating func next() throws(Failure) -> RowStep {
        while true {
            let line = try stream.line()
            lineNumber += 1
            switch line {
            case .end: return .end
            case .tooLong:
                number += 1
                return bad(RowLimit.message)
            case .line(let bytes):
                if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
                number += 1
                return row(bytes)
            }
        }
    }

    private func row(_ bytes: [UInt8]) -> RowStep {
        let value: Value
        do {
            value = try Value(json: bytes)
        } catch {
            // A line of its own is line 1 of its JSON.
            let mark = "JSON, line 1, "
            let message = error.message
            return bad(message.hasPrefix(mark) ? String(message.dropFirst(mark.count)) : message)
        }
        guard case .map(let members) = value else {
            return bad("an object should be here, and not \(value.shown)")
        }
        return .row(SourceRow(number: number, place: "line \(lineNumber)", members: members))
    }

    private func bad(_ message: String) -> RowStep {
        .bad(BadRow(number: number, place: "line \(lineNumber)", message: message))
    }
}
