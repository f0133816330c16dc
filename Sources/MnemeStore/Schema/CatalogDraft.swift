// Schemas on their way into a catalog: what is new gets its numbers here. A draft is changed freely
// and then made a catalog, which never changes.

package import MnemeModel

extension Catalog {
    /// The catalog with a schema added: new collections and edge types, and new fields and indexes
    /// of those that are there.
    ///
    /// `mayHold`: whether a collection has any records, which would lack a new field that is
    /// required. What was written once was found right, so that nobody is asked.
    ///
    /// - Throws: `.badSchema` when it is not well-formed, `.schemaConflict` when it says otherwise
    ///   of what is there, `.tooLarge` when numbers run out.
    package func adding(
        _ schema: Schema,
        mayHold: (CollectionEntry) -> Bool = { _ in false }
    ) throws(MnemeError) -> Catalog {
        try schema.validate(
            existing: Set(visibleCollections.map(\.schema.name)),
            allowsHidden: true
        )
        var draft = CatalogDraft(self)
        for collection in schema.collections {
            try draft.add(collection, mayHold: mayHold)
            try draft.addHistory(of: collection)
        }
        for type in schema.edgeTypes {
            try draft.add(type)
            try draft.addPast(of: type)
        }
        for collection in schema.collections { try draft.addReferences(of: collection.name) }
        draft.version += 1
        draft.definitions.append(.schema(schema))
        return Catalog(draft)
    }

    /// A schema with what it leaves out of collections and edge types that are there.
    ///
    /// So one that names an index alone is one that adds it. The fields that are there come first,
    /// in their order, as some may be made of those before them. What names none of them says
    /// nothing of keys and roles either where these are the usual.
    func completed(_ schema: Schema) -> Schema {
        var whole = schema
        for (place, given) in schema.collections.enumerated() {
            guard let known = collections.first(where: { $0.schema.name == given.name })?.schema
            else { continue }
            // What is given twice stays there for the validation.
            var rest = given.fields
            let ordered = known.fields.map { field in
                let named = rest.firstIndex { $0.name == field.name }
                return named.map { rest.remove(at: $0) } ?? field
            }
            whole.collections[place].fields = ordered + rest
            guard rest.count == given.fields.count else { continue }
            if given.key == .text { whole.collections[place].key = known.key }
            if given.roles == Roles() { whole.collections[place].roles = known.roles }
        }
        for (place, given) in schema.edgeTypes.enumerated() {
            guard let known = edgeTypes.first(where: { $0.type.name == given.name })?.type,
                given
                    == EdgeType(given.name, indexes: given.indexes, history: given.history)
            else { continue }
            whole.edgeTypes[place] = known
            whole.edgeTypes[place].indexes = given.indexes
            whole.edgeTypes[place].history = given.history ?? known.history
        }
        return whole
    }

    /// Definitions that are new in this catalog, of collections that an older one has.
    func newIndexes(since older: Catalog) -> [(collection: CollectionEntry, indexes: [IndexEntry])]
    {
        older.collections.compactMap { before in
            guard let now = collection(number: before.number) else { return nil }
            let known = Set(before.indexes.map(\.number))
            let added = now.indexes.filter { !known.contains($0.number) }
            return added.isEmpty ? nil : (now, added)
        }
    }
}

/// A catalog that is being made.
struct CatalogDraft {
    var version: UInt32 = 0
    var switchVersion: UInt32 = 0
    var definitions: [Definition] = []
    private(set) var nextNumber: UInt16 = 1
    private(set) var collections: [CollectionEntry] = []
    private(set) var edgeTypes: [EdgeTypeEntry] = []
    private(set) var leaving: [CollectionEntry] = []
    private(set) var leavingTypes: [EdgeTypeEntry] = []

    /// Nothing defined.
    init() {}

    init(_ catalog: Catalog) {
        version = catalog.version
        switchVersion = catalog.switchVersion
        definitions = catalog.definitions
        nextNumber = catalog.nextNumber
        collections = catalog.collections
        edgeTypes = catalog.edgeTypes
        leaving = catalog.leaving
        leavingTypes = catalog.leavingTypes
    }

    mutating func take() throws(MnemeError) -> UInt16 {
        guard nextNumber < 0x7fff else {
            throw MnemeError(
                .tooLarge,
                "the store has no numbers left for new definitions; use another store"
            )
        }
        defer { nextNumber += 1 }
        return nextNumber
    }

    mutating func add(
        _ collection: Collection,
        mayHold: (CollectionEntry) -> Bool = { _ in false }
    ) throws(MnemeError) {
        if let place = collections.firstIndex(where: { $0.schema.name == collection.name }) {
            let known = collections[place]
            var draft = CollectionDraft(known)
            try draft.merge(collection, in: version + 1) { mayHold(known) }
            try number(&draft)
            try draft.checkQuotas()
            collections[place] = CollectionEntry(draft)
        } else {
            var draft = CollectionDraft(number: try take(), schema: collection)
            try number(&draft)
            try draft.checkQuotas()
            collections.append(CollectionEntry(draft))
        }
    }

    /// Gives numbers to what has none yet.
    private mutating func number(_ entry: inout CollectionDraft) throws(MnemeError) {
        try entry.checkCounts()
        try entry.checkLanguages()
        for field in entry.schema.fields {
            entry.addField(field.name)
            if case .vector(let type) = field.type, entry.lacksVector(field.name) {
                entry.add(try VectorEntry(number: try take(), name: field.name, type: type))
            }
            if field.isSearchable, entry.lacksText(field.name) {
                entry.addText(number: try take(), field.name)
            }
            if field.fill == .next, entry.lacksCounter(field.name) {
                entry.addCounter(number: try take(), field.name)
            }
        }
        for index in entry.schema.indexes where entry.lacksIndex(index.name) {
            entry.add(number: try take(), index)
        }
    }

