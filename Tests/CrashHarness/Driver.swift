// One store under the harness: carries out operations, tells the oracle before and after, and holds
// every answer against what the oracle expects.

internal import MnemeBase
package import MnemeLog
internal import MnemeModel
internal import MnemeStore
internal import SimulatedWorld

/// The sizes that a workload's store has.
package struct StoreShape: Sendable {
    var smallestSegment: Int
    var largestSegment: Int
    var replayBudget: Microseconds
    var writerMergeLimit: Int
    /// Bugs planted in the log.
    package var faults = LogFaults()

    /// The shape of a seed.
    package init(seed: UInt64) {
        let dice = SeededRandomness(seed: seed &* 31 &+ 7)
        smallestSegment = [8, 12, 16, 32][dice.below(4)] << 10
        largestSegment = smallestSegment << dice.below(3)
        replayBudget = [5, 20, 100, 30_000][dice.below(4)]
        writerMergeLimit = [1, 8, 1024][dice.below(3)]
    }

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
    let clock: SimulatedClock
    let shape: StoreShape
    private(set) var store: Store?
    package internal(set) var oracle: Oracle
    /// What is being done, for messages.
    private(set) var doing = "begin"
    /// Whether errors of the disk are to be expected.
    var toleratesFaults = false
    /// A fault ended the writing; the store is to be opened again.
    private(set) var isBroken = false
    private var seed: UInt64
    /// Gives the same numbers as the store's own randomness.
    private var twin = SeededRandomness(seed: 0)

    init(
        disk: any Disk,
        shape: StoreShape,
        seed: UInt64,
        oracle: Oracle = Oracle(),
        now: Microseconds = 1_700_000_000_000_000
    ) {
        self.disk = disk
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
        options.replayBudget = shape.replayBudget
        options.writerMergeLimit = shape.writerMergeLimit
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
            throw HarnessFailure("the store does not open: \(error)")
        }
        twin = SeededRandomness(seed: seed)
        store = opened
        isBroken = false
        firstUnknown = nil
        // A new store draws its identity.
        if !isThere { _ = (twin.next(), twin.next()) }
        let snapshot = opened.snapshot()
        let state = try Audit(snapshot, now: clock.now()).state(
            among: try oracle.candidates(at: snapshot.sequence)
        )
        oracle.settle(state, sequence: snapshot.sequence)
    }

    // MARK: Operations

    /// Carries out an operation.
    ///
    /// - Throws: when the store answers otherwise than the oracle.
    func perform(_ operation: Operation) throws(HarnessFailure) {
        doing = "\(operation)"
        do throws(HarnessFailure) {
            switch operation {
            case .commit(let changes, let durability): try commit(changes, durability)
            case .define(let schema): try define(schema)
            case .upkeep:
                // Where the disk may fail, upkeep leaves what it could not do to the next commit.
                try maintain(isFlush: !toleratesFaults) { (store) throws(MnemeError) in
                    try store.upkeep()
                }
            case .checkpoint:
                try maintain { (store) throws(MnemeError) in try store.checkpointNow() }
            case .reopen: try reopen()
            case .pass(let time): clock.advance(by: time)
            }
        } catch {
            throw error.inside("while: \(doing)")
        }
        doing = "after: \(operation)"
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
        guard toleratesFaults else {
            throw HarnessFailure(
                "refused with \(error), expected "
                    + (expected.map { "\($0.code)" } ?? "an acknowledgement")
            )
        }
        switch error.code {
        case .outcomeUnknown:
            // Only the first such answer leaves anything open: nothing is written afterwards.
            if isBroken { oracle.inFlight = firstUnknown } else { firstUnknown = oracle.inFlight }
            isBroken = true
        case .diskFull, .disk: oracle.inFlight = nil
        default: throw HarnessFailure("a fault of the disk became \(error)")
        }
    }

    private var firstUnknown: ExpectedState?

    private func maintain(
        isFlush: Bool = true,
        _ body: (Store) throws(MnemeError) -> Void
    ) throws(HarnessFailure) {
        let store = try openStore()
        do throws(MnemeError) {
            try body(store)
        } catch {
            try tolerate(error)
            return
        }
        if isFlush { oracle.everythingIsDurable() }
    }

    private func tolerate(_ error: MnemeError) throws(HarnessFailure) {
        let faults: Set<MnemeError.Code> = [.outcomeUnknown, .diskFull, .disk]
        guard toleratesFaults, faults.contains(error.code) else {
            throw HarnessFailure("failed with \(error)")
        }
        if error.code == .outcomeUnknown { isBroken = true }
    }

    private func reopen() throws(HarnessFailure) {
        try close()
        try open()
    }

    /// Closes the store.
    func close() throws(HarnessFailure) {
        guard let open = store else { return }
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
    func abandon() { store = nil }
}

extension Result {
    /// The failure, if it is one.
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
