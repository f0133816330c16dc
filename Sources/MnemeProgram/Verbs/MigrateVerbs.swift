// mneme migrate, migrate down, migrate status

internal import Mneme
internal import MnemeCommandLine

/// What the verbs of migrations share.
enum MigrateOption {
    static let folder = Parameter(
        argument: "DIR",
        .text("DIR"),
        "the directory with the migrations (formats/migrations.md)"
    )
    static let dryRun = Parameter(flag: "dry-run", "says what would be done, and does nothing")

    /// Does jobs one after another, and says of each that it was done.
    static func run(
        _ jobs: [MigrationJob],
        _ door: any BlockingDoor,
        _ invocation: Invocation
    ) throws {
        let isDry = invocation[dryRun]
        var meter = Tool.meter("migrate", unit: "migrations", total: jobs.count, invocation)
        defer { meter.finish() }
        let run = MigrationRun(
            door: door,
            durability: invocation[StoreOption.commitDurability],
            note: { StandardStreams.writeError($0.shown + "\n") }
        )
        var done: [Value] = []
        var lines: [String] = []
        for (index, job) in jobs.enumerated() {
            if !isDry { try run.run(job) }
            meter.advance(to: index + 1)
            done.append(.text(job.migration.title))
            let title = job.migration.title
            let words =
                job.direction == .up
                ? ("Applied", "Would have applied") : ("Undid", "Would have undone")
            lines.append("\(isDry ? words.1 : words.0) \(title).")
        }
        meter.finish()
        let name = isDry ? "wouldMigrate" : "migrated"
        Output(invocation).put([name: .array(done)]) {
            lines.isEmpty ? ["Nothing to do."] : lines
        }
    }
}

/// Applies migrations.
enum MigrateVerb {
    private static let version = Parameter<Int?>(
        option: "to",
        .int(in: 1...Int.max),
        "the number of the last one that is applied; all of them where it is not given"
    )
    private static let anyOrder = Parameter(
        flag: "any-order",
        "applies also those that have a lower number than one that was applied before"
    )

    static let command = Command(
        "migrate",
        "Applies the migrations of a directory that were not applied yet",
        details: [
            "Each file, NUMBER-NAME.json, has steps: requests that define, drop, commit, forget "
                + "and deleteWhere. What was applied is noted in the store, in the collection "
                + "migrations. A commit is made once, whatever ends the run; a run that was "
                + "ended, or failed, goes on where it was when it is run again.",
            "A file that was changed since it was applied is refused, and one that is missing. The "
                + "store is created when it is not there.",
        ],
        parameters: [MigrateOption.folder.declaration] + StoreOption.declarations + [
            version.declaration, anyOrder.declaration, MigrateOption.dryRun.declaration,
            StoreOption.commitDurability.declaration,
        ],
        examples: [
            "migrate migrations --dry-run --store notes.mneme",
            "migrate migrations --store notes.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let folder = try MigrationFolder(reading: invocation[MigrateOption.folder])
        let creates = !invocation[MigrateOption.dryRun]
        try StoreOption.with(invocation, creating: creates, takesLong: true) { door in
            let plan = MigrationPlan(folder: folder, notes: try MigrationTable.notes(door))
            let jobs = try plan.jobs(
                to: invocation[version].map(Int64.init),
                anyOrder: invocation[anyOrder]
            )
            try MigrateOption.run(jobs, door, invocation)
        }
    }
}

/// Undoes migrations.
enum MigrateDownVerb {
    private static let version = Parameter<Int?>(
        option: "to",
        .int(in: 0...Int.max),
        "the number of the last one that stays, 0 for none; where it is not given, the newest "
            + "alone is undone"
    )

    static let command = Command(
        "migrate down",
        "Undoes the newest migration, or all behind one",
        details: [
            "Each is undone by the steps that its file has under \"down\", the newest first. What "
                + "was dropped or deleted comes back only as far as these steps say it: a "
                + "definition, without the values."
        ],
        parameters: [MigrateOption.folder.declaration] + StoreOption.declarations + [
            version.declaration, MigrateOption.dryRun.declaration,
            StoreOption.commitDurability.declaration,
        ],
        examples: ["migrate down migrations --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let folder = try MigrationFolder(reading: invocation[MigrateOption.folder])
        try StoreOption.with(invocation, takesLong: true) { door in
            let plan = MigrationPlan(folder: folder, notes: try MigrationTable.notes(door))
            let jobs = try plan.undoing(to: invocation[version].map(Int64.init))
            try MigrateOption.run(jobs, door, invocation)
        }
    }
}

/// Shows which migrations were applied.
enum MigrateStatusVerb {
    static let command = Command(
        "migrate status",
        "Shows which migrations of a directory were applied, and which were not",
        details: [
            "Ends with status 1 where a file was changed since it was applied, or is missing."
        ],
        parameters: [MigrateOption.folder.declaration] + StoreOption.readingDeclarations,
        examples: ["migrate status migrations --store notes.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let folder = try MigrationFolder(reading: invocation[MigrateOption.folder])
        try StoreOption.with(invocation) { door in
            let plan = MigrationPlan(folder: folder, notes: try MigrationTable.notes(door))
            let rows = plan.rows
            Output(invocation).put(
                ["migrations": .array(rows.map { $0.spelling })]
            ) {
                var table = TextTable([
                    ("NUMBER", .right), ("NAME", .left), ("STATE", .left), ("STEPS", .right),
                    ("CHANGED", .left),
                ])
                for row in rows {
                    table.add([
                        String(row.version), row.name, row.state, row.steps, row.changed ?? "",
                    ])
                }
                return rows.isEmpty ? ["There are no migrations."] : table.lines()
            }
            let wrong = rows.filter { ["changed", "missing"].contains($0.state) }
            guard wrong.isEmpty else {
                throw Failure(
                    "\(Figures.count(wrong.count, "migration")) that was applied is not as its "
                        + "file says, or has none: "
                        + "\(listed(wrong.map { "\($0.version)-\($0.name)" }))."
                )
            }
        }
    }
}

/// A migration, as status shows it.
struct MigrationRow: Equatable, Sendable {
    let version: Int64
    let name: String
    /// pending, changed or missing, or as it is noted.
    let state: String
    /// Steps that were made, of how many.
    let steps: String
    /// When the last step was made.
    let changed: String?

    var spelling: Value {
        var members: [String: Value] = [
            "version": .int(version), "name": .text(name), "state": .text(state),
            "steps": .text(steps),
        ]
        if let changed { members["changed"] = .text(changed) }
        return .map(members)
    }
}

extension MigrationPlan {
    /// Every migration that has a file or was applied, by number.
    var rows: [MigrationRow] {
        let versions = Set(folder.migrations.map(\.version)).union(notes.map(\.version))
        return versions.sorted().map { version in
            let note = note(version)
            let migration = migration(version)
            let steps = note?.state == .undoing ? migration?.down : migration?.up
            let state =
                switch note {
                case nil: "pending"
                case let note? where migration == nil || note.name != migration?.name: "missing"
                case let note? where hasChanged(note): "changed"
                case let note?: note.state.rawValue
                }
            return MigrationRow(
                version: version,
                name: migration?.name ?? note?.name ?? "",
                state: state,
                steps: "\(note?.done ?? 0)/\(steps.map { String($0.count) } ?? "?")",
                changed: note?.changedAt.map { "\($0)" }
            )
        }
    }
}
