// Which edges there were once, of types that keep a history: in the plainest words, every edge with
// the records that it joined and the instants between which it was there.

internal import MnemeBase
internal import MnemeModel

/// An edge of a type that keeps a history, whether it is still there or not.
struct Tie: Equatable, Sendable {
    let type: String
    /// What it joined: records by their numbers, as keys come to mean others.
    let from: UInt64
    let to: UInt64
    /// What these were called.
    let names: [Reference]
    /// Whose it was.
    let owner: String?
    /// When it was linked; before everything where that was before the history began.
    let linked: Microseconds
    /// When it ended; after everything where it has not.
    var ended = Microseconds.max

    func joins(_ node: UInt64) -> Bool { from == node || to == node }
    func was(at instant: Microseconds) -> Bool { linked <= instant && instant < ended }
}

extension ExpectedState {
    /// The history of a type begins: what is there was there then, since nobody knows when.
    mutating func beginTies(of type: String, at now: Microseconds) {
        lives.pasts[type] = now
        for (id, edge) in edges where edge.type == type {
            noteTie(id, edge, owner: lives.edgeOwners[id], linked: .min)
        }
    }

    /// An edge was linked.
    mutating func noteTie(
        _ id: UInt64,
        _ edge: Edge,
        owner: String?,
        linked: Microseconds
    ) {
        guard lives.pasts[edge.type] != nil, let from = records[edge.from],
            let to = records[edge.to]
        else { return }
        lives.ties[id] = Tie(
            type: edge.type,
            from: from.ordinal,
            to: to.ordinal,
            names: [edge.from, edge.to],
            owner: owner,
            linked: linked
        )
    }

    /// An edge is not there any more; one that came and went at the same instant never was.
    mutating func noteEnd(ofEdge id: UInt64) {
        guard edges[id] != nil, let tie = lives.ties[id] else { return }
        if tie.linked < lives.now {
            lives.ties[id]?.ended = lives.now
            lives.rows += 1
        } else {
            lives.ties[id] = nil
        }
    }

    /// Nothing is known any more of the edges that records of a name ever had.
    mutating func forgetTies(of reference: Reference) {
        lives.ties = lives.ties.filter { !$0.value.names.contains(reference) }
    }

    /// Nothing is known any more of the edges that were an owner's, or joined what was his.
    mutating func purgeTies(of owner: String) {
        lives.ties = lives.ties.filter { _, tie in
            let owners =
                [tie.owner].compactMap(\.self) + tie.names.map { HarnessSchema.owner(of: $0.key) }
            return !owners.contains { Self.isBelow($0, owner) }
        }
    }

    /// How often each name is reached from a record of an instant, within some hops.
    func reached(
        from start: Reference,
        over type: String,
        hops: Int,
        at instant: Microseconds
    ) -> [Reference] {
        guard let first = records[start]?.ordinal else { return [] }
        let there = lives.ties.values.filter { $0.type == type && $0.was(at: instant) }
        var names: [UInt64: Reference] = [first: start]
        var border: Set<UInt64> = [first]
        for _ in 0..<hops {
            var next: Set<UInt64> = []
            for tie in there {
                for (end, other, place) in [(tie.from, tie.to, 1), (tie.to, tie.from, 0)]
                where border.contains(end) && names[other] == nil {
                    names[other] = tie.names[place]
                    next.insert(other)
                }
            }
            border = next
        }
        names[first] = nil
        return Array(names.values)
    }
}
