// The embedded door for tasks: gets run where they are asked, other questions beside the caller's
// actor, commits wait for the log without holding a thread, and what would hold one goes to threads
// of its own.

internal import MnemeBase
public import MnemeModel
internal import MnemeStore

extension Memory: Door {
    /// Does what a request asks, without holding the task's thread while the disk works.
    ///
    /// - Returns: the response of the request's kind.
    /// - Throws: as the method of the same name that blocks.
    public func perform(_ request: Request) async throws(MnemeError) -> Response {
        switch request {
        case .get, .describe: return try perform(request, durability: nil)
        case .getBy(let get) where get.isOfNow: return try perform(request, durability: nil)
        case .find, .count, .getBy, .history, .usage, .walk, .path, .paths, .pattern, .recall,
            .begin, .inside, .rollback, .sessionContext, .rehydrate, .episodes, .why, .upkeep,
            .dueEvents, .scalars:
            return try await answer(request)
        case .graphJob(let call) where !call.what.isChange: return try await answer(request)
        case .watch(let watch): return .watched(try await waitingWatch(watch))
        default: break
        }
        return try await started(request, for: asker)
    }

    /// Does what a request asks on threads of the memory's own.
    func started(
        _ request: Request,
        for asker: Asker
    ) async throws(MnemeError) -> Response {
        let result: Result<Response, MnemeError> = await withCheckedContinuation { waiter in
            start(request, for: asker) { waiter.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Answers off the caller's actor.
    @concurrent private func answer(_ request: Request) async throws(MnemeError) -> Response {
        try perform(request, durability: nil)
    }

    /// Writes a checkpoint and gives the files back, without holding the task's thread.
    public func close() async throws(MnemeError) {
        let result: Result<Void, MnemeError> = await withCheckedContinuation { waiter in
            pool.submit {
                waiter.resume(returning: Result { () throws(MnemeError) in try self.close() })
            }
        }
        try result.get()
    }

    /// Begins what a request asks and returns; `completion` is called once, on any thread, and must
    /// not wait for anything.
    ///
    /// `durability`: as of `perform`.
    package func start(
        _ request: Request,
        durability: Durability? = nil,
        for asker: Asker? = nil,
        completion: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) {
        if gather(request, durability: durability, for: asker, completion: completion) {
            return store.pushCommits()
        }
        pool.submit {
            completion(
                Result { () throws(MnemeError) in
                    try self.perform(request, durability: durability, for: asker ?? self.asker)
                }
            )
        }
    }

    /// The number that tells its store from every other.
    package var identity: UniqueID { store.identity }

    /// The response to `get` in CBOR, made without values in between.
    ///
    /// - Throws: as `get`; `.tooLarge` where it would be more than `limit` bytes.
    package func spelledRecords(
        _ references: [Reference],
        versions: Bool = false,
        _ sight: Sight = Sight(),
        limit: Int,
        for asker: Asker? = nil
    )
        throws(MnemeError) -> [UInt8]
    {
        let asker = asker ?? self.asker
        func answer() throws(MnemeError) -> [UInt8] {
            guard let permit = asker.origin.permit else {
                return try store.snapshot()
                    .spelledRecords(references, versions: versions, sight, limit: limit)
            }
            return try store.permitting(permit, .get(references)) { () throws(MnemeError) in
                try store.snapshot()
                    .spelledRecords(references, versions: versions, sight, limit: limit)
            }
        }
        guard isAudited else { return try answer() }
        return try auditedGet(references, asker) { () throws(MnemeError) in try answer() }
    }

    /// Begins a request that becomes changes without waiting; false when it is none.
    ///
    /// They are written after `leadCommits` or `pushCommits`, so that one caller's may share a
    /// group. `durability`: as of `perform`.
    package func gather(
        _ request: Request,
        durability: Durability? = nil,
        for asker: Asker? = nil,
        completion: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) -> Bool {
        let asker = asker ?? self.asker
        guard isAudited else { return gather(request, durability, asker, completion) }
        return auditedGather(request, asker, completion) { told in
            gather(request, durability, asker, told)
        }
    }

    private func gather(
        _ request: Request,
        _ durability: Durability?,
        _ asker: Asker,
        _ completion: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) -> Bool {
        do throws(MnemeError) {
            return try store.permitting(asker.origin.permit, request) { () throws(MnemeError) in
                try commit(request, durability ?? options.durability, completion)
            }
        } catch {
            completion(.failure(error))
            return true
        }
    }

    /// Writes what was gathered on the calling thread, unless somebody else does.
    package func leadCommits() { store.leadCommits() }

    /// Has the log thread write what was gathered.
    package func pushCommits() { store.pushCommits() }

    private func commit(
        _ request: Request,
        _ durability: Durability,
        _ completion: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) throws(MnemeError) -> Bool {
        try store.checkOpen()
        switch request {
        case .commit(let changes, let durability):
            try store.gather(changes, durability) { completion($0.map { .committed($0) }) }
        case .signed(let signature, let changes, let durability):
            try store.gather(changes, durability, signature: signature) {
                completion($0.map { .committed($0) })
            }
        case .once(let key, .commit(let changes, let durability)):
            let once = try OnceKey(key, of: .commit(changes, durability))
            try store.gather(changes, durability, once: once) {
                completion($0.map { .committed($0) })
            }
        case .once(let key, .signed(let signature, let changes, let durability)):
            let once = try OnceKey(key, of: .signed(signature, changes, durability))
            try store.gather(changes, durability, signature: signature, once: once) {
                completion($0.map { .committed($0) })
            }
        case .relate(let links) where knowsEdgeTypes(links.map(\.type)):
            try store.gather(links.map { .link($0) }, durability) {
                completion($0.map { .committed($0) })
            }
        case .remember(let memories)
        where knowsEdgeTypes(memories.flatMap { $0.links.map(\.type) })
            && memories.allSatisfy({ $0.onDuplicate == nil }):
            try store.gather(changes(of: memories), durability) {
                completion($0.map { .remembered(Remembered($0)) })
            }
        default: return false
        }
        return true
    }

    private func knowsEdgeTypes(_ names: [String]) -> Bool {
        if names.isEmpty { return true }
        let known = Set(schema.edgeTypes.map(\.name))
        return names.allSatisfy { known.contains($0) }
    }
}
