// Everything of an owner goes: records of every collection, the store's own among them, and edges.
// They are found by the owner that the ordinal table has of each, so that none is missed for want
// of an index, and erased as any record is: they leave the files within the time for erasures.
//
// What fits a batch goes in one commit. Of more, each batch is all or none: then others see a part
// of it gone, and the same call again goes on where it ended.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Store {
    /// What comes while a purge runs is purged too, so many times.
    private static let mostRounds = 8

    /// Erases everything of an owner and those below it.
    ///
    /// - Returns: what went, as it was found.
    /// - Throws: `.badOwner`, `.readOnly`, `.closed`; `.conflict` where the owner goes on putting;
    ///   what a commit throws. What went before stays gone then.
    /// - Complexity: O(ordinals of the store + edges that have ended and are kept + what goes).
    package func purge(
        _ purge: Purge,
        _ durability: Durability = .synced
    ) throws(MnemeError) -> Purged {
        if purge.isDry { try checkOpen() } else { try checkWritable() }
        guard !purge.owner.isEmpty else {
            throw MnemeError(.badOwner, "the owner to purge is empty; give the path of one")
        }
        var receipt = Purged(
            owner: purge.owner,
            sequence: newest.state.sequence,
            at: Instant(microseconds: clock.now()),
            isDry: purge.isDry,
            proof: [
                "mneme compact --store DIRECTORY",
                "mneme verify --store DIRECTORY --erased-owner \(purge.owner)",
            ]
        )
        for _ in 0..<Self.mostRounds {
            let reader = reader()
            let scan: PurgeScan
            do throws(StoreError) {
                scan = try PurgeScan(reader, purge.owner)
                try scan.tell(&receipt, reader)
            } catch {
                throw MnemeError(error)
            }
            if scan.isEmpty {
                if !purge.isDry { try settle(durability, &receipt) }
                return receipt
            }
            if purge.isDry {
                receipt.sequence = reader.sequence
                return receipt
            }
            let endings = scan.names.map { Ending(ordinal: $0.ordinal, change: .purge($0)) }
            try end(endings[...], durability) { committed in
                receipt.commits += 1
                receipt.sequence = committed.sequence
                receipt.at = Instant(microseconds: clock.now())
            }
        }
        throw MnemeError(
            .conflict,
            "owner \(quoted(purge.owner)) goes on putting records while they are purged; what was "
                + "there is gone. Keep the owner from writing, and purge again"
        )
    }

    /// Has what took the owner's away before be as durable as the purge says that it is.
    private func settle(
        _ durability: Durability,
        _ receipt: inout Purged
    ) throws(MnemeError) {
        guard receipt.commits == 0, durability != .none else { return }
        let work = WriterWork(
            changes: [],
            catalogVersion: newest.state.catalog.version,
            durability: durability,
            prepareAgain: { _ throws(MnemeError) in [] }
        )
        receipt.sequence = try submit(work).sequence
    }
}

/// What is to go: a record or an edge, as long as it is this owner's.
struct PurgeName: Sendable {
    let ordinal: UInt64
    let owner: UInt32
}

/// What there is of an owner in a state.
private struct PurgeScan {
    /// Records before edges, in the order of their ordinals.
    let names: [PurgeName]
    private let records: [(ordinal: UInt64, entry: OrdinalEntry)]
    private let edges: [UInt64]

    var isEmpty: Bool { names.isEmpty }

    init(_ reader: StateReader, _ owner: String) throws(StoreError) {
        let owners = Set(try reader.owners(in: owner))
        var records: [(ordinal: UInt64, entry: OrdinalEntry)] = []
        var edges: [(ordinal: UInt64, entry: OrdinalEntry)] = []
        if !owners.isEmpty {
            for ordinal in 1..<max(reader.state.roots.nextOrdinal, 1) {
                guard let entry = try reader.entry(ordinal),
                    entry.death == OrdinalEntry.forever
                else { continue }
                if !owners.contains(entry.owner) {
                    guard try reader.keepsEdge(ordinal, entry, ofAnyOf: owners) else { continue }
                }
                if entry.flags & OrdinalFlags.edge != 0 {
                    edges.append((ordinal, entry))
                } else {
                    records.append((ordinal, entry))
                }
            }
            let gone = try Self.references(records, reader)
            records += try reader.keptAnswers(about: owner, owners, naming: gone)
        }
        self.records = records
        self.edges = edges.map(\.ordinal)
        names = (records + edges).map { PurgeName(ordinal: $0.ordinal, owner: $0.entry.owner) }
    }

    /// The records by their names, but for those of histories and other rows of the store's own.
    private static func references(
        _ records: [(ordinal: UInt64, entry: OrdinalEntry)],
        _ reader: StateReader
    ) throws(StoreError) -> Set<Reference> {
        var names: Set<Reference> = []
        for (ordinal, entry) in records {
            guard let collection = reader.state.catalog.collection(number: entry.collection),
                !collection.isHidden
            else { continue }
            names.insert(Reference(collection.schema.name, try reader.stored(ordinal).key))
        }
        return names
    }

