// Erasing what is too much for one batch. Many records are erased in several; and of one of which
// more is kept than a batch has room to erase, as the rows of its history and of edges that it had,
// most of that goes in batches before, the oldest first. Others see a part of it gone then.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// The end of a record or an edge, by a change of its own.
struct Ending: Sendable {
    let ordinal: UInt64
    let change: PreparedChange
}

extension Store {
    /// Endings in one batch.
    private static let mostEndings = 1 << 17
    /// Rows in one batch of what goes before its record.
    private static let rowsPerBatch = 1024

    /// Ends all of them, in one batch where that has room for them, else in several.
    ///
    /// `tell`: of each commit.
    ///
    /// - Throws: what a commit throws. What went before stays gone then.
    func end(
        _ endings: ArraySlice<Ending>,
        _ durability: Durability,
        _ tell: (Committed) -> Void
    ) throws(MnemeError) {
        let size = deletesPerBatch(most: Self.mostEndings)
        guard endings.count <= size else {
            for start in stride(from: endings.startIndex, to: endings.endIndex, by: size) {
                let part = endings[start..<min(start + size, endings.endIndex)]
                try end(part, durability, tell)
            }
            return
        }
        let work = work(of: endings.map(\.change), durability)
        let committed: Committed
        do throws(MnemeError) { committed = try submit(work) } catch {
            // What follows by references, and what is kept, may be more than a batch holds.
            guard error.code == .tooLarge, let one = endings.first else { throw error }
            if endings.count > 1 {
                let half = endings.startIndex + endings.count / 2
                try end(endings[..<half], durability, tell)
                return try end(endings[half...], durability, tell)
            }
            guard let name = try recordName(one.ordinal), try eraseKept(of: name) else {
                throw error
            }
            return tell(try submit(work))
        }
        tell(committed)
    }

    /// Commits, and where that erases one record alone of which too much is kept, erases most of
    /// that before.
    func submit(_ work: WriterWork, erasing alone: Reference?) throws(MnemeError) -> Committed {
        do throws(MnemeError) { return try submit(work) } catch {
            guard let alone else { throw error }
            return try outcome(of: work, erasing: alone, after: error).get()
        }
    }

    /// What the erase of a record comes to that was refused: where that was as too much is kept of
    /// it, most of this goes, and it is tried again.
    func outcome(
        of work: WriterWork,
        erasing alone: Reference,
        after error: MnemeError
    ) -> Result<Committed, MnemeError> {
        Result { () throws(MnemeError) in
            let catalog = newest.state.catalog
            guard error.code == .tooLarge,
                let collection = try? catalog.collection(alone.collection),
                let key = try? collection.coerced(alone.key),
                try eraseKept(of: RecordName(collection.number, key))
            else { throw error }
            return try submit(work)
        }
    }

    /// Erases what is kept of the records of a name, where that is much; false where it is not, and
    /// nothing was done.
    private func eraseKept(of name: RecordName) throws(MnemeError) -> Bool {
        let much = max(1, deletesPerBatch(most: .max) / 2)
        // Where it is less, there was no room for something else.
        guard try keptRows(of: name, atMost: much).count == much else { return false }
        let atOnce = min(much, Self.rowsPerBatch)
        while true {
            let rows = try keptRows(of: name, atMost: atOnce)
            // The rest goes with the record.
            guard rows.count == atOnce else { return true }
            let work = work(of: rows.map { .purge($0) }, .buffered)
            // The request is kept by what it speaks of.
            let outcome = AuditCall.$current.withValue(nil) {
                Result { () throws(MnemeError) in try submit(work) }
            }
            _ = try outcome.get()
        }
    }

    private func keptRows(
        of name: RecordName,
        atMost count: Int
    ) throws(MnemeError) -> [PurgeName] {
        do throws(StoreError) {
            return try reader().keptRows(of: name, atMost: count)
        } catch {
            throw MnemeError(error)
        }
    }

    private func recordName(_ ordinal: UInt64) throws(MnemeError) -> RecordName? {
        do throws(StoreError) { return try reader().recordName(ordinal) } catch {
            throw MnemeError(error)
        }
    }

    private func work(of changes: [PreparedChange], _ durability: Durability) -> WriterWork {
        WriterWork(
            changes: changes,
            catalogVersion: newest.state.catalog.version,
            durability: durability,
            prepareAgain: { _ throws(MnemeError) in changes }
        )
    }
}

extension [Change] {
    /// The record that they erase, where they do nothing else.
    var erasedAlone: Reference? {
        guard count == 1 else { return nil }
        switch self[0] {
        case .erase(let reference): return reference
        case .remove(let removal): return removal.erases ? removal.reference : nil
        default: return nil
        }
    }
}

extension StateReader {
    /// The record of an ordinal by its name; of a row of a history the record that it is of; nil of
    /// an edge, and of what is gone.
    fileprivate func recordName(_ ordinal: UInt64) throws(StoreError) -> RecordName? {
        guard let entry = try entry(ordinal), entry.death == OrdinalEntry.forever,
            entry.flags & OrdinalFlags.edge == 0
        else { return nil }
        let record = try stored(ordinal)
        for (number, rows) in state.catalog.histories where rows.number == entry.collection {
            return try HistoryRow(record).of.map { RecordName(number, $0) }
        }
        return RecordName(entry.collection, record.key)
    }

    /// Some rows of the history of records of a name and of edges that they had, the oldest first.
    fileprivate func keptRows(
        of name: RecordName,
        atMost count: Int
    ) throws(StoreError) -> [PurgeName] {
        var ordinals: [UInt64] = []
        if let rows = state.catalog.histories[name.collection] {
            let range = HistoryKeys(rows: rows).versions(of: name.key)
            ordinals = try self.ordinals(under: range, atMost: count)
        }
        for number in state.catalog.pastRows.sorted() where ordinals.count < count {
            guard let rows = state.catalog.collection(number: number),
                let range = PastField.range(rows, name)
            else { continue }
            for row in try self.ordinals(under: range, atMost: 2 * count) {
                // Another name may be found in the same place.
                guard ordinals.count < count, let past = try PastEdge(stored(row)),
                    past.joined(name)
                else { continue }
                ordinals.append(row)
            }
        }
        var names: [PurgeName] = []
        for ordinal in ordinals {
            guard let entry = try entry(ordinal) else { continue }
            names.append(PurgeName(ordinal: ordinal, owner: entry.owner))
        }
        return names
    }
}
