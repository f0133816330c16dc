// The ways of changes to the writer: made ready on the caller's thread, and handed over by one who
// waits, or by one who is told.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages

extension Store {
    /// Applies changes, all or none, and waits as long as `durability` says.
    ///
    /// `edgeTypes`: those that are not defined yet are defined in the same batch; refused changes
    /// leave none of them behind. `whole`: the same, with what is defined of them. `signature`: who
    /// makes the changes. `asWritten`: the fields are those of records that were in a store before,
    /// so that nothing is filled in, worked out or held against checks.
    /// - Throws: `MnemeError`; nothing was changed unless the code is `outcomeUnknown`, or more was
    ///   kept of a record that the only change erases than one batch has room to erase: of that
    ///   some may be gone.
    package func commit(
        _ changes: [Change],
        _ durability: Durability = .synced,
        defining edgeTypes: [String] = [],
        whole: [EdgeType] = [],
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
                whole: whole,
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
        return try submit(work, erasing: changes.erasedAlone)
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
        let alone = changes.erasedAlone
        let gather = { @Sendable [weak self, queue] in
            queue.gather(.batch(work)) { [weak self] outcome in
                self?.noteWork()
                guard case .failure(let error) = outcome, error.code == .tooLarge,
                    let self, let alone
                else { return completion(outcome) }
                // That takes several batches, and nobody waits here.
                BackgroundThread.start(niceness: 0) {
                    completion(self.outcome(of: work, erasing: alone, after: error))
                }
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
        whole: [EdgeType] = [],
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
            if !edgeTypes.isEmpty || !whole.isEmpty || once != nil,
                let schema = known.lacking(edgeTypes, whole: whole, once: once != nil)
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

    func submit(_ work: WriterWork) throws(MnemeError) -> Committed {
        try checkWritable()
        let ready = audited(work)
        // Who writes does so for others, too.
        let outcome =
            Reach.current == nil
            ? queue.submit(.batch(ready))
            : Reach.$current.withValue(nil) { queue.submit(.batch(ready)) }
        noteWork()
        return try outcome.get()
    }
}
