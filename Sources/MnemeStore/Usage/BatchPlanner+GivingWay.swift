// Whether a record can give way to a quota with everything that follows it: nothing may refuse its
// end, and nothing that the commit itself puts or links, and nothing pinned, may go along.
//
// The references say it beforehand where a record that follows goes too. Whether one can be without
// a name is known only when that is taken out, so that this is tried, and undone where it is
// refused.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages

/// Whether a record can give way.
private enum Giving {
    case can
    case cannot
    /// What names it has rules of its own, or unique values, which may refuse to be without it.
    case isToBeTried
}

extension BatchPlanner {
    /// Records that living edges of the batch join.
    var linkedNodes: Set<UInt64> {
        var nodes: Set<UInt64> = []
        for edge in edges.values where !dead.contains(edge.ordinal) {
            nodes.insert(edge.from)
            nodes.insert(edge.to)
        }
        return nodes
    }

    /// Ends a record that is to give way, and what follows it; whether that could be.
    ///
    /// What cannot go leaves no trace.
    ///
    /// `linked`: records that the batch itself links.
    ///
    /// - Complexity: O(what follows); where that has rules of its own, O(batch) too.
    mutating func giveWay(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        _ linked: Set<UInt64>
    ) throws(StoreError) -> Bool {
        switch try giving(ordinal, linked) {
        case .cannot: return false
        case .can:
            try end(ordinal, collection, overrules: false)
            try follow()
            return true
        case .isToBeTried:
            let before = self
            do throws(StoreError) {
                try end(ordinal, collection, overrules: false)
                try follow()
                try settleReferences()
                if spares(since: before.plan.changes.count, linked) { return true }
            } catch {
                guard case .refused = error else { throw error }
            }
            self = before
            return false
        }
    }

    /// Looks along everything that would follow a record.
    private mutating func giving(
        _ ordinal: UInt64,
        _ linked: Set<UInt64>
    ) throws(StoreError) -> Giving {
        var going = [ordinal]
        var seen: Set<UInt64> = [ordinal]
        var restrictions: [(Referrer, RecordNames)] = []
        var isToBeTried = false
        var count = following.count
        var byteCount = following.byteCount
        var next = 0
        while next < going.count {
            let one = going[next]
            next += 1
            if linked.contains(one) { return .cannot }
            let version = try version(one)
            for referrer in catalog.referrers[version.entry.collection] ?? [] {
                guard let name = referrer.reference.name(of: version.record) else { continue }
                if referrer.reference.rule.onDelete == .restrict {
                    restrictions.append((referrer, name))
                    continue
                }
                let most = Following.countLimit - count + 1
                for naming in try recordsNaming(name, referrer, before: .max, atMost: most) {
                    let standing = try self.version(naming)
                    count += 1
                    byteCount += referrer.isDeleting ? endSize : standing.frameBytes
                    guard count <= Following.countLimit, byteCount <= following.byteLimit else {
                        return .cannot
                    }
                    // It was gone before the batch began.
                    if standing.entry.expiresAt <= reader.instant { continue }
                    if following.step(ofPut: naming) >= 0 { return .cannot }
                    guard referrer.isDeleting else {
                        let follower = referrer.collection
                        if !follower.rules.isPlain || follower.hasUnique { isToBeTried = true }
                        continue
                    }
                    if isPinned(standing.record, referrer.collection) { return .cannot }
                    if seen.insert(naming).inserted { going.append(naming) }
                }
            }
        }
        for (referrer, name) in restrictions where try isNamed(name, referrer, without: seen) {
            return .cannot
        }
        return isToBeTried ? .isToBeTried : .can
    }

    /// Whether a living record other than those names one.
    private mutating func isNamed(
        _ name: RecordNames,
        _ referrer: Referrer,
        without going: Set<UInt64>
    ) throws(StoreError) -> Bool {
        // One that lives is enough, and nearly always among the first.
        for most in [16, Following.countLimit] {
            let found = try recordsNaming(name, referrer, before: .max, atMost: most)
            for ordinal in found where !going.contains(ordinal) {
                if try version(ordinal).entry.expiresAt > reader.instant { return true }
            }
            if found.count < most { return false }
        }
        return false
    }

    /// Whether changes of the plan from a place on touch nothing that the batch itself puts or
    /// links, and end nothing pinned.
    private func spares(since place: Int, _ linked: Set<UInt64>) -> Bool {
        for change in plan.changes[place...] {
            switch change {
            case .put(let put):
                if following.step(ofPut: put.ordinal) >= 0 { return false }
            case .delete(let delete):
                let record = delete.old.record
                if record.expiresAt <= reader.instant { continue }
                if following.step(ofPut: delete.ordinal) >= 0 || linked.contains(delete.ordinal)
                    || isPinned(record, delete.collection)
                {
                    return false
                }
            case .schema, .owner, .link, .unlink, .fork, .withdraw: break
            }
        }
        return true
    }

    private func isPinned(_ record: StoredRecord, _ collection: CollectionEntry) -> Bool {
        guard let role = collection.schema.roles.pinned,
            let number = collection.fieldNumbers[role],
            case .bool(true) = record[number]
        else { return false }
        return true
    }
}
