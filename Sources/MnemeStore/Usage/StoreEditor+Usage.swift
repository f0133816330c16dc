// Counting what owners have, with every change that is applied: the writer and replay come through
// here, so that it is in every state what the log makes it. Amounts are gathered for a group and
// put into the tree when its state is finished.
//
// Where counting begins over records that are there, those of lower ordinals than the next one are
// counted later, in the order of their ordinals. What is counted then is counted with every change
// from then on, and what is not yet, is not: so no record counts twice, and none is left out.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import Synchronization

/// What owners have in a state that is being made, as far as it was looked at.
final class UsageTally {
    private var amounts: [UsageKey: UsageAmount] = [:]
    private var changed: Set<UsageKey> = []
    /// What owners below a path have together, of whoever asks for that; nil of those who do not.
    var subtrees: SubtreeSums?

    /// What an owner has.
    func amount(
        _ key: UsageKey,
        _ tree: Tree,
        _ view: PageView
    ) throws(StoreError) -> UsageAmount {
        if let known = amounts[key] { return known }
        let found = try onTree { () throws(TreeError) in try tree.value(key.bytes, in: view) }
        let amount: UsageAmount
        if let found { amount = try UsageAmount(found) } else { amount = .zero }
        return amount
    }

    /// Sets what an owner has.
    ///
    /// - Throws: `.inconsistent` where that would be less than nothing.
    fileprivate func set(_ amount: UsageAmount, of key: UsageKey) throws(StoreError) {
        guard amount.count >= 0, amount.bytes >= 0, amount.count > 0 || amount.bytes == 0 else {
            throw .inconsistent(
                "owner \(key.owner) is to have \(amount.count) of number \(key.number) in "
                    + "\(amount.bytes) bytes"
            )
        }
        amounts[key] = amount
        changed.insert(key)
    }

    /// Those that were changed since this was asked last; none is known afterwards.
    fileprivate func take() -> [(key: UsageKey, amount: UsageAmount)] {
        defer { (amounts, changed) = ([:], []) }
        let taken = changed.map { (key: $0, amount: amounts[$0] ?? .zero) }
        return taken.sorted { ($0.key.number, $0.key.owner) < ($1.key.number, $1.key.owner) }
    }
}

extension StoreEditor {
    /// Has everything count that is there already, where a definition has it counted.
    func noteUsage(before: Catalog) {
        if catalog.counted.isEmpty { return }
        for number in catalog.counted
        where !before.counted.contains(number) && roots.counts[number] ?? 0 > 0 {
            roots.building[UsageKey.build(number)] = IndexProgress(
                collection: number,
                next: 1,
                end: roots.nextOrdinal
            )
        }
    }

    private func counts(_ number: UInt16, _ ordinal: UInt64) -> Bool {
        if catalog.counted.isEmpty { return false }
        return catalog.counted.contains(number) && !countsNothing
            && !roots.mayLackUsage(number, ordinal)
    }

    private func change(
        _ key: UsageKey,
        _ body: (inout UsageAmount) -> Void
    ) throws(StoreError) {
        let tree = Tree(root: roots.tree)
        var amount = try usage.amount(key, tree, view)
        let before = amount
        body(&amount)
        try usage.set(amount, of: key)
        guard let subtrees = usage.subtrees, subtrees.knows(key.number) else { return }
        amount -= before
        try subtrees.add(amount, to: key, tree, view)
    }

    /// Counts a version, and not the one before it any more.
    func count(_ put: PlannedPut) throws(StoreError) {
        let number = put.collection.number
        guard counts(number, put.ordinal) else { return }
        if let old = put.old {
            try change(UsageKey(number, old.entry.owner)) { $0 -= old.usage }
        }
        try change(UsageKey(number, put.record.owner)) { $0 += put.usage }
    }

    /// Does not count a record any more.
    func count(_ delete: PlannedDelete) throws(StoreError) {
        let number = delete.collection.number
        guard counts(number, delete.ordinal) else { return }
        try change(UsageKey(number, delete.old.entry.owner)) { $0 -= delete.old.usage }
    }

    /// Counts an edge.
    func count(_ edge: PlannedEdge) throws(StoreError) {
        guard counts(edge.type, edge.ordinal) else { return }
        try change(UsageKey(edge.type, edge.owner)) { $0 += edge.usage }
    }

