// Numbers that move toward where they rest: moods, interests, how much somebody is trusted.
// formats/operations.md#scalarset

/// What is to become of a scalar.
///
/// What is left out of the settings stays as it is; a scalar that is not there yet begins at its
/// rest, which is 0, does not decay, and has no bounds.
public struct ScalarChange: Hashable, Sendable {
    /// Whose it is.
    public var owner: String
    /// Its name, 1 to 64 of a-z, A-Z, 0-9, `_`, `.` and `-`.
    public var name: String
    /// What it is set to.
    public var value: Double?
    /// By how much it moves from what it is now, up to its bounds.
    public var by: Double?
    /// Where it goes when nothing moves it.
    public var rest: Double?
    /// Which part of its distance from the rest it loses in an hour, 0…1.
    public var decay: Double?
    /// It is never below.
    public var minimum: Double?
    /// It is never above.
    public var maximum: Double?
    /// What moved it, as a word.
    public var trigger: String?
    /// Why, for people.
    public var reason: String?

    /// A change of its parts.
    public init(
        _ name: String,
        owner: String,
        value: Double? = nil,
        by: Double? = nil,
        rest: Double? = nil,
        decay: Double? = nil,
        minimum: Double? = nil,
        maximum: Double? = nil,
        trigger: String? = nil,
        reason: String? = nil
    ) {
        self.owner = owner
        self.name = name
        self.value = value
        self.by = by
        self.rest = rest
        self.decay = decay
        self.minimum = minimum
        self.maximum = maximum
        self.trigger = trigger
        self.reason = reason
    }
}

/// What scalars are, or were.
public struct ScalarQuestion: Hashable, Sendable {
    /// Whose they are; those of owners below it are not asked for.
    public var owner: String
    /// The name of one; all of the owner where it is nil.
    public var name: String?
    /// What they were at this instant, or will be; now where it is nil.
    public var asOf: Instant?
    /// At most so many changes of each are told, the newest first, up to that instant.
    public var history: Int

    /// A question of its parts.
    public init(owner: String, name: String? = nil, asOf: Instant? = nil, history: Int = 0) {
        self.owner = owner
        self.name = name
        self.asOf = asOf
        self.history = history
    }
}

/// A named number of an owner's.
public struct Scalar: Hashable, Sendable {
    /// Whose it is.
    public var owner: String
    /// Its name.
    public var name: String
    /// What it is at the instant that was asked for.
    public var value: Double
    /// Where it goes when nothing moves it.
    public var rest: Double
    /// Which part of its distance from the rest it loses in an hour.
    public var decay: Double
    /// It is never below.
    public var minimum: Double?
    /// It is never above.
    public var maximum: Double?
    /// The change that it has come from.
    public var last: Change
    /// Changes, the newest first.
    public var history: [Change]

    /// A scalar of its parts.
    public init(
        _ name: String,
        owner: String,
        value: Double,
        rest: Double,
        decay: Double,
        minimum: Double?,
        maximum: Double?,
        last: Change,
        history: [Change] = []
    ) {
        self.owner = owner
        self.name = name
        self.value = value
        self.rest = rest
        self.decay = decay
        self.minimum = minimum
        self.maximum = maximum
        self.last = last
        self.history = history
    }

    /// One change of it.
    public struct Change: Hashable, Sendable {
        /// Its number, from 1.
        public var number: Int64
        /// When it was made.
        public var at: Instant
        /// What the scalar was before.
        public var before: Double
        /// What the scalar was right after.
        public var value: Double
        /// What moved it.
        public var trigger: String?
        /// Why.
        public var reason: String?

        /// A change of its parts.
        public init(
            number: Int64,
            at instant: Instant,
            before: Double,
            value: Double,
            trigger: String? = nil,
            reason: String? = nil
        ) {
            self.number = number
            at = instant
            self.before = before
            self.value = value
            self.trigger = trigger
            self.reason = reason
        }
    }
}

/// Scalars at an instant, in the order of their names.
public struct Scalars: Hashable, Sendable {
    /// The scalars; one that was not there by then is missing.
    public var scalars: [Scalar]
    /// The instant.
    public var at: Instant
    /// The commit that was made, or read.
    public var sequence: UInt64
    /// Whether this is what was answered before to the same request under its idempotency key.
    public var isRepeated = false

    /// Scalars of their parts.
    public init(_ scalars: [Scalar], at instant: Instant, sequence: UInt64) {
        self.scalars = scalars
        at = instant
        self.sequence = sequence
    }
}

extension Door {
    /// Sets or moves a scalar, and tells what it is now.
    @discardableResult
    public func setScalar(_ change: ScalarChange) async throws(MnemeError) -> Scalar {
        try await perform(.setScalar(change)).scalar()
    }

    /// What scalars are, or were.
    public func scalars(_ question: ScalarQuestion) async throws(MnemeError) -> Scalars {
        try await perform(.scalars(question)).scalars()
    }
}

extension BlockingDoor {
    /// Sets or moves a scalar, and tells what it is now.
    @discardableResult
    public func setScalar(_ change: ScalarChange) throws(MnemeError) -> Scalar {
        try perform(.setScalar(change), durability: nil).scalar()
    }

    /// What scalars are, or were.
    public func scalars(_ question: ScalarQuestion) throws(MnemeError) -> Scalars {
        try perform(.scalars(question), durability: nil).scalars()
    }
}

extension Response {
    fileprivate func scalars() throws(MnemeError) -> Scalars {
        guard case .scalars(let scalars) = self else { throw Response.unexpected }
        return scalars
    }

    fileprivate func scalar() throws(MnemeError) -> Scalar {
        guard let scalar = try scalars().scalars.first else { throw Response.unexpected }
        return scalar
    }
}
