// Choosing the way to the answer of a plain question: through all records by key, through one
// index, or through one index and past what a second one has. Ways are compared by about how many
// entries and records they touch, which the tree tells. Every way is right; one is chosen for what
// it costs.

internal import MnemeModel
internal import MnemeTree

/// How a plain question is answered.
struct FindPlan {
    /// Which entries of the tree are gone through, in the tree's order.
    private(set) var ranges: [TreeRange]
    private(set) var isReversed = false
    /// Whether they come in the order that was asked for.
    private(set) var isOrdered: Bool
    /// What of the filter is to be held against them; nil where nothing is.
    private(set) var held: Filter?
    /// Whether all of them are of the owner that was asked for.
    private(set) var isOwned = false
    /// Whether a record may come more than once.
    private(set) var mayRepeat = false
    /// What the answer is among besides; nothing where it is nil.
    private(set) var others: [TreeRange]?
    /// About how many they are; nil where nobody asked.
    private(set) var expected: Int?
    /// The index that has the entries; nil where they are all records by key.
    private(set) var use: IndexUse?
    /// For people.
    private(set) var summary: String
    /// For people who asked how; empty for others.
    private(set) var explanation = Explanation(way: "")

    /// Whether the filter holds for all of them, so that it need not be held against any.
    var isFiltered: Bool { held == nil }
    /// Whether they come by key.
    var isByKey: Bool { use?.isKeys ?? true }
    /// Whether it goes by an index, and not through everything.
    var usesIndex: Bool { use != nil }

    /// The one range that has the answer and nothing else, in its order; nil where there is none.
    var onlyRange: TreeRange? {
        isOrdered && isFiltered && !mayRepeat && others == nil && ranges.count == 1
            ? ranges[0] : nil
    }

    /// Chooses.
    ///
    /// `ownerPath`: the one owner of all records that can be meant, nil where there are several.
    /// `count`: how many records the collection has. `unready`: indexes that are being built.
    /// `goesOn`: from a row of an answer whose order was by key among equals, which no index but
    /// that of keys has. `estimate`: about how many entries a range of the tree has; what it throws
    /// is thrown.
    init(
        _ find: Find,
        _ collection: CollectionEntry,
        ownerPath: String?,
        count: Int,
        unready: [UInt16: IndexProgress],
        goesOn: Bool = false,
        estimate: (TreeRange) throws(StoreError) -> Int
    ) throws(StoreError) {
        let bounds = FilterBounds(find.filter, collection, ownerPath: ownerPath)
        let uses = Self.uses(find, collection, bounds, unready, goesOn: goesOn)
        let best = uses.firstIndex { $0.isAnswer(to: find) }
        if let best, !find.isExplained {
            self.init(uses[best], expected: nil)
            return
        }
        guard !uses.isEmpty else {
            self.init(allOf: collection, find)
            explain(find, [], PlanCosts(find, count: count), bounds)
            return
        }
        var costs = PlanCosts(find, count: count)
        for use in uses { costs.add(use, try Self.estimate(use.ranges, estimate)) }
        costs.sift(uses)
        switch best.map(PlanCosts.Choice.one) ?? costs.choice(uses) {
        case .all: self.init(allOf: collection, find)
        case .one(let place): self.init(uses[place], expected: costs.expected[place])
        case .both(let place, let other):
            self.init(uses[place], expected: costs.expected[place])
            others = uses[other].ranges
            summary += "; among those of " + uses[other].summary
            explanation.among = uses[other].entry.index.name
        }
        explain(find, uses, costs, bounds)
    }

    /// Goes on along the index of a cursor.
    ///
    /// - Throws: `.refused` where it does not serve the question in its order.
    init(
        _ find: Find,
        _ collection: CollectionEntry,
        ownerPath: String?,
        unready: [UInt16: IndexProgress],
        along entry: FindCursor.Entry
    ) throws(StoreError) {
        let bounds = FilterBounds(find.filter, collection, ownerPath: ownerPath)
        guard let index = collection.indexes.first(where: { $0.number == entry.index }),
            unready[index.number] == nil,
            let use = IndexUse(index, collection, bounds, find.order, choice: entry.choice),
            use.isOrdered
        else { throw .refused(FindCursor.outdated) }
        self.init(use, expected: nil)
        explain(find, [], PlanCosts(find, count: 0), bounds)
    }

    private init(allOf collection: CollectionEntry, _ find: Find) {
        ranges = [StoreKeys.records(collection.number)]
        isOrdered = find.order.isEmpty
        held = find.filter
        summary = Self.allSummary
    }

