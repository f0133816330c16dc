// What was made of records alone, and of what was made of these: what goes where all of its sources
// go. By an index over the sources only what hangs on what goes is looked at; without one all
// records that name sources are.

internal import MnemeModel
internal import MnemeStore

/// Finds what was made of records.
struct DerivedSearch {
    private let snapshot: Snapshot
    private let collection: Collection
    private let field: String

    /// So many names are looked up at a time.
    private static let namesAtOnce = 256

    /// A search among the records of a collection.
    ///
    /// - Throws: `.unknownCollection`; as `missing` where the role sources is missing.
    init(_ name: String, _ snapshot: Snapshot) throws(MnemeError) {
        collection = try snapshot.catalog.collection(name).schema
        guard let field = collection.roles.sources else {
            throw MemoryLayout.missing("sources", collection)
        }
        self.field = field
        self.snapshot = snapshot
    }

    /// The name of an index by which records are found by each of their sources.
    static func index(_ collection: Collection) -> String? {
        guard let field = collection.roles.sources else { return nil }
        return collection.indexes.first { index in
            index.condition == nil && index.fields.first == IndexField(field)
        }?.name
    }

    /// The records all of whose sources are among these or were made of these alone.
    ///
    /// - Complexity: O(records that name one of them) with an index, else O(records of the
    ///   collection), where there are any.
    func derived(from references: [Reference]) throws(MnemeError) -> [Reference] {
        if references.isEmpty { return [] }
        var going = Going(references)
        guard Self.index(collection) != nil else {
            let all = try find(.compare(field: field, .exists(true)))
            while going.take(all) {}
            return going.derived
        }
        var front = going.front
        // Whoever lost one source waits for the others, which may go later.
        var waiting: [Reference: Set<String>] = [:]
        while !front.isEmpty {
            for start in stride(from: 0, to: front.count, by: Self.namesAtOnce) {
                let names = front[start..<min(start + Self.namesAtOnce, front.count)]
                let found = try find(.compare(field: field, .any(names.map(Value.text))))
                waiting.merge(found) { _, new in new }
            }
            while going.take(waiting) {}
            front = going.front
        }
        return going.derived
    }

    /// The sources of the records for which a filter holds, also of what is put aside.
    private func find(_ filter: Filter) throws(MnemeError) -> [Reference: Set<String>] {
        var find = Find(
            collection.name,
            where: filter,
            limit: Int.max / 2,
            select: [Projection(stringLiteral: field)]
        )
        find.sight = try snapshot.everything(of: collection.name)
        var found: [Reference: Set<String>] = [:]
        for row in try snapshot.find(find).rows {
            guard case .array(let names) = row.record[field], !names.isEmpty else { continue }
            found[row.record.reference] = Set(names.compactMap { $0.text })
        }
        return found
    }
}

/// What goes, and how others name it.
private struct Going {
    private var references: Set<Reference>
    private var names: Set<String> = []
    private var untold: [String] = []
    private(set) var derived: [Reference] = []

    init(_ references: [Reference]) {
        self.references = Set(references)
        for reference in references { note(reference) }
    }

    /// The names of what goes since this was asked last.
    var front: [String] {
        mutating get {
            defer { untold = [] }
            return untold
        }
    }

    /// A source is named by its key, or with its collection.
    private mutating func note(_ reference: Reference) {
        for name in [reference.key.description, reference.description]
        where names.insert(name).inserted {
            untold.append(name)
        }
    }

    /// Has those go all of whose sources do; returns whether there were any.
    mutating func take(_ waiting: [Reference: Set<String>]) -> Bool {
        let fit = waiting.filter { !references.contains($0.key) && $0.value.isSubset(of: names) }
            .keys.sorted { $0.description < $1.description }
        for reference in fit {
            references.insert(reference)
            derived.append(reference)
            note(reference)
        }
        return !fit.isEmpty
    }
}
