// Events: what comes at a time. They are records like others, found by the roles of their
// collection; claims are patches of them, held against the version that was seen, as settlements
// are (Memory+EventSettling.swift). The store's clock does not go back, so that no lease comes
// twice.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// The most events of one claim.
    private static let mostClaimed = 1000
    /// The most events of one answer.
    private static let mostListed = 10_000

    /// Puts events that come due.
    func scheduling(
        _ schedules: [Schedule],
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Events {
        if schedules.contains(where: { $0.collection == MemoryLayout.events }) {
            try defineWhereMissing(MemoryLayout.eventsCollection, durability)
        }
        let snapshot = store.snapshot()
        let schema = snapshot.schema
        var events: [Event] = []
        var changes: [Change] = []
        for schedule in schedules {
            let table = try EventTable(schedule.collection, schema)
            let plan = SchedulePlan(schedule, table)
            let (event, fields) = try plan.make()
            events.append(event)
            changes.append(
                .put(
                    Put(
                        schedule.collection,
                        schedule.key,
                        fields,
                        mode: table.owner == nil ? .replace : .replaceOwned
                    )
                )
            )
        }
        guard !changes.isEmpty else {
            return Events([], at: snapshot.instant, sequence: snapshot.sequence)
        }
        let committed = try store.commit(changes, durability, once: once)
        for (place, reference) in committed.outcomes.compactMap(\.putReference).enumerated() {
            events[place].reference = reference
        }
        var answer = Events(events, at: snapshot.instant, sequence: committed.sequence)
        answer.isRepeated = committed.isRepeated
        return answer
    }

    /// Which events are due.
    func due(_ question: DueQuestion) throws(MnemeError) -> Events {
        guard (1...Self.mostListed).contains(question.limit) else {
            throw MnemeError(
                .badRequest,
                "event.due.limit is \(question.limit); give 1 to \(Self.mostListed)"
            )
        }
        let snapshot = store.snapshot()
        guard let table = try eventTable(question.collection, snapshot) else {
            return Events([], at: snapshot.instant, sequence: snapshot.sequence)
        }
        let until = question.until ?? snapshot.instant
        var records = try table.due(
            snapshot,
            question.owner,
            until,
            limit: question.limit + 1
        )
        let hasMore = records.count > question.limit
        if hasMore { records.removeLast(records.count - question.limit) }
        return Events(
            records.map(table.event),
            hasMore: hasMore,
            at: snapshot.instant,
            sequence: snapshot.sequence
        )
    }

    /// Takes events that are due, each for one claimer.
    func claiming(
        _ claim: EventClaim,
        _ durability: Durability
    ) throws(MnemeError) -> Events {
        guard (1...Self.mostClaimed).contains(claim.limit) else {
            throw MnemeError(
                .badRequest,
                "event.claim.limit is \(claim.limit); give 1 to \(Self.mostClaimed)"
            )
        }
        let first = store.snapshot()
        guard let table = try eventTable(claim.collection, first) else {
            return Events([], at: first.instant, sequence: first.sequence)
        }
        let seconds = claim.leaseSeconds ?? (table.leases == nil ? 0 : EventTable.usualLease)
        guard seconds == 0 || table.leases != nil else {
            throw MnemeError(
                .badRequest,
                "events of \"\(claim.collection)\" cannot be leased: that needs fields with the "
                    + "roles leaseUntil and occurrence, and \"claimed\" among the statuses. Define "
                    + "them, or claim with leaseSeconds 0, which settles what is claimed"
            )
        }
        try EventTable.check(seconds, least: 0, of: "event.claim")
        var seen: [Reference: Event] = [:]
        var now = first.instant
        let claimed = try store.claim(limit: claim.limit, durability) {
            (snapshot, most) throws(MnemeError) in
            now = snapshot.instant
            seen = [:]
            let records = try table.due(snapshot, claim.owner, now, limit: most)
            let versions = try snapshot.versions(of: records.map(\.reference))
            let lease = seconds == 0 ? nil : now.plus(seconds: seconds)
            var patches: [Patch] = []
            patches.reserveCapacity(records.count)
            for (record, version) in zip(records, versions) {
                let (event, edits) = table.claimed(record, now, until: lease)
                seen[record.reference] = event
                let reference = record.reference
                patches.append(
                    Patch(reference.collection, reference.key, edits, version: version)
                )
            }
            return ClaimProposal(patches: patches, hasMore: records.count == most)
        }
        return Events(
            claimed.references.compactMap { seen[$0] },
            hasMore: claimed.references.count == claim.limit,
            at: now,
            sequence: claimed.sequence
        )
    }

    /// The table of a collection; nil of the memory layer's own as long as nothing was scheduled.
    private func eventTable(
        _ name: String,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> EventTable? {
        let schema = snapshot.schema
        if name == MemoryLayout.events, !schema.collections.contains(where: { $0.name == name }) {
            return nil
        }
        return try EventTable(name, schema)
    }

    /// Defines a collection of the memory layer's that stores have from its first use on.
    func defineWhereMissing(
        _ collection: Collection,
        _ durability: Durability
    ) throws(MnemeError) {
        let known = store.snapshot().schema.collections
        if known.contains(where: { $0.name == collection.name }) { return }
        try store.define(Schema(collections: [collection]), durability)
    }
}

extension Instant {
    /// So many seconds later, at most as late as can be said.
    func plus(seconds: Int) -> Instant {
        let (sum, isOver) = microseconds.addingReportingOverflow(Int64(seconds) * 1_000_000)
        return Instant(microseconds: isOver ? .max : sum)
    }
}
