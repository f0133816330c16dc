// What comes at a time: events that are scheduled, come due, are claimed once and come again.
// formats/operations.md#eventschedule

/// An event to be.
public struct Schedule: Hashable, Sendable {
    /// The collection, one with the roles triggerAt and status; the memory layer's own as a rule.
    public var collection: String
    /// The key; generated when nil.
    ///
    /// An event that is there under it is scheduled anew.
    public var key: Key?
    /// Whose it is; nil where the collection has no owners.
    public var owner: String?
    /// When it is due; of one that comes again, the first occurrence is the first from then on.
    public var at: Instant
    /// What it is about.
    public var payload: Value
    /// How it comes again; nil for once.
    public var recurrence: Recurrence?
    /// What else its record has, by field.
    public var fields: [String: Value]

    /// An event of its parts.
    public init(
        at instant: Instant,
        owner: String? = nil,
        key: Key? = nil,
        payload: Value = .null,
        recurrence: Recurrence? = nil,
        fields: [String: Value] = [:],
        in collection: String = "events"
    ) {
        self.collection = collection
        self.key = key
        self.owner = owner
        at = instant
        self.payload = payload
        self.recurrence = recurrence
        self.fields = fields
    }
}

/// Which events are due.
public struct DueQuestion: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// Only those of this owner and of those below it.
    public var owner: String?
    /// Those that are due at this instant; now where it is nil.
    public var until: Instant?
    /// At most this many, those that are due first.
    public var limit: Int

    /// A question of its parts.
    public init(
        _ collection: String = "events",
        owner: String? = nil,
        until: Instant? = nil,
        limit: Int = 100
    ) {
        self.collection = collection
        self.owner = owner
        self.until = until
        self.limit = limit
    }
}

/// Takes events that are due.
public struct EventClaim: Hashable, Sendable {
    /// The collection.
    public var collection: String
    /// Only those of this owner and of those below it.
    public var owner: String?
    /// At most this many, those that are due first.
    public var limit: Int
    /// For how long they are the claimer's, unless he settles them before.
    ///
    /// With 0 the claim itself settles them. Nil is 60 where the collection has the roles for
    /// leases, else 0.
    public var leaseSeconds: Int?

    /// A claim of its parts.
    public init(
        _ collection: String = "events",
        owner: String? = nil,
        limit: Int = 1,
        leaseSeconds: Int? = nil
    ) {
        self.collection = collection
        self.owner = owner
        self.limit = limit
        self.leaseSeconds = leaseSeconds
    }
}

/// What became of an event.
public struct Settlement: Hashable, Sendable {
    /// The event's record.
    public var reference: Reference
    /// What became of it.
    public var outcome: Outcome
    /// The lease under which it was claimed; not needed to cancel it.
    public var lease: Instant?
    /// Of one that is extended: for how long it is the claimer's from now on.
    public var leaseSeconds: Int?

    /// A settlement of its parts.
    public init(
        _ reference: Reference,
        _ outcome: Outcome = .done,
        lease: Instant? = nil,
        leaseSeconds: Int? = nil
    ) {
        self.reference = reference
        self.outcome = outcome
        self.lease = lease
        self.leaseSeconds = leaseSeconds
    }

    /// What became of it.
    public enum Outcome: String, Sendable, CaseIterable {
        /// What was to be done for the claimed occurrence is done.
        case done
        /// It does not come any more, claimed or not.
        case cancelled
        /// The claimer gives the occurrence back: it is due again.
        case released
        /// The claimer needs more time.
        case extended
    }
}

/// An event.
public struct Event: Hashable, Sendable {
    /// Its record.
    public var reference: Reference
    /// Whose it is; nil where it is nobody's.
    public var owner: String?
    /// The status, as the record has it.
    public var status: String
    /// The occurrence that is due or claimed.
    public var at: Instant
    /// The occurrence after it, where that is known already.
    public var next: Instant?
    /// Up to when it is its claimer's; by it he settles it.
    public var lease: Instant?
    /// What it is about.
    public var payload: Value
    /// How it comes again.
    public var recurrence: Recurrence?
    /// Why its recurrence could not be read, so that it does not come again; nil as a rule.
    public var problem: String?

    /// An event of its parts.
    public init(
        _ reference: Reference,
        owner: String?,
        status: String,
        at instant: Instant,
        next: Instant? = nil,
        lease: Instant? = nil,
        payload: Value = .null,
        recurrence: Recurrence? = nil,
        problem: String? = nil
    ) {
        self.reference = reference
        self.owner = owner
        self.status = status
        at = instant
        self.next = next
        self.lease = lease
        self.payload = payload
        self.recurrence = recurrence
        self.problem = problem
    }
}

/// Events, those that are due first before others.
public struct Events: Hashable, Sendable {
    /// The events.
    public var events: [Event]
    /// Whether there are more that are due than were asked for; of a claim, perhaps.
    public var hasMore: Bool
    /// The store's clock.
    public var at: Instant
    /// The commit that was made, or read.
    public var sequence: UInt64
    /// Whether this is what was answered before to the same request under its idempotency key.
    public var isRepeated = false

    /// Events of their parts.
    public init(_ events: [Event], hasMore: Bool = false, at instant: Instant, sequence: UInt64) {
        self.events = events
        self.hasMore = hasMore
        at = instant
        self.sequence = sequence
    }
}

extension Door {
    /// Puts events that come due, all or none.
    public func schedule(_ events: [Schedule]) async throws(MnemeError) -> Events {
        try await perform(.schedule(events)).events()
    }

    /// Which events are due.
    public func dueEvents(
        _ question: DueQuestion = DueQuestion()
    ) async throws(MnemeError)
        -> Events
    {
        try await perform(.dueEvents(question)).events()
    }

    /// Takes events that are due, each for one claimer alone.
    public func claimEvents(_ claim: EventClaim = EventClaim()) async throws(MnemeError) -> Events {
        try await perform(.claimEvents(claim)).events()
    }

    /// Says what became of an event.
    ///
    /// - Throws: `leaseLost` where it is not the claimer's any more.
    @discardableResult
    public func settle(_ settlement: Settlement) async throws(MnemeError) -> Event {
        try await perform(.settleEvent(settlement)).event()
    }
}

extension BlockingDoor {
    /// Puts events that come due, all or none.
    public func schedule(_ events: [Schedule]) throws(MnemeError) -> Events {
        try perform(.schedule(events), durability: nil).events()
    }

    /// Which events are due.
    public func dueEvents(_ question: DueQuestion = DueQuestion()) throws(MnemeError) -> Events {
        try perform(.dueEvents(question), durability: nil).events()
    }

    /// Takes events that are due, each for one claimer alone.
    public func claimEvents(_ claim: EventClaim = EventClaim()) throws(MnemeError) -> Events {
        try perform(.claimEvents(claim), durability: nil).events()
    }

    /// Says what became of an event.
    ///
    /// - Throws: `leaseLost` where it is not the claimer's any more.
    @discardableResult
    public func settle(_ settlement: Settlement) throws(MnemeError) -> Event {
        try perform(.settleEvent(settlement), durability: nil).event()
    }
}

extension Response {
    fileprivate func events() throws(MnemeError) -> Events {
        guard case .events(let events) = self else { throw Response.unexpected }
        return events
    }

    fileprivate func event() throws(MnemeError) -> Event {
        guard let event = try events().events.first else { throw Response.unexpected }
        return event
    }
}
