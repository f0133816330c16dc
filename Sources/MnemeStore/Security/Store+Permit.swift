// Answering under a permit: whether the request may be asked at all is looked at here, before
// anything else is; everything that is read and changed for it is held against the permit where it
// is read and changed.

internal import MnemeBase
package import MnemeModel

extension Store {
    /// Answers a request as far as a permit allows; as far as it goes where there is none.
    ///
    /// What a request does itself by others is answered under its own permit.
    ///
    /// - Throws: `.forbidden`, `.tokenExpired`; what `body` throws.
    package func permitting<Answer>(
        _ permit: Permit?,
        _ request: Request,
        _ body: () throws(MnemeError) -> Answer
    ) throws(MnemeError) -> Answer {
        guard let permit, Reach.current == nil else { return try body() }
        try permit.admit(request, at: Instant(microseconds: clock.now()))
        let result = Reach.$current.withValue(Reach(permit)) {
            Result { () throws(MnemeError) in try body() }
        }
        return try result.get()
    }
}

extension Permit {
    /// Makes sure that a request may be asked.
    ///
    /// - Throws: `.forbidden`, `.tokenExpired`.
    func admit(_ request: Request, at now: Instant) throws(MnemeError) {
        if let expiresAt, expiresAt <= now {
            throw MnemeError(
                .tokenExpired,
                "permit \"\(name)\" is over since \(expiresAt); ask for a new one"
            )
        }
        let verb = request.verb
        guard verbs?.contains(verb) ?? true else {
            throw MnemeError(
                .forbidden,
                "permit \"\(name)\" does not allow \"\(verb)\"; it allows "
                    + (verbs ?? []).sorted().joined(separator: ", ")
            )
        }
        let need = request.need
        guard need.role <= role else {
            throw MnemeError(
                .forbidden,
                "\"\(verb)\" needs the role \(need.role.rawValue), and permit \"\(name)\" has the "
                    + "role \(role.rawValue); ask with another one"
            )
        }
        if isWhole { return }
        guard !need.isOfWhole else {
            throw MnemeError(
                .forbidden,
                "\"\(verb)\" is about the whole store, and permit \"\(name)\" reaches a part of it "
                    + "alone; ask with one that reaches all"
            )
        }
        guard !request.asksForWay else {
            throw MnemeError(
                .forbidden,
                "how an answer is come by says how much others have, and permit \"\(name)\" "
                    + "reaches a part of the store alone; ask without \"explain\""
            )
        }
        guard collections != nil else { return }
        for name in request.namedCollections where collections?.contains(name) == false {
            throw unreached(collection: name)
        }
    }

    /// What is said of a collection that it does not reach, whether there is one or not.
    func unreached(collection: String) -> MnemeError {
        MnemeError(
            .forbidden,
            "permit \"\(name)\" does not reach collection \(quoted(collection)); it reaches "
                + (collections.map { $0.sorted().joined(separator: ", ") }
                    ?? "all but the store's own")
        )
    }
}

extension Response {
    /// The same without what says how much others have.
    package func discreet(under permit: Permit?) -> Response {
        guard let permit, !permit.isWhole else { return self }
        switch self {
        case .found(var found):
            found.plan = ""
            return .found(found)
        case .counted(var counted):
            counted.plan = ""
            return .counted(counted)
        case .matched(var matched):
            matched.plan = ""
            return .matched(matched)
        default: return self
        }
    }
}
