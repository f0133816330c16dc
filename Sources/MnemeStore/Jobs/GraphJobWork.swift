// Jobs over a whole graph are done behind the commits, one after another, by a thread of their own
// at the lowest priority. A job reads the graph of one state and lets go of it, works on what it
// has read, and writes what it found out by ordinary commits, a little at a time. What was asked
// for stands in a record; a job that the end of an opening interrupts is begun anew by the next.

internal import MnemeBase
internal import MnemeGraph
package import MnemeModel
internal import MnemePages
internal import Synchronization

extension Store {
    /// The upkeep's part: the work itself, or a look after the thread that does it.
    func workOnGraphJobs() throws(StoreError) {
        guard options.worksInBackground else {
            guard newest.state.catalog.jobs != nil, jobs.mayWait else { return }
            while try doGraphJob() {}
            return
        }
        noteGraphJobs()
    }

    /// Has a thread do the jobs that wait.
    func noteGraphJobs() {
        guard options.worksInBackground, !isReadOnly, newest.state.catalog.jobs != nil,
            jobs.mayWait
        else { return }
        let starts = upkeepState.withLock { state in
            !state.isStopping && jobs.startsThread(at: clock.elapsed())
        }
        guard starts else { return }
        BackgroundThread.start { [weak self] in
            while let self, self.goesOnWithGraphJobs() {}
        }
    }

    private func goesOnWithGraphJobs() -> Bool {
        do throws(StoreError) {
            let isLeft = try doGraphJob()
            return jobs.goesOn(isLeft, failed: nil, isStopping: isStoppingJobs)
        } catch {
            // It waits on, and is tried again.
            return jobs.goesOn(false, failed: clock.elapsed(), isStopping: isStoppingJobs)
        }
    }

    /// Waits until the thread of the jobs has ended, which begins none any more.
    func waitForGraphJobs() {
        while jobs.hasThread { _ = jobs.gate.wait(atMost: 100_000) }
    }

    /// Does every job that waits.
    ///
    /// - Throws: what reading and committing throw; the job waits on then.
    package func settleGraphJobs() throws(MnemeError) {
        try checkWritable()
        do throws(StoreError) {
            while try doGraphJob() {}
        } catch {
            throw MnemeError(error)
        }
    }

    private var isStoppingJobs: Bool {
        opening.isOver || upkeepState.withLock { $0.isStopping }
    }

    /// Whether somebody wants the job that is under way.
    private func isGraphJobWanted() -> Bool { !jobs.isCancelled && !isStoppingJobs }

    /// Does the job that has waited longest.
    ///
    /// - Returns: whether there may be another one.
    /// - Throws: what stands in the way of saying what became of it.
    private func doGraphJob() throws(StoreError) -> Bool {
        try jobs.working.withLock { _ throws(StoreError) in
            if isStoppingJobs { return false }
            // Who asks for one from here on says so again.
            jobs.looks()
            guard let job = try beginGraphJob() else { return false }
            defer { jobs.end() }
            do throws(StoreError) {
                try carryOut(job)
            } catch {
                if isStoppingJobs { return false }
                // Its record says so already.
                if !jobs.isCancelled { try fail(job, MnemeError(error)) }
            }
            Heap.giveBack()
            jobs.noteWaiting()
            return true
        }
    }

    /// The job that has waited longest, which is under way from here on: nobody ends it between the
    /// look and that.
    private func beginGraphJob() throws(StoreError) -> GraphJob? {
        try jobs.changing.withLock { _ throws(StoreError) in
            guard let job = try reader().graphJobs().first(where: { !$0.hasEnded }) else {
                return nil
            }
            jobs.begin(job)
            return job
        }
    }

    private func fail(_ job: GraphJob, _ error: MnemeError) throws(StoreError) {
        var job = job.current(jobs.running)
        job.failure = job.run.failure(of: error, newest.state.catalog)
        do throws(StoreError) { try end(job, .failed) } catch {
            // Somebody may have ended it meanwhile.
            if !jobs.isCancelled { throw error }
        }
    }

    private func carryOut(_ asked: GraphJob) throws(StoreError) {
        var job = asked
        let run = job.run
        job.state = .reading
        jobs.tell(job)
        try onJobs { () throws(MnemeError) in try dropResult(of: run.name) }
        let graph = try readGraph(&job)
        job.state = .computing
        jobs.tell(job)
        let measure = run.measure(of: graph) { part in
            jobs.tell(part)
            return isGraphJobWanted()
        }
        guard let measure else { throw .refused(Wanted.cancelled) }
        job.groups = measure.groupCount
        job.rounds = measure.rounds
        job.isSettled = measure.rounds.map { _ in measure.isSettled }
        job.modularity = measure.modularity
        job.state = .writing
        job.progress = 0
        jobs.tell(job)
        if run.field == nil {
            try keep(measure.values, graph, &job)
        } else {
            try write(measure.values, graph, &job)
        }
        try end(job, .done)
    }

    /// Reads the graph of the newest state, which is let go of.
    private func readGraph(_ job: inout GraphJob) throws(StoreError) -> MeasuredGraph {
        let snapshot = snapshot()
        let run = job.run
        do throws(MnemeError) {
            try snapshot.catalog.check(run)
            let read = try snapshot.reading { (state) throws(StoreError) in
                try state.measuredGraph(run) { isGraphJobWanted() }
            }
            guard let (graph, edgeCount) = read else { throw Wanted.cancelled }
            job.sequence = snapshot.sequence
            job.nodes = graph.nodeCount
            job.edges = edgeCount
            return graph
        } catch {
            throw .refused(error)
        }
    }

    private func end(_ job: GraphJob, _ state: GraphJob.State) throws(StoreError) {
        var job = job
        job.state = state
        if state == .done { job.progress = 1 }
        job.ended = Instant(microseconds: clock.now())
        let ended = job
        try onJobs { () throws(MnemeError) in
            try commit([try GraphJobField.put(ended)], .synced)
        }
    }

    /// Changes something for the job that is under way, unless it was ended.
    func onJobs<Outcome>(
        _ body: () throws(MnemeError) -> Outcome
    ) throws(StoreError) -> Outcome {
        do throws(MnemeError) {
            return try jobs.changing.withLock { _ throws(MnemeError) in
                guard isGraphJobWanted() else { throw Wanted.cancelled }
                return try body()
            }
        } catch {
            throw .refused(error)
        }
    }
}

extension GraphRun {
    /// What it finds out about a graph; nil when it was ended.
    fileprivate func measure(of graph: MeasuredGraph, _ goesOn: MeasureWatch) -> GraphMeasure? {
        switch measure {
        case .degree: graph.degrees()
        case .components: graph.components(goesOn)
        case .pageRank: graph.pageRank(damping: damping, mostRounds: rounds, goesOn)
        case .communities:
            graph.communities(
                seed: UInt64(bitPattern: Int64(seed)),
                mostRounds: rounds,
                goesOn
            )
        }
    }
}
