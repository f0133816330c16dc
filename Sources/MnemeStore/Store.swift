// A store: one directory, one log, one page file, one writer. This file is the frame; what it does
// is in the rooms around it: the writer decides and commits, snapshots read, upkeep works behind.

internal import Glibc
package import MnemeBase
package import MnemeLog
package import MnemeModel
package import MnemePages
internal import MnemeText
internal import Synchronization

/// How a store is opened.
package struct StoreOptions: Sendable {
    /// The files.
    package var disk: any Disk
    /// The time.
    package var clock: any Clock
    /// Chance.
    package var randomness: any Randomness
    /// Whether threads of its own do upkeep; without them `upkeep` is the caller's to call.
    package var worksInBackground = true
    /// What an encrypted store's own key is kept under; a store that is made with one is encrypted.
    package var masterKey: MasterKey?
    /// Where keys, salts and nonces are drawn from; tests alone have another than the system's.
    package var secrets: any Randomness = RealRandomness()
    /// Told of everything that is enciphered; for tests.
    package var watchesSealing: (@Sendable (Sealing) -> Void)?
    /// Sizes of the log.
    package var logLimits = LogLimits()
    /// Bugs on purpose in the page file; none but in the crash harness's tests of itself.
    package var pageFaults = PageFaults()
    /// A bug on purpose, for the same tests: segments are removed that the older of the two root
    /// blocks still leads into.
    package var retiresEarly = false
    /// More bugs on purpose, for the same tests.
    package var faults = StoreFaults()
    /// A checkpoint is due when the log since the last one would take about so long to replay.
    package var replayBudget: Microseconds = 30_000
    /// Or when so many vectors were put since.
    ///
    /// A vector of 256 takes 1.5 µs, one of 1,024 four times as long.
    package var checkpointVectors = 10_000
    /// The most bytes of pages in memory, beside those that snapshots hold: a quarter of the
    /// machine's memory, at most 1 GiB, unless it is set.
    ///
    /// Commits wait where pages that no checkpoint has written would take more.
    package var pageCacheBytes = StoreOptions.usualPageCacheBytes
    /// The most bytes of unpacked records in memory, so that what is read again is not unpacked
    /// again: a sixteenth of the machine's memory, at most 256 MiB, unless it is set.
    ///
    /// What stands in it is right, whatever befalls the disk behind it: such damage is found by
    /// scrubs and `verify`, which do not look here. What is erased goes from it too.
    package var recordCacheBytes = StoreOptions.machineBytes.map { min($0 / 16, 256 << 20) } ?? 0
    /// How long snapshots may look at a state that newer commits have replaced; nil for as long as
    /// they are held.
    ///
    /// What only such a snapshot needs cannot be used again: of the memory, the page file and the
    /// log.
    package var snapshotAge: Microseconds? = 60_000_000
    /// Whether a page file that is damaged is derived again from the log when the store is opened;
    /// without it such a store is refused, and `rebuild` does that.
    package var derivesDamagedPages = false
    /// How fast the files are read again behind everything else, to find damage early; 0 for never.
    ///
    /// At 1 MiB/s 100 GB take a day.
    package var scrubBytesPerSecond = 1 << 20
    /// When the first pass of it begins, after opening.
    package var scrubDelay: Microseconds = 60_000_000
    /// A pass begins so long after the one before began, or when that has ended.
    package var scrubInterval: Microseconds = 24 * 3600 * 1_000_000
    /// Told, in a line for people, of damage when it is found, when a full disk has commits refused
    /// and when that is over, when nothing is written any more, and when what was deleted is still
    /// in the files after `erasureDeadline` as compaction fails; on any thread, and must not wait.
    package var report: (@Sendable (String) -> Void)?
    /// The share of a segment's bytes from which on it is written again without what it does not
    /// need.
    ///
    /// Deletes are needed as long as anything is left that they end; where those that
    /// were kept take half of this share of the log, they go too.
    package var compactionShare = 0.5
    /// Bytes of deletes that are kept in peace, however small the log is.
    package var keptDeleteBytes = 64 << 10
    /// What was deleted or replaced is gone from the files so long afterwards at the latest, but
    /// for the time that its compaction takes.
    package var erasureDeadline: Microseconds = 7 * 24 * 3600 * 1_000_000
    /// How many bytes a second of segments are written again at most.
    ///
    /// That is when half of the log is not needed; the less it is, the slower. Where what is not
    /// needed grows faster, commits come to be slower (SpaceDebt.swift).
    package var compactionBytesPerSecond = 64 << 20
    /// How long a transaction may be idle before it is ended.
    package var transactionIdle: Microseconds = 60_000_000
    /// The most transactions at once.
    package var transactionLimit = 1000
    /// Bugs on purpose in what transactions are held against; none but in tests of the tests.
    package var transactionFaults = TransactionFaults()
    /// The most bytes of what others committed that are kept for transactions to be held against;
    /// beyond it, those that began longest ago end in a conflict.
    package var transactionHistoryBytes = 32 << 20
    /// How long what was done under an idempotency key is known.
    package var idempotencyAge: Microseconds = 24 * 3600 * 1_000_000
    /// The most bytes of the answer to a batch; one whose answer would have more is refused.
    ///
    /// It is below what a server sends and a client takes, so that no commit is made of which
    /// nobody hears.
    package var answerBytes = StoreOptions.usualAnswerBytes
    /// A commit that has more bytes than these to tell to who watches is told in parts.
    ///
    /// With one more event, and what else an answer may have, that is less than `answerBytes`.
    package var watchPartBytes = 24 << 20
    /// The writer itself merges runs of the text index up to so many documents; larger ones are
    /// left to upkeep.
    package var writerMergeLimit = 1024
    /// How long it takes at most until it is looked again for what is not kept any longer.
    package var retentionInterval: Microseconds = 3600 * 1_000_000
    /// A new index over more records than these is built behind the commits.
    package var recordsAtOnce = 4096
    /// So many ordinals are looked at for one part of such an index.
    package var ordinalsPerPart = 16_384
    /// A field that comes to be searched later is indexed together with runs of about so many
    /// documents at a time.
    package var documentsPerPass = 65_536

    /// Real files, time and chance.
    package init() {
        disk = RealDisk()
        clock = RealClock()
        randomness = RealRandomness()
    }

    /// A little less than servers send.
    static let usualAnswerBytes = 63 << 20

    private static let usualPageCacheBytes = machineBytes.map { min($0 / 4, 1 << 30) } ?? 1 << 30

    /// The machine's memory, nil where it is not known.
    private static let machineBytes: Int? = {
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return memory > 0 ? memory : nil
    }()
}

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
    /// Held by whoever writes a checkpoint: one at a time, of states in order.
    let checkpointing = Mutex(())
    /// Held by whoever makes a backup: one at a time, and closing waits for it.
    let backingUp = Mutex(())
    private let lock: (any DiskLock)?
    /// Its keys, where it is encrypted.
    package var vault: Vault? { log.vault }
    /// The file that makes it a store.
    let identityFile: IdentityFile
    let opening = Opening()
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
            report?("Damage was found. \(Self.line(damage))")
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

    /// Applies changes, all or none, and waits as long as `durability` says.
    ///
    /// `edgeTypes`: those that are not defined yet are defined in the same batch; refused changes
    /// leave none of them behind. `signature`: who makes the changes. `asWritten`: the fields are
    /// those of records that were in a store before, so that nothing is filled in, worked out or
    /// held against checks.
    /// - Throws: `MnemeError`; nothing was changed unless the code is `outcomeUnknown`.
    package func commit(
        _ changes: [Change],
        _ durability: Durability = .synced,
        defining edgeTypes: [String] = [],
        asWritten: Bool = false,
        signature: Signature = Signature(),
        once: OnceKey? = nil
    )
        throws(MnemeError) -> Committed
    {
        var work: WriterWork
        do throws(MnemeError) {
            work = try self.work(
                changes,
                durability,
                defining: Set(edgeTypes),
                asWritten: asWritten,
                once: once
            )
        } catch {
            // What it speaks of may have been dropped since it was done.
            guard let once, let known = try repeated(once, durability) else { throw error }
            return known
        }
        work.signatures = try SignedSteps(signature)
        spaceBrake.wait(work.byteCount)
        brake.wait(changes: changes.count)
        return try submit(work)
    }

    /// Applies changes as they are: what they name may come later, or not at all.
    ///
    /// - Throws: as `commit`, but for `missingReference`.
    func commitUnchecked(_ changes: [Change]) throws(MnemeError) {
        var work = try work(changes, .none, asWritten: true)
        work.checksReferences = false
        spaceBrake.wait(work.byteCount)
        brake.wait(changes: changes.count)
        _ = try submit(work)
    }

    /// Applies changes as `commit` does, without waiting: after `leadCommits` or `pushCommits`.
    ///
    /// What can be found wrong without the writer is thrown; everything else is told to
    /// `completion`, on the thread that writes, which must not wait for anything there.
    package func gather(
        _ changes: [Change],
        _ durability: Durability,
        signature: Signature = Signature(),
        once: OnceKey? = nil,
        completion: @escaping @Sendable (Result<Committed, MnemeError>) -> Void
    ) throws(MnemeError) {
        try checkWritable()
        var signed: WriterWork
        do throws(MnemeError) {
            signed = try self.work(changes, durability, once: once)
        } catch {
            guard let once, let known = try repeated(once) else { throw error }
            guard owesSync(known, durability) else { return completion(.success(known)) }
            return queue.gather(.batch(syncing)) { [weak self] outcome in
                self?.noteWork()
                completion(outcome.map { _ in known })
            }
        }
        signed.signatures = try SignedSteps(signature)
        let work = audited(signed)
        let gather = { @Sendable [weak self, queue] in
            queue.gather(.batch(work)) { [weak self] outcome in
                self?.noteWork()
                completion(outcome)
            }
        }
        spaceBrake.pass(work.byteCount) { [brake, pages, queue] isParked in
            if !isParked, pages.strain < 1, !brake.isParking { return gather() }
            brake.pass {
                gather()
                queue.wakeLogThread()
            }
        }
    }

    /// Writes what was gathered on the calling thread, unless somebody else does.
    package func leadCommits() { queue.lead() }

    /// Has the log thread write what was gathered.
    package func pushCommits() { queue.wakeLogThread() }

    /// Changes made ready for the writer.
    private func work(
        _ changes: [Change],
        _ durability: Durability,
        defining edgeTypes: Set<String> = [],
        asWritten: Bool = false,
        once: OnceKey? = nil
    ) throws(MnemeError)
        -> WriterWork
    {
        let helper = changes.count < SharedPreparation.least ? nil : helper
        let prepare = { @Sendable [options, log, clock] (known: Catalog) throws(MnemeError) in
            var catalog = known
            var prepared: [PreparedChange] = []
            prepared.reserveCapacity(changes.count + 2)
            if !edgeTypes.isEmpty || once != nil,
                let schema = known.lacking(edgeTypes, once: once != nil)
            {
                catalog = try known.adding(schema)
                prepared.append(.define(schema))
            }
            let preparation = ChangePreparation(
                catalog: catalog,
                clock: clock,
                randomness: options.randomness,
                frameLimit: log.frameLimit,
                asWritten: asWritten
            )
            if let helper {
                prepared += try SharedPreparation(changes, preparation).run(with: helper)
            } else {
                for change in changes { prepared.append(try preparation.prepare(change)) }
            }
            if let once, let collection = catalog.once {
                let age = options.idempotencyAge
                prepared.append(.keep(PreparedOnce(key: once, collection: collection, age: age)))
            }
            return prepared
        }
        let catalog = newest.state.catalog
        return WriterWork(
            changes: try prepare(catalog),
            catalogVersion: catalog.version,
            durability: durability,
            prepareAgain: prepare,
            once: once
        )
    }

    /// Adds collections, edge types, fields and indexes.
    ///
    /// `waits`: until indexes that are built behind the commits are ready. `allowsHidden`: also the
    /// store's own collections, whose names have a `$`.
    ///
    /// - Throws: `.badSchema`, `.schemaConflict`; `.duplicate` and `.tooLarge` where records that
    ///   are there refuse an index, which is not defined then.
    package func define(
        _ schema: Schema,
        _ durability: Durability = .synced,
        waits: Bool = true,
        allowsHidden: Bool = false
    ) throws(MnemeError) {
        if !allowsHidden, let name = schema.collections.first(where: \.isHidden)?.name {
            throw MnemeError(
                .badSchema,
                "the collection \(quoted(name)) cannot be defined: names that have a $ are the "
                    + "store's own; give it another name"
            )
        }
        try schema.checkZones()
        let first = newest.state.catalog.nextNumber
        try define(.schema(schema), durability)
        if waits { try finishIndexes(of: schema, newFrom: first) }
    }

    /// Takes out what is defined.
    ///
    /// - Throws: `.unknownCollection`, `.notFound`, `.schemaConflict`.
    package func drop(_ drop: Drop, _ durability: Durability = .synced) throws(MnemeError) {
        try define(.drop(drop), durability)
    }

    /// Adds a definition to the catalog, and waits for nothing that is done behind.
    func define(_ definition: Definition, _ durability: Durability) throws(MnemeError) {
        // A history, and counting, begin without what is on its way out.
        if case .schema(let schema) = definition, !newest.state.roots.withdrawn.isEmpty,
            !isReadOnly,
            schema.collections.contains(where: { $0.history != nil || $0.isCounted })
        {
            do throws(StoreError) { try sweep() } catch { throw MnemeError(error) }
        }
        let change: PreparedChange =
            switch definition {
            case .schema(let schema): .define(schema)
            case .drop(let drop): .drop(drop)
            }
        _ = try submit(
            WriterWork(
                changes: [change],
                catalogVersion: newest.state.catalog.version,
                durability: durability,
                prepareAgain: { _ in [change] }
            )
        )
    }

    /// The places of 1,024 bytes in the page file that something stands at, ascending.
    ///
    /// - Complexity: O(places of the file).
    package var pagePlacesInUse: [UInt64] { pages.placesInUse }

    /// The number that tells it from every other store.
    package var identity: UniqueID {
        UniqueID(high: pages.identity.high, low: pages.identity.low)
    }

    func submit(_ work: WriterWork) throws(MnemeError) -> Committed {
        try checkWritable()
        let outcome = queue.submit(.batch(audited(work)))
        noteWork()
        return try outcome.get()
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

/// The time between opening and closing.
///
/// Afterwards the files may be another opening's, which writes over what a kept snapshot still
/// looks at.
final class Opening: Sendable {
    private let hasEnded = Atomic(false)

    /// Ends it; false when it had ended before.
    func end() -> Bool { !hasEnded.exchange(true, ordering: .acquiringAndReleasing) }

    /// Whether it has ended.
    var isOver: Bool { hasEnded.load(ordering: .acquiring) }

    /// - Throws: `.closed` once it has ended.
    func check() throws(MnemeError) {
        if hasEnded.load(ordering: .acquiring) {
            throw MnemeError(.closed, "the store is closed; open it again")
        }
    }
}

/// A clock whose time of day does not step back, whatever becomes of the system's: what has expired
/// once does not come back.
final class SteadyClock: Clock {
    private let clock: any Clock
    private let latest = Atomic<Microseconds>(.min)

    init(_ clock: any Clock) { self.clock = clock }

    func now() -> Microseconds {
        latest.max(clock.now(), ordering: .acquiringAndReleasing).newValue
    }

    func elapsed() -> Microseconds { clock.elapsed() }
}
