// What a transaction changes: decided and made on its branch at once, and kept to be committed. A
// refusal leaves nothing of it behind but that it was read.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel

extension StoreTransaction {
    /// Makes changes, all or none; others see them when the transaction has been committed.
    ///
    /// - Returns: what each came to. Generated keys stay; the numbers of edges are good inside
    ///   the transaction alone.
    /// - Throws: what breaks a rule, and the transaction goes on without these changes;
    ///   `.tooLarge`, `.tooManyRequests`, `.noTransaction`, `.snapshotTooOld`.
    @discardableResult
    package func change(
        _ changes: [Change],
        signature: Signature = Signature()
    ) throws(MnemeError) -> [Committed.Outcome] {
        try store.checkWritable()
        try signature.check()
        return try using { (state, branch) throws(MnemeError) in
            try store.transactions.checkRoom()
            let (prepared, draws) = try branch.prepare(changes, at: store.clock.now())
            let plan: (plan: BatchPlan, frames: [FrameContent])
            do throws(StoreError) {
                plan = try branch.decide(
                    prepared,
                    generatedKeys(for: prepared),
                    toldBytes: state.toldBytes
                )
            } catch {
                if case .refused(let refusal) = error {
                    // That it was refused says something of what is there.
                    try note(changes, refused: refusal.code, &state, branch)
                }
                throw MnemeError(error)
            }
            do throws(StoreError) {
                try branch.apply(plan.plan, plan.frames)
            } catch {
                let failure = MnemeError(error)
                end(&state, .failed(failure))
                throw failure
            }
            state.toldBytes = plan.plan.toldBytes
            state.signatures.add(signature, from: state.changes.count)
            try buffer(changes, prepared, plan.plan.outcomes, &state, branch)
            state.draws += draws
            noteFollowed(plan.plan, &state, branch)
            if !changes.isEmpty { state.requestEnds.append(state.changes.count) }
            return plan.plan.outcomes
        }
    }

    private func generatedKeys(for changes: [PreparedChange]) -> GeneratedKeys {
        let keys = store.transactions.keys
        let takes = changes.contains { change in
            switch change {
            case .put(let put): put.key == nil
            case .supersede(let supersede): supersede.put.key == nil
            case .patch(let patch): patch.named != nil && patch.orPut != nil
            default: false
            }
        }
        if takes { keys.begin(store.newest.state.roots.nextKeys) }
        return keys
    }

    private func buffer(
        _ changes: [Change],
        _ prepared: [PreparedChange],
        _ outcomes: [Committed.Outcome],
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        for ((change, prepared), outcome) in zip(zip(changes, prepared), outcomes) {
            var (change, prepared) = (Buffered.change(change), prepared)
            switch (change, outcome) {
            case (.change(.put(var put)), _):
                guard let reference = outcome.putReference else { break }
                if put.key == nil {
                    // Whoever has it at the commit got it from somebody else.
                    (put.key, put.mode) = (reference.key, .insert)
                    change = .change(.put(put))
                    if case .put(var ready) = prepared {
                        (ready.key, ready.mode) = (reference.key, .insert)
                        prepared = .put(ready)
                    }
                }
                try determine(reference, &state, branch)
                if case .put(let ready) = prepared, ready.waiting != nil {
                    state.numbered.insert(ready.collection.number)
                }
            case (.change(.delete(let reference)), _), (.change(.erase(let reference)), _):
                try determine(reference, &state, branch)
            case (.change(.remove(let removal)), _):
                try determine(removal.reference, &state, branch)
            case (.change(.mark(let mark)), _): try depend(on: mark.reference, &state, branch)
            case (.change(.patch(var patch)), .patched(let patched)):
                let (name, collection) = try Self.name(of: patched.reference, branch)
                if patched.isNew {
                    if case .patch(var ready) = prepared, let named = ready.named {
                        // Whoever has the values at the commit is another record.
                        (patch.by, patch.key) = ([:], patched.reference.key)
                        patch.orPut = named.orPut
                        (ready.named, ready.key) = (nil, patch.key)
                        (change, prepared) = (.change(.patch(patch)), .patch(ready))
                    }
                    // Where it is there at the commit, the patch comes to something else.
                    state.determined.insert(name)
                    if !collection.counters.isEmpty { state.numbered.insert(collection.number) }
                } else if !state.determined.contains(name) {
                    state.derived[collection.number, default: []].insert(name)
                }
            case (.change(.supersede(var supersede)), .superseded(let superseded)):
                supersede.key = superseded.reference.key
                change = .change(.supersede(supersede))
                if case .supersede(var ready) = prepared {
                    if ready.put.waiting != nil {
                        state.numbered.insert(ready.put.collection.number)
                    }
                    ready.put.key = superseded.reference.key
                    prepared = .supersede(ready)
                }
                try depend(on: supersede.old, &state, branch)
                if let edge = superseded.edge { state.edges[edge] = state.changes.count }
                try determine(superseded.reference, &state, branch)
            case (.change(.link), _):
                if let edge = outcome.madeEdge { state.edges[edge] = state.changes.count }
            case (.change(.unlink(let edge)), _), (.change(.eraseEdge(let edge)), _):
                if let place = state.edges[edge] {
                    (change, prepared) = (.unlinkMade(place), .unlinkMade(place))
                }
            default: break
            }
            state.changes.append(change)
            state.prepared.append(prepared)
            state.outcomes.append(outcome)
        }
    }

