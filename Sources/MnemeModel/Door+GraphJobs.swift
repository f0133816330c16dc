// Jobs over a whole graph: the same through every door.

extension Door {
    /// Has something be found out about a whole graph, behind the requests.
    ///
    /// - Returns: the job, which waits for its turn.
    /// - Throws: `.badRequest`, `.badOwner`; `.unknownCollection`, `.unknownEdgeType`,
    ///   `.unknownField`, `.wrongType`; `.badJob` where a job of the name has not ended, or is not
    ///   to be replaced.
    public func runGraphJob(_ run: GraphRun) async throws(MnemeError) -> GraphJob {
        try await perform(.runGraph(run)).onlyGraphJob()
    }

    /// Asks jobs how far they are, or what they found out; or ends them.
    ///
    /// - Throws: `.badRequest`; `.notFound` of a job that is not there; `.badJob` for the result of
    ///   one that has none, the end of one that has ended, and to forget one that has not.
    public func graphJobs(
        _ call: GraphJobCall = GraphJobCall()
    ) async throws(MnemeError) -> GraphJobs {
        try await perform(.graphJob(call)).graphJobs()
    }
}

extension BlockingDoor {
    /// Has something be found out about a whole graph, behind the requests.
    ///
    /// - Returns: the job, which waits for its turn.
    /// - Throws: `.badRequest`, `.badOwner`; `.unknownCollection`, `.unknownEdgeType`,
    ///   `.unknownField`, `.wrongType`; `.badJob` where a job of the name has not ended, or is not
    ///   to be replaced.
    public func runGraphJob(_ run: GraphRun) throws(MnemeError) -> GraphJob {
        try perform(.runGraph(run), durability: nil).onlyGraphJob()
    }

    /// Asks jobs how far they are, or what they found out; or ends them.
    ///
    /// - Throws: `.badRequest`; `.notFound` of a job that is not there; `.badJob` for the result of
    ///   one that has none, the end of one that has ended, and to forget one that has not.
    public func graphJobs(
        _ call: GraphJobCall = GraphJobCall()
    ) throws(MnemeError) -> GraphJobs {
        try perform(.graphJob(call), durability: nil).graphJobs()
    }
}

extension Response {
    fileprivate func graphJobs() throws(MnemeError) -> GraphJobs {
        guard case .graphJob(let jobs) = self else { throw Response.unexpected }
        return jobs
    }

    fileprivate func onlyGraphJob() throws(MnemeError) -> GraphJob {
        guard let job = try graphJobs().jobs.first else { throw Response.unexpected }
        return job
    }
}
