// Holding a question's filter against versions of records, and putting those that pass in order.
// Only the fields that filter and order speak of are read for it.

internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// A question's filter made ready to be held against versions of a collection's records.
struct HeldFilter: Sendable {
    /// Of bodies alone; nil where it speaks of more than they have.
    fileprivate let body: BodyTest?
    fileprivate let filter: FilterTest
    /// The fields that the filter speaks of.
    fileprivate let choice: FieldChoice
    /// The numbers of those of them that stand in bodies.
    fileprivate let numbers: [UInt16]
    fileprivate let asksKey: Bool
    fileprivate let asksVersion: Bool

    init(_ filter: Filter, _ collection: CollectionEntry) {
        self.filter = FilterTest(filter)
        let names = filter.fields
        choice = FieldChoice(collection, Array(names))
        numbers = names.compactMap { collection.fieldNumbers[$0] }
        asksKey = names.contains(PseudoField.key)
        asksVersion = names.contains(PseudoField.version)
        let vectors = choice.hasVectors
        body = vectors ? nil : BodyTest(filter) { collection.fieldNumbers[$0] }
    }
}

/// A question's filter, and the reader of the versions that it is held against.
struct RecordTest {
    let collection: CollectionEntry
    /// Reads what it is held against; a version that passed need not be read again.
    var reader: RecordReader
    private let held: HeldFilter?

    /// A test that every version passes when there is no filter.
    init(_ filter: Filter?, _ collection: CollectionEntry, _ reader: RecordReader) {
        self.init(filter.map { HeldFilter($0, collection) }, collection, reader)
    }

    /// The same, of a filter that was made ready.
    init(_ held: HeldFilter?, _ collection: CollectionEntry, _ reader: RecordReader) {
        self.held = held
        self.collection = collection
        self.reader = reader
    }

    /// The numbers of the fields that are looked at.
    var fieldNumbers: [UInt16] { held?.numbers ?? [] }

    /// Whether the version that an entry names passes; it is not read when there is no filter, nor
    /// for its number alone.
    mutating func passes(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        guard let held else { return true }
        if let body = held.body {
            try reader.open(entry)
            return try reader.passes(body)
        }
        if held.asksKey || held.choice.count > 0 || !held.asksVersion { try reader.open(entry) }
        var fields = try reader.fields(held.choice)
        if held.asksKey { fields[PseudoField.key] = try reader.key().value }
        if held.asksVersion {
            fields[PseudoField.version] = .int(Int64(clamping: entry.birth))
        }
        return held.filter.holds { fields[$0] ?? .null }
    }
}

/// Where a version stands in an order.
struct RowPlace: Equatable {
    /// What it has in the order's fields.
    let values: [Value]
    let key: Key

    /// The order asked for; by key among equals, which an index does not promise.
    func isOrdered(before other: RowPlace, _ order: [Order]) -> Bool {
        let result = compare(other, order)
        return result == 0 ? Value.compare(key.value, other.key.value) < 0 : result < 0
    }

    /// Negative, zero or positive as it comes before, with or after another in the order alone.
    func compare(_ other: RowPlace, _ order: [Order]) -> Int {
        for (index, part) in order.enumerated() {
            let result = Value.compare(values[index], other.values[index])
            if result != 0 { return part.isDescending ? -result : result }
        }
        return 0
    }
}

/// A version that passed, with what puts it in order.
struct OrderedMatch {
    let entry: OrdinalEntry
    let place: RowPlace
    /// Of two that differ in it, the lower comes first.
    let rank: UInt64

    init(_ entry: OrdinalEntry, _ place: RowPlace, _ order: [Order]) {
        self.entry = entry
        self.place = place
        guard let first = order.first, let value = place.values.first else {
            rank = 0
            return
        }
        rank = first.isDescending ? ~value.rank : value.rank
    }
}

/// Versions that passed, of which only the first ones in an order are wanted.
struct BestMatches {
    private var matches: [OrderedMatch] = []
    private let order: [Order]
    private let wanted: Int
    /// Those that do not stand behind it are not wanted either.
    private let behind: RowPlace?
    /// How many were wanted, as far as order says nothing.
    private(set) var count = 0

    init(_ find: Find, behind: RowPlace?) {
        order = find.order
        wanted = find.reach
        self.behind = behind
    }

    /// Adds one, and lets go of those that cannot be wanted any more, now and then.
    mutating func add(_ match: OrderedMatch) {
        if let behind, !behind.isOrdered(before: match.place, order) { return }
        count += 1
        matches.append(match)
        guard wanted < 1 << 20, matches.count >= 2 * wanted + 1024 else { return }
        matches = first(wanted)
    }

    /// The first ones of those that are left, at most so many, in order.
    ///
    /// - Complexity: O(*n* log *n*).
    func first(_ most: Int) -> [OrderedMatch] {
        // What is moved about is small, and most pairs are told apart by numbers.
        var places = matches.indices.map { (rank: matches[$0].rank, place: $0) }
        places.sort { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            return matches[left.place].place.isOrdered(before: matches[right.place].place, order)
        }
        return places.prefix(most).map { matches[$0.place] }
    }
}

extension Value {
    /// A number that does not fall as values rise in their order: those that differ in it are told
    /// apart, and of others nothing is said.
    fileprivate var rank: UInt64 {
        let kind: UInt64
        var within: UInt64 = 0
        switch self {
        case .null: kind = 0
        case .bool(let value): (kind, within) = (1, value ? 1 : 0)
        case .int(let number): (kind, within) = (2, Self.rank(Double(number)))
        case .float(let number): (kind, within) = (2, Self.rank(number))
        case .date(let day): (kind, within) = (3, Self.rank(Int64(day.number)))
        case .instant(let instant): (kind, within) = (4, Self.rank(instant.microseconds))
        case .text: kind = 5
        case .uuid(let id): (kind, within) = (6, id.high >> 4)
        case .bytes: kind = 7
        case .array: kind = 8
        case .map: kind = 9
        case .vector: kind = 10
        }
        return kind << 60 | within
    }

    /// In 60 bits; ints become floats here, of which two may become one.
    private static func rank(_ number: Double) -> UInt64 {
        if number.isNaN { return 1 << 60 - 1 }
        // Both zeros are one.
        let bits = (number + 0).bitPattern
        return (bits >> 63 == 0 ? bits | 1 << 63 : ~bits) >> 4
    }

    /// In 60 bits; beyond what most are, many become one.
    private static func rank(_ number: Int64) -> UInt64 {
        let half = Int64(1) << 59
        return UInt64(min(max(number, -half), half - 1) + half)
    }
}
