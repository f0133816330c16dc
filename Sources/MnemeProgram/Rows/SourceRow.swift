// What an import reads: rows of named values, one after another. A row that cannot be read is told
// apart from a source that cannot be read on: the first may be skipped. Page: formats/import.md.

internal import Mneme
internal import MnemeCommandLine

/// One row of a source.
struct SourceRow: Sendable {
    /// Its number in the source, from 1; blank lines do not count.
    let number: Int
    /// Where it stands, for messages: `line 7`, `row 7`.
    let place: String
    /// Its values by column, or by member of the object.
    let members: [String: Value]
}

/// A row that cannot be read.
struct BadRow: Sendable {
    let number: Int
    /// Where it stands.
    let place: String
    /// What is wrong with it.
    let message: String
}

/// What a source gives next.
enum RowStep: Sendable {
    case row(SourceRow)
    case bad(BadRow)
    case end
}

/// Rows, one after another.
protocol RowSource {
    /// The path, for messages.
    var path: String { get }
    /// The names of the columns; nil where each row has its own.
    var columns: [String]? { get }
    /// How far it is read, of how much: bytes of a file, rows of a table.
    var progress: (done: Int, total: Int?) { get }

    /// The next row.
    ///
    /// - Throws: `Failure` where nothing behind can be read either.
    mutating func next() throws(Failure) -> RowStep
}

/// Bounds of what is read.
enum RowLimit {
    /// The most bytes of a row.
    static let bytes = 64 << 20

    /// What is said of a longer one.
    static let message =
        "it has more than \(Figures.count(bytes)) bytes, which is the most of a row; take long "
        + "values out of it, or check where its line or its quotes should end"
}

/// The text that bytes are.
enum SourceText {
    /// - Throws: `Failure` that names the first byte that is no UTF-8.
    static func text(_ bytes: [UInt8], of what: String) throws(Failure) -> String {
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw Failure(
                "\(what) is not UTF-8 at byte \(error.byteOffsets.lowerBound + 1); convert the "
                    + "source to UTF-8",
                code: .badRequest
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