    private init(_ use: IndexUse, expected: Int?) {
        self.use = use
        ranges = use.ranges
        isReversed = use.isReversed
        isOrdered = use.isOrdered
        held = use.held
        isOwned = use.isOwned
        mayRepeat = use.mayRepeat
        summary = use.summary + (use.isOrdered ? ", in order" : "")
        if let expected {
            summary += ", about \(expected) expected"
            self.expected = expected
            explanation.expected = expected
        }
    }

    private static let allSummary = "all records by key"

    /// Every index that does something for a question; one alone that is the answer.
    private static func uses(
        _ find: Find,
        _ collection: CollectionEntry,
        _ bounds: FilterBounds,
        _ unready: [UInt16: IndexProgress],
        goesOn: Bool
    ) -> [IndexUse] {
        var uses: [IndexUse] = []
        for entry in collection.indexes {
            // It does not have all records yet.
            if !unready.isEmpty, unready[entry.number] != nil { continue }
            let choices = entry.spread.map { bounds.choices(of: entry.parts[$0]) } ?? 1
            for choice in 0..<max(1, choices) {
                let use = IndexUse(entry, collection, bounds, find.order, choice: choice)
                guard let use = goesOn ? use?.withoutOrder : use else { continue }
                if !find.isExplained, use.isAnswer(to: find) { return [use] }
                uses.append(use)
            }
        }
        let asksKey =
            find.order.contains { $0.field == PseudoField.key }
            || bounds.terms.contains { $0.path.field == PseudoField.key }
        guard asksKey else { return uses }
        let order = find.order.isEmpty ? [Order(PseudoField.key)] : find.order
        if let use = IndexUse(collection.keyIndex, collection, bounds, order, choice: 0) {
            uses.append(use)
        }
        return uses
    }

    /// Leaves out what does not stand behind a key of the tree, as the entries come.
    mutating func cut(after key: [UInt8]) {
        ranges = ranges.compactMap { range in
            var range = range
            if isReversed {
                if range.upper.map({ key.lexicographicallyPrecedes($0) }) ?? true {
                    range.upper = key
                }
            } else {
                let first = TreeRange.after(key)
                if range.lower.lexicographicallyPrecedes(first) { range.lower = first }
            }
            return range.isEmpty ? nil : range
        }
    }

    /// So many ranges are asked for; of more, some, and the rest is taken to be like them.
    private static let sampleCount = 32

    static func estimate(
        _ ranges: [TreeRange],
        _ estimate: (TreeRange) throws(StoreError) -> Int
    ) throws(StoreError) -> Int {
        let step = max(1, ranges.count / sampleCount)
        var (sum, asked) = (0, 0)
        for place in stride(from: 0, to: ranges.count, by: step) {
            sum += try estimate(ranges[place])
            asked += 1
        }
        return asked == ranges.count ? sum : Int(Double(sum) / Double(asked) * Double(ranges.count))
    }

    /// Says how it was chosen, where somebody wants to know.
    private mutating func explain(
        _ find: Find,
        _ uses: [IndexUse],
        _ costs: PlanCosts,
        _ bounds: FilterBounds
    ) {
        guard find.isExplained else { return }
        let way = use?.name ?? Self.allSummary
        explanation.way = explanation.among.map { "\(way), among those of index \($0)" } ?? way
        explanation.index = use?.entry.index.name
        explanation.fixed = use?.fixed ?? 0
        explanation.spans = ranges.count
        explanation.isOrdered = isOrdered
        explanation.isReversed = isReversed
        explanation.answered = bounds.parts(of: use?.answered ?? [], areAnswered: true)
        explanation.held = held.map(\.conjuncts) ?? []
        explanation.considered = [costs.all]
        for (place, use) in uses.enumerated() {
            explanation.considered.append(costs.candidate(use, place))
        }
        if use == nil { explanation.expected = costs.all.expected }
    }
}

extension IndexUse {
    /// Whether the filter holds for all records among its entries.
    var isFiltered: Bool { held == nil }

    /// Whether each entry is a row of the answer, in its order.
    fileprivate func isAnswer(to find: Find) -> Bool {
        isOrdered && isFiltered && (isOwned || find.owner == nil)
    }

    /// For people.
    var name: String { "index " + entry.index.name }

    /// For people.
    fileprivate var summary: String {
        "\(name), \(fixed) \(fixed == 1 ? "field" : "fields") fixed"
            + (isBounded ? ", the next one bounded" : "")
    }
}

extension Filter {
    /// What must all hold.
    var conjuncts: [Filter] {
        if case .and(let parts) = self { parts.flatMap(\.conjuncts) } else { [self] }
    }
}

