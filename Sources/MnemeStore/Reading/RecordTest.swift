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

    /// A test that every version passes when there is no filter.
    init(_ filter: Filter?, _ collection: CollectionEntry, _ reader: RecordReader) {
        self.filter = filter.map(FilterTest.init)
        self.collection = collection
        self.reader = reader
        choice = FieldChoice(collection, filter.map { Array($0.fields) } ?? [])
    }

    /// Whether the version that an entry names passes; it is not read when there is no filter.
    mutating func passes(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        guard let filter else { return true }
        try reader.open(entry)
        let fields = try reader.fields(choice)
        return filter.holds { fields[$0] ?? .null }
    }
}

/// A version that passed, with what puts it in order.
struct OrderedMatch {
    let entry: OrdinalEntry
    let key: Key
    /// The fields of the order.
    let values: [Value]

    /// The order asked for; by key among equals, which an index does not promise.
    func isOrdered(before other: OrderedMatch, _ order: [Order]) -> Bool {
        for (index, part) in order.enumerated() {
            let result = Value.compare(values[index], other.values[index])
            if result != 0 { return (result < 0) != part.isDescending }
        }
        return Value.compare(key.value, other.key.value) < 0
    }
}

/// Versions that passed, of which only the first ones in an order are wanted.
struct BestMatches {
    private var matches: [OrderedMatch] = []
    private let order: [Order]
    private let wanted: Int

    init(_ find: Find) {
        order = find.order
        wanted = find.reach
    }

    /// Adds one, and lets go of those that cannot be wanted any more, now and then.
    mutating func add(_ match: OrderedMatch) {
        matches.append(match)
        guard wanted < 1 << 20, matches.count >= 2 * wanted + 1024 else { return }
        matches = Array(inOrder().prefix(wanted))
    }

    /// Those that are left, in order.
    func inOrder() -> [OrderedMatch] { matches.sorted { $0.isOrdered(before: $1, order) } }
}
