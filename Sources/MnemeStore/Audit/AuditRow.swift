// The rows of the audit: ordinary records of the store's own collection `$audit`, so that the log,
// its replay, checkpoints, backups and compaction know them as they know any record, and questions
// find them. No row has anything of what records hold: names, keys, owners, numbers and codes.
// Format: formats/store.md#audit; what they say: formats/operations.md#audit.

internal import MnemeBase
internal import MnemeModel

/// What a request did to what it speaks of.
enum AuditEffect: String, Sendable {
    case read
    case created
    case updated
    case deleted
    case erased
    case linked
    case unlinked
    case defined
    case dropped
    /// Nothing.
    case none
}

/// The fields of a row by number: their places in the collection's schema, from 1.
enum AuditField {
    static let at: UInt16 = 1
    static let actor: UInt16 = 2
    static let proven: UInt16 = 3
    static let program: UInt16 = 4
    static let address: UInt16 = 5
    static let connection: UInt16 = 6
    static let request: UInt16 = 7
    static let transaction: UInt16 = 8
    static let verb: UInt16 = 9
    static let collection: UInt16 = 10
    static let edge: UInt16 = 11
    static let effect: UInt16 = 12
    static let keys: UInt16 = 13
    static let records: UInt16 = 14
    static let part: UInt16 = 15
    static let owner: UInt16 = 16
    static let outcome: UInt16 = 17
    static let code: UInt16 = 18
    static let error: UInt16 = 19
    static let microseconds: UInt16 = 20
    static let sample: UInt16 = 21
    static let setting: UInt16 = 22

    /// The collection of the rows.
    static let rows = Collection(
        AuditTrail.collection,
        key: .int,
        fields: [
            Field("at", .instant), Field("actor", .text), Field("proven", .bool),
            Field("program", .text), Field("address", .text), Field("connection", .int),
            Field("request", .int), Field("transaction", .int), Field("verb", .text),
            Field("collection", .text), Field("edge", .text), Field("effect", .text),
            Field("keys", .array(.text)), Field("records", .int), Field("part", .int),
            Field("owner", .text), Field("outcome", .text), Field("code", .int),
            Field("error", .text), Field("microseconds", .int), Field("sample", .int),
            Field("setting", .json),
        ],
        indexes: [
            Index("byTime", on: ["at"]),
            Index("byActor", on: ["actor", "at"]),
            Index("byKey", on: ["collection", "keys"]),
            Index("byVerb", on: ["verb", "at"]),
            Index("byOutcome", on: ["outcome", "at"]),
            Index("byOwner", on: ["owner", "at"]),
        ]
    )

    /// The collection of what is set of the store's own; a key for each.
    static let settings = Collection("$settings", fields: [Field("value", .bytes)])
    /// The key of what is set of the audit.
    static let settingsKey = Key.text("audit")
}

/// One row.
struct AuditRow: Sendable {
    /// The most keys of one row; what has more takes several.
    static let mostKeys = 100

    var at: Microseconds
    let asker: Asker
    /// Who made the change, as the request says itself.
    var author: String?
    var transaction: UInt64?
    var verb: String
    var subject = AuditSubject()
    /// The rows of a request count from 0.
    var part = 0
    var failure: MnemeError.Code?
    var microseconds: Microseconds = 0
    /// One of so many was kept.
    var sample = 1
    var setting: Value?

    /// The row's fields by number, ascending, without nulls.
    ///
    /// `isCut`: texts that stand in indexes are cut to what always fits there.
    func fields(isCut: Bool = false) -> [(number: UInt16, value: Value)] {
        var fields: [(number: UInt16, value: Value)] = []
        fields.reserveCapacity(20)
        func put(_ number: UInt16, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            fields.append((number, .text(isCut ? Self.cut(text) : text)))
        }
        let origin = asker.origin
        fields.append((AuditField.at, .instant(Instant(microseconds: at))))
        // Whose token was shown, whatever he says himself.
        put(AuditField.actor, origin.isProven ? origin.name : author ?? origin.name)
        fields.append((AuditField.proven, .bool(origin.isProven)))
        put(AuditField.program, origin.program)
        put(AuditField.address, origin.address)
        if let number = origin.connection {
            fields.append((AuditField.connection, .int(Int64(clamping: number))))
        }
        if let number = asker.request {
            fields.append((AuditField.request, .int(Int64(number))))
        }
        if let transaction {
            fields.append((AuditField.transaction, .int(Int64(clamping: transaction))))
        }
        put(AuditField.verb, verb)
        put(AuditField.collection, subject.collection)
        put(AuditField.edge, subject.edge)
        put(AuditField.effect, subject.effect.rawValue)
        if !subject.keys.isEmpty {
            let keys = subject.keys.map { Value.text(isCut ? Self.cut($0) : $0) }
            fields.append((AuditField.keys, .array(keys)))
        }
        fields.append((AuditField.records, .int(Int64(subject.records))))
        fields.append((AuditField.part, .int(Int64(part))))
        put(AuditField.owner, subject.owner)
        fields.append((AuditField.outcome, .text(failure == nil ? "ok" : "error")))
        if let failure {
            fields.append((AuditField.code, .int(Int64(failure.rawValue))))
            put(AuditField.error, "\(failure)")
        }
        fields.append((AuditField.microseconds, .int(microseconds)))
        if sample > 1 { fields.append((AuditField.sample, .int(Int64(sample)))) }
        if let setting { fields.append((AuditField.setting, setting)) }
        return fields
    }

    /// Cuts texts that somebody has made up: no name and no key is as long.
    mutating func bound() {
        func bounded(_ text: String) -> String {
            text.utf8.count > Self.mostBytes ? Self.cut(text) : text
        }
        author = author.map(bounded)
        subject.collection = subject.collection.map(bounded)
        subject.edge = subject.edge.map(bounded)
        subject.owner = subject.owner.map(bounded)
        for place in subject.keys.indices where subject.keys[place].utf8.count > Self.mostBytes {
            subject.keys[place] = bounded(subject.keys[place])
        }
    }

    /// The most bytes of a text while its row waits.
    private static let mostBytes = 1024

    /// The beginning of a text: however its letters are written in a key, it fits an index beside
    /// what stands there with it.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > 64 else { return text }
        var cut = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(64) { cut.append(scalar) }
        return String(cut)
    }
}

/// What a request speaks of, of one collection or type of edges.
struct AuditSubject: Sendable {
    var collection: String?
    var edge: String?
    var effect = AuditEffect.none
    /// Keys of records, numbers of edges.
    var keys: [String] = []
    /// How many records or edges, also where their keys are not said.
    var records = 0
    var owner: String?

    init(
        _ collection: String? = nil,
        edge: String? = nil,
        _ effect: AuditEffect = .none,
        keys: [String] = [],
        records: Int? = nil,
        owner: String? = nil
    ) {
        self.collection = collection
        self.edge = edge
        self.effect = effect
        self.keys = keys
        self.records = records ?? keys.count
        self.owner = owner
    }

    /// What its rule is looked up by.
    var name: String? { collection ?? edge }

    /// The same with some of its keys only, that a row has room for each of them.
    func parted() -> [AuditSubject] {
        guard keys.count > AuditRow.mostKeys else { return [self] }
        return stride(from: 0, to: keys.count, by: AuditRow.mostKeys).map { start in
            var part = self
            part.keys = Array(keys[start..<min(start + AuditRow.mostKeys, keys.count)])
            part.records = part.keys.count
            return part
        }
    }
}
