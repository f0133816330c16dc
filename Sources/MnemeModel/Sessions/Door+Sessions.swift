// Sessions beyond opening, appending and ending: the same through every door.

extension Door {
    /// Gets the owner's session that is going on from a parent, or from none, or starts one on
    /// terms of its own when there is none or its last entry is older than `idleMinutes`.
    ///
    /// - Throws: `.badOwner`, `.badRequest`; `.notFound` where there is no such parent.
    public func openSession(
        owner: String,
        idleMinutes: Int = 60,
        on terms: SessionTerms
    ) async throws(MnemeError) -> Session {
        let request = Request.openSession(owner: owner, idleMinutes: idleMinutes, terms)
        return try await perform(request).session()
    }

    /// Ends a session and says what becomes of what was in it, all or none; once it is flushed,
    /// ending it again changes nothing.
    ///
    /// - Throws: `.notFound` when there is no such session; `.sessionEnded` for facts and changes
    ///   where it has ended and nothing is left to do; what a commit throws.
    public func endSession(
        _ id: String,
        summary: String? = nil,
        _ closing: SessionClosing
    ) async throws(MnemeError) -> Session {
        let request = Request.endSession(id: id, summary: summary, closing)
        return try await perform(request).session()
    }

    /// The newest entries of a session that fit a budget, and memories beside them.
    ///
    /// - Throws: `.notFound` when there is no such session; `.badRequest` for a budget or a limit
    ///   below 0; as `recall`.
    public func context(
        _ question: ContextQuestion
    ) async throws(MnemeError) -> SessionContext {
        try await perform(.sessionContext(question)).context()
    }

    /// A session as it was: every entry that is still there, in order.
    ///
    /// - Throws: `.notFound` when there is no such session; `.badCursor`.
    public func rehydrate(_ question: Rehydration) async throws(MnemeError) -> Rehydrated {
        try await perform(.rehydrate(question)).rehydrated()
    }

    /// What flushed sessions left, best first, or newest first where nothing is asked.
    ///
    /// - Throws: `.badFilter`, `.unknownField`, `.badRequest`, `.badCursor`; `.schemaConflict`
    ///   where `episodes` is a collection of somebody's own.
    public func episodes(_ question: EpisodeQuestion) async throws(MnemeError) -> Found {
        try await perform(.episodes(question)).found()
    }
}

extension BlockingDoor {
    /// Gets the owner's session that is going on from a parent, or from none, or starts one on
    /// terms of its own when there is none or its last entry is older than `idleMinutes`.
    ///
    /// - Throws: `.badOwner`, `.badRequest`; `.notFound` where there is no such parent.
    public func openSession(
        owner: String,
        idleMinutes: Int = 60,
        on terms: SessionTerms
    ) throws(MnemeError) -> Session {
        let request = Request.openSession(owner: owner, idleMinutes: idleMinutes, terms)
        return try perform(request, durability: nil).session()
    }

    /// Ends a session and says what becomes of what was in it, all or none; once it is flushed,
    /// ending it again changes nothing.
    ///
    /// - Throws: `.notFound` when there is no such session; `.sessionEnded` for facts and changes
    ///   where it has ended and nothing is left to do; what a commit throws.
    public func endSession(
        _ id: String,
        summary: String? = nil,
        _ closing: SessionClosing
    ) throws(MnemeError) -> Session {
        let request = Request.endSession(id: id, summary: summary, closing)
        return try perform(request, durability: nil).session()
    }

    /// The newest entries of a session that fit a budget, and memories beside them.
    ///
    /// - Throws: `.notFound` when there is no such session; `.badRequest` for a budget or a limit
    ///   below 0; as `recall`.
    public func context(
        _ question: ContextQuestion
    ) throws(MnemeError) -> SessionContext {
        try perform(.sessionContext(question), durability: nil).context()
    }

    /// A session as it was: every entry that is still there, in order.
    ///
    /// - Throws: `.notFound` when there is no such session; `.badCursor`.
    public func rehydrate(_ question: Rehydration) throws(MnemeError) -> Rehydrated {
        try perform(.rehydrate(question), durability: nil).rehydrated()
    }

    /// What flushed sessions left, best first, or newest first where nothing is asked.
    ///
    /// - Throws: `.badFilter`, `.unknownField`, `.badRequest`, `.badCursor`; `.schemaConflict`
    ///   where `episodes` is a collection of somebody's own.
    public func episodes(_ question: EpisodeQuestion) throws(MnemeError) -> Found {
        try perform(.episodes(question), durability: nil).found()
    }
}
