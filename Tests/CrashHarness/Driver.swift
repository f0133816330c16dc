// One store under the harness: carries out operations, tells the oracle before and after, and holds
// every answer against what the oracle expects.

internal import MnemeBase
package import MnemeLog
package import MnemeModel
package import MnemePages
internal import MnemeStore
internal import SimulatedWorld

/// The sizes that a workload's store has.
package struct StoreShape: Sendable {
    var smallestSegment: Int
    var largestSegment: Int
    var replayBudget: Microseconds
    var writerMergeLimit: Int
    /// Pages that need not be in memory are let go soon.
    var isShortOfMemory: Bool
    /// What stands on the disk is enciphered.
    package var isEncrypted: Bool
    /// How much of a segment is not needed when it is written again; above 1 for never.
    var compactionShare: Double
    /// Bytes of deletes that are kept in peace.
    var keptDeleteBytes = 64 << 10
    /// How soon what was deleted or replaced is to be gone.
    var erasureDeadline: Microseconds
    /// Whether segments are removed that the older root block leads into.
    package var retiresEarly = false
    /// Bugs planted in the log.
    package var faults = LogFaults()
    /// Bugs planted in the page file.
    package var pageFaults = PageFaults()

    /// The shape of a seed.
    package init(seed: UInt64) {
        let dice = SeededRandomness(seed: seed &* 31 &+ 7)
        smallestSegment = [8, 12, 16, 32][dice.below(4)] << 10
        largestSegment = smallestSegment << dice.below(3)
        replayBudget = [5, 20, 100, 30_000][dice.below(4)]
        writerMergeLimit = [1, 8, 1024][dice.below(3)]
        isShortOfMemory = dice.below(2) == 0
        isEncrypted = dice.below(3) == 0
        erasureDeadline = [4_000_000, 7 * 24 * 3_600_000_000][dice.below(2)]
        compactionShare = 2
        if dice.below(4) > 0 { compactSoon(dice) }
    }

    /// Makes segments end after a few commits, and be written again soon.
    mutating func compactSoon(_ dice: SeededRandomness) {
        compactionShare = [0.02, 0.3][dice.below(2)]
        keptDeleteBytes = 0
        smallestSegment = [4608, 5120, 7168][dice.below(3)]
        largestSegment = smallestSegment << dice.below(2)
    }

    /// The master key of every store that is encrypted.
    package static let masterKey = MasterKey(bytes: [UInt8](0..<32))

    /// Makes segments end after a few commits.
    mutating func shrinkSegments() {
        smallestSegment = 8 << 10
        largestSegment = 8 << 10
    }
}

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
    private var seed: UInt64
    /// Gives the same numbers as the store's own randomness.
    private var twin = SeededRandomness(seed: 0)

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
            throw HarnessFailure("the store does not open: \(error)")
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
        let state = try Audit(snapshot, now: clock.now()).state(
            among: candidates.filter { $0.nextOrdinal == next }
                + candidates.filter { $0.nextOrdinal != next },
            try LogCensus(disk, Self.directory + "/log", opened.vault)
        )
        oracle.settle(state, sequence: snapshot.sequence)
    }

    // MARK: Operations

    /// Carries out an operation.
    ///
    /// - Throws: when the store answers otherwise than the oracle.
    func perform(_ operation: Operation) throws(HarnessFailure) {
        if isDamaged, store == nil { return }
        doing = "\(operation)"
        do throws(HarnessFailure) {
            switch operation {
            case .commit(let changes, let durability): try commit(changes, durability)
            case .define(let schema): try define(schema)
            case .upkeep(let steps):
                // Where the disk may fail, upkeep leaves what it could not do to the next commit.
                try maintain(isFlush: tolerated.isEmpty && steps.contains(.flush)) {
                    (store) throws(MnemeError) in try store.upkeep(steps)
                }
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

    private func openStore() throws(HarnessFailure) -> Store {
        guard let store else { throw HarnessFailure("no store is open") }
        return store
    }

    private func commit(_ changes: [Change], _ durability: Durability) throws(HarnessFailure) {
        let store = try openStore()
        var next = oracle.newest
        let expected: Result<[Committed.Outcome], Refusal>
        do throws(Refusal) {
            expected = .success(try next.apply(changes, at: clock.now(), randomness: twin))
            oracle.inFlight = next
        } catch {
            expected = .failure(error)
        }
        let answer: Result<Committed, MnemeError>
        do throws(MnemeError) {
            answer = .success(try store.commit(changes, durability))
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
            oracle.acknowledge(
                next,
                sequence: store.snapshot().sequence,
                isDurable: durability == .synced
            )
        }
    }

    private func define(_ schema: Schema) throws(HarnessFailure) {
        let store = try openStore()
        var next = oracle.newest
        var refusal: Refusal?
        do throws(Refusal) {
            try next.define(schema, at: clock.now())
            oracle.inFlight = next
        } catch {
            refusal = error
        }
        do throws(MnemeError) {
            try store.define(schema)
        } catch {
            return try judge(error, refusal)
        }
        if let refusal { throw HarnessFailure("accepted, but should be refused: \(refusal)") }
        oracle.acknowledge(next, sequence: store.snapshot().sequence, isDurable: true)
    }

    /// Holds an error against the refusal that was expected, if any.
    private func judge(_ error: MnemeError, _ expected: Refusal?) throws(HarnessFailure) {
        if let expected, error.code == expected.code { return }
        if isDamaged, Audit.damageCodes.contains(error.code) {
            oracle.inFlight = nil
            return
        }
        guard tolerated.contains(error.code) else {
            throw HarnessFailure(
                "refused with \(error), expected "
                    + (expected.map { "\($0.code)" } ?? "an acknowledgement")
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

    private func tolerate(_ error: MnemeError) throws(HarnessFailure) {
        if isDamaged, Audit.damageCodes.contains(error.code) { return }
        guard tolerated.contains(error.code) else {
            throw HarnessFailure("failed with \(error)")
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
