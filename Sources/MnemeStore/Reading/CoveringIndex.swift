// Counting by the entries of an index: their keys have the fields that are asked for. Neighbours
// that begin alike are of one group, and are counted as a run. No record is read; whether one is
// there has to be looked up only where records may have expired, or where the entries are of others
// too.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// An index whose entries have all that a count asks.
struct CoveringIndex {
    /// What an entry costs against a record that is read.
    static let cost = 0.25

    let use: IndexUse
    /// About how many entries there are.
    let expected: Int
    /// The names of the parts, up to the last one that is asked for.
    let names: [String]
}

extension StateReader {
    /// The index that has all that a count asks and the least entries; nil where none has it.
    func covering(
        _ count: Count,
        _ collection: CollectionEntry,
        _ ownerPath: String?
    ) throws(StoreError) -> CoveringIndex? {
        let bounds = FilterBounds(count.filter, collection, ownerPath: ownerPath)
        let (wanted, computed) = (count.names, count.computedNames)
        var best: CoveringIndex?
        for entry in collection.indexes + [collection.keyIndex]
        where entry.spread == nil && state.roots.building[entry.number] == nil {
            var missing = wanted
            var names: [String] = []
            for part in entry.parts {
                if missing.isEmpty { break }
                names.append(part.path.field)
                let isExact = part.isExact || !computed.contains(part.path.field)
                if part.hasOrder, isExact { missing.remove(part.path.field) }
            }
            guard missing.isEmpty,
                let use = IndexUse(entry, collection, bounds, [], choice: 0, isWanted: true),
                use.held == nil
            else { continue }
            let expected = try FindPlan.estimate(use.ranges, estimate)
            if let best, best.expected <= expected { continue }
            best = CoveringIndex(use: use, expected: expected, names: names)
        }
        return best
    }

    /// Counts by the entries of an index.
    func count(
        _ count: Count,
        _ covering: CoveringIndex,
        _ plan: FindPlan,
        _ scope: OwnerScope
    ) throws(StoreError) -> Counted {
        var run = CoveredRun(Figures(count), covering.names, isPlain: count.isPlain)
        let use = covering.use
        let looksUp = mayHide || (count.owner != nil && !use.isOwned)
        var (entries, matched) = (0, 0)
        var wanted = WantedCheck()
        for range in use.ranges {
            if !looksUp, count.isPlain, count.groups.isEmpty {
                let number = try onTree { () throws(TreeError) in
                    try state.tree.count(range, in: view)
                }
                run.figures.add(number, to: 0)
                (entries, matched) = (entries + number, matched + number)
                continue
            }
            var cursor = try onTree { () throws(TreeError) in
                try state.tree.cursor(range, in: view)
            }
            if !looksUp, count.isPlain {
                while let leaf = try onTree({ () throws(TreeError) in try cursor.nextRun() }) {
                    entries += leaf.count
                    try wanted.passed(entries, self)
                    try run.take(leaf, cursor)
                }
                continue
            }
            while try onTree({ () throws(TreeError) in try cursor.next() }) {
                entries += 1
                try wanted.passed(entries, self)
                if looksUp {
                    let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
                    guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner) else {
                        continue
                    }
                }
                matched += 1
                try run.take(try onTree { () throws(TreeError) in try cursor.key })
            }
        }
        if !looksUp, count.isPlain { matched = entries }
        try run.end()
        var explanation = plan.explanation
        explanation.way = use.isKeys ? "all records by key" : use.name
        explanation.index = use.entry.index.name
        explanation.among = nil
        explanation.fixed = use.fixed
        explanation.spans = use.ranges.count
        explanation.isOrdered = false
        explanation.isReversed = false
        explanation.isCovered = true
        explanation.answered = count.filter?.conjuncts ?? []
        explanation.held = []
        explanation.expected = covering.expected
        explanation.entries = entries
        explanation.matched = matched
        return try counted(run.figures, count, explanation)
    }
}

/// Entries that begin alike, one after the other.
private struct CoveredRun {
    var figures: Figures
    private let names: [String]
    private let isPlain: Bool
    /// What the entries of the run begin with, up to the last part that is asked for.
    private var prefix: [UInt8]?
    private var values: [String: Value] = [:]
    private var place = 0
    /// How many of them were not counted yet.
    private var waiting = 0

    init(_ figures: Figures, _ names: [String], isPlain: Bool) {
        self.figures = figures
        self.names = names
        self.isPlain = isPlain
    }

    mutating func take(_ key: [UInt8]) throws(StoreError) {
        if let prefix, key.starts(with: prefix) {
            if isPlain {
                waiting += 1
            } else {
                figures.add(to: place) { values[$0] ?? .null }
            }
            return
        }
        try end()
        var reader = KeyReader(key, offset: 4)
        for name in names {
            let field = try onTree { () throws(TreeError) in try reader.getField() }
            values[name] = try Value(field)
        }
        prefix = Array(key[..<reader.offset])
        do throws(MnemeError) {
            place = try figures.place { values[$0] ?? .null }
        } catch {
            throw .refused(error)
        }
        if isPlain { waiting = 1 } else { figures.add(to: place) { values[$0] ?? .null } }
    }

    /// Takes the entries of a leaf, of which nothing is asked but how many they are: what begins
    /// alike stands together, so that it is enough to see how far that goes.
    ///
    /// - Complexity: O(log entries) keys for each group.
    mutating func take(_ leaf: TreeRun, _ cursor: TreeCursor) throws(StoreError) {
        func key(_ place: Int) throws(StoreError) -> [UInt8] {
            try onTree { () throws(TreeError) in try cursor.key(place, of: leaf) }
        }
        var first = 0
        while first < leaf.count {
            try take(try key(first))
            guard let prefix else { return }
            first += 1
            // All before `first` are of the group; `end` is no more, or may be another's.
            var end = leaf.count
            var step = 1
            while first < end {
                let place = min(first + step, end) - 1
                if try key(place).starts(with: prefix) {
                    waiting += place + 1 - first
                    first = place + 1
                    step *= 2
                } else {
                    end = place
                    step = max(1, (end - first) / 2)
                }
            }
        }
    }

    /// Counts what waits.
    mutating func end() throws(StoreError) {
        if waiting > 0 { figures.add(waiting, to: place) }
        waiting = 0
    }
}

extension IndexPart {
    /// Whether its keys have values as they were given, and not others that are equal to them.
    fileprivate var isExact: Bool {
        switch type {
        case .text, .float: false
        default: true
        }
    }
}

extension Value {
    /// A value as it stands in a key: texts in their normal form.
    ///
    /// - Throws: `.inconsistent` for a number among ints and floats, which no part has that is
    ///   counted by.
    fileprivate init(_ field: KeyField) throws(StoreError) {
        switch field {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(value)
        case .double(let value): self = .float(value)
        case .instant(let microseconds): self = .instant(Instant(microseconds: microseconds))
        case .date(let number): self = .date(Day(number: number))
        case .uuid(let high, let low): self = .uuid(UniqueID(high: high, low: low))
        case .text(let text): self = .text(text)
        case .bytes(let bytes): self = .bytes(bytes)
        case .number: throw .inconsistent("a key has a number of json where a field's is expected")
        }
    }
}
