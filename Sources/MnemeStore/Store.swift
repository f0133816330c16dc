// A store: one directory, one log, one page file, one writer. This file is the frame; what it does
// is in the rooms around it: the writer decides and commits, snapshots read, upkeep works behind.

package import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import Synchronization

/// An open store.
package final class Store: Sendable {
    package let directory: String
    /// What opening has to say of the files, for people; nothing as a rule.
    package let notes: [String]
    /// What was damaged of the page file when the store was opened, for people; nil as a rule.
    package let damageAtOpening: String?
    /// Whether nothing is written, and every change refused.
    package let isReadOnly: Bool
    let options: StoreOptions
    /// The time, for readers and the writer alike.
    let clock: SteadyClock
    let log: Log
    let pages: PageFile
    let writer: Writer
    let queue: CommitQueue<Writer>
    let brake: WriteBrake
    let spaceBrake: SpaceBrake
    /// What the log holds beyond what is needed.
    let space = SpaceGauge()
    let helpers = Mutex<WorkerPool?>(nil)
    /// Records that were read lately.
    let records: RecordCache
    let newest: Published
    /// Those that are open, and what was committed since the oldest of them began.
    let transactions: Transactions
    /// Who waits for commits, and where in the log those have come who watch them.
    let bell = WatchBell()
    let watchPlaces = WatchPlaces()
    /// From the last commit to the last frame at opening: what stands between commits nothing.
    let closes: ClosedRange<UInt64>
    let upkeepState: Mutex<UpkeepState>
    let upkeepGate = Gate()
    let stoppedGate = Gate()
    /// Wakes the thread of the checkpoints; opened when that has ended.
    let checkpointGate = Gate()
    let checkpointsStoppedGate = Gate()
    /// Wakes the thread that compacts where the debt of space presses; opened when that has ended.
    let compactionGate = Gate()
    let compactionStoppedGate = Gate()
    let scrubbing: Mutex<ScrubState>
    let compacting = Mutex(CompactionState())
    /// Held by whoever goes on with indexes that are built behind.
    let indexing = Mutex(IndexWork())
    let indexGate = Gate()
    /// Of so many collections that were dropped no row of a past edge speaks any more.
    let forgottenDrops = Atomic(0)
    /// Held by whoever works on graphs of vectors.
    let graphs = Mutex(GraphWork())
    let graphGate = Gate()
    /// Jobs over a whole graph.
    let jobs = GraphJobDesk()
    /// Held by whoever writes a checkpoint: one at a time, of states in order.
    let checkpointing = Mutex(())
    /// Held by whoever makes a backup: one at a time, and closing waits for it.
    let backingUp = Mutex(())
    private let lock: (any DiskLock)?
    /// Its keys, where it is encrypted.
    package var vault: Vault? { log.vault }
    /// The file that makes it a store.
    let identityFile: IdentityFile
    let opening: Opening
    /// What is kept of who asks for what.
    package let audit: AuditLog
    /// Held by whoever sets that.
    let settingAudit = Mutex(())
    /// Held by whoever commits rows that waited: who wants them there waits for those on their way.
    let committingAudit = Mutex(())

    init(
        directory: String,
        options: StoreOptions,
        identityFile: IdentityFile?,
        access: LogAccess = .write,
        log: Log,
        pages: PageFile,
        state: StoreState,
        checkpoint: LogPosition,
        stateExtent: PageExtent?,
        lock: (any DiskLock)?,
        notes: [String] = [],
        damage: String? = nil
    ) {
        isReadOnly = access == .read
        opening = Opening(recalls: RecallBook(graphLeast: options.graphLeast))
        self.notes = notes
        damageAtOpening = damage
        self.directory = directory
        self.options = options
        self.identityFile = identityFile ?? IdentityFile(pages.identity)
        self.log = log
        closes = state.sequence...max(state.sequence, log.durableSequence)
        self.pages = pages
        self.lock = lock
        let clock = SteadyClock(options.clock)
        self.clock = clock
        audit = AuditLog(clock, options.randomness)
        let ages = SnapshotAges(clock, limit: options.snapshotAge)
        let published = Published(state, ages: ages)
        newest = published
        let transactions = Transactions(options, clock, published)
        self.transactions = transactions
        let writer = Writer(
            log: log,
            pages: pages,
            clock: clock,
            mergeLimit: options.writerMergeLimit,
            recordsAtOnce: options.recordsAtOnce,
            state: state,
            transactions: transactions,
            edgeChanges: opening.desks.changes,
            preparation: { [options, log, clock] catalog in
                ChangePreparation(
                    catalog: catalog,
                    clock: clock,
                    randomness: options.randomness,
                    frameLimit: log.frameLimit,
                    answerLimit: options.answerBytes
                )
            },
            report: options.report,
            publish: { [bell, log] state in
                published.set(state)
                bell.ring(min(log.durableSequence, state.sequence))
            }
        )
        log.onDurable { [bell] durable in bell.ring(min(durable, published.state.sequence)) }
        self.writer = writer
        records = RecordCache(byteCount: options.recordCacheBytes)
        queue = CommitQueue(writer)
        upkeepState = Mutex(
            UpkeepState(checkpoint: checkpoint, stateExtent: stateExtent)
        )
        let worksInBackground = options.worksInBackground
        // What is to be let go begins to go a quarter before there is as much as there may be.
        let most = options.pageCacheBytes
        pages.bound(bytes: most / 4 * 3, most: most) { [upkeepGate] in
            if worksInBackground { upkeepGate.open() }
        }
        brake = WriteBrake(isOn: worksInBackground && access == .write) { [pages] in
            pages.strain
        } call: { [checkpointGate] in
            checkpointGate.open()
        }
        spaceBrake = SpaceBrake(isOn: worksInBackground && access == .write, clock) { [space] in
            space.strain
        }
        scrubbing = Mutex(ScrubState(due: clock.elapsed() + options.scrubDelay))
        // Whoever finds damage waits for nothing here.
        log.onDamage { [upkeepGate, report = options.report] damage in
            upkeepGate.open()
            report?(StoreNotice(.damage, "Damage was found. \(Self.line(damage))"))
        }
        if !isReadOnly { loadAudit() }
        if isReadOnly {
            writer.refuse(Self.readOnly)
        } else if options.worksInBackground {
            startUpkeep()
            noteIndexWork()
        }
    }

    deinit { queue.end() }

    /// The places of 1,024 bytes in the page file that something stands at, ascending.
    ///
    /// - Complexity: O(places of the file).
    package var pagePlacesInUse: [UInt64] { pages.placesInUse }

    /// The number that tells it from every other store.
    package var identity: UniqueID {
        UniqueID(high: pages.identity.high, low: pages.identity.low)
    }

    /// One consistent state at one instant.
    package func snapshot() -> Snapshot {
        Snapshot(
            held: newest.held,
            log: log,
            cache: records,
            opening: opening,
            brake: brake,
            clock: clock,
            instant: clock.now()
        )
    }

    /// What a transaction sees: a branch of an older state, at the instant when it began.
    func snapshot(_ held: HeldState, at instant: Microseconds, of branch: Branch) -> Snapshot {
        Snapshot(
            held: held,
            log: log,
            cache: records,
            opening: opening,
            brake: brake,
            clock: clock,
            instant: instant,
            branch: branch
        )
    }

    /// The newest state now, for work of the store's own, which keeps it as long as it wants.
    func reader() -> StateReader { reader(of: newest.state) }

    /// Makes sure that it was not closed.
    ///
    /// - Throws: `.closed`.
    package func checkOpen() throws(MnemeError) { try opening.check() }

    /// Makes sure that it is open and may be written.
    ///
    /// - Throws: `.closed`, `.readOnly`.
    func checkWritable() throws(MnemeError) {
        try opening.check()
        if isReadOnly { throw Self.readOnly }
    }

    private static let readOnly = MnemeError(
        .readOnly,
        "the store is open for reading only, as was asked for or as its directory cannot be "
            + "written; open it to write where it can be"
    )

    /// Waits for what is under way, writes a checkpoint, records the end of the log.
    ///
    /// The store refuses everything afterwards.
    ///
    /// - Throws: what a last commit or checkpoint would; the store is closed all the same.
    package func close() throws(MnemeError) {
        if audit.isOn || audit.hasWaiting, !opening.isOver { try? commitAudit() }
        if !opening.isOver { try? flushTouches() }
        retainAtClose()
        guard opening.end() else { return }
        defer { lock?.release() }
        bell.ring(.max)
        // What waits here goes there.
        spaceBrake.end()
        brake.end()
        if isReadOnly {
            queue.end()
            do throws(PageError) { return try pages.close() } catch { throw MnemeError(error) }
        }
        stopUpkeep()
        compacting.withLock { $0.abandon() }
        indexing.withLock { _ in }
        graphs.withLock { _ in }
        jobs.working.withLock { _ in }
        // A backup that is being made notices, and ends.
        backingUp.withLock { _ in }
        let failure = Mutex<MnemeError?>(nil)
        asWriter { [log, writer] in
            do throws(LogError) {
                try log.close()
            } catch {
                failure.withLock { $0 = MnemeError(error) }
            }
            writer.refuse(MnemeError(.closed, "the store is closed; open it again"))
        }
        queue.end()
        if let failure = failure.withLock({ $0 }) { throw failure }
        do throws(StoreError) {
            try checkpoint()
            try keepClean()
        } catch {
            throw MnemeError(error)
        }
        do throws(PageError) { try pages.close() } catch { throw MnemeError(error) }
    }

    /// Runs `body` in the writer's place: no batch is decided meanwhile.
    func asWriter(_ body: @escaping @Sendable () -> Void) {
        _ = queue.submit(.task(body))
    }
}
