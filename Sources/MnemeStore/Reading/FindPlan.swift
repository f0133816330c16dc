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
    /// Whether the filter holds for all of them, so that it need not be held against any.
    private(set) var isFiltered: Bool
    /// Whether all of them are of the owner that was asked for.
    private(set) var isOwned = false
    /// Whether a record may come more than once.
    private(set) var mayRepeat = false
    /// What the answer is among besides; nothing where it is nil.
    private(set) var others: [TreeRange]?
    /// For people.
    private(set) var summary: String
    /// Whether it goes by an index, and not through everything.
    private(set) var usesIndex = true

    /// The one range that has the answer and nothing else, in its order; nil where there is none.
    var onlyRange: TreeRange? {
        isOrdered && isFiltered && !mayRepeat && others == nil && ranges.count == 1
            ? ranges[0] : nil
    }

    /// Chooses.
    ///
    /// `ownerPath`: the one owner of all records that can be meant, nil where there are several.
    /// `count`: how many records the collection has. `unready`: indexes that are being built.
    /// `estimate`: about how many entries a range of the tree has; what it throws is thrown.
    init(
        _ find: Find,
        _ collection: CollectionEntry,
        ownerPath: String?,
        count: Int,
        unready: [UInt16: IndexProgress],
        estimate: (TreeRange) throws(StoreError) -> Int
    ) throws(StoreError) {
        let bounds = FilterBounds(find.filter, collection, ownerPath: ownerPath)
        var uses: [IndexUse] = []
        for entry in collection.indexes {
            // It does not have all records yet.
            if !unready.isEmpty, unready[entry.number] != nil { continue }
            let choices = entry.spread.map { bounds.choices(of: entry.parts[$0]) } ?? 1
            for choice in 0..<max(1, choices) {
                guard let use = IndexUse(entry, collection, bounds, find.order, choice: choice)
                else { continue }
                // Each entry is a row.
                if use.isOrdered, use.isFiltered, use.isOwned || find.owner == nil {
                    self.init(use, expected: nil)
                    return
                }
                uses.append(use)
            }
        }
        guard !uses.isEmpty else {
            self.init(allOf: collection, find, summary: "all records by key")
            return
        }
        var costs = PlanCosts(find, count: count)
        for use in uses { costs.add(use, try Self.estimate(use.ranges, estimate)) }
        switch costs.choice(uses) {
        case .all: self.init(allOf: collection, find, summary: "all records by key")
        case .one(let place): self.init(uses[place], expected: costs.expected[place])
        case .both(let place, let other):
            self.init(uses[place], expected: costs.expected[place])
            others = uses[other].ranges
            summary += "; among those of " + Self.name(uses[other])
        }
    }

    private init(allOf collection: CollectionEntry, _ find: Find, summary: String) {
        usesIndex = false
        ranges = [StoreKeys.records(collection.number)]
        isOrdered = find.order.isEmpty
        isFiltered = find.filter == nil
        self.summary = summary
    }

    private init(_ use: IndexUse, expected: Int?) {
        ranges = use.ranges
        isReversed = use.isReversed
        isOrdered = use.isOrdered
        isFiltered = use.isFiltered
        isOwned = use.isOwned
        mayRepeat = use.mayRepeat
        summary = Self.name(use) + (use.isOrdered ? ", in order" : "")
        if let expected { summary += ", about \(expected) expected" }
    }

    private static func name(_ use: IndexUse) -> String {
        "index \(use.entry.index.name), \(use.fixed) fields fixed"
            + (use.isBounded ? ", the next one bounded" : "")
    }

    /// So many ranges are asked for; of more, some, and the rest is taken to be like them.
    private static let sampleCount = 32

    private static func estimate(
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

    init(_ find: Find, count: Int) {
        self.find = find
        self.count = Double(max(count, 1))
    }

    mutating func add(_ use: IndexUse, _ estimate: Int) { expected.append(estimate) }

    /// How many records can be expected at most for which the filter holds.
    private var matches: Double { max(1, Double(expected.min() ?? 0)) }

    func choice(_ uses: [IndexUse]) -> Choice {
        var choice = Choice.all
        var least = cost(
            visited: visited(
                of: count,
                isOrdered: find.order.isEmpty,
                isFiltered: find.filter == nil
            ),
            isFiltered: find.filter == nil,
            isOrdered: find.order.isEmpty
        )
        for (place, use) in uses.enumerated() {
            let own = cost(of: use, place)
            if own < least { (choice, least) = (.one(place), own) }
        }
        for (place, use) in uses.enumerated() {
            for (other, second) in uses.enumerated() where other != place {
                guard second.entry.number != use.entry.number || second.mayRepeat else { continue }
                let both = cost(of: use, place, among: second, other)
                if both < least { (choice, least) = (.both(place, other), both) }
            }
        }
        return choice
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
