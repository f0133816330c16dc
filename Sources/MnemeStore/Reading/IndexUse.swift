// What one index can do for a question: which of its entries are gone through, whether they come in
// the order asked for, and how much of the filter holds for all of them.

internal import MnemeModel
internal import MnemeTree

/// What an index does for a question.
struct IndexUse {
    let entry: IndexEntry
    /// The entries that are gone through: all records for which the filter holds are among them.
    let ranges: [TreeRange]
    /// How many leading parts are held to single values.
    let fixed: Int
    /// Whether the next part is held to more than one value, or to spans of them.
    let isBounded: Bool
    /// Whether they come in the order asked for, and whether backwards.
    private(set) var isOrdered: Bool
    let isReversed: Bool
    /// Whether all of them are of the owner asked for.
    let isOwned: Bool
    /// Whether a record may come more than once.
    let mayRepeat: Bool
    /// Which of the terms its spread part is held to.
    let choice: Int
    /// The places of the terms that hold for all records among them.
    let answered: Set<Int>
    /// The places of the terms that its ranges are of; nil where those are of part of a term.
    let asked: Set<Int>?
    /// What of the filter is to be held against them; nil where nothing is left.
    let held: Filter?

    /// More ranges are made one for each prefix.
    private static let rangeLimit = 1 << 16

    /// Nil when the index does nothing, or lacks records for which the filter may hold.
    ///
    /// `isWanted`: that it has all records with their fields is enough.
    init?(
        _ entry: IndexEntry,
        _ collection: CollectionEntry,
        _ bounds: FilterBounds,
        _ order: [Order],
        choice: Int,
        isWanted: Bool = false
    ) {
        var answered: Set<Int> = []
        if let condition = entry.index.condition {
            let implied = PartialCondition(condition, collection)
            guard let held = implied.isImplied(by: bounds) else { return nil }
            answered = held
        }
        self.entry = entry
        var prefixes = [StoreKeys.index(collection, entry).bytes]
        var ranges: [TreeRange]?
        var singles: [Bool] = []
        var fixed = 0
        var isBounded = false
        var asked: Set<Int>? = []
        for part in entry.parts {
            guard let found = bounds.spans(of: part, choice: choice) else { break }
            let (spans, exact) = (found.spans, found.answered)
            answered.formUnion(exact)
            asked = found.terms.flatMap { asked?.union($0) }
            let isDescending = part.isDescending
            let count = prefixes.count.multipliedReportingOverflow(by: spans.spans.count)
            if spans.arePoints, !count.overflow, count.partialValue <= Self.rangeLimit {
                let points = isDescending ? spans.spans.reversed() : spans.spans
                prefixes = prefixes.flatMap { prefix in
                    points.map { prefix + $0.bytes(descending: isDescending) }
                }
                singles.append(spans.isSingle)
                if spans.isSingle, !isBounded { fixed += 1 } else { isBounded = true }
                if prefixes.isEmpty { break }
                continue
            }
            isBounded = true
            var parts = spans.spans
            if count.overflow || count.partialValue > Self.rangeLimit,
                let first = parts.first, let last = parts.last
            {
                parts = [KeySpan(lower: first.lower, upper: last.upper, isPoint: false)]
                answered.subtract(exact)
            }
            if isDescending { parts.reverse() }
            ranges = prefixes.flatMap { prefix in
                parts.map { $0.range(behind: prefix, descending: isDescending) }
            }
            break
        }
        self.ranges = ranges ?? prefixes.map { TreeRange.prefix($0) }
        self.fixed = fixed
        self.isBounded = isBounded
        if let spread = entry.spread {
            mayRepeat = !(spread < singles.count && singles[spread])
        } else {
            mayRepeat = false
        }
        let direction = mayRepeat ? nil : Self.direction(entry.parts, singles, order)
        isOrdered = direction != nil
        isReversed = direction == .backward
        isOwned = bounds.ownerTerm.map { answered.contains($0) } ?? false
        self.choice = choice
        self.answered = answered
        self.asked = asked
        held = bounds.rest(of: answered)
        if !isUseful, !isWanted { return nil }
    }

    /// Whether going through it is anything else than going through all records.
    private var isUseful: Bool {
        fixed > 0 || isBounded || isOrdered || entry.index.condition != nil
    }

    /// Whether all records among its entries are among another use's, and its way is no worse: what
    /// the other is held to holds for all of them.
    func isWithin(_ other: IndexUse) -> Bool {
        guard let asked = other.asked, other.entry.index.condition == nil else { return false }
        return asked.isSubset(of: answered) && (isOrdered || !other.isOrdered)
            && (!mayRepeat || other.mayRepeat) && ranges.count <= max(16, other.ranges.count)
    }

    /// Whether it is the list of all records by their keys.
    var isKeys: Bool { entry.number == 0 }

    /// The same without an order; nil where nothing is left of its use.
    var withoutOrder: IndexUse? {
        var use = self
        use.isOrdered = false
        return use.isUseful ? use : nil
    }

    private enum Direction {
        case forward
        case backward
    }

    /// Which way the entries run in an order; nil when they do not, or none was asked for.
    private static func direction(
        _ parts: [IndexPart],
        _ singles: [Bool],
        _ order: [Order]
    ) -> Direction? {
        if order.isEmpty { return nil }
        func isSingle(_ place: Int) -> Bool { place < singles.count && singles[place] }
        var place = 0
        var direction: Direction?
        for wanted in order {
            // A part that has one value changes no order.
            let isFixed = parts.indices.contains { place in
                isSingle(place) && parts[place].hasOrder && parts[place].path.field == wanted.field
            }
            if isFixed { continue }
            while place < parts.count, isSingle(place) { place += 1 }
            guard place < parts.count, parts[place].hasOrder,
                parts[place].path.field == wanted.field
            else { return nil }
            let next: Direction =
                parts[place].isDescending == wanted.isDescending ? .forward : .backward
            if let direction, direction != next { return nil }
            direction = next
            place += 1
        }
        return direction ?? .forward
    }
}

extension CollectionEntry {
    /// The list of all records by their keys, as an index over `$key`.
    var keyIndex: IndexEntry {
        let type: FieldType =
            switch schema.key {
            case .text: .text
            case .int: .int
            case .uuid: .uuid
            }
        return IndexEntry(
            number: 0,
            index: Index(PseudoField.key, on: [IndexField(PseudoField.key)]),
            parts: [IndexPart(IndexField(PseudoField.key), number: 0, type: type)]
        )
    }
}

extension IndexPart {
    /// Whether its keys stand in the order of the field's values.
    var hasOrder: Bool { !isSpread && !isFolded && !path.goesInside }
}