    /// Adds what goes to a receipt.
    func tell(_ receipt: inout Purged, _ reader: StateReader) throws(StoreError) {
        let catalog = reader.state.catalog
        var ending = Set(edges)
        for (ordinal, entry) in records {
            let living = try reader.state.adjacency.living(of: ordinal, in: reader.view)
            ending.formUnion(living.map(\.ordinal))
            guard let collection = catalog.collection(number: entry.collection) else { continue }
            if collection.number == catalog.once?.number {
                receipt.answers += 1
            } else if collection.number == catalog.touches?.number {
                // It goes with its record, and says nothing that the record does not.
                continue
            } else if collection.isHidden {
                receipt.historyRows += 1
            } else if !catalog.isLeaving(collection.number) {
                let amount = try reader.usageAmount(of: entry)
                receipt.collections[collection.schema.name, default: Usage.Amount()] += amount
            }
        }
        for ordinal in ending.sorted() {
            guard let entry = try reader.entry(ordinal),
                let type = catalog.edgeType(number: entry.collection),
                !catalog.isLeaving(entry.collection)
            else { continue }
            let amount = try reader.usageAmount(of: entry)
            receipt.edges[type.type.name, default: Usage.Amount()] += amount
        }
    }
}

extension StateReader {
    /// What counts of a stored record or edge, whether it is counted or not.
    func usageAmount(of entry: OrdinalEntry) throws(StoreError) -> Usage.Amount {
        let frame = try frame(entry)
        return Usage.Amount(count: 1, bytes: try frame.content.usageBytes(at: frame.place))
    }

    /// Whether what an entry names is the row of an edge that has ended, and joined a record of one
    /// of some owners.
    fileprivate func keepsEdge(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry,
        ofAnyOf owners: Set<UInt32>
    ) throws(StoreError) -> Bool {
        guard entry.flags & OrdinalFlags.edge == 0,
            state.catalog.pastRows.contains(entry.collection),
            let past = try PastEdge(stored(ordinal))
        else { return false }
        return owners.contains(past.fromName.owner) || owners.contains(past.toName.owner)
    }
}

extension Usage.Amount {
    fileprivate static func += (sum: inout Usage.Amount, other: Usage.Amount) {
        sum.count += other.count
        sum.bytes += other.bytes
    }
}

extension BatchPlanner {
    /// Erases a record, or ends an edge, if it is still there and the owner's.
    mutating func purge(_ name: PurgeName) throws(StoreError) {
        guard try reader.isThere(name.ordinal), !dead.contains(name.ordinal) else {
            return plan.outcomes.append(.deleted(false))
        }
        let entry = try reader.entry(name.ordinal)
        guard entry.owner == name.owner else { return plan.outcomes.append(.deleted(false)) }
        if entry.flags & OrdinalFlags.edge != 0 {
            keeping?.isErasing = true
            return try unlink(name.ordinal, erases: true)
        }
        guard let collection = catalog.collection(number: entry.collection) else {
            return plan.outcomes.append(.deleted(false))
        }
        if catalog.isHistory(collection.number) {
            try purgeRows(through: name.ordinal, collection)
        } else {
            try end(name.ordinal, collection, erases: true, overrules: true)
        }
        plan.outcomes.append(.deleted(true))
    }

    /// Erases a row of a history, and those before it, which say nothing without it.
    private mutating func purgeRows(
        through ordinal: UInt64,
        _ rows: CollectionEntry
    ) throws(StoreError) {
        let row = try HistoryRow(version(ordinal).record)
        if let key = row.of {
            let older = HistoryKeys(rows: rows).versions(of: key, below: row.version)
            for one in try reader.numbers(tree, older) where !dead.contains(one) {
                try end(one, rows, erases: true)
            }
        }
        try end(ordinal, rows, erases: true)
    }

    /// Whose a batch is: the owner of everything in it, 0 where there is none or more than one.
    func onlyOwner() -> UInt32 {
        var only: UInt32?
        for change in plan.changes {
            let owner: UInt32
            switch change {
            case .put(let put) where !put.collection.isHidden: owner = put.record.owner
            case .delete(let delete) where !delete.collection.isHidden:
                owner = delete.old.entry.owner
            case .link(let edge): owner = edge.owner
            default: continue
            }
            if let only, only != owner { return 0 }
            only = owner
        }
        return only ?? 0
    }
}

extension WriterReader {
    /// Whether a record or an edge lives.
    func isThere(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard ordinal < OrdinalTable.limit else { return false }
        let entry = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
        return entry.map { $0.death == OrdinalEntry.forever } ?? false
    }
}
