// Facts that live: used, revised, pinned, asked where they come from, judged and pruned; the same
// through every door.

extension Door {
    /// Says that records were used.
    ///
    /// - Throws: `.unknownCollection`; `.badRequest` for a reinforcement that is negative or not
    ///   finite; what a commit throws.
    public func touch(_ touch: Touch) async throws(MnemeError) -> Touched {
        try await perform(.touch(touch)).touched()
    }

    /// Ends an old memory's validity and remembers what is true from then on, in one commit.
    ///
    /// - Throws: `.notFound` where the owner has no such memory; `.conditionFailed` where it is not
    ///   true any more; `.missingRole`; as `remember`.
    public func supersede(_ revision: Revision) async throws(MnemeError) -> Remembered {
        try await perform(.supersede(revision)).remembered()
    }

    /// Keeps memories from fading, or does so no more; all or none.
    ///
    /// - Throws: `.notFound`, `.missingRole`; what a commit throws.
    @discardableResult
    public func pin(_ pin: Pin) async throws(MnemeError) -> Committed {
        try await perform(.pin(pin)).committed()
    }

    /// Where a memory comes from.
    ///
    /// - Throws: `.notFound`, `.unknownCollection`; `.badRequest` for a depth outside 1 … 64.
    public func why(_ why: Why) async throws(MnemeError) -> Provenance {
        try await perform(.why(why)).provenance()
    }

    /// A page of candidates that somebody should judge.
    ///
    /// - Throws: `.missingRole`, `.unknownCollection`; `.badRequest` for numbers out of bounds.
    public func upkeep(_ upkeep: Upkeep) async throws(MnemeError) -> Candidates {
        try await perform(.upkeep(upkeep)).candidates()
    }

    /// Takes memories away until no more are left than there may be.
    ///
    /// - Throws: `.badRequest` without bounds and for negative ones; what a commit throws.
    public func prune(_ prune: Prune) async throws(MnemeError) -> Forgotten {
        try await perform(.prune(prune)).forgotten()
    }
}

extension BlockingDoor {
    /// Says that records were used.
    ///
    /// - Throws: as of `Door`.
    public func touch(_ touch: Touch) throws(MnemeError) -> Touched {
        try perform(.touch(touch), durability: nil).touched()
    }

    /// Ends an old memory's validity and remembers what is true from then on, in one commit.
    ///
    /// - Throws: as of `Door`.
    public func supersede(_ revision: Revision) throws(MnemeError) -> Remembered {
        try perform(.supersede(revision), durability: nil).remembered()
    }

    /// Keeps memories from fading, or does so no more; all or none.
    ///
    /// - Throws: as of `Door`.
    @discardableResult
    public func pin(_ pin: Pin) throws(MnemeError) -> Committed {
        try perform(.pin(pin), durability: nil).committed()
    }

    /// Where a memory comes from.
    ///
    /// - Throws: as of `Door`.
    public func why(_ why: Why) throws(MnemeError) -> Provenance {
        try perform(.why(why), durability: nil).provenance()
    }

    /// A page of candidates that somebody should judge.
    ///
    /// - Throws: as of `Door`.
    public func upkeep(_ upkeep: Upkeep) throws(MnemeError) -> Candidates {
        try perform(.upkeep(upkeep), durability: nil).candidates()
    }

    /// Takes memories away until no more are left than there may be.
    ///
    /// - Throws: as of `Door`.
    public func prune(_ prune: Prune) throws(MnemeError) -> Forgotten {
        try perform(.prune(prune), durability: nil).forgotten()
    }

    /// Forgets, and tells what came of it.
    ///
    /// - Throws: as `forget`.
    public func forgetting(_ forget: Forget) throws(MnemeError) -> Forgotten {
        try perform(.forget(forget), durability: nil).forgotten()
    }
}

extension Response {
    fileprivate func touched() throws(MnemeError) -> Touched {
        guard case .touched(let touched) = self else { throw Response.unexpected }
        return touched
    }

    fileprivate func provenance() throws(MnemeError) -> Provenance {
        guard case .provenance(let provenance) = self else { throw Response.unexpected }
        return provenance
    }

    fileprivate func candidates() throws(MnemeError) -> Candidates {
        guard case .candidates(let candidates) = self else { throw Response.unexpected }
        return candidates
    }

    fileprivate func forgotten() throws(MnemeError) -> Forgotten {
        guard case .forgotten(let forgotten) = self else { throw Response.unexpected }
        return forgotten
    }
}
