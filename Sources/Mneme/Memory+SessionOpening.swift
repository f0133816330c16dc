// What has to hold before a session is opened: of the id that it is to have, and of its parent.

internal import MnemeModel

extension Memory {
    /// Refuses a parent that is not there, or whose owner is neither the session's nor one above.
    func check(parent id: String, of owner: String) throws(MnemeError) {
        guard let parent = try sessionIfAny(id) else {
            throw MnemeError(
                .notFound,
                "there is no session \(id) to go on from; leave the parent out, or name one that "
                    + "was opened"
            )
        }
        guard parent.owner == owner || owner.hasPrefix(parent.owner + "/") else {
            throw MnemeError(
                .badRequest,
                "session \(id) is not of the owner \"\(owner)\" nor of one above; a session goes "
                    + "on from one of these"
            )
        }
    }

    /// Refuses an id that a session has, or had, or that cannot be one.
    func checkIsFree(_ id: String) throws(MnemeError) {
        guard !id.isEmpty else {
            throw MnemeError(
                .badRequest,
                "the id of a session is empty; give a text, or none to have one made"
            )
        }
        guard let known = try sessionIfAny(id) else { return }
        throw MnemeError(
            .duplicate,
            known.endedAt == nil
                ? "session \(id) is there already, and what is asked for does not go on with it; "
                    + "give another id, or none to have one made"
                : "session \(id) was there already and has ended; give another id, or none to "
                    + "have one made"
        )
    }
}

extension Session {
    /// The session that is going on, where it is the one that is meant.
    func expected(under id: String?) throws(MnemeError) -> Session {
        guard let id, id != self.id else { return self }
        throw MnemeError(
            .duplicate,
            "session \(self.id) of the owner \"\(owner)\" is going on, and an owner has one at a "
                + "time; go on with it, or end it before you open \(id)"
        )
    }

    /// What is said where it is to go on under its id, and has been idle for too long.
    func isOver(after idleMinutes: Int) -> MnemeError {
        MnemeError(
            .sessionEnded,
            "session \(id) has had no entry for \(idleMinutes) minutes and is over; give another "
                + "id, or more idleMinutes"
        )
    }
}