    /// Notes the collections whose records may follow what was deleted, and what follows them.
    private func noteFollowed(_ plan: BatchPlan, _ state: inout State, _ branch: Branch) {
        guard branch.catalog.hasReferences else { return }
        var gone: [UInt16] = []
        for case .delete(let delete) in plan.changes { gone.append(delete.collection.number) }
        while let next = gone.popLast() {
            for referrer in branch.catalog.referrers[next] ?? []
            where referrer.reference.rule.onDelete != .restrict {
                let number = referrer.collection.number
                if state.followed.insert(number).inserted { gone.append(number) }
            }
        }
    }

    /// Notes that a record was changed as it was read.
    private func depend(
        on reference: Reference,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        let (name, collection) = try Self.name(of: reference, branch)
        if state.determined.contains(name) { return }
        // That it is open is true only as long as nobody ends it.
        state.reads.note(record: name, of: collection)
        state.derived[collection.number, default: []].insert(name)
    }

    /// Notes that a record is what the transaction made it, whatever it was.
    private func determine(
        _ reference: Reference,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        let (name, collection) = try Self.name(of: reference, branch)
        state.determined.insert(name)
        state.derived[collection.number]?.remove(name)
    }

    /// Notes that a record was looked at.
    private func note(
        record reference: Reference,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        let (name, collection) = try Self.name(of: reference, branch)
        state.reads.note(record: name, of: collection)
    }

    /// Notes what a refusal says of the records that changes are about.
    private func note(
        _ changes: [Change],
        refused code: MnemeError.Code,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        for change in changes {
            var looked: [Reference] = []
            switch change {
            case .put(let put):
                if let key = put.key {
                    let reference = Reference(put.collection, key)
                    looked = [reference]
                    if put.version != nil || put.condition != nil {
                        try note(record: reference, &state, branch)
                    }
                }
            case .patch(let patch) where !patch.by.isEmpty:
                // Any record may come to have the values.
                state.reads.note(allOf: try branch.catalog.collection(patch.collection))
            case .patch(let patch):
                try note(record: Reference(patch.collection, patch.key), &state, branch)
            case .remove(let removal): try note(record: removal.reference, &state, branch)
            case .mark(let mark): try note(record: mark.reference, &state, branch)
            case .delete(let reference), .erase(let reference): looked = [reference]
            case .link(let link): looked = [link.from, link.to]
            case .unlink, .eraseEdge: break
            case .supersede(let supersede):
                let (name, collection) = try Self.name(of: supersede.old, branch)
                state.reads.note(record: name, of: collection)
                if let key = supersede.key { looked = [Reference(supersede.collection, key)] }
            }
            for reference in looked {
                let (name, collection) = try Self.name(of: reference, branch)
                state.reads.note(existence: name, of: collection)
            }
            try note(references: change, refused: code, &state, branch)
            guard code == .duplicate else { continue }
            // Of a key that is free a unique index says so; of which record is not known here.
            let snapshot = snapshot(branch)
            switch change {
            case .put(let put):
                let collection = try branch.catalog.collection(put.collection)
                var isTaken = false
                if let key = put.key, put.mode == .insert {
                    isTaken = try snapshot.ordinal(Reference(put.collection, key)) != nil
                }
                if !isTaken { state.reads.note(allOf: collection) }
            case .patch(let patch):
                state.reads.note(allOf: try branch.catalog.collection(patch.collection))
            case .mark(let mark):
                let name = mark.reference.collection
                state.reads.note(allOf: try branch.catalog.collection(name))
            case .link(let link):
                // An edge that joins the two already says so.
                var ends: Set<UInt64> = []
                for end in [link.from, link.to] {
                    if let ordinal = try snapshot.ordinal(end) { ends.insert(ordinal) }
                }
                state.reads.note(nodes: ends, [try branch.catalog.edgeType(link.type).number])
            case .supersede(let supersede):
                for name in [supersede.old.collection, supersede.collection] {
                    state.reads.note(allOf: try branch.catalog.collection(name))
                }
            default: break
            }
        }
    }

    /// Notes the collections whose records may have refused a change by references: those that it
    /// names records of, or those that name its record, and what would follow.
    private func note(
        references change: Change,
        refused code: MnemeError.Code,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        let catalog = branch.catalog
        let name: String
        var isEnd = false
        switch change {
        case .put(let put): name = put.collection
        case .patch(let patch): name = patch.collection
        case .mark(let mark): name = mark.reference.collection
        case .delete(let reference), .erase(let reference):
            (name, isEnd) = (reference.collection, true)
        case .remove(let removal): (name, isEnd) = (removal.reference.collection, true)
        case .supersede(let supersede):
            // It puts into both.
            for name in [supersede.old.collection, supersede.collection] {
                try note(references: .put(Put(name, nil, [:])), refused: code, &state, branch)
            }
            return
        case .link, .unlink, .eraseEdge: return
        }
        let collection = try catalog.collection(name)
        if code == .missingReference {
            for reference in collection.references {
                guard let target = catalog.collection(number: reference.target) else { continue }
                state.reads.note(allOf: target)
            }
        }
        // What follows an end may be refused by a check or an index of its own.
        let isOfRules = [.checkFailed, .duplicate, .missingField, .tooLarge].contains(code)
        guard code == .referenced || isEnd && isOfRules else { return }
        var following = [collection]
        var seen: Set<UInt16> = [collection.number]
        while let next = following.popLast() {
            guard let referrers = catalog.referrers[next.number] else { continue }
            if code == .referenced { state.reads.note(allOf: next) }
            for referrer in referrers {
                state.reads.note(allOf: referrer.collection)
                if seen.insert(referrer.collection.number).inserted {
                    following.append(referrer.collection)
                }
            }
        }
    }
}