/// What ways to an answer cost, in records that are read.
private struct PlanCosts {
    enum Choice {
        case all
        case one(Int)
        /// The entries of the first that are among those of the second too.
        case both(Int, Int)
    }

    /// To go on to the next entry of the tree and look at its ordinal.
    private static let entry = 0.1
    /// To note an entry's ordinal, to look it up among others'.
    private static let note = 0.15
    /// To descend the tree to the start of a range.
    private static let descent = 0.5
    /// How much further than expected one may have to go until enough records have passed.
    private static let caution = 4.0

    private let find: Find
    private let count: Double
    private(set) var expected: [Int] = []
    /// The places of the uses that are compared.
    private var places: [Int] = []

    init(_ find: Find, count: Int) {
        self.find = find
        self.count = Double(max(count, 1))
    }

    mutating func add(_ use: IndexUse, _ estimate: Int) { expected.append(estimate) }

    /// Leaves out uses that have all of another's records among theirs: estimates may say
    /// otherwise, and one that is far too small would hide what is better.
    mutating func sift(_ uses: [IndexUse]) {
        places = uses.indices.filter { place in
            !uses.indices.contains { better in
                guard better != place, uses[better].isWithin(uses[place]) else { return false }
                // Of two that are within each other one stays.
                return !uses[place].isWithin(uses[better])
                    || (expected[better], better) < (expected[place], place)
            }
        }
    }

    /// How many records can be expected at most for which the filter holds.
    private var matches: Double {
        var least = count
        for place in places { least = min(least, Double(expected[place])) }
        return max(1, least)
    }

    func choice(_ uses: [IndexUse]) -> Choice {
        var choice = Choice.all
        var least = costOfAll
        for place in places {
            let own = cost(of: uses[place], place)
            if own < least { (choice, least) = (.one(place), own) }
        }
        for place in places {
            let use = uses[place]
            for other in places where other != place {
                let second = uses[other]
                // What has all of the first anyway leaves nothing out.
                if let asked = second.asked, asked.union(second.answered).isSubset(of: use.answered)
                {
                    continue
                }
                let both = cost(of: use, place, among: second, other)
                if both < least { (choice, least) = (.both(place, other), both) }
            }
        }
        return choice
    }

    /// Going through all records.
    private var costOfAll: Double {
        cost(
            visited: visited(
                of: count,
                isOrdered: find.order.isEmpty,
                isFiltered: find.filter == nil
            ),
            isFiltered: find.filter == nil,
            isOrdered: find.order.isEmpty
        )
    }

    /// The way through all records, for people.
    var all: Explanation.Candidate {
        Explanation.Candidate(way: "all records by key", expected: Int(count), cost: costOfAll)
    }

    /// The way through an index, for people.
    func candidate(_ use: IndexUse, _ place: Int) -> Explanation.Candidate {
        Explanation.Candidate(
            way: use.name,
            expected: expected[place],
            cost: cost(of: use, place)
        )
    }

    private func cost(of use: IndexUse, _ place: Int) -> Double {
        let all = Double(expected[place])
        return Double(use.ranges.count) * Self.descent
            + cost(
                visited: visited(of: all, isOrdered: use.isOrdered, isFiltered: use.isFiltered),
                isFiltered: use.isFiltered,
                isOrdered: use.isOrdered
            )
    }

    private func cost(
        of use: IndexUse,
        _ place: Int,
        among second: IndexUse,
        _ other: Int
    ) -> Double {
        let (first, noted) = (Double(expected[place]), Double(expected[other]))
        let visited = visited(of: first, isOrdered: use.isOrdered, isFiltered: false)
        // As if the one said nothing of the other.
        let passed = visited * min(1, noted / count)
        return Double(use.ranges.count + second.ranges.count) * Self.descent + noted * Self.note
            + visited * (Self.entry + Self.note) + passed
    }

    /// How many entries are visited of so many, until enough have passed.
    private func visited(of all: Double, isOrdered: Bool, isFiltered: Bool) -> Double {
        guard isOrdered else { return all }
        let wanted = Double(find.reach)
        if isFiltered, find.owner == nil { return min(all, wanted) }
        return min(all, wanted * all / min(matches, max(all, 1)) * Self.caution)
    }

    private func cost(visited: Double, isFiltered: Bool, isOrdered: Bool) -> Double {
        // Who filters reads each; who sorts reads each that passes.
        let read = isFiltered && isOrdered ? min(visited, Double(find.reach)) : visited
        return visited * Self.entry + read
    }
}
