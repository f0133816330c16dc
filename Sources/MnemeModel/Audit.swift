// What a store keeps of who asked it for what: the rows of its own collection `$audit`, which are
// found and counted as records are. What is kept is set here; what a row says is on the page
// formats/operations.md#audit.

/// Which requests leave rows.
public struct AuditRule: Hashable, Sendable {
    /// Whether changes do, in the commit that makes them.
    public var writes: Bool
    /// Whether questions do.
    public var reads: Bool
    /// Whether requests do that are refused or fail.
    public var failures: Bool
    /// One of so many questions leaves rows, by chance.
    public var sample: Int

    /// A rule of its parts; nothing leaves rows unless told.
    public init(
        writes: Bool = false,
        reads: Bool = false,
        failures: Bool = false,
        sample: Int = 1
    ) {
        self.writes = writes
        self.reads = reads
        self.failures = failures
        self.sample = sample
    }

    /// Whether anything leaves rows.
    package var isOn: Bool { writes || reads || failures }
}

/// What a store keeps of who asked it for what, and how long.
public struct AuditSetting: Hashable, Sendable {
    /// The rule for all that no rule of its own is given for.
    public var rule: AuditRule
    /// Rules of collections and edge types of their own, by name.
    public var collections: [String: AuditRule]
    /// For how many days rows are kept that are made from now on; nil for as long as there is room.
    public var days: Int?
    /// About so many rows are kept, and the oldest go first; nil for all of them.
    public var rows: Int?
    /// So many rows of questions and failures may wait for their commit.
    public var buffer: Int
    /// Whether a question waits for room where too many rows wait; its row is dropped and counted
    /// without.
    public var isStrict: Bool

    /// How many rows may wait unless it is said.
    public static let usualBuffer = 8192

    /// A setting of its parts; nothing is kept unless told.
    public init(
        _ rule: AuditRule = AuditRule(),
        collections: [String: AuditRule] = [:],
        days: Int? = nil,
        rows: Int? = nil,
        buffer: Int = AuditSetting.usualBuffer,
        strict isStrict: Bool = false
    ) {
        self.rule = rule
        self.collections = collections
        self.days = days
        self.rows = rows
        self.buffer = buffer
        self.isStrict = isStrict
    }

    /// Whether anything leaves rows.
    package var isOn: Bool { rule.isOn || collections.contains { $0.value.isOn } }

    /// The rule for a collection or an edge type, or for what is of none.
    package func rule(for name: String?) -> AuditRule {
        guard let name, let own = collections[name] else { return rule }
        return own
    }

    /// Refuses numbers out of their bounds.
    ///
    /// - Throws: `.badRequest`.
    package func check() throws(MnemeError) {
        func hold(_ name: String, _ value: Int?, _ bounds: ClosedRange<Int>) throws(MnemeError) {
            guard let value, !bounds.contains(value) else { return }
            throw MnemeError(
                .badRequest,
                "audit.set.\(name) is \(value); give \(bounds.lowerBound) to \(bounds.upperBound)"
            )
        }
        try hold("days", days, 1...1_000_000)
        try hold("rows", rows, 1...1_000_000_000)
        try hold("buffer", buffer, 1...1_000_000)
        try hold("sample", rule.sample, 1...1_000_000)
        for (name, rule) in collections.sorted(by: { $0.key < $1.key }) {
            try hold("collections.\(name).sample", rule.sample, 1...1_000_000)
        }
    }
}

/// What a store keeps of who asked it for what, as it is.
public struct AuditStatus: Hashable, Sendable {
    /// What is kept.
    public var setting: AuditSetting
    /// How many rows there are.
    public var rows: Int
    /// How many wait for their commit.
    public var waiting: Int
    /// How many were dropped since the store was opened, as too many waited.
    public var dropped: Int

    /// A status of its parts.
    public init(setting: AuditSetting, rows: Int, waiting: Int = 0, dropped: Int = 0) {
        self.setting = setting
        self.rows = rows
        self.waiting = waiting
        self.dropped = dropped
    }
}

/// The store's own collection of rows.
public enum AuditTrail {
    /// Its name, by which it is read.
    public static let collection = "$audit"
}

extension Door {
    /// What is kept of who asked for what.
    public func audit() async throws(MnemeError) -> AuditStatus {
        try await perform(.audit(nil)).audited()
    }

    /// Sets what is kept of who asked for what, from now on; that it was set is kept too.
    @discardableResult
    public func audit(_ setting: AuditSetting) async throws(MnemeError) -> AuditStatus {
        try await perform(.audit(setting)).audited()
    }
}

extension BlockingDoor {
    /// What is kept of who asked for what.
    public func audit() throws(MnemeError) -> AuditStatus {
        try perform(.audit(nil), durability: nil).audited()
    }

    /// Sets what is kept of who asked for what, from now on; that it was set is kept too.
    @discardableResult
    public func audit(_ setting: AuditSetting) throws(MnemeError) -> AuditStatus {
        try perform(.audit(setting), durability: nil).audited()
    }
}
