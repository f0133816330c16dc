// Beginning transactions, and handing their changes to the writer.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import Synchronization

extension Store {
    /// Begins a transaction on the newest commit.
    ///
    /// - Throws: `.tooManyRequests`, `.closed`.
    package func begin() throws(MnemeError) -> StoreTransaction {
        try checkOpen()
        transactions.sweep()
        let held = holdNewest()
        let id: UInt64
        do throws(MnemeError) {
            id = try transactions.admit(at: held.sequence)
        } catch {
            transactions.history.end(held.sequence)
            throw error
        }
        do throws(MnemeError) {
            let transaction = try StoreTransaction(self, id, held)
            transactions.enter(transaction)
            return transaction
        } catch {
            transactions.ended(id)
            throw error
        }
    }

    /// The newest state; what is committed from then on is kept until `CommitHistory.end` is told
    /// its sequence.
    func holdNewest() -> HeldState {
        let history = transactions.history
        if let held = history.begin() { return held }
        // Nothing is applied.
        if isReadOnly { return history.beginKeeping() }
        let held = Mutex<HeldState?>(nil)
        asWriter { held.withLock { $0 = history.beginKeeping() } }
        guard let held = held.withLock({ $0 }) else {
            preconditionFailure("the writer runs whatever it is handed")
        }
        return held
    }

    /// How many transactions are open.
    package var openTransactions: Int { transactions.count }

    func preparation(_ catalog: Catalog) -> ChangePreparation {
        ChangePreparation(
            catalog: catalog,
            clock: clock,
            randomness: options.randomness,
            frameLimit: log.frameLimit,
            answerLimit: options.answerBytes
        )
    }

    func commit(
        _ batch: StoreTransaction.Batch,
        since base: UInt64,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Committed {
        let faults = options.transactionFaults
        let check = TransactionCheck(
            batch.reads.without(faults),
            since: base,
            faults.forgetsOutcomes ? [] : batch.outcomes
        )
        let changes = batch.changes
        let draws = batch.draws
        let known = newest.state.catalog
        var ready = batch.prepared
        if once != nil, known.version == batch.catalogVersion {
            // A new collection changes nothing about the others.
            ready = try keeping(ready, once, known)
        }
        let isReady = once == nil || known.version == batch.catalogVersion
        let work = WriterWork(
            changes: ready,
            catalogVersion: isReady ? batch.catalogVersion : .max,
            durability: durability,
            signatures: batch.signatures,
            requestEnds: batch.requestEnds,
            prepareAgain: { [self, options, log, clock] (catalog) throws(MnemeError) in
                var prepared: [PreparedChange] = []
                prepared.reserveCapacity(changes.count)
                let preparation = ChangePreparation(
                    catalog: catalog,
                    clock: clock,
                    randomness: options.randomness,
                    frameLimit: log.frameLimit
                )
                for (change, drawn) in zip(changes, draws) {
                    switch change {
                    case .change(let change):
                        prepared.append(try preparation.with(drawn).prepare(change))
                    case .unlinkMade(let place): prepared.append(.unlinkMade(place))
                    }
                }
                return try keeping(prepared, once, catalog)
            },
            check: check,
            once: once,
            seenVersion: batch.catalogVersion
        )
        spaceBrake.wait(work.byteCount)
        brake.wait(changes: changes.count)
        // Here, and not in the writer, as far as it can be.
        for _ in 0..<4 {
            if try check.holds(in: transactions.history) < 64 { break }
        }
        return try submit(work)
    }
}
