// Patterns at every door, and inside transactions.

extension Door {
    /// Looks for records that stand to each other as a pattern says.
    ///
    /// - Throws: `badRequest` where the pattern makes no sense; what `find` throws for its parts.
    public func pattern(_ pattern: Pattern) async throws(MnemeError) -> Matched {
        try await perform(.pattern(pattern)).matched()
    }
}

extension BlockingDoor {
    /// Looks for records that stand to each other as a pattern says.
    ///
    /// - Throws: `badRequest` where the pattern makes no sense; what `find` throws for its parts.
    public func pattern(_ pattern: Pattern) throws(MnemeError) -> Matched {
        try perform(.pattern(pattern), durability: nil).matched()
    }
}

extension Transaction {
    /// Looks for records that stand to each other as a pattern says.
    public func pattern(_ pattern: Pattern) async throws(MnemeError) -> Matched {
        try await door.perform(.inside(transaction: id, .pattern(pattern))).matched()
    }
}

extension BlockingTransaction {
    /// Looks for records that stand to each other as a pattern says.
    public func pattern(_ pattern: Pattern) throws(MnemeError) -> Matched {
        try door.perform(.inside(transaction: id, .pattern(pattern)), durability: nil).matched()
    }
}

extension Response {
    func matched() throws(MnemeError) -> Matched {
        guard case .matched(let matched) = self else {
            throw MnemeError(
                .badRequest,
                "the answer is of another kind than the request; report this"
            )
        }
        return matched
    }
}
