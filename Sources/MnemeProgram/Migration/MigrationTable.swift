// What was made of migrations, as the store itself notes it. Page: formats/migrations.md.

internal import Mneme
internal import MnemeCommandLine

/// A migration that was begun, as the store notes it.
struct MigrationNote: Equatable, Sendable {
    enum State: String, CaseIterable, Sendable {
        case applying, applied, undoing
    }

    let version: Int64
    let name: String
    let checksum: String
    let state: State
    /// Steps that were made, in the direction of the state.
    let done: Int
    /// When the last of them was.
    let changedAt: Instant?

    var title: String { "\(version)-\(name)" }

    /// Reads a note.
    ///
    /// - Throws: `Failure` where somebody else wrote it.
    init(_ record: Record) throws(Failure) {
        guard case .int(let version) = record.reference.key, let name = record["name"].text,
            let checksum = record["checksum"].text,
            let state = record["state"].text.flatMap(State.init(rawValue:)),
            case .int(let done) = record["done"], done >= 0
        else {
            throw Failure(
                "The record \(record.reference) is not as mneme migrate "
                    + "writes it. Mend it by hand, or delete it."
            )
        }
        self.version = version
        self.name = name
        self.checksum = checksum
        self.state = state
        self.done = Int(done)
        if case .instant(let instant) = record["changedAt"] {
            changedAt = instant
        } else {
            changedAt = nil
        }
    }
}

/// The collection in which a store notes its migrations.
enum MigrationTable {
    static let name = "migrations"

    static let schema = Schema(collections: [
        Collection(
            name,
            key: .int,
            fields: [
                Field("name", .text, isRequired: true), Field("checksum", .text, isRequired: true),
                Field(
                    "state",
                    .oneOf(MigrationNote.State.allCases.map(\.rawValue)),
                    isRequired: true
                ),
                Field("done", .int, isRequired: true), Field("startedAt", .instant, fill: .now),
                Field("changedAt", .instant, fill: .changed),
            ]
        )
    ])

    static func reference(_ version: Int64) -> Reference { Reference(name, .int(version)) }

    /// What a store notes, by number; nothing where nothing was ever migrated.
    ///
    /// - Throws: `Failure` for a note of somebody else; what the door throws.
    static func notes(_ door: any BlockingDoor) throws -> [MigrationNote] {
        guard try door.describe().collections.contains(where: { $0.name == name }) else {
            return []
        }
        var notes: [MigrationNote] = []
        while true {
            let found = try door.find(
                Find(name, limit: pageCount, offset: notes.count)
            )
            for row in found.rows { notes.append(try MigrationNote(row.record)) }
            if found.rows.count < pageCount { break }
        }
        return notes.sorted { $0.version < $1.version }
    }

    private static let pageCount = 1000
}
