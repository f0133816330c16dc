// One store under the harness: carries out operations, tells the oracle before and after, and holds
// every answer against what the oracle expects.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// A store under the harness.
///
/// SAFETY: used by one thread; the disk's listener runs inside the store's calls on that thread.
package final class Driver: @unchecked Sendable {
    static let directory = "deep/world/store"

    let disk: any Disk
    /// The disk below, where faults are put; nil where there are none.
    let world: SimulatedDisk?
    let clock: SimulatedClock
    let shape: StoreShape
    private(set) var store: Store?
    /// Numbers of requests, none of them twice.
    let requests: SeededRandomness
    package internal(set) var oracle: Oracle
    /// What is being done, for messages.
    private(set) var doing = "begin"
    /// What the store may answer because of the disk.
    var tolerated: Set<MnemeError.Code> = []
    /// The disk's plan without the faults of the workload.
    private let plan: FaultPlan
    /// Snapshots that were kept, with what they should show.
    private(set) var kept: [KeptSnapshot] = []
    /// How many segments compaction has removed.
    private(set) var retired = 0
    private var missingAtFirst = 0
    /// What comes between two steps of a checkpoint, and after how many of them.
    private var interruption: (after: Int, changes: [Change], durability: Durability)?
    private var interruptionFailure: HarnessFailure?
    /// Whether readers of the disk meet damage: every answer is right or names it.
    var isDamaged = false
    /// Whether the damage is in the mapped log of the open store.
    var rowsMayBeDamaged = false
    /// A fault ended the writing; the store is to be opened again.
    private(set) var isBroken = false
    /// Whether the process ended because nobody could see whether an operation was carried out.
    var isUnsure = false
    private var seed: UInt64
    /// Gives the same numbers as the store's own randomness.
    private(set) var twin = SeededRandomness(seed: 0)

    init(
        disk: any Disk,
        world: SimulatedDisk? = nil,
        shape: StoreShape,
        seed: UInt64,
        oracle: Oracle = Oracle(),
        now: Microseconds = 1_700_000_000_000_000
    ) {
        self.disk = disk
        self.world = world
        plan = world?.plan ?? FaultPlan()
        self.shape = shape
        self.seed = seed
        requests = SeededRandomness(seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ 5)
        self.oracle = oracle
        clock = SimulatedClock(start: now)
    }

    /// Options of a store on some disk.
    func options(_ disk: any Disk, seed: UInt64) -> StoreOptions {
        var options = StoreOptions()
        options.disk = disk
        options.clock = clock
        options.randomness = SeededRandomness(seed: seed)
        options.worksInBackground = false
        options.logLimits.smallestSegment = shape.smallestSegment
        options.logLimits.largestSegment = shape.largestSegment
        options.logLimits.faults = shape.faults
        options.pageFaults = shape.pageFaults
        options.replayBudget = shape.replayBudget
        options.writerMergeLimit = shape.writerMergeLimit
        options.compactionShare = shape.compactionShare
        options.keptDeleteBytes = shape.keptDeleteBytes
        options.compactionBytesPerSecond = 1 << 50
        options.erasureDeadline = shape.erasureDeadline
        options.retiresEarly = shape.retiresEarly
        options.recordsAtOnce = shape.recordsAtOnce
        if shape.recordsAtOnce < 100 { options.ordinalsPerPart = 8 }
        // Every sweep looks for what is not kept any longer.
        options.retentionInterval = 0
        options.faults = shape.storeFaults
        if shape.isShortOfMemory { options.pageCacheBytes = 0 }
        if shape.isEncrypted { options.masterKey = StoreShape.masterKey }
        // The store's own chance has a twin, which knows of no salts.
        options.secrets = SeededRandomness(seed: seed &* 0x2545_f491_4f6c_dd1d &+ 3)
        return options
    }

    // MARK: Opening

    /// Opens the store, or makes it where making it was never acknowledged, and finds out which
    /// state it is in.
    func open() throws(HarnessFailure) {
        doing = "open"
        seed &+= 1
        let isThere = disk.holds(Self.directory + "/store")
        let opened: Store
        do throws(MnemeError) {
            opened = try Store.open(
                Self.directory,
                oracle.isCreated ? .open : .openOrCreate,
                options: options(disk, seed: seed)
            )
        } catch {
            // What is refused with the damage's name is not opened, and nothing else is asked.
            if isDamaged, Audit.damageCodes.contains(error.code) { return }
            throw HarnessFailure("the store does not open: \(error)", code: error.code)
        }
        twin = SeededRandomness(seed: seed)
        store = opened
        missingAtFirst = missing
        isBroken = false
        firstUnknown = nil
        // A new store draws its identity.
        if !isThere { _ = (twin.next(), twin.next()) }
        let snapshot = opened.snapshot()
        if isDamaged {
            guard snapshot.sequence >= oracle.newestSequence else {
                throw HarnessFailure(
                    "commits are lost, and nothing said so: the newest is \(snapshot.sequence), "
                        + "and \(oracle.newestSequence) was acknowledged"
                )
            }
            return
        }
        // A batch that comes to nothing, as it links and unlinks, is told by the numbers it took.
        let candidates = try oracle.candidates(at: snapshot.sequence)
        let next = try? snapshot.nextOrdinal
        var state = try Audit(snapshot, now: clock.now()).state(
            among: candidates.filter { $0.nextOrdinal == next }
                + candidates.filter { $0.nextOrdinal != next },
            try LogCensus(disk, Self.directory + "/log", opened.vault)
        ) { (state) throws(HarnessFailure) in try checkOnce(state, opened) }
        let attempted = oracle.inFlight
        state.takeNumbers(of: opened)
        oracle.settle(state, sequence: snapshot.sequence)
        try checkLeftUndone(attempted, opened)
    }

    // MARK: Operations

    /// Carries out an operation.
    ///
    /// - Throws: when the store answers otherwise than the oracle.
    func perform(_ operation: Operation) throws(HarnessFailure) {
        if isDamaged || isUnsure, store == nil { return }
        doing = "\(operation)"
        do throws(HarnessFailure) {
            switch operation {
            case .commit(let changes, let durability): try commit(changes, durability)
            case .define(let schema): try define(schema)
            case .drop(let drop): try self.drop(drop)
            case .once(let key, let changes, let durability):
                try commit(changes, durability, onceAs: key)
            case .deleteWhere(let delete, let durability): try self.delete(delete, durability)
            case .purge(let owner): try purge(owner)
            case .audit(let isOn): try setAudit(isOn)
            case .upkeep(let steps):
                try keepUp(steps)
                if steps.contains(.compact) { retired = max(retired, missing - missingAtFirst) }
            case .checkpoint: try checkpoint()
            case .interrupted(let steps, let changes, let durability):
                interruption = (steps, changes, durability)
                try checkpoint()
                try interrupt()
            case .erase: try eraseEverything()
            case .reopen: try reopen()
            case .pass(let time): clock.advance(by: time)
            case .keepSnapshot: try keepSnapshot()
            case .lookBack: try lookBack()
            case .remember: world?.rememberContents()
            case .fault(let fault): apply(fault)
            case .heal: heal()
            }
        } catch {
            throw error.inside("while: \(doing)")
        }
        doing = "after: \(operation)"
    }

    /// The numbers below the newest segment's that no file has.
    private var missing: Int {
        let names = (try? disk.list(Self.directory + "/log")) ?? []
        let numbers = names.compactMap { Int($0.prefix { $0 != "." }) }
        return (numbers.max() ?? 0) - numbers.count
    }

    private func checkpoint() throws(HarnessFailure) {
        try maintain { (store) throws(MnemeError) in try store.checkpointNow() }
    }

    /// Tells of a step on disk; a commit may come between two of a checkpoint's.
    func stepped(_ path: String) {
        // Elsewhere somebody may hold the writer's place, and would wait for himself.
        guard let waiting = interruption, path.hasSuffix("/pages") else { return }
        interruption?.after -= 1
        guard waiting.after <= 1 else { return }
        do throws(HarnessFailure) { try interrupt() } catch { interruptionFailure = error }
    }

    /// Commits what is to come between, if it has not come yet.
    private func interrupt() throws(HarnessFailure) {
        if let interruptionFailure { throw interruptionFailure }
        guard let due = interruption else { return }
        interruption = nil
        try commit(due.changes, due.durability)
    }

    func openStore() throws(HarnessFailure) -> Store {
        guard let store else { throw HarnessFailure("no store is open") }
        return store
    }

    private func commit(
        _ changes: [Change],
        _ durability: Durability,
        onceAs key: String? = nil
    ) throws(HarnessFailure) {
        let store = try openStore()
        if let key, try isRepeated(key, changes, durability) { return }
        var next = oracle.newest
        let expected: Result<[Committed.Outcome], Refusal>
        let request = nextRequest()
        do throws(Refusal) {
            let outcomes = try next.apply(changes, at: clock.now(), randomness: twin)
            if let key { next.noteDone(key, changes, outcomes) }
            if next.lives.isAudited { next.lives.audited.insert(request) }
            expected = .success(outcomes)
            oracle.inFlight = next
        } catch {
            expected = .failure(error)
        }
        let answer: Result<Committed, MnemeError>
        do throws(MnemeError) {
            let once = try key.map { (key) throws(MnemeError) in try Self.once(key, changes) }
            answer = .success(
                try audited(.commit(changes, durability), request, store) {
                    () throws(MnemeError) in try store.commit(changes, durability, once: once)
                }
            )
        } catch {
            answer = .failure(error)
        }
        switch (answer, expected) {
        case (.failure(let error), _): try judge(error, expected.failure)
        case (.success, .failure(let refusal)):
            throw HarnessFailure("accepted, but should be refused: \(refusal.code)")
        case (.success(let committed), .success(let outcomes)):
            if outcomes != committed.outcomes {
                throw HarnessFailure(
                    "answered \(committed.outcomes.map { $0.json() }), "
                        + "expected \(outcomes.map { $0.json() })"
                )
            }
            if committed.evicted != next.lives.evicted || committed.isRepeated {
                throw HarnessFailure(
                    "\(committed.evicted.map(\.description)) gave way, expected "
                        + "\(next.lives.evicted.map(\.description)); repeated: "
                        + "\(committed.isRepeated)"
                )
            }
            acknowledge(next, isDurable: durability == .synced)
        }
    }

    /// The store has acknowledged what makes a state.
    func acknowledge(_ state: ExpectedState, isDurable: Bool) {
        guard let store else { return }
        var state = state
        state.takeNumbers(of: store)
        oracle.acknowledge(state, sequence: store.snapshot().sequence, isDurable: isDurable)
    }

    /// Holds an error against the refusal that was expected, if any.
    func judge(_ error: MnemeError, _ expected: Refusal?) throws(HarnessFailure) {
        if let expected, error.code == expected.code { return }
        if isDamaged, Audit.damageCodes.contains(error.code) {
            oracle.inFlight = nil
            return
        }
        guard tolerated.contains(error.code) else {
            throw HarnessFailure(
                "refused with \(error), expected "
                    + (expected.map { "\($0.code)" } ?? "an acknowledgement"),
                code: error.code
            )
        }
        if error.code == .outcomeUnknown {
            // Only the first such answer leaves anything open: nothing is written afterwards.
            if isBroken { oracle.inFlight = firstUnknown } else { firstUnknown = oracle.inFlight }
            isBroken = true
        } else {
            oracle.inFlight = isBroken ? firstUnknown : nil
        }
    }

    private var firstUnknown: ExpectedState?

    func maintain(
        isFlush: Bool = true,
        _ body: (Store) throws(MnemeError) -> Void
    ) throws(HarnessFailure) {
        let store = try openStore()
        let reached = oracle.newestSequence
        do throws(MnemeError) {
            try body(store)
        } catch {
            try tolerate(error)
            return
        }
        if isFlush { oracle.isDurable(through: reached) }
    }

    func tolerate(_ error: MnemeError) throws(HarnessFailure) {
        if isDamaged, Audit.damageCodes.contains(error.code) { return }
        guard tolerated.contains(error.code) else {
            throw HarnessFailure("failed with \(error)", code: error.code)
        }
        if error.code == .outcomeUnknown { isBroken = true }
    }

    /// A store that a fault has broken, or may break while it is opened, is opened again by
    /// another process.
    private func reopen() throws(HarnessFailure) {
        guard tolerated.isSubset(of: [.diskFull]), !isDamaged else { return }
        try close()
        try open()
    }

    /// Closes the store.
    func close() throws(HarnessFailure) {
        guard let open = store else { return }
        kept = []
        store = nil
        do throws(MnemeError) {
            try open.close()
        } catch {
            try tolerate(error)
            return
        }
        oracle.everythingIsDurable()
    }

    /// Lets go of the store as the end of a process would.
    func abandon() {
        kept = []
        store = nil
    }
}

