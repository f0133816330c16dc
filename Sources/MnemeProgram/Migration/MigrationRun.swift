// Making migrations and undoing them. A step that is a commit is one transaction with the note that
// it was made, so that it is made once; every other step may be made twice: a drop of what is not
// there has nothing to do, nor has a switch of vectors that are switched.

internal import Mneme
internal import MnemeCommandLine

/// What is to be done with a migration.
struct MigrationJob: Sendable {
    enum Direction: Sendable {
        case up, down
    }

    let migration: Migration
    let direction: Direction
    /// Steps that were made before.
    let done: Int

    var steps: [Request] { direction == .up ? migration.up : migration.down ?? [] }
}

/// The migrations of a directory held against what a store notes.
struct MigrationPlan: Sendable {
    let folder: MigrationFolder
    let notes: [MigrationNote]

    /// What brings the store to a version, the newest where none is given.
    ///
    /// - Throws: `Failure` for what does not agree, and for a version that is none.
    func jobs(to version: Int64?, anyOrder: Bool) throws(Failure) -> [MigrationJob] {
        let end = version ?? .max
        if version != nil { try checkVersion(end) }
        try checkNotes()
        let newest = notes.last { $0.state == .applied }?.version ?? 0
        var jobs: [MigrationJob] = []
        for migration in folder.migrations where migration.version <= end {
            let note = note(migration.version)
            switch note?.state {
            case .applied: continue
            case .undoing:
                throw Failure(
                    "\(migration.title) is half undone. Run mneme migrate down until it is."
                )
            case .applying, nil:
                guard note != nil || migration.version > newest || anyOrder else {
                    throw Failure(
                        "\(migration.title) was not applied, and \(newest) behind it was. Give it "
                            + "a higher number, or give --any-order."
                    )
                }
                jobs.append(
                    MigrationJob(migration: migration, direction: .up, done: note?.done ?? 0)
                )
            }
        }
        return jobs
    }

    /// What undoes every migration behind a version, the newest first; where none is given, the
    /// newest alone.
    ///
    /// - Throws: as `jobs`, and for what nothing undoes.
    func undoing(to version: Int64?) throws(Failure) -> [MigrationJob] {
        if let version, version != 0 { try checkVersion(version) }
        try checkNotes()
        var jobs: [MigrationJob] = []
        for note in notes.reversed() {
            if let version {
                if note.version <= version { break }
            } else if !jobs.isEmpty {
                break
            }
            guard let migration = migration(note.version) else { continue }
            guard migration.down != nil else {
                throw Failure(
                    "\(migration.title) cannot be undone: \(migration.path) has no \"down\"."
                )
            }
            jobs.append(
                MigrationJob(
                    migration: migration,
                    direction: .down,
                    done: note.state == .undoing ? note.done : 0
                )
            )
        }
        return jobs
    }

    func note(_ version: Int64) -> MigrationNote? { notes.first { $0.version == version } }

    func migration(_ version: Int64) -> Migration? {
        folder.migrations.first { $0.version == version }
    }

    /// Whether the file says something else than what was applied.
    func hasChanged(_ note: MigrationNote) -> Bool {
        guard let migration = migration(note.version) else { return false }
        return note.state == .applied && migration.checksum != note.checksum
    }

    private func checkVersion(_ version: Int64) throws(Failure) {
        guard migration(version) == nil else { return }
        throw Failure(
            "\(folder.path) has no migration \(version). It has: "
                + "\(folder.migrations.isEmpty ? "none" : listed(folder.migrations.map(\.title)))."
        )
    }

    private func checkNotes() throws(Failure) {
        for note in notes {
            guard let migration = migration(note.version) else {
                throw Failure(
                    "\(note.title) was applied, and \(folder.path) has no file of it. Bring it "
                        + "back, from the history of your sources for example."
                )
            }
            guard !hasChanged(note) else {
                throw Failure(
                    "\(migration.path) was changed since it was applied. Bring back what it said, "
                        + "and write what has to change as a new migration."
                )
            }
            let steps = note.state == .undoing ? migration.down ?? [] : migration.up
            guard note.done <= steps.count else {
                throw Failure(
                    "\(migration.path) has \(Figures.count(steps.count, "step")), and "
                        + "\(note.done) were made already. Bring back what it said."
                )
            }
        }
    }
}

/// Makes migrations and undoes them.
struct MigrationRun {
    let door: any BlockingDoor
    let durability: Durability
    /// What is told of steps that had nothing to do.
    var note: (String) -> Void = { _ in }

