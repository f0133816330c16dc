// What the store fills in for a change of a transaction, drawn once when the change is asked for: a
// patch is made a put when it is decided, inside and again at the commit, and what was prepared
// under an older catalog is prepared again. Both take what was drawn, so that what was told inside
// is what is committed.

internal import MnemeBase
internal import MnemeModel

/// What fields of a change are filled with, and when it was asked for.
struct Draws: Sendable {
    /// The change's instant.
    let time: Microseconds
    /// By the names of collections and fields.
    var records: [String: [String: Value]] = [:]
    /// By the names of edge types and properties.
    var edges: [String: [String: Value]] = [:]
}

/// A clock that stands.
struct StoppedClock: Clock {
    let time: Microseconds

    func now() -> Microseconds { time }
    func elapsed() -> Microseconds { time }
}

extension ChangePreparation {
    /// Draws for a change whatever it may be filled with; what is wrong with it is told when it is
    /// prepared.
    ///
    /// - Complexity: O(fields).
    func draw(for change: Change, at time: Microseconds) -> Draws {
        var draws = Draws(time: time)
        switch change {
        case .put(let put): draw(put.collection, &draws)
        case .patch(let patch): draw(patch.collection, &draws)
        case .supersede(let supersede):
            draw(supersede.collection, &draws)
            if let type = supersede.by { draw(edges: type, &draws) }
        case .link(let link): draw(edges: link.type, &draws)
        case .delete, .erase, .remove, .mark, .unlink, .eraseEdge: break
        }
        return draws
    }

    private func draw(_ name: String, _ draws: inout Draws) {
        guard let rules = try? catalog.collection(name).rules, !rules.isPlain else { return }
        draws.records[name] = rules.drawn(at: draws.time, randomness)
    }

    private func draw(edges name: String, _ draws: inout Draws) {
        guard let rules = try? catalog.edgeType(name).rules, !rules.isPlain else { return }
        draws.edges[name] = rules.drawn(at: draws.time, randomness)
    }

    /// The same preparation, which fills in what was drawn before.
    func with(_ draws: Draws) -> ChangePreparation {
        var preparation = ChangePreparation(
            catalog: catalog,
            clock: StoppedClock(time: draws.time),
            randomness: randomness,
            frameLimit: frameLimit,
            asWritten: asWritten
        )
        preparation.draws = draws
        preparation.answerLimit = answerLimit
        return preparation
    }
}