/// A snapshot and what it should show.
struct KeptSnapshot: Sendable {
    let snapshot: Snapshot
    let state: ExpectedState
}

extension Driver {
    /// Snapshots kept at a time.
    private static let keptLimit = 4

    private func keepSnapshot() throws(HarnessFailure) {
        let snapshot = try openStore().snapshot()
        if kept.count == Self.keptLimit { kept.removeFirst() }
        kept.append(KeptSnapshot(snapshot: snapshot, state: oracle.newest))
    }

    /// Holds the snapshots that were kept against what they showed when they were taken.
    func lookBack() throws(HarnessFailure) {
        endReadFaults()
        for old in kept {
            do throws(HarnessFailure) {
                try audit(of: old.snapshot).check(old.state, dice: SeededRandomness(seed: seed))
            } catch {
                throw error.inside("in a snapshot kept since sequence \(old.snapshot.sequence)")
            }
        }
        kept = []
    }

    private func apply(_ fault: DiskFault) {
        guard let world else { return }
        tolerated.formUnion(fault.codes)
        let counts = world.counts
        switch fault {
        case .failedSync(let after, let keepsSome):
            world.plan.syncs[counts.syncs + after] = .failed(keepingSome: keepsSome)
        case .failedDirectorySync(let after):
            world.plan.directorySyncs[counts.directorySyncs + after] = .failed(keepingSome: false)
        case .failedWrite(let after, let kept):
            world.plan.writes[counts.writes + after] = .failed(kept: kept)
        case .fullWrite(let after, let kept):
            world.plan.writes[counts.writes + after] = .full(kept: kept)
        case .failedRead(let after): world.plan.failedReads.insert(counts.reads + after)
        case .shortRead(let after): world.plan.shortReads.insert(counts.reads + after)
        case .full(let after, let everyWrite):
            world.plan.full = FullDisk(from: counts.steps + after, everyWrite: everyWrite)
        case .room(let bytes):
            let used = world.contents().reduce(0) { $0 + ($1.bytes?.count ?? 0) }
            world.plan.capacity = UInt64(used + bytes)
        }
    }

    /// An audit of a snapshot, as careful as the disk's damage asks for.
    func audit(of snapshot: Snapshot) -> Audit {
        let audit = Audit(snapshot, now: snapshot.instant.microseconds)
        return isDamaged ? audit.onDamage(rowsMayBeDamaged: rowsMayBeDamaged) : audit
    }

    /// Reads to come go well: what is asked from here on is held against the oracle.
    func endReadFaults() {
        world?.plan.failedReads = []
        world?.plan.shortReads = []
    }

    /// A disk that was full only is as good as new; other faults may have left the store without
    /// its page file or its log.
    private func heal() {
        world?.plan = plan
        if tolerated.isSubset(of: [.diskFull]) { tolerated = [] }
    }
}

extension Result {
    /// The failure, if it is one.
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