    /// Puts a collection in the place of what it was before.
    mutating func replace(at place: Int, _ entry: CollectionEntry) { collections[place] = entry }

    /// Takes a collection out; what has its number is on its way out.
    mutating func removeCollection(_ number: UInt16) {
        leaving += collections.filter { $0.number == number }
        collections.removeAll { $0.number == number }
    }

    /// Takes an edge type out, as a collection.
    mutating func removeEdgeType(_ number: UInt16) {
        leavingTypes += edgeTypes.filter { $0.number == number }
        edgeTypes.removeAll { $0.number == number }
    }

    /// Takes an index out; its number is not given again.
    mutating func removeIndex(_ number: UInt16, of collection: UInt16) {
        guard let place = collections.firstIndex(where: { $0.number == collection }) else { return }
        var draft = CollectionDraft(collections[place])
        draft.removeIndex(number)
        replace(at: place, CollectionEntry(draft))
    }

    /// Has a field not be searched any more; the number of its words is not given again.
    mutating func removeSearch(_ name: String, of collection: UInt16) {
        guard let place = collections.firstIndex(where: { $0.number == collection }) else { return }
        var draft = CollectionDraft(collections[place])
        draft.removeSearch(name)
        replace(at: place, CollectionEntry(draft))
    }

    /// Takes a field out; its number is not given again.
    mutating func removeField(_ name: String, of collection: UInt16) {
        guard let place = collections.firstIndex(where: { $0.number == collection }) else { return }
        var draft = CollectionDraft(collections[place])
        draft.removeField(name)
        replace(at: place, CollectionEntry(draft))
    }

    mutating func add(_ type: EdgeType) throws(MnemeError) {
        if let place = edgeTypes.firstIndex(where: { $0.type.name == type.name }) {
            return try addIndexes(of: type, to: place)
        }
        let vectors = type.searchedFields.count { !$0.isSearchable }
        guard vectors <= CollectionDraft.vectorLimit else {
            throw MnemeError(
                .badSchema,
                "edge type \"\(type.name)\" has \(vectors) vectors; at most "
                    + "\(CollectionDraft.vectorLimit) are kept, put some into another type"
            )
        }
        guard type.fields.count <= CollectionDraft.fieldLimit else {
            throw MnemeError(
                .badSchema,
                "edge type \"\(type.name)\" has \(type.fields.count) fields; at most "
                    + "\(CollectionDraft.fieldLimit) are kept, put some into a json field"
            )
        }
        var type = type
        type.fields = type.fields.map(\.settled)
        let number = try take()
        var numbers: [UInt16] = []
        for _ in type.indexes { numbers.append(try take()) }
        try type.checkLanguages()
        var searches: [UInt16] = []
        for _ in type.searchedFields { searches.append(try take()) }
        edgeTypes.append(
            try EdgeTypeEntry(number: number, type: type, indexes: numbers, searches: searches)
        )
    }

    /// Adds what a newer definition of a type has more: indexes, that it is counted, a history, and
    /// which properties say when an edge is true.
    private mutating func addIndexes(of newer: EdgeType, to place: Int) throws(MnemeError) {
        let known = edgeTypes[place]
        var (type, bare) = (known.type, newer)
        type.takeRecalls(of: &bare)
        bare.indexes = type.indexes
        // A definition that says nothing of it ends no counting.
        type.countsUsage = type.countsUsage || newer.countsUsage
        bare.countsUsage = type.countsUsage
        // Nor a history.
        type.history = newer.history ?? type.history
        bare.history = type.history
        // Which properties say when an edge is true may come later.
        type.validFrom = newer.validFrom ?? type.validFrom
        type.validTo = newer.validTo ?? type.validTo
        (bare.validFrom, bare.validTo) = (type.validFrom, type.validTo)
        try type.checkSearchStays(in: newer)
        guard bare == type else {
            throw MnemeError(
                .schemaConflict,
                "edge type \"\(newer.name)\" is there already and says otherwise; only indexes, "
                    + "usage, a history, validFrom, validTo and the recall of vectors can be added "
                    + "to it, give the new one another name"
            )
        }
        var numbers = known.indexed?.indexes.map(\.number) ?? []
        for index in newer.indexes {
            if let same = type.indexes.first(where: { $0.name == index.name }) {
                guard same == index else {
                    throw MnemeError(
                        .schemaConflict,
                        "edge type \"\(newer.name)\" has another index \"\(index.name)\" already; "
                            + "drop that first, or give the new one another name"
                    )
                }
                continue
            }
            type.indexes.append(index)
            numbers.append(try take())
        }
        edgeTypes[place] = try EdgeTypeEntry(
            number: known.number,
            type: type,
            indexes: numbers,
            searches: known.searchNumbers
        )
    }

    /// Takes an index of an edge type out; its number is not given again.
    ///
    /// - Throws: as the type itself, which was found right.
    mutating func removeIndex(_ number: UInt16, ofType place: Int) throws(MnemeError) {
        let entry = edgeTypes[place]
        var numbers = entry.indexed?.indexes.map(\.number) ?? []
        guard let at = numbers.firstIndex(of: number) else { return }
        var type = entry.type
        type.indexes.remove(at: at)
        numbers.remove(at: at)
        edgeTypes[place] = try EdgeTypeEntry(
            number: entry.number,
            type: type,
            indexes: numbers,
            searches: entry.searchNumbers
        )
    }
}
