// Events: what comes at a time. They are records like others, found by the roles of their
// collection; claims and settlements are patches of them, held against the version that was seen.
// The store's clock does not go back, so that no lease comes twice.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// The most events of one claim.
    private static let mostClaimed = 1000
    /// The most events of one answer.
    private static let mostListed = 10_000
    /// The longest lease in seconds, thirty days.
    private static let longestLease = 2_592_000
    /// How long a lease is where nothing else is asked for.
    private static let usualLease = 60
    /// How often a settlement is tried anew where the event changes meanwhile.
    private static let mostTries = 64

    /// Puts events that come due.
    func scheduling(
        _ schedules: [Schedule],
        _ durability: Durability
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
        let committed = try store.commit(changes, durability)
        for (place, reference) in committed.outcomes.compactMap(\.putReference).enumerated() {
            events[place].reference = reference
        }
        return Events(events, at: snapshot.instant, sequence: committed.sequence)
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
        let seconds = claim.leaseSeconds ?? (table.leases == nil ? 0 : Self.usualLease)
        guard seconds == 0 || table.leases != nil else {
            throw MnemeError(
                .badRequest,
                "events of \"\(claim.collection)\" cannot be leased: that needs fields with the "
                    + "roles leaseUntil and occurrence, and \"claimed\" among the statuses. Define "
                    + "them, or claim with leaseSeconds 0, which settles what is claimed"
            )
        }
        try Self.check(seconds, least: 0, of: "event.claim")
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

    /// Says what became of an event.
    func settling(
        _ settlement: Settlement,
        _ durability: Durability
    ) throws(MnemeError) -> Events {
        for _ in 1...Self.mostTries {
            let snapshot = store.snapshot()
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
            let patch = Patch(
                reference.collection,
                record.reference.key,
                edits,
                version: record.version
            )
            do throws(MnemeError) {
                let committed = try store.commit([.patch(patch)], durability)
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
            let seconds = settlement.leaseSeconds ?? Self.usualLease
            try Self.check(seconds, least: 1, of: "event.settle")
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

    private static func check(
        _ seconds: Int,
        least: Int,
        of place: String
    ) throws(MnemeError) {
        guard (least...longestLease).contains(seconds) else {
            throw MnemeError(
                .badRequest,
                "\(place).leaseSeconds is \(seconds); give \(least) to \(longestLease)"
            )
        }
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

extension EventTable {
    /// What an event's fields become where its status or lease changes.
    ///
    /// The lease of one that is nobody's any more stays, so that the next one is later.
    fileprivate func edits(_ event: Event, isBack: Bool = false) -> [Edit] {
        var edits: [Edit] = [.set(FieldPath(status), .text(event.status))]
        if let leases, let lease = event.lease {
            edits.append(.set(FieldPath(leases.field), .instant(lease)))
        }
        if isBack { edits.append(.set(FieldPath(trigger), .instant(event.at))) }
        return edits
    }

    /// The records of events that are due at an instant, those that are due first before others.
    fileprivate func due(
        _ snapshot: Snapshot,
        _ scope: String?,
        _ until: Instant,
        limit: Int
    ) throws(MnemeError) -> [Record] {
        func find(_ word: String, _ field: String) throws(MnemeError) -> [(Instant, Record)] {
            let find = Find(
                collection,
                owner: scope,
                where: .and([
                    .eq(status, .text(word)), .compare(field: field, .lte(.instant(until))),
                ]),
                order: [Order(field)],
                limit: limit
            )
            return try snapshot.find(find).rows.map { row in
                (Self.instant(row.record[field]) ?? until, row.record)
            }
        }
        var found = try find(words.pending, trigger)
        if let leases { found += try find(leases.claimed, leases.field) }
        found.sort { $0.0 < $1.0 }
        return found.prefix(limit).map(\.1)
    }
}

/// What becomes the record of an event that is scheduled.
private struct SchedulePlan {
    let schedule: Schedule
    let table: EventTable

    init(_ schedule: Schedule, _ table: EventTable) {
        self.schedule = schedule
        self.table = table
    }

    /// The event, whose key may not be known yet, and its fields.
    func make() throws(MnemeError) -> (Event, [String: Value]) {
        var fields = schedule.fields
        var event = Event(
            Reference(schedule.collection, schedule.key ?? .int(0)),
            owner: schedule.owner,
            status: table.words.pending,
            at: schedule.at,
            payload: schedule.payload
        )
        func put(_ value: Value, _ field: String?, _ role: String) throws(MnemeError) {
            guard !value.isNull else { return }
            guard let field else {
                throw MnemeError(
                    .badRequest,
                    "collection \"\(schedule.collection)\" has no field with the role \(role), so "
                        + "that an event there has none; leave it out, or define the role"
                )
            }
            guard fields.updateValue(value, forKey: field) == nil else {
                throw MnemeError(
                    .badRequest,
                    "event.schedule.fields has \"\(field)\", which is the event's \(role); give it "
                        + "once"
                )
            }
        }
        if let rule = schedule.recurrence {
            event.recurrence = try settle(rule, &event.at)
            try put(stored(event.recurrence ?? rule), table.recurrence?.name, "recurrence")
        }
        try put(schedule.owner.map { .text($0) } ?? .null, table.owner, "owner")
        try put(schedule.payload, table.payload, "payload")
        try put(.instant(event.at), table.trigger, "triggerAt")
        try put(.text(event.status), table.status, "status")
        return (event, fields)
    }

    /// The rule with its start, and its first occurrence from `instant` on.
    private func settle(
        _ rule: Recurrence,
        _ instant: inout Instant
    ) throws(MnemeError) -> Recurrence {
        let all = try Occurrences(rule, from: instant)
        let (before, isOut) = instant.microseconds.subtractingReportingOverflow(1)
        guard let first = isOut ? all.first : all.next(after: Instant(microseconds: before)) else {
            throw MnemeError(
                .badRequest,
                "the recurrence has ended before \(instant); give a later end, or an earlier at"
            )
        }
        instant = first
        var settled = rule
        settled.start = all.start
        return settled
    }

    /// The rule as the table's field takes it.
    private func stored(_ rule: Recurrence) throws(MnemeError) -> Value {
        switch table.recurrence?.type {
        case .text: return .text(rule.json())
        case .oneOf:
            // A field of words has no room for more.
            var plain = rule
            plain.start = nil
            guard case .text(let word) = plain.spelling else {
                throw MnemeError(
                    .badRequest,
                    "the recurrence of \"\(schedule.collection)\" is a field of words, which has "
                        + "no room for more than one such as monthly; give such a word"
                )
            }
            return .text(word)
        default: return rule.spelling
        }
    }
}

extension Instant {
    /// So many seconds later, at most as late as can be said.
    fileprivate func plus(seconds: Int) -> Instant {
        let (sum, isOver) = microseconds.addingReportingOverflow(Int64(seconds) * 1_000_000)
        return Instant(microseconds: isOver ? .max : sum)
    }
}
