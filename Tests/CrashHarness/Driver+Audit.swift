// Everything read back, the indexes against the log, the counts, and the pages derived once more.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeStore
internal import SimulatedWorld

extension Driver {
    /// Holds the open store against the oracle in every way.
    ///
    /// `twin`: the same disk after a kill, on which the pages are derived again; nil to
    /// leave that out.
    /// - Throws: the first difference.
    func audit(dice: SeededRandomness, twin: SimulatedDisk? = nil) throws(HarnessFailure) {
        if isUnsure { return }
        guard let store else { throw HarnessFailure("no store is open") }
        try lookBack()
        do throws(HarnessFailure) {
            try audit(store, dice)
        } catch {
            throw error.inside("reading back")
        }
        guard let twin else { return }
        let older = twin.crashKeepingAll()
        do throws(HarnessFailure) {
            try auditRebuilt(twin, dice)
        } catch {
            throw error.inside("reading back what was derived again")
        }
        do throws(HarnessFailure) {
            try auditOlder(older, dice)
        } catch {
            throw error.inside("reading back what the older root block leads to")
        }
    }

    /// Holds what the open store shows against the oracle, without the log.
    func auditShown(dice: SeededRandomness) throws(HarnessFailure) {
        if isUnsure { return }
        guard let store else { throw HarnessFailure("no store is open") }
        try lookBack()
        do throws(HarnessFailure) {
            try Audit(store.snapshot(), now: clock.now()).check(oracle.newest, dice: dice)
        } catch {
            throw error.inside("reading back from the store that no longer writes")
        }
    }

    /// Asks everything of a store on a damaged disk: each answer is right or names the damage, and
    /// so does a verification.
    func auditCarefully(dice: SeededRandomness) throws(HarnessFailure) {
        guard let store else { return }
        try lookBack()
        do throws(HarnessFailure) {
            try audit(of: store.snapshot()).check(oracle.newest, dice: dice)
        } catch {
            throw error.inside("reading back from a damaged disk")
        }
        let statistics: Statistics
        do throws(MnemeError) {
            _ = try store.verify()
            statistics = try store.statistics()
        } catch {
            if Audit.damageCodes.contains(error.code) { return }
            throw HarnessFailure("verify or statistics: \(error)")
        }
        try compare(statistics, oracle.newest)
    }

    private func audit(_ store: Store, _ dice: SeededRandomness) throws(HarnessFailure) {
        let state = oracle.newest
        let snapshot = store.snapshot()
        try Audit(snapshot, now: clock.now()).check(state, dice: dice)
        try checkOnce(state, store)
        let verification: Verification
        let statistics: Statistics
        do throws(MnemeError) {
            verification = try store.verify()
            statistics = try store.statistics()
        } catch {
            throw HarnessFailure("verify or statistics: \(error)")
        }
        guard verification.findings.isEmpty else {
            throw HarnessFailure("verify: \(verification.findings.prefix(5))")
        }
        try compare(statistics, state)
    }

    private func compare(
        _ statistics: Statistics,
        _ expected: ExpectedState
    )
        throws(HarnessFailure)
    {
        var state = expected
        state.expire(at: clock.now())
        for collection in state.schema.collections {
            let count = state.records(in: collection.name).count
            guard statistics.records[collection.name] == count else {
                throw HarnessFailure(
                    "statistics count \(statistics.records[collection.name] ?? -1) of "
                        + "\(collection.name), expected \(count)"
                )
            }
        }
        for type in state.schema.edgeTypes {
            let count = state.edges.values.count { $0.type == type.name }
            guard statistics.edges[type.name] == count else {
                throw HarnessFailure(
                    "statistics count \(statistics.edges[type.name] ?? -1) edges \(type.name), "
                        + "expected \(count)"
                )
            }
        }
        guard statistics.owners == state.owners.count else {
            throw HarnessFailure(
                "statistics count \(statistics.owners) owners, expected \(state.owners.count)"
            )
        }
    }

    private func auditRebuilt(
        _ twin: SimulatedDisk,
        _ dice: SeededRandomness
    )
        throws(HarnessFailure)
    {
        let rebuilt: Store
        do throws(MnemeError) {
            rebuilt = try Store.open(
                Self.directory,
                .rebuild,
                options: options(twin, seed: dice.next())
            )
        } catch {
            throw HarnessFailure("the pages cannot be derived again: \(error)")
        }
        try audit(rebuilt, dice)
    }

    /// A store whose newest root block the disk has lost is as before: what the older one leads to
    /// is there, or is derived again.
    private func auditOlder(
        _ twin: SimulatedDisk,
        _ dice: SeededRandomness
    )
        throws(HarnessFailure)
    {
        var options = options(twin, seed: dice.next())
        options.derivesDamagedPages = true
        let older: Store
        do throws(DiskError) {
            guard try loseNewestRoot(twin) else { return }
        } catch {
            throw HarnessFailure("\(error)")
        }
        do throws(MnemeError) {
            older = try Store.open(Self.directory, .open, options: options)
        } catch {
            throw HarnessFailure("the store does not open: \(error)")
        }
        try audit(older, dice)
    }

    /// Breaks the newest of two root blocks; false where there are no two.
    private func loseNewestRoot(_ twin: SimulatedDisk) throws(DiskError) -> Bool {
        let path = Self.directory + "/pages"
        let vault = store?.vault
        let reader: any Disk = vault.map { SealedDisk(twin, $0) } ?? twin
        let file = try reader.open(path, .read)
        var numbers: [UInt64] = []
        for slot in 0..<2 as Range<UInt64> where try file.byteCount() >= (slot + 1) * 8192 {
            let block = try file.read(at: slot * 8192, count: 8192)
            var reader = ByteReader(block)
            guard (try? reader.get(UInt64.self)) == Checksum.xxh3(Array(block[8...]), seed: slot),
                (try? reader.skip(40)) != nil, let number = try? reader.get(UInt64.self)
            else { return false }
            numbers.append(number)
        }
        guard numbers.count == 2, numbers[0] != numbers[1] else { return false }
        let slotSize: UInt64 = vault == nil ? 8192 : 8448
        try twin.corrupt(path, at: numbers[0] > numbers[1] ? 20 : slotSize + 20, mask: 0xff)
        return true
    }
}
