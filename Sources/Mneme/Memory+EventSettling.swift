// Settling events: what became of what was claimed. A settlement is a patch of the event's record,
// held against the version that was seen, and against the lease by which it was claimed.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// How often a settlement is tried anew where the event changes meanwhile.
    private static let mostSettlings = 64

    /// Says what became of an event.
    func settling(
        _ settlement: Settlement,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Events {
        guard settlement.leaseSeconds == nil || settlement.outcome == .extended else {
            throw MnemeError(
                .badRequest,
                "event.settle.leaseSeconds says for how long an event is extended, and this one "
                    + "is \(settlement.outcome.rawValue); settle it as extended, or leave "
                    + "leaseSeconds out"
            )
        }
        for _ in 1...Self.mostSettlings {
            let snapshot = store.snapshot()
            // Behind the snapshot: what it does not see of the same request, the writer does.
            if let once, let known = try store.repeated(once, durability) {
                return try settledBefore(settlement, known)
            }
            let reference = settlement.reference
            let table = try EventTable(reference.collection, snapshot.schema)
            guard let record = try snapshot.versionedRecord(reference) else {
                throw MnemeError(
                    .notFound,
                    "there is no event \(reference); it was deleted, or never scheduled"
                )
            }
            let (event, edits) = try settled(settlement, table.event(record), table, snapshot)
            guard !edits.isEmpty else {
                return Events([event], at: snapshot.instant, sequence: snapshot.sequence)
            }
            var patch = Patch(
                reference.collection,
                record.reference.key,
                edits,
                version: record.version
            )
            if once != nil { patch.returns = settlement.outcome == .extended ? .new : .old }
            do throws(MnemeError) {
                let committed = try store.commit([.patch(patch)], durability, once: once)
                if committed.isRepeated { return try settledBefore(settlement, committed) }
                return Events([event], at: snapshot.instant, sequence: committed.sequence)
            } catch {
                guard error.code == .conditionFailed || error.code == .notFound else { throw error }
            }
        }
        throw MnemeError(
            .conflict,
            "event \(settlement.reference) changes faster than it can be settled; settle it again"
        )
    }

    /// What a settlement answered that was made under the same idempotency key: an extended event
    /// is in what was kept as it was then, any other as it was before, and is settled again.
    private func settledBefore(
        _ settlement: Settlement,
        _ known: Committed
    ) throws(MnemeError) -> Events {
        let snapshot = store.snapshot()
        let table = try EventTable(settlement.reference.collection, snapshot.schema)
        guard case .patched(let patched)? = known.outcomes.first, let record = patched.record else {
            throw MnemeError.unexpected("the settlement of \(settlement.reference)")
        }
        var event = table.event(record)
        if settlement.outcome != .extended {
            event = try settled(settlement, event, table, snapshot).0
        }
        var answer = Events([event], at: snapshot.instant, sequence: known.sequence)
        answer.isRepeated = true
        return answer
    }

    /// The event as it is settled, and what has to become of its fields; nothing where it is
    /// settled so already.
    private func settled(
        _ settlement: Settlement,
        _ event: Event,
        _ table: EventTable,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> (Event, [Edit]) {
        var event = event
        if settlement.outcome == .cancelled {
            if [table.words.cancelled, table.words.done].contains(event.status) {
                return (event, [])
            }
            if settlement.lease != nil { try Self.check(settlement, event) }
            event.status = table.words.cancelled
            event.next = nil
            event.lease = nil
            return (event, table.edits(event))
        }
        try Self.check(settlement, event)
        let now = snapshot.instant
        // What is given back is due at its own instant again; what comes after it is found anew.
        let isBack = settlement.outcome == .released
        switch settlement.outcome {
        case .released:
            event.status = table.words.pending
            event.next = nil
            event.lease = nil
        case .extended:
            let seconds = settlement.leaseSeconds ?? EventTable.usualLease
            try EventTable.check(seconds, least: 1, of: "event.settle")
            event.lease = EventTable.later(now.plus(seconds: seconds), than: event.lease)
        case .done, .cancelled:
            event.status = event.next == nil ? table.words.done : table.words.pending
            event.lease = nil
        }
        return (event, table.edits(event, isBack: isBack))
    }

    /// Expects that an event is still under the lease by which it is settled.
    private static func check(_ settlement: Settlement, _ event: Event) throws(MnemeError) {
        guard let lease = settlement.lease else {
            throw MnemeError(
                .badRequest,
                "event.settle needs the lease that the claim gave, so that nobody settles what is "
                    + "another claimer's; without one an event can be cancelled alone"
            )
        }
        guard event.lease == lease else {
            throw MnemeError(
                .leaseLost,
                "event \(event.reference) is not under the lease up to \(lease) any more: it was "
                    + "settled, or the time was over and another one claimed it. Undo what was "
                    + "done for it, or leave it to him; and claim with more leaseSeconds"
            )
        }
    }
}
