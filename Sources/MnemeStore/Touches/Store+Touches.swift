// Writing how records were used: at once where it is asked for, and of what answers had in batches
// behind them, some seconds later. A crash in between loses that. formats/operations.md#touch

internal import MnemeBase
package import MnemeModel
internal import MnemeRecall
internal import Synchronization

extension Store {
    /// So long the use of what answers had waits until it is written.
    private static let touchDelay: Microseconds = 5_000_000
    /// So many rows are one commit.
    private static let touchesPerCommit = 4096

    /// Says that records were used.
    ///
    /// - Returns: how each was used, this time counted.
    /// - Throws: `.unknownCollection`; `.badRequest` for a reinforcement out of its bounds; what a
    ///   commit throws.
    /// - Complexity: O(keys), and one data sync.
    package func touch(
        _ touch: Touch,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> Touched {
        try checkWritable()
        guard (0...Fading.mostReinforcement).contains(touch.reinforcement) else {
            throw MnemeError(
                .badRequest,
                "the reinforcement is \(touch.reinforcement); give a number from 0 to "
                    + "\(Int(Fading.mostReinforcement))"
            )
        }
        return try opening.touches.writing.withLock { _ throws(MnemeError) in
            let snapshot = snapshot()
            _ = try snapshot.catalog.collection(touch.collection)
            try snapshot.loadTouches()
            var accesses: [UInt64: Access] = [:]
            var ordinals: [UInt64?] = []
            for key in touch.keys {
                let ordinal = try snapshot.ordinal(Reference(touch.collection, key))
                ordinals.append(ordinal)
                guard let ordinal else { continue }
                let known = accesses[ordinal] ?? opening.touches.access(of: ordinal)
                accesses[ordinal] = Access(
                    count: (known?.count ?? 0) + 1,
                    at: max(known?.at ?? snapshot.instant, snapshot.instant),
                    reinforcement: min(
                        (known?.reinforcement ?? 0) + touch.reinforcement,
                        Fading.mostReinforcement
                    )
                )
            }
            var sequence = snapshot.sequence
            if !accesses.isEmpty { sequence = try commit(accesses, durability) }
            return Touched(
                accesses: ordinals.map { $0.flatMap { accesses[$0] } },
                sequence: sequence
            )
        }
    }

    /// Has the use of records of an answer be written behind it; returns at once.
    package func touchBehind(_ references: [Reference], at instant: Instant) {
        guard !isReadOnly, !references.isEmpty else { return }
        let posted = PostedTouch(references: references, at: instant.microseconds)
        if opening.touches.post(posted), options.worksInBackground { upkeepGate.open() }
    }

    /// Writes the use of what answers had, where it has waited long enough.
    func keepTouches() throws(StoreError) {
        guard opening.touches.isDue(before: clock.now() - Self.touchDelay) else { return }
        do throws(MnemeError) { try flushTouches() } catch { throw .refused(error) }
    }

    /// Writes the use of what answers had, so that those that come know of it.
    ///
    /// - Throws: what a commit throws; what was to be written is dropped then.
    package func flushTouches() throws(MnemeError) {
        guard !isReadOnly, opening.touches.hasPosted else { return }
        try opening.touches.writing.withLock { _ throws(MnemeError) in
            let posted = opening.touches.takePosted()
            let snapshot = snapshot()
            try snapshot.loadTouches()
            var accesses: [UInt64: Access] = [:]
            for touch in posted {
                for reference in touch.references {
                    // What was dropped or deleted since is not used any more.
                    guard let ordinal = try? snapshot.ordinal(reference) else { continue }
                    let known = accesses[ordinal] ?? opening.touches.access(of: ordinal)
                    accesses[ordinal] = Self.used(known, at: Instant(microseconds: touch.at))
                }
            }
            let ordinals = accesses.keys.sorted()
            for start in stride(from: 0, to: ordinals.count, by: Self.touchesPerCommit) {
                let part = ordinals[start..<min(start + Self.touchesPerCommit, ordinals.count)]
                let chosen = part.map { ($0, accesses[$0]) }
                _ = try commit(
                    Dictionary(
                        uniqueKeysWithValues: chosen.compactMap { ordinal, access in
                            access.map { (ordinal, $0) }
                        }
                    ),
                    .none
                )
            }
        }
    }

    /// An access once more: the further it lies from the one before, the more it reinforces.
    private static func used(_ known: Access?, at instant: Instant) -> Access {
        guard let known else { return Access(count: 1, at: instant, reinforcement: 1) }
        let days =
            (Double(instant.microseconds) - Double(known.at.microseconds)) / 86_400_000_000
        return Access(
            count: known.count + 1,
            at: max(known.at, instant),
            reinforcement: min(
                known.reinforcement + Fading.gain(afterDays: days),
                Fading.mostReinforcement
            )
        )
    }

    /// Commits rows; the caller holds `writing`.
    private func commit(
        _ accesses: [UInt64: Access],
        _ durability: Durability
    ) throws(MnemeError) -> UInt64 {
        let ordered = accesses.sorted { $0.key < $1.key }.map {
            (ordinal: $0.key, access: $0.value)
        }
        let work = try ownWork(defining: [TouchField.rows], durability) {
            (catalog, preparation) throws(MnemeError) in
            guard let rows = catalog.touches else { return [] }
            var changes: [PreparedChange] = []
            for (ordinal, access) in ordered {
                changes.append(.touch(try preparation.prepare(access, of: ordinal, rows)))
            }
            return changes
        }
        let committed = try submit(work)
        opening.touches.set(ordered)
        return committed.sequence
    }
}

extension Snapshot {
    /// How records were used, by the snapshot's instant; nil where no record ever was.
    ///
    /// What answers had in the last seconds may not be counted yet. An access later than the
    /// instant is told as it is: the clock went back, or the snapshot is old.
    ///
    /// - Throws: as a read, when it is first asked.
    /// - Complexity: O(ordinals), some nanoseconds each; the first time O(records ever used).
    package func accesses(of ordinals: some Sequence<UInt64>) throws(MnemeError) -> [Access?]? {
        try loadTouches()
        return touches.accesses(of: ordinals)
    }

    /// How a record was used; nil where it never was.
    package func access(of ordinal: UInt64) throws(MnemeError) -> Access? {
        try loadTouches()
        return touches.access(of: ordinal)
    }

    func loadTouches() throws(MnemeError) {
        if touches.isLoaded { return }
        guard let rows = catalog.touches else {
            // A later commit may have defined it: whoever made it has loaded before.
            return touches.load([])
        }
        let accesses = try reading { state throws(StoreError) in try state.touches(rows) }
        touches.load(accesses)
    }
}

extension StateReader {
    /// Every row, with the ordinal of its record.
    fileprivate func touches(
        _ rows: CollectionEntry
    ) throws(StoreError) -> [(ordinal: UInt64, access: Access)] {
        let numbers = try ordinals(under: StoreKeys.records(rows.number))
        var found: [(ordinal: UInt64, access: Access)] = []
        found.reserveCapacity(numbers.count)
        for number in numbers where try visibleEntry(number) != nil {
            let row = try stored(number)
            guard case .int(let ordinal) = row.key, let access = TouchField.access(row) else {
                throw .inconsistent("row \(row.key) of what was used is none")
            }
            found.append((UInt64(bitPattern: ordinal), access))
        }
        return found
    }
}