    /// Does a job to its end.
    ///
    /// - Throws: `Failure` with the step that failed and why; those before it stay.
    func run(_ job: MigrationJob) throws {
        try begin(job)
        let steps = job.steps
        for index in job.done..<max(job.done, steps.count) {
            do {
                try make(steps[index], at: index, of: job)
            } catch let error as MnemeError {
                throw Failure(
                    "\(job.migration.path), \(job.direction == .up ? "\"up\"" : "\"down\""), step "
                        + "\(index + 1): \(error.message) Steps before it are made; the next run "
                        + "goes on with this one.",
                    code: error.code
                )
            }
        }
        try end(job)
    }

    private func begin(_ job: MigrationJob) throws {
        let migration = job.migration
        let reference = MigrationTable.reference(migration.version)
        let state: MigrationNote.State = job.direction == .up ? .applying : .undoing
        if job.direction == .up { try door.define(MigrationTable.schema) }
        let transaction = try door.begin()
        if let record = try transaction.get(reference) {
            let note = try MigrationNote(record)
            if note.state == state {
                guard note.done == job.done else { throw taken(job) }
            } else if job.direction == .up {
                throw taken(job)
            }
            var edits: [Edit] = [
                .set("state", .text(state.rawValue)), .set("done", .int(Int64(job.done))),
            ]
            // The steps that are left may have been mended.
            if job.direction == .up {
                edits.append(.set("checksum", .text(migration.checksum)))
            }
            try transaction.change([.patch(Patch(MigrationTable.name, reference.key, edits))])
        } else {
            guard job.direction == .up, job.done == 0 else { throw taken(job) }
            try transaction.change([
                .put(
                    Put(
                        MigrationTable.name,
                        reference.key,
                        [
                            "name": .text(migration.name), "checksum": .text(migration.checksum),
                            "state": .text(state.rawValue), "done": 0,
                        ],
                        mode: .insert
                    )
                )
            ])
        }
        try transaction.commit(durability)
    }

    private func make(_ step: Request, at index: Int, of job: MigrationJob) throws {
        let (signature, changes): (Signature, [Change])
        switch step {
        case .commit(let all, _): (signature, changes) = (Signature(), all)
        case .signed(let who, let all, _): (signature, changes) = (who, all)
        case .drop(let drop):
            try make(drop, at: index, of: job)
            _ = try door.commit([counted(job, from: index, to: index + 1)], durability)
            return
        case .switchVector(let change):
            try make(change, at: index, of: job)
            _ = try door.commit([counted(job, from: index, to: index + 1)], durability)
            return
        default:
            _ = try door.perform(step, durability: durability)
            _ = try door.commit([counted(job, from: index, to: index + 1)], durability)
            return
        }
        let transaction = try door.begin()
        let own = Request.signed(signature, changes, durability)
        _ = try door.perform(.inside(transaction: transaction.id, own), durability: nil)
        try transaction.change([counted(job, from: index, to: index + 1)])
        try transaction.commit(durability)
    }

    /// Drops what is there: a run that was ended may have dropped it before it could note that.
    private func make(_ drop: Drop, at index: Int, of job: MigrationJob) throws {
        do throws(MnemeError) {
            _ = try door.perform(.drop(drop), durability: durability)
        } catch {
            guard Self.absence.contains(error.code) else { throw error }
            note(
                "\(job.migration.path), \(job.direction == .up ? "\"up\"" : "\"down\""), step "
                    + "\(index + 1) drops what is not there, and was passed over: \(error.message)"
            )
        }
    }

    /// Switches vectors, unless a run that was ended has switched them before it could note that.
    private func make(_ change: VectorSwitch, at index: Int, of job: MigrationJob) throws {
        do throws(MnemeError) {
            _ = try door.perform(.switchVector(change), durability: durability)
        } catch {
            let collection = try door.describe().collections.first {
                $0.name == change.collection
            }
            guard error.code == .unknownField, let collection,
                collection.field(change.successor) == nil,
                collection.field(change.former) != nil, collection.field(change.field) != nil
            else { throw error }
            note(
                "\(job.migration.path), \(job.direction == .up ? "\"up\"" : "\"down\""), step "
                    + "\(index + 1) switches vectors that were switched already, and was passed "
                    + "over: \(error.message)"
            )
        }
    }

    /// What is answered to a drop of what is not there.
    private static let absence: [MnemeError.Code] = [
        .unknownCollection, .unknownField, .unknownEdgeType, .notFound,
    ]

    private func end(_ job: MigrationJob) throws {
        let count = max(job.done, job.steps.count)
        guard job.direction == .down else {
            let state = Edit.set("state", .text(MigrationNote.State.applied.rawValue))
            _ = try door.commit([counted(job, from: count, to: count, [state])], durability)
            return
        }
        // It is deleted only where nobody else has begun to make it again.
        let transaction = try door.begin()
        try transaction.change([
            counted(job, from: count, to: count),
            .delete(MigrationTable.reference(job.migration.version)),
        ])
        try transaction.commit(durability)
    }

    /// Notes steps that were made, where nobody else has meanwhile.
    private func counted(
        _ job: MigrationJob,
        from before: Int,
        to after: Int,
        _ edits: [Edit] = []
    ) -> Change {
        let state: MigrationNote.State = job.direction == .up ? .applying : .undoing
        return .patch(
            Patch(
                MigrationTable.name,
                MigrationTable.reference(job.migration.version).key,
                [.set("done", .int(Int64(after)))] + edits,
                if: .and([
                    .compare(field: "done", .eq(.int(Int64(before)))),
                    .compare(field: "state", .eq(.text(state.rawValue))),
                ])
            )
        )
    }

    private func taken(_ job: MigrationJob) -> Failure {
        Failure(
            "\(job.migration.title) is being made or undone by somebody else. See mneme migrate "
                + "status, and run this again."
        )
    }
}
