// What is asked of jobs over a whole graph: to be done, how far they are, what they found out, to
// end, to be forgotten. Whoever changes their records holds `GraphJobDesk.changing`, so that a job
// that was ended writes nothing behind that.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import Synchronization

extension Store {
    /// Has something be found out about a whole graph, by a job behind the commits.
    ///
    /// - Returns: the job, which waits for its turn.
    /// - Throws: `.badRequest`, `.badOwner`, `.unknownCollection`, `.unknownEdgeType`,
    ///   `.unknownField`, `.wrongType`; `.badJob` where one of the name has not ended, or is not to
    ///   be replaced; what a commit throws.
    package func runGraphJob(
        _ run: GraphRun,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> GraphJob {
        try checkWritable()
        try run.checkBounds()
        let job = try jobs.changing.withLock { _ throws(MnemeError) in
            let snapshot = snapshot()
            try snapshot.catalog.check(run)
            // The parts of its result are dropped when the new one begins, or is cancelled: as long
            // as a record says that one is done it has them all.
            if let known = try snapshot.graphJob(run.name) { try check(known, before: run) }
            let job = GraphJob(run, asked: snapshot.instant)
            try commit([try GraphJobField.put(job)], durability)
            return job
        }
        jobs.noteWaiting()
        noteGraphJobs()
        return job
    }

    /// Asks jobs how far they are, or what they found out; or ends them.
    ///
    /// - Throws: `.badRequest`; `.notFound` of a job that is not there; `.badJob` for the result of
    ///   one that has none, the end of one that has ended, and to forget one that has not; what a
    ///   commit throws.
    /// - Complexity: O(log jobs + rows); of all jobs O(jobs).
    package func graphJobs(
        _ call: GraphJobCall,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> GraphJobs {
        try checkOpen()
        try call.checkBounds()
        switch (call.what, call.name) {
        case (.tell, nil):
            let running = jobs.running
            let snapshot = snapshot()
            let known = try snapshot.reading { (state) throws(StoreError) in
                try state.graphJobs()
            }
            return GraphJobs(
                jobs: known.map { $0.current(running) },
                sequence: snapshot.sequence
            )
        case (.tell, let name?):
            let running = jobs.running
            let snapshot = snapshot()
            let job = try snapshot.knownGraphJob(name).current(running)
            return GraphJobs(jobs: [job], sequence: snapshot.sequence)
        case (.result, let name?): return try result(of: name, call)
        case (.cancel, let name?): return try cancel(name, durability)
        case (.forget, let name?): return try forget(name, durability)
        // Bounds were checked.
        case (_, nil): throw MnemeError(.badRequest, "which job is meant? give its name")
        }
    }

    private func check(_ known: GraphJob, before run: GraphRun) throws(MnemeError) {
        let name = quoted(run.name)
        guard known.hasEnded else {
            throw MnemeError(
                .badJob,
                "the job \(name) is under way or waits; wait for it, cancel it, or give the new "
                    + "one another name"
            )
        }
        guard run.replaces else {
            throw MnemeError(
                .badJob,
                "there is a job \(name), which is \(known.state.rawValue); forget it, say that "
                    + "the new one replaces it, or give that another name"
            )
        }
    }

    private func result(of name: String, _ call: GraphJobCall) throws(MnemeError) -> GraphJobs {
        let running = jobs.running
        let snapshot = snapshot()
        let job = try snapshot.knownGraphJob(name)
        if let field = job.run.field {
            throw MnemeError(
                .badJob,
                "the job \(quoted(name)) writes into the field \(quoted(field)) of "
                    + "\(quoted(job.run.collection ?? "")); find records in the order of that"
            )
        }
        guard job.state == .done else {
            throw MnemeError(
                .badJob,
                "the job \(quoted(name)) has no result: it is "
                    + job.current(running).state.rawValue
                    + (job.hasEnded ? "; run it again" : "; wait until it is done")
            )
        }
        return try snapshot.reading { (state) throws(StoreError) in
            try state.result(of: job, from: call.offset, atMost: call.limit)
        }
    }

    private func cancel(
        _ name: String,
        _ durability: Durability
    ) throws(MnemeError) -> GraphJobs {
        try checkWritable()
        return try jobs.changing.withLock { _ throws(MnemeError) in
            var job = try snapshot().knownGraphJob(name)
            guard !job.hasEnded else {
                throw MnemeError(
                    .badJob,
                    "the job \(quoted(name)) is \(job.state.rawValue) already, and there is "
                        + "nothing to cancel; forget it if it is not wanted any more"
                )
            }
            job = job.current(jobs.running)
            job.state = .cancelled
            job.ended = Instant(microseconds: clock.now())
            try commit([try GraphJobField.put(job)], durability)
            jobs.cancel(name)
            // Behind the end, so that a result that is told is whole.
            try dropResult(of: name)
            return GraphJobs(jobs: [job], sequence: newest.state.sequence)
        }
    }

    private func forget(
        _ name: String,
        _ durability: Durability
    ) throws(MnemeError) -> GraphJobs {
        try checkWritable()
        return try jobs.changing.withLock { _ throws(MnemeError) in
            var job = try snapshot().knownGraphJob(name)
            guard job.hasEnded else {
                throw MnemeError(
                    .badJob,
                    "the job \(quoted(name)) has not ended; cancel it before it is forgotten"
                )
            }
            let told = job
            if job.state == .done, job.run.field == nil {
                // As long as its parts go there is no result.
                job.state = .cancelled
                try commit([try GraphJobField.put(job)], .none)
            }
            try dropResult(of: name)
            try commitJobs(durability) { catalog, _ in
                catalog.jobs.map { [.delete($0, .text(name), erases: false)] } ?? []
            }
            return GraphJobs(jobs: [told], sequence: newest.state.sequence)
        }
    }

    // MARK: For whoever holds `changing`

    /// Takes the parts of a result away.
    func dropResult(of name: String) throws(MnemeError) {
        while true {
            let keys = try snapshot().reading { (state) throws(StoreError) in
                try state.graphParts(name, atMost: 256)
            }
            if keys.isEmpty { return }
            try commitJobs(.none) { catalog, _ in
                guard let parts = catalog.results else { return [] }
                return keys.map { .delete(parts, $0, erases: false) }
            }
        }
    }

    /// Puts rows of the store's own.
    func commit(_ puts: [Put], _ durability: Durability) throws(MnemeError) {
        try commitJobs(durability) { (_, preparation) throws(MnemeError) in
            var changes: [PreparedChange] = []
            for put in puts { changes.append(try preparation.prepare(.put(put))) }
            return changes
        }
    }

    private func commitJobs(
        _ durability: Durability,
        _ make: @escaping OwnChanges
    ) throws(MnemeError) {
        let work = try ownWork(
            defining: [GraphJobField.jobs, GraphJobField.results],
            durability,
            make
        )
        // The request is kept by what it speaks of, and not by these.
        let outcome = AuditCall.$current.withValue(nil) {
            Result { () throws(MnemeError) in try submit(work) }
        }
        _ = try outcome.get()
    }
}

extension Snapshot {
    /// The job of a name; nil where there is none.
    fileprivate func graphJob(_ name: String) throws(MnemeError) -> GraphJob? {
        try reading { (state) throws(StoreError) in try state.graphJob(named: name) }
    }

    fileprivate func knownGraphJob(_ name: String) throws(MnemeError) -> GraphJob {
        if let job = try graphJob(name) { return job }
        throw MnemeError(
            .notFound,
            "there is no job \(quoted(name)); run it, or ask \"graph.job\" without a name which "
                + "there are"
        )
    }
}

extension StateReader {
    /// Rows of a result, without records that are not there any more, or not the owner's.
    fileprivate func result(
        of job: GraphJob,
        from offset: Int,
        atMost limit: Int
    ) throws(StoreError) -> GraphJobs {
        var told = GraphJobs(jobs: [job], sequence: sequence)
        // Whose a record is may have changed since.
        let scope = try scope(job.run.owner)
        var place = min(offset, job.written)
        var wanted = WantedCheck()
        while place < job.written {
            let (part, skipped) = place.quotientAndRemainder(dividingBy: GraphJobField.rowsPerPart)
            guard let rows = try graphRows(job.run.name, part: part), rows.count > skipped else {
                throw .inconsistent("the result of \(job.run.name) ends at \(place)")
            }
            for row in rows[skipped...] {
                if told.rows.count == limit {
                    told.next = place
                    return told
                }
                place += 1
                try wanted.passed(place - offset, self)
                guard let entry = try visibleEntry(row.ordinal), scope.contains(entry.owner),
                    entry.flags & OrdinalFlags.edge == 0, try sees(node: entry, Sight())
                else { continue }
                told.rows.append(
                    GraphJobs.Row(place, try reference(row.ordinal), job.run.value(row.value))
                )
            }
        }
        return told
    }
}

extension GraphRun {
    /// Whether what it finds out is no whole number.
    var isOfFloats: Bool { measure == .pageRank || measure == .degree && weight != nil }

    /// What it found out, as a value.
    func value(_ number: Double) -> Value {
        isOfFloats ? .float(number) : .int(Int64(exactly: number) ?? .max)
    }
}