    /// Does not count an edge any more, which is still there.
    func countEnd(of edge: PlannedEdge) throws(StoreError) {
        guard counts(edge.type, edge.ordinal) else { return }
        guard let entry = try entry(edge.ordinal) else {
            throw .inconsistent("edge \(edge.ordinal) ends, and cannot be read")
        }
        let amount = try amount(of: entry)
        try change(UsageKey(edge.type, entry.owner)) { $0 -= amount }
    }

    private func entry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        let view = view
        return try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
    }

    /// What counts of a stored record or edge.
    private func amount(of entry: OrdinalEntry) throws(StoreError) -> UsageAmount {
        guard let frames else {
            throw .inconsistent("what ends cannot be read by who ends nothing")
        }
        let place = LogPlace(bits: entry.place)
        let frame = try onLog { () throws(LogError) in try frames.frameForWriter(at: place) }
        try entry.check(frame.sequence)
        return UsageAmount(count: 1, bytes: try frame.content.usageBytes(at: place))
    }

    /// Puts what was counted into the tree.
    func settleUsage() throws(StoreError) {
        for (key, amount) in usage.take() {
            if amount.count == 0 {
                try remove(key.bytes)
            } else {
                try insert(key.bytes, value: amount.value)
            }
        }
    }

    // MARK: What was there before

    /// Counts some of what was there before it was counted.
    ///
    /// - Returns: whether anything is left.
    /// - Complexity: O(ordinals that are looked at + bytes of their frames).
    func countOlder(
        _ build: UInt16,
        ordinals: Int,
        _ clock: any Clock
    ) throws(StoreError) -> Bool {
        guard var progress = roots.building[build] else { return false }
        let number = progress.collection
        let end = min(progress.end, progress.next + UInt64(max(ordinals, 1)))
        let time = clock.elapsed() + Self.usageTurn
        var read = 0
        while progress.next < end, read < Self.readsPerTurn {
            if read > 0, read & 15 == 0, clock.elapsed() >= time { break }
            if let entry = try entry(progress.next), entry.isLiving(of: number) {
                let amount = try amount(of: entry)
                try change(UsageKey(number, entry.owner)) { $0 += amount }
                read += 1
            }
            progress.next += 1
        }
        let isLeft = progress.next < progress.end
        if isLeft {
            roots.building[build] = progress
        } else {
            roots.building.removeValue(forKey: build)
        }
        return isLeft
    }

    /// One turn of the writer reads no more frames, and takes no longer.
    private static let readsPerTurn = 512
    private static let usageTurn: Microseconds = 1500
}

extension Store {
    /// Goes on with counting what was there before it was counted.
    ///
    /// - Returns: true, as there may be more to be done behind.
    func countBehind(_ build: UInt16) throws(StoreError) -> Bool {
        let courtesy = Courtesy(clock, log, isWanted: { true })
        for _ in 0..<32 {
            let isLeft = Mutex(false)
            let ordinals = options.ordinalsPerPart
            try rearrange { [log, clock] editor throws(StoreError) in
                editor.frames = log
                let more = try editor.countOlder(build, ordinals: ordinals, clock)
                isLeft.withLock { $0 = more }
            }
            guard isLeft.withLock({ $0 }) else { return true }
            try makeRoom()
            courtesy.pause(0)
        }
        return true
    }

    /// The numbers under which what a schema has counted may be being counted.
    func usageBuilds(of schema: Schema) -> [UInt16] {
        let catalog = newest.state.catalog
        var builds: [UInt16] = []
        for collection in schema.collections where collection.isCounted {
            guard let entry = try? catalog.anyCollection(collection.name) else { continue }
            builds.append(UsageKey.build(entry.number))
        }
        for type in schema.edgeTypes where type.countsUsage {
            guard let entry = try? catalog.edgeType(type.name) else { continue }
            builds.append(UsageKey.build(entry.number))
        }
        return builds
    }
}

extension IndexBuild {
    /// How far the counting of what was there before is; nil where an index is built.
    init?(counting build: UInt16, _ progress: IndexProgress, _ catalog: Catalog) {
        guard UsageKey.isBuild(build), let name = catalog.name(of: progress.collection) else {
            return nil
        }
        self.init(
            collection: name,
            name: "$usage",
            done: Int(clamping: progress.next - 1),
            of: Int(clamping: progress.end - 1)
        )
    }
}
