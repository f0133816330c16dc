// A collection of events, by its roles: the memory layer's own, or a service's table as it is. How
// a record is read as an event, and what a claim makes of it. Pure.

internal import MnemeModel

/// Which fields of a collection are what to an event.
struct EventTable {
    let collection: String
    let owner: String?
    let trigger: String
    let status: String
    let payload: String?
    let recurrence: Field?
    let occurrence: String?
    let claimedAt: String?
    private let lease: String?
    let words: Words

    /// The statuses as the collection's field has them.
    struct Words {
        var pending = "pending"
        /// Nil where the field has no word for it.
        var claimed: String? = "claimed"
        var done = "done"
        var cancelled = "cancelled"
    }

    /// The table of a collection.
    ///
    /// - Throws: `.unknownCollection`; `.badRequest` where its roles do not say what an event
    ///   needs.
    init(_ name: String, _ schema: Schema) throws(MnemeError) {
        guard let known = schema.collections.first(where: { $0.name == name }) else {
            throw MnemeError(
                .unknownCollection,
                "there is no collection \"\(name)\"; define it, or leave collection out for the "
                    + "memory layer's own"
            )
        }
        let roles = known.roles
        guard let trigger = roles.triggerAt, let status = roles.status else {
            throw MnemeError(
                .badRequest,
                "collection \"\(name)\" has no fields with the roles triggerAt and status, by "
                    + "which events are told; define it with them"
            )
        }
        collection = name
        owner = roles.owner
        self.trigger = trigger
        self.status = status
        payload = roles.payload
        recurrence = roles.recurrence.flatMap { known.field($0) }
        occurrence = roles.occurrence
        claimedAt = roles.claimedAt
        lease = roles.leaseUntil
        words = try Self.words(known.field(status), of: name)
    }

    private static func words(
        _ field: Field?,
        of collection: String
    ) throws(MnemeError) -> Words {
        guard case .oneOf(let texts)? = field?.type else { return Words() }
        func first(_ wanted: [String]) throws(MnemeError) -> String {
            if let word = wanted.first(where: { texts.contains($0) }) { return word }
            throw MnemeError(
                .badRequest,
                "the status of collection \"\(collection)\" is one of \(texts), and none of them "
                    + "is \(wanted.joined(separator: " or ")), which events need; add one"
            )
        }
        return Words(
            pending: try first(["pending"]),
            claimed: texts.contains("claimed") ? "claimed" : nil,
            done: try first(["done", "triggered", "completed"]),
            cancelled: try first(["cancelled", "canceled"])
        )
    }

    /// The field of the lease and the word for what is claimed, where it has all that leases need.
    var leases: (field: String, claimed: String, occurrence: String)? {
        guard let lease, let claimed = words.claimed, let occurrence else { return nil }
        return (lease, claimed, occurrence)
    }

    // MARK: Records

    /// A record as an event.
    func event(_ record: Record) -> Event {
        let trigger = Self.instant(record[self.trigger]) ?? Instant(microseconds: 0)
        var event = Event(
            record.reference,
            owner: owner.flatMap { record[$0].text },
            status: record[status].text ?? "",
            at: trigger,
            payload: payload.map { record[$0] } ?? .null
        )
        if let leases, event.status == leases.claimed {
            event.at = Self.instant(record[leases.occurrence]) ?? trigger
            event.next = trigger > event.at ? trigger : nil
            event.lease = Self.instant(record[leases.field])
        }
        let rule = recurrence.map { record[$0.name] } ?? .null
        guard !rule.isNull else { return event }
        do throws(MnemeError) {
            event.recurrence = try Recurrence(spelling: rule)
        } catch {
            event.problem = error.message
        }
        return event
    }

    /// The occurrence after the one that an event is at; nil where there is none.
    ///
    /// What it cannot do is said in the event's `problem`.
    func following(_ event: inout Event, _ now: Instant) -> Instant? {
        guard let rule = event.recurrence else { return nil }
        do throws(MnemeError) {
            let all = try Occurrences(rule, from: event.at)
            return all.next(after: rule.catchUp == .each ? event.at : max(event.at, now))
        } catch {
            event.problem = error.message
            return nil
        }
    }

    /// What a claim makes of an event that is due, and the event as it is then.
    ///
    /// `lease` is up to when it is the claimer's; nil where the claim settles it. It is made later
    /// than any lease that the record had, so that none is taken for another one.
    func claimed(_ record: Record, _ now: Instant, until lease: Instant?) -> (Event, [Edit]) {
        var event = self.event(record)
        var edits: [Edit] = []
        func set(_ field: String?, _ value: Value) {
            if let field { edits.append(.set(FieldPath(field), value)) }
        }
        let wasClaimed = event.lease != nil
        if !wasClaimed { event.next = following(&event, now) }
        set(occurrence, .instant(event.at))
        set(claimedAt, .instant(now))
        if !wasClaimed, let next = event.next { set(trigger, .instant(next)) }
        event.lease = nil
        if let lease, let leases {
            let later = Self.later(lease, than: Self.instant(record[leases.field]))
            event.lease = later
            event.status = leases.claimed
            set(leases.field, .instant(later))
        } else {
            event.status = event.next == nil ? words.done : words.pending
        }
        set(status, .text(event.status))
        return (event, edits)
    }

    /// A lease that is later than another one.
    static func later(_ lease: Instant, than other: Instant?) -> Instant {
        guard let other, other >= lease else { return lease }
        return Instant(microseconds: other.microseconds &+ (other.microseconds == .max ? 0 : 1))
    }

    static func instant(_ value: Value) -> Instant? {
        if case .instant(let instant) = value { instant } else { nil }
    }
}
