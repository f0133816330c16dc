// Holding a question's filter against versions of records, and putting those that pass in order.
// Only the fields that filter and order speak of are read for it.

internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// A question's filter, and the reader of the versions that it is held against.
struct RecordTest {
    let collection: CollectionEntry
    /// Reads what it is held against; a version that passed need not be read again.
    var reader: RecordReader
    private let filter: FilterTest?
    /// The fields that the filter speaks of.
    private let choice: FieldChoice
    private let asksKey: Bool
    private let asksVersion: Bool

    /// A test that every version passes when there is no filter.
    init(_ filter: Filter?, _ collection: CollectionEntry, _ reader: RecordReader) {
        self.filter = filter.map(FilterTest.init)
        self.collection = collection
        self.reader = reader
        let names = filter?.fields ?? []
        choice = FieldChoice(collection, Array(names))
        asksKey = names.contains(PseudoField.key)
        asksVersion = names.contains(PseudoField.version)
    }

    /// Whether the version that an entry names passes; it is not read when there is no filter, nor
    /// for its number alone.
    mutating func passes(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        guard let filter else { return true }
        if asksKey || choice.count > 0 || !asksVersion { try reader.open(entry) }
        var fields = try reader.fields(choice)
        if asksKey { fields[PseudoField.key] = try reader.key().value }
        if asksVersion { fields[PseudoField.version] = .int(Int64(clamping: entry.birth)) }
        return filter.holds { fields[$0] ?? .null }
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
        matches = Array(inOrder().prefix(wanted))
    }

    /// Those that are left, in order.
    func inOrder() -> [OrderedMatch] {
        matches.sorted { $0.place.isOrdered(before: $1.place, order) }
    }
}
