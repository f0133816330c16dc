// The files of the recall benchmark: memories with an owner, a session and a place in it, and
// questions with the ids that answer them. A member that is missing is not used.

internal import Mneme
internal import MnemeCommandLine

/// Which member of a row is what.
struct RecallMembers: Sendable {
    var owner: String
    var text: String
    var time: String
    var session: String
    var position: String
    var speaker: String

    /// Whose a row is where its owner is missing.
    static let everybody = "everybody"

    /// Whose a row is.
    func owner(of row: JSONRow) -> String { row.optionalName(owner) ?? Self.everybody }

    /// The memory that a row stands for.
    ///
    /// - Throws: `Failure` without an id or text.
    func memory(_ row: JSONRow, vectors: [String: [Float]]) throws(Failure) -> Remember {
        let owner = owner(of: row)
        var memory = Remember(
            try row.text(text),
            owner: owner,
            key: .text(try row.name("id")),
            vectors: vectors
        )
        if let text = row[time].text {
            guard let instant = Instant(text) else {
                throw Failure(
                    "\(row.place): \"\(text)\" is no instant such as 2023-05-08T13:56:00Z."
                )
            }
            memory.time = instant
        }
        // Sessions are numbered within their owner.
        if let session = row.optionalName(session) { memory.session = "\(owner)/\(session)" }
        memory.position = row[position].int
        memory.speaker = row[speaker].text
        return memory
    }
}

/// A question and what answers it.
struct RecallQuestion: Sendable {
    let id: String
    /// Inside whom it is asked; nil where it is asked of all memories.
    var owner: String?
    let text: String
    let category: String?
    let relevant: Set<String>
    let vectors: [String: [Float]]

    /// The question of a row.
    ///
    /// - Throws: `Failure` without an id or text, or where what is relevant is no list.
    init(_ row: JSONRow, _ members: RecallMembers, vectors: [String: [Float]]) throws(Failure) {
        id = try row.name("id")
        owner = members.owner(of: row)
        text = try row.text("text")
        category = row.optionalName("category")
        relevant = try row.names("relevant")
        self.vectors = vectors
    }
}

/// Vectors given by the caller, a row of the array for each line of the table.
struct GivenVectors {
    /// The field that they are put in.
    static let field = "given"

    private let rows: ArrayFile

    /// Opens an array that belongs to a table of so many lines.
    ///
    /// - Throws: `Failure` where the numbers of rows differ, or as `ArrayFile`.
    init(_ path: String, lineCount: Int) throws(Failure) {
        rows = try ArrayFile(path)
        guard rows.rowCount == lineCount else {
            throw Failure(
                "\(path) has \(rows.rowCount) rows and its table \(lineCount) lines; row i must be "
                    + "the vector of line i."
            )
        }
    }

    /// The vector field that holds them.
    var type: VectorType {
        VectorType(
            dimension: rows.columnCount,
            element: rows.element == .float16 ? .float16 : .float32
        )
    }

    /// The vector of a line as a memory or question takes it.
    ///
    /// - Throws: as `ArrayFile.floats`.
    func vectors(of line: Int) throws(Failure) -> [String: [Float]] {
        [Self.field: try rows.floats(rows: line..<line + 1)]
    }
}
