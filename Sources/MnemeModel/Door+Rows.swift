// All rows of a question through every door, answer after answer, for as long as somebody asks.

extension Door {
    /// The rows of a question, however many there are; the next answer is asked for when the rows
    /// of the one before are gone.
    ///
    /// ```swift
    /// for try await row in memory.rows(Find("notes", owner: "ann", limit: 100)) {
    ///     let note = try row.record.decoded(as: Note.self)
    /// }
    /// ```
    ///
    /// `limit` of the question is how many come with one answer. Of records that change meanwhile
    /// each answer has what its commit had: what stays in its place is neither skipped nor told
    /// twice. A question that ranks has one answer; its rows are those.
    public func rows(_ find: Find) -> FoundRows { FoundRows(door: self, find: find) }
}

/// The rows of answers, one behind the other.
public struct FoundRows: AsyncSequence, Sendable {
    /// A row of an answer.
    public typealias Element = Found.Row
    /// What a find throws.
    public typealias Failure = MnemeError

    let door: any Door
    let find: Find

    /// Asks from the first row on.
    public func makeAsyncIterator() -> Iterator { Iterator(door: door, find: find) }

    /// Asks again and again.
    public struct Iterator: AsyncIteratorProtocol {
        /// What a find throws.
        public typealias Failure = MnemeError

        private let door: any Door
        /// What is asked next; nil where there is nothing more.
        private var find: Find?
        private var rows: ArraySlice<Found.Row> = []

        init(door: any Door, find: Find) { (self.door, self.find) = (door, find) }

        /// The next row; nil behind the last one.
        ///
        /// Whoever asks again after an error goes on where it was.
        ///
        /// - Throws: as `Door.find`; `cancelled` where the task was.
        public mutating func next() async throws(MnemeError) -> Found.Row? {
            while true {
                if let row = rows.popFirst() { return row }
                guard var question = find else { return nil }
                if Task.isCancelled { throw Self.cancelled }
                let found = try await door.find(question)
                rows = found.rows[...]
                question.after = found.next
                question.offset = 0
                find = found.next == nil || question.limit == 0 ? nil : question
            }
        }

        private static let cancelled = MnemeError(
            .cancelled,
            "the question was cancelled; nothing was changed"
        )
    }
}
