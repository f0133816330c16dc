// What gives way to a quota: what has expired of its owner, then the weakest records, then the
// oldest; never what is pinned, what others hold by a reference, or what the batch itself puts or
// links, nor what would take such along. Where one cannot go, the next does.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
    /// So much of what has expired is looked at.
    private static let expiredLimit = 1 << 14

    /// Ends what has expired of a scope's owner; whether there was any.
    mutating func endExpired(
        _ scope: QuotaScope,
        _ chapter: QuotaBook.Chapter
    ) throws(StoreError) -> Bool {
        var found: [UInt64] = []
        try onTree { () throws(TreeError) in
            var cursor = try tree.cursor(
                StoreKeys.expired(at: reader.instant),
                in: reader.view
            )
            while found.count < Self.expiredLimit, try cursor.next() {
                found.append(try cursor.value64)
            }
        }
        var hasEnded = false
        let owners = try owners(of: scope)
        for ordinal in found where !dead.contains(ordinal) {
            let entry = try reader.entry(ordinal)
            let isMeant =
                chapter.subject.isOverall
                ? catalog.counted.contains(entry.collection) : entry.collection == scope.collection
            guard isMeant, owners.contains(entry.owner),
                let owned = catalog.collection(number: entry.collection)
            else { continue }
            try end(ordinal, owned)
            hasEnded = true
        }
        return hasEnded
    }

    /// Ends the records of a scope that are worth least, and what follows them, until so much is
    /// gone.
    ///
    /// - Complexity: O(records of the scope + what follows those that go).
    mutating func evict(
        _ scope: QuotaScope,
        _ collection: CollectionEntry,
        _ chapter: QuotaBook.Chapter,
        _ excess: UsageAmount,
        _ changes: QuotaChanges
    ) throws(StoreError) {
        guard let ordinals = try records(scope, collection, chapter) else { return }
        var candidates: [EvictionCandidate] = []
        for ordinal in ordinals where !dead.contains(ordinal) && changes.puts[ordinal] == nil {
            let version = try version(ordinal)
            guard
                let candidate = EvictionCandidate(
                    ordinal,
                    version,
                    collection,
                    at: reader.instant
                )
            else { continue }
            candidates.append(candidate)
        }
        candidates.sort()
        let standing = Set(ordinals)
        let owners = chapter.subject.isOverall ? try owners(of: scope) : []
        let linked = linkedNodes
        var gone = UsageAmount.zero
        for candidate in candidates {
            if gone.count >= excess.count, gone.bytes >= excess.bytes { return }
            // An earlier one may have taken it along.
            if dead.contains(candidate.ordinal) { continue }
            let before = plan.changes.count
            guard try giveWay(candidate.ordinal, collection, linked) else { continue }
            for change in plan.changes[before...] {
                guard case .delete(let delete) = change,
                    delete.old.record.expiresAt > reader.instant
                else { continue }
                if try reaches(delete.ordinal) {
                    plan.evicted.append(
                        Reference(delete.collection.schema.name, delete.old.record.key)
                    )
                }
                let isBounded =
                    standing.contains(delete.ordinal)
                    || chapter.subject.isOverall
                        && catalog.counted.contains(delete.collection.number)
                        && owners.contains(delete.old.entry.owner)
                if isBounded { gone += delete.old.usage }
            }
        }
    }
}

/// A record that may give way.
private struct EvictionCandidate: Comparable {
    let ordinal: UInt64
    /// How much it is worth: its importance, as far as that has not faded.
    private let strength: Double
    /// When it happened, or was made.
    private let time: Microseconds

    /// Nil of one that is pinned.
    init?(
        _ ordinal: UInt64,
        _ version: OldVersion,
        _ collection: CollectionEntry,
        at now: Microseconds
    ) {
        let roles = collection.schema.roles
        func value(_ role: String?) -> Value {
            guard let name = role, let number = collection.fieldNumbers[name] else { return .null }
            return version.record[number]
        }
        if case .bool(true) = value(roles.pinned) { return nil }
        self.ordinal = ordinal
        if case .instant(let instant) = value(roles.time) {
            time = instant.microseconds
        } else {
            time = version.time
        }
        let importance = value(roles.importance).number ?? 0.5
        // As recall takes it where a memory says nothing of it.
        let rate = roles.decayRate == nil ? 0 : max(value(roles.decayRate).number ?? 0.1, 0)
        let days = max(Double(now) - Double(time), 0) / 86_400_000_000
        strength = importance * Self.faded(rate * days)
    }

    /// What is left of 1 after so much decay: e^−x, by squaring (1 − x/2ⁿ), so that floor 3 needs
    /// no library for it and every machine comes to the same.
    private static func faded(_ decay: Double) -> Double {
        if decay > 700 { return 0 }
        var left = 1 / (1 + decay / 1_048_576)
        for _ in 0..<20 { left *= left }
        return left
    }

    static func < (one: EvictionCandidate, other: EvictionCandidate) -> Bool {
        if one.strength != other.strength { return one.strength < other.strength }
        if one.time != other.time { return one.time < other.time }
        return one.ordinal < other.ordinal
    }
}
