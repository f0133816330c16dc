// Holding a batch against the length of its answer. What a change returns may be the only copy
// there is, so a batch whose answer nobody could be sent is refused before it is made. It is held
// as the batch is decided, where what it returns is known, and so at every door alike:
// formats/operations.md#limits.

internal import MnemeModel

extension BatchPlanner {
    /// A batch of fewer outcomes that tell nothing has an answer of a few hundred KiB at most.
    private static let shortCount = 512

    /// A record that an outcome tells.
    ///
    /// - Throws: `.refused` with `tooLarge` where the answer would be too long.
    mutating func tell(_ record: Record) throws(StoreError) -> Record {
        try noteTold(record.mostBytes, "\(record.reference)")
        return record
    }

    /// Notes that an outcome tells what takes so many bytes.
    ///
    /// - Throws: as `tell`.
    mutating func noteTold(_ byteCount: Int, _ what: String) throws(StoreError) {
        plan.toldBytes += byteCount
        guard plan.toldBytes > preparation.answerLimit else { return }
        throw tooLong(plan.toldBytes, " with what is returned of \(what)")
    }

    /// Holds the whole of the answer against the limit.
    ///
    /// - Throws: `.refused` with `tooLarge`.
    /// - Complexity: O(outcomes), O(1) where they are few.
    func holdAnswer() throws(StoreError) {
        guard
            plan.toldBytes > 0 || plan.outcomes.count > Self.shortCount || !plan.evicted.isEmpty
        else { return }
        var byteCount = 256 + plan.toldBytes
        for outcome in plan.outcomes { byteCount += outcome.mostBytes }
        for reference in plan.evicted { byteCount += reference.mostBytes }
        guard byteCount > preparation.answerLimit else { return }
        throw tooLong(byteCount, "")
    }

    private func tooLong(_ byteCount: Int, _ what: String) -> StoreError {
        refused(
            .tooLarge,
            "the answer would have \(byteCount) bytes or more\(what), and at most "
                + "\(preparation.answerLimit) are sent, so that nothing was changed; change less "
                + "at once (a claim: with a lower limit), or without returns"
        )
    }
}
