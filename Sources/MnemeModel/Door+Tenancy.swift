// What owners have, and that everything of one goes: the same through every door.

extension Door {
    /// What an owner and those below it have; of all, and of nobody, without one.
    ///
    /// - Throws: `.badRequest` where nothing counts; `.unknownCollection` for a name that is
    ///   neither a collection's nor an edge type's; `.busy` while it is being counted.
    public func usage(
        of owner: String? = nil,
        in names: [String] = []
    ) async throws(MnemeError) -> Usage {
        try await perform(.usage(UsageQuestion(owner: owner, of: names))).usage()
    }

    /// Erases everything of an owner and those below it, and tells what that was.
    ///
    /// - Throws: `.badRequest` for an empty owner; what a commit throws. What went before stays
    ///   gone then, and the same call erases the rest.
    public func purge(_ purge: Purge) async throws(MnemeError) -> Purged {
        try await perform(.purge(purge)).purged()
    }
}

extension BlockingDoor {
    /// What an owner and those below it have; of all, and of nobody, without one.
    ///
    /// - Throws: `.badRequest` where nothing counts; `.unknownCollection` for a name that is
    ///   neither a collection's nor an edge type's; `.busy` while it is being counted.
    public func usage(
        of owner: String? = nil,
        in names: [String] = []
    ) throws(MnemeError) -> Usage {
        let question = UsageQuestion(owner: owner, of: names)
        return try perform(.usage(question), durability: nil).usage()
    }

    /// Erases everything of an owner and those below it, and tells what that was.
    ///
    /// - Throws: `.badRequest` for an empty owner; what a commit throws. What went before stays
    ///   gone then, and the same call erases the rest.
    public func purge(_ purge: Purge) throws(MnemeError) -> Purged {
        try perform(.purge(purge), durability: nil).purged()
    }
}

extension Response {
    fileprivate func usage() throws(MnemeError) -> Usage {
        guard case .usage(let usage) = self else { throw Response.unexpected }
        return usage
    }

    fileprivate func purged() throws(MnemeError) -> Purged {
        guard case .purged(let purged) = self else { throw Response.unexpected }
        return purged
    }
}
