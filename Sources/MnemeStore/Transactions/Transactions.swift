// The open transactions of a store: how many there are, which of them were left, what they are held
// against. The store knows them weakly: one that nobody holds any more has ended.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import Synchronization

/// Integer keys that transactions were given before they commit, so that nobody else is.
///
/// Nothing is kept but while transactions are open.
final class GeneratedKeys: Sendable {
    private let isOn = Atomic<Bool>(false)
    private let next = Mutex<[UInt16: Int64]>([:])

    /// Gives keys away from now on; `known` are the next ones of a published state.
    func begin(_ known: [UInt16: Int64]) {
        next.withLock { next in
            for (collection, key) in known { next[collection] = max(next[collection] ?? 1, key) }
            isOn.store(true, ordering: .releasing)
        }
    }

    /// The next key of a collection, at least `least`.
    func take(_ collection: UInt16, from least: Int64) -> Int64 {
        guard isOn.load(ordering: .acquiring) else { return least }
        return next.withLock { next in
            let key = max(next[collection] ?? 1, least)
            if key < .max { next[collection] = key + 1 }
            return key
        }
    }

    /// No transaction is open any more.
    func end() {
        next.withLock { next in
            next = [:]
            isOn.store(false, ordering: .releasing)
        }
    }
}

/// The open transactions of a store.
final class Transactions: Sendable {
    private struct Entry {
        weak var transaction: StoreTransaction?
        let base: UInt64
    }

    let history: CommitHistory
    let keys = GeneratedKeys()
    let gauge = BranchGauge()
    /// How long one may be idle.
    let idle: Microseconds
    private let limit: Int
    private let byteLimit: Int
    private let clock: SteadyClock
    private let randomness: any Randomness
    private let open = Mutex<[UInt64: Entry]>([:])

    init(_ options: StoreOptions, _ clock: SteadyClock, _ newest: Published) {
        history = CommitHistory(
            newest,
            limit: options.transactionHistoryBytes,
            idle: options.transactionHistoryIdle
        )
        idle = options.transactionIdle
        limit = options.transactionLimit
        byteLimit = max(options.pageCacheBytes / 4, 16 << 20)
        self.clock = clock
        randomness = options.randomness
    }

    /// How many are open.
    var count: Int { open.withLock { $0.count } }

    /// A number for a transaction that begins at a commit; it is open from now on.
    ///
    /// - Throws: `.tooManyRequests`.
    func admit(at base: UInt64) throws(MnemeError) -> UInt64 {
        try open.withLock { open throws(MnemeError) in
            guard open.count < limit else {
                throw MnemeError(
                    .tooManyRequests,
                    "\(limit) transactions of this store are open, and no more may be; end some, "
                        + "or try again when those that were left have ended"
                )
            }
            var id: UInt64 = 0
            while id == 0 || open[id] != nil { id = randomness.next() >> 16 }
            open[id] = Entry(transaction: nil, base: base)
            return id
        }
    }

    /// Knows a transaction by its number.
    func enter(_ transaction: StoreTransaction) {
        let id = transaction.id
        open.withLock { open in
            guard let entry = open[id] else { return }
            open[id] = Entry(transaction: transaction, base: entry.base)
        }
    }

    /// A transaction is over; the second time it does nothing.
    func ended(_ id: UInt64) {
        let (entry, isLast) = open.withLock { open in
            (open.removeValue(forKey: id), open.isEmpty)
        }
        guard let entry else { return }
        history.end(entry.base)
        if isLast { keys.end() }
    }

    /// Makes sure that there is memory for more changes.
    ///
    /// - Throws: `.tooManyRequests`.
    func checkRoom() throws(MnemeError) {
        guard gauge.byteCount < byteLimit else {
            throw MnemeError(
                .tooManyRequests,
                "the changes of open transactions take \(gauge.byteCount) bytes of memory, and "
                    + "more than \(byteLimit) are not given to them; try again when some have "
                    + "ended"
            )
        }
    }

    /// Ends transactions that were left, or whose commit is kept no longer.
    ///
    /// - Complexity: O(open transactions).
    func sweep() {
        let all = open.withLock { open in
            open.isEmpty ? [] : open.values.compactMap(\.transaction)
        }
        for transaction in all { transaction.endIfLeft() }
    }
}
