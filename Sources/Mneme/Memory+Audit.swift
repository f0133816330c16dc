// Keeping who asked for what: every way into a memory ends here where anything is kept, and goes on
// as it would where nothing is. What is kept and how is the store's (MnemeStore/Audit).
//
// The methods of a memory ask as requests then, so that one place sees them all. What a request
// does itself by such methods is no request of its own: it is answered within the first one.

package import MnemeModel
internal import MnemeStore

extension Memory {
    /// Whether what is asked here and now is to be kept.
    var isAudited: Bool { store.audit.isOn && AuditCall.current == nil }

    /// Whether a question should wait for a thread that may commit what waits: the rows of those
    /// before it have no room left.
    package var waitsForAudit: Bool { store.audit.isFull }

    /// The methods as requests.
    var door: any BlockingDoor { self }

    /// Does what a request asks for somebody.
    ///
    /// - Throws: as `perform`.
    package func perform(
        _ request: Request,
        durability: Durability?,
        for asker: Asker
    ) throws(MnemeError) -> Response {
        guard isAudited else {
            return try permitted(request, asker) { () throws(MnemeError) in
                try execute(request, durability, for: asker)
            }
        }
        return try audited(request, asker) { () throws(MnemeError) in
            try permitted(request, asker) { () throws(MnemeError) in
                try execute(request, durability, for: asker)
            }
        }
    }

    /// Does what a request asks, and keeps what became of it.
    func audited(
        _ request: Request,
        _ asker: Asker,
        _ body: () throws(MnemeError) -> Response
    ) throws(MnemeError) -> Response {
        try audited(request, asker, body) { $0 }
    }

    /// The same of what answers with something that can be told as a response.
    func audited<Answer>(
        _ request: Request,
        _ asker: Asker,
        _ body: () throws(MnemeError) -> Answer,
        telling tell: (Answer) -> Response
    ) throws(MnemeError) -> Answer {
        // Who asks for rows finds those of all that was answered before.
        if request.asksForAudit { try? store.commitAudit() }
        let call = store.audit.begin(request, asker)
        let result = AuditCall.$current.withValue(call) {
            Result { () throws(MnemeError) in try body() }
        }
        store.serve(store.audit.end(call, request, result.map(tell)))
        return try result.get()
    }

    /// Reads records, and keeps that somebody did; `mayWait`: that a commit is waited for.
    func auditedGet<Answer>(
        _ references: [Reference],
        _ asker: Asker,
        mayWait: Bool = false,
        _ body: () throws(MnemeError) -> Answer
    ) throws(MnemeError) -> Answer {
        let request = Request.get(references)
        let call = store.audit.begin(request, asker)
        let result = Result { () throws(MnemeError) in try body() }
        let need =
            switch result {
            case .success: store.audit.end(call, read: references)
            case .failure(let error): store.audit.end(call, request, .failure(error))
            }
        if mayWait { store.serve(need) } else if need != .nothing { store.callAudit() }
        return try result.get()
    }

    /// Begins a request without waiting, and keeps what becomes of it.
    func auditedGather(
        _ request: Request,
        _ asker: Asker,
        _ completion: @escaping @Sendable (Result<Response, MnemeError>) -> Void,
        _ body: (@escaping @Sendable (Result<Response, MnemeError>) -> Void) -> Bool
    ) -> Bool {
        let call = store.audit.begin(request, asker)
        let told = { @Sendable [store] (result: Result<Response, MnemeError>) in
            if store.audit.end(call, request, result) != .nothing { store.callAudit() }
            completion(result)
        }
        return AuditCall.$current.withValue(call) { body(told) }
    }

    /// Asks a question that was prepared, and keeps that somebody did; `keys`: what it handed out.
    func auditedFind<Answer>(
        _ find: PreparedFind,
        _ owner: String?,
        _ body: () throws(MnemeError) -> Answer,
        keys: (Answer) -> [Key]
    ) throws(MnemeError) -> Answer {
        let collection = find.shape.collection
        return try audited(.find(Find(collection, owner: owner)), asker, body) { answer in
            .found(
                Found(
                    rows: keys(answer).map { key in
                        Found.Row(
                            record: Record(Reference(collection, key), fields: [:]),
                            score: 0
                        )
                    },
                    isExact: true,
                    sequence: 0,
                    plan: ""
                )
            )
        }
    }

    /// Keeps that a request was refused before it came to the store: it could not be read, or it
    /// was ended.
    ///
    /// `verb`: as far as it was known.
    package func noteRefusal(_ verb: String, _ error: MnemeError, for asker: Asker) {
        guard store.audit.isOn else { return }
        if store.audit.refuse(verb, error, asker) != .nothing { store.callAudit() }
    }
}
