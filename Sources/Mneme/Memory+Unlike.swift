// Remembering with a look at what is there: what an owner has that says nearly the same is told, or
// stands in the new memory's place, or makes place for it, as the memory says.

internal import MnemeModel
internal import MnemeStore
internal import Synchronization

extension Memory {
    /// Remembers; of memories that ask for it, what is similar decides what becomes of them.
    ///
    /// One after the other here, so that of two that say the same one is remembered. A memory of
    /// the same call counts as one that is there.
    ///
    /// - Throws: as `remember`.
    func rememberingUnlike(
        _ memories: [Remember],
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Remembered {
        try RememberCheck.check(memories)
        return try alone { () throws(MnemeError) in
            // What this very request remembered would be near to it.
            if let once, let known = try store.repeated(once, durability) {
                return Remembered(known)
            }
            let snapshot = store.snapshot()
            var sorting = DuplicateSorting(snapshot, plan(snapshot))
            for memory in memories { try sorting.sort(memory) }
            var remembered = Remembered(keys: [], sequence: snapshot.sequence)
            if !sorting.kept.isEmpty {
                let types = sorting.kept.flatMap { $0.links.map(\.type) }
                let committed = try store.commit(
                    try plan(snapshot).changes(sorting.kept),
                    durability,
                    defining: types,
                    once: once
                )
                remembered = Remembered(committed, count: sorting.kept.count)
            }
            let made = remembered.keys
            remembered.keys = sorting.places.compactMap { place in
                switch place {
                case .kept(let index): index < made.count ? made[index] : nil
                case .found(let key): key
                }
            }
            remembered.outcomes = sorting.outcomes
            remembered.similar = sorting.similar
            for (index, outcome) in sorting.outcomes.enumerated() where outcome == .reinforced {
                let touch = Touch([remembered.keys[index]], in: memories[index].collection)
                remembered.sequence = try store.touch(touch, durability).sequence
            }
            return remembered
        }
    }
}

/// What becomes of memories, one after another.
private struct DuplicateSorting {
    /// Where a memory's key comes from.
    enum Place {
        case kept(Int)
        case found(Key)
    }

    private let snapshot: Snapshot
    private let plan: RememberPlan
    /// Those that are put.
    private(set) var kept: [Remember] = []
    private(set) var places: [Place] = []
    private(set) var outcomes: [Remembered.Outcome] = []
    private(set) var similar: [[Remembered.Similar]] = []
    /// The vectors of those that are put.
    private var vectors: [(index: Int, field: String, vector: [Float])] = []

    init(_ snapshot: Snapshot, _ plan: RememberPlan) {
        self.snapshot = snapshot
        self.plan = plan
    }

    mutating func sort(_ memory: Remember) throws(MnemeError) {
        let collection = try snapshot.catalog.collection(memory.collection)
        let resemblance = Resemblance(
            snapshot: snapshot,
            collection: collection,
            embedder: plan.embedder
        )
        let question = resemblance.question(memory, plan)
        var found: [Remembered.Similar] = []
        var best: Place?
        if let wish = memory.onDuplicate {
            var hits: [Resemblance.Hit]
            if let question {
                hits = try resemblance.hits(
                    question.field,
                    question.vector,
                    owner: memory.owner,
                    least: memory.near
                )
            } else {
                hits = try resemblance.hits(text: memory.text, owner: memory.owner)
            }
            // A version that is put under its own key is no duplicate of the one before.
            hits.removeAll { $0.record.reference.key == memory.key }
            found = hits.map { Remembered.Similar($0.record.reference.key, score: $0.score) }
            if wish != .add {
                best =
                    hits.first.map { .found($0.record.reference.key) }
                    ?? among(memory, question)
            }
        }
        similar.append(found)
        guard let wish = memory.onDuplicate, let best else {
            return keep(memory, question, .added)
        }
        switch wish {
        case .add: keep(memory, question, .added)
        case .skip:
            places.append(best)
            outcomes.append(.skipped)
        case .reinforce:
            places.append(best)
            outcomes.append(.reinforced)
        case .version:
            guard case .found(let key) = best else {
                // The later one of a call stands for both.
                return replace(best, memory)
            }
            var version = memory
            version.key = key
            version.mode = .replaceOwned
            keep(version, question, .versioned)
        }
    }

    /// The one of those that are put which says nearly the same.
    private func among(
        _ memory: Remember,
        _ question: (field: String, vector: [Float])?
    ) -> Place? {
        for (index, one) in kept.enumerated()
        where one.owner == memory.owner && one.collection == memory.collection {
            if let question,
                let other = vectors.first(where: { $0.index == index && $0.field == question.field }
                )
            {
                if Resemblance.cosine(other.vector, question.vector) >= memory.near {
                    return .kept(index)
                }
            } else if Resemblance.folded(one.text) == Resemblance.folded(memory.text) {
                return .kept(index)
            }
        }
        return nil
    }

    private mutating func keep(
        _ memory: Remember,
        _ question: (field: String, vector: [Float])?,
        _ outcome: Remembered.Outcome
    ) {
        if let question { vectors.append((kept.count, question.field, question.vector)) }
        places.append(.kept(kept.count))
        outcomes.append(outcome)
        kept.append(memory)
    }

    private mutating func replace(_ place: Place, _ memory: Remember) {
        if case .kept(let index) = place {
            var version = memory
            version.key = kept[index].key ?? memory.key
            kept[index] = version
        }
        places.append(place)
        outcomes.append(.versioned)
    }
}
