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
        for type in schema.edgeTypes { try draft.add(type) }
        for collection in schema.collections { try draft.addReferences(of: collection.name) }
        draft.version += 1
        draft.definitions.append(.schema(schema))
        return Catalog(draft)
    }

    /// A schema with what it leaves out of collections and edge types that are there.
    ///
    /// So one that names an index alone is one that adds it. The fields that are there come first.
    /// What names none of them says nothing of keys and roles either where these are the usual.
    func completed(_ schema: Schema) -> Schema {
        var whole = schema
        for (place, given) in schema.collections.enumerated() {
            guard let known = collections.first(where: { $0.schema.name == given.name })?.schema
            else { continue }
            let lacking = known.fields.filter { given.field($0.name) == nil }
            whole.collections[place].fields = lacking + given.fields
            guard lacking.count == known.fields.count else { continue }
            if given.key == .text { whole.collections[place].key = known.key }
            if given.roles == Roles() { whole.collections[place].roles = known.roles }
        }
        for (place, given) in schema.edgeTypes.enumerated() {
            guard let known = edgeTypes.first(where: { $0.type.name == given.name })?.type,
                given == EdgeType(given.name, indexes: given.indexes)
            else { continue }
            whole.edgeTypes[place] = known
            whole.edgeTypes[place].indexes = given.indexes
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
        guard type.fields.count <= CollectionDraft.fieldLimit else {
            throw MnemeError(
                .badSchema,
                "edge type \"\(type.name)\" has \(type.fields.count) fields; at most "
                    + "\(CollectionDraft.fieldLimit) are kept, put some into a json field"
            )
        }
        let number = try take()
        var numbers: [UInt16] = []
        for _ in type.indexes { numbers.append(try take()) }
        edgeTypes.append(EdgeTypeEntry(number: number, type: type, indexes: numbers))
    }

    /// Adds what a newer definition of a type has more, which are indexes alone.
    private mutating func addIndexes(of newer: EdgeType, to place: Int) throws(MnemeError) {
        let known = edgeTypes[place]
        var (type, bare) = (known.type, newer)
        bare.indexes = type.indexes
        // A definition that says nothing of it ends no counting.
        type.countsUsage = type.countsUsage || newer.countsUsage
        bare.countsUsage = type.countsUsage
        guard bare == type else {
            throw MnemeError(
                .schemaConflict,
                "edge type \"\(newer.name)\" is there already and says otherwise; only indexes "
                    + "can be added to it, give the new one another name"
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
        edgeTypes[place] = EdgeTypeEntry(number: known.number, type: type, indexes: numbers)
    }

    /// Takes an index of an edge type out; its number is not given again.
    mutating func removeIndex(_ number: UInt16, ofType place: Int) {
        let entry = edgeTypes[place]
        var numbers = entry.indexed?.indexes.map(\.number) ?? []
        guard let at = numbers.firstIndex(of: number) else { return }
        var type = entry.type
        type.indexes.remove(at: at)
        numbers.remove(at: at)
        edgeTypes[place] = EdgeTypeEntry(number: entry.number, type: type, indexes: numbers)
    }
}

/// A collection that is being made.
struct CollectionDraft {
    let number: UInt16
    /// Set by its extensions too, and by nobody else; so are names, indexes, vectors and texts.
    var schema: Collection
    var fieldNumbers: [String: UInt16] = [:]
    var fieldNames: [UInt16: String] = [:]
    var spelledNames: [SpelledName?] = [nil]
    var indexes: [IndexEntry] = []
    private(set) var references: [ReferenceEntry] = []
    var vectors: [VectorEntry] = []
    var texts: [TextEntry] = []
    var droppedTexts: [UInt16] = []
    /// Fields that come to be searched when records may have them.
    var lateTexts: Set<String> = []
    private(set) var counters: [FieldCounter] = []
    private(set) var late: [LateField] = []

    init(number: UInt16, schema: Collection) {
        self.number = number
        self.schema = schema
        self.schema.fields = schema.fields.map(\.settled)
    }

    init(_ entry: CollectionEntry) {
        number = entry.number
        schema = entry.schema
        fieldNumbers = entry.fieldNumbers
        fieldNames = entry.fieldNames
        spelledNames = entry.spelledNames
        indexes = entry.indexes
        references = entry.references
        vectors = entry.vectors
        texts = entry.texts
        droppedTexts = entry.droppedTexts
        counters = entry.counters
        late = entry.late
    }

    /// Takes over what a newer definition adds, in the catalog of a version.
    ///
    /// `hasRecords`: asked where a new field is required.
    mutating func merge(
        _ newer: Collection,
        in version: UInt32,
        hasRecords: () -> Bool
    ) throws(MnemeError) {
        func conflict(_ what: String) -> MnemeError {
            MnemeError(
                .schemaConflict,
                "collection \"\(schema.name)\" is there already with \(what); what is defined "
                    + "cannot be changed, only added to: say what is new alone, or all of it as it "
                    + "stands"
            )
        }
        guard newer.key == schema.key else { throw conflict("keys of type \(schema.key)") }
        for field in newer.fields {
            if let known = schema.field(field.name) {
                if known == field || takesRecall(of: field, known) { continue }
                guard try isSearchedFromNow(field, known) else {
                    throw conflict("another field \"\(field.name)\"")
                }
                continue
            }
            // Records that are there have the default, or what is generated.
            let isLate = field.standard != nil || field.generated != nil
            guard isLate || !field.isRequired || !hasRecords() else {
                throw conflict("records that lack the new required field \"\(field.name)\"")
            }
            if isLate, field.isSearchable { lateTexts.insert(field.name) }
            schema.fields.append(field.settled)
            addField(field.name)
            guard isLate, let number = fieldNumbers[field.name] else { continue }
            late.append(
                LateField(since: version, place: schema.fields.count - 1, number: number)
            )
        }
        for check in newer.checks {
            if let known = schema.checks.first(where: { $0.name == check.name }) {
                guard known == check else { throw conflict("another check \"\(check.name)\"") }
            } else {
                schema.checks.append(check)
            }
        }
        for index in newer.indexes {
            if let known = schema.indexes.first(where: { $0.name == index.name }) {
                guard known == index else { throw conflict("another index \"\(index.name)\"") }
            } else {
                schema.indexes.append(index)
            }
        }
        for rule in newer.references {
            if let known = schema.references.first(where: { $0.name == rule.name }) {
                guard known == rule else { throw conflict("another reference \"\(rule.name)\"") }
            } else {
                schema.references.append(rule)
            }
        }
        // One that has usage counted, or bounds it, need not repeat the roles.
        if !newer.isCounted || newer.roles != Roles() {
            guard newer.roles.owner == schema.roles.owner else {
                throw conflict("another owner role")
            }
            schema.roles = newer.roles
        }
        // A definition that says nothing of it ends no history.
        schema.history = newer.history ?? schema.history
        // Nor does it end counting.
        schema.countsUsage = schema.countsUsage || newer.countsUsage
        schema.quotas = newer.quotas ?? schema.quotas
        schema.retention = newer.retention ?? schema.retention
    }

    /// Fields that frames can number.
    static let fieldLimit = 4096
    private static let vectorLimit = 255

    /// Refuses more fields than frames can number.
    func checkCounts() throws(MnemeError) {
        let vectors = schema.fields.count {
            if case .vector = $0.type { true } else { false }
        }
        guard schema.fields.count <= Self.fieldLimit, vectors <= Self.vectorLimit else {
            throw MnemeError(
                .badSchema,
                "collection \"\(schema.name)\" has \(schema.fields.count) fields and \(vectors) "
                    + "vectors; at most \(Self.fieldLimit) and \(Self.vectorLimit) are kept, put "
                    + "some into another collection"
            )
        }
        guard spelledNames.count - 1 <= Self.fieldLimit else {
            throw MnemeError(
                .badSchema,
                "collection \"\(schema.name)\" had more than \(Self.fieldLimit) fields with those "
                    + "that were dropped, and their numbers are not given again; put the records "
                    + "into a new collection"
            )
        }
    }

    mutating func addField(_ name: String) {
        guard fieldNumbers[name] == nil else { return }
        // Those that were dropped keep their places.
        let number = UInt16(spelledNames.count)
        fieldNumbers[name] = number
        fieldNames[number] = name
        var spelled = SpelledName(name)
        for (other, known) in spelledNames.enumerated() {
            guard let known else { continue }
            if known.precedes(spelled) {
                spelled.rank += 1
            } else {
                spelledNames[other]?.rank += 1
            }
        }
        spelledNames.append(spelled)
    }

    /// Takes a field out that nothing of the collection needs.
    mutating func removeField(_ name: String) {
        guard let number = fieldNumbers.removeValue(forKey: name),
            let place = schema.fields.firstIndex(where: { $0.name == name })
        else { return }
        schema.fields.remove(at: place)
        fieldNames.removeValue(forKey: number)
        if let gone = spelledNames[Int(number)] {
            spelledNames[Int(number)] = SpelledName?.none
            for other in spelledNames.indices where spelledNames[other]?.rank ?? 0 > gone.rank {
                spelledNames[other]?.rank -= 1
            }
        }
        vectors.removeAll { $0.name == name }
        removeText(name)
        counters = counters.filter { $0.field != number }.map { counter in
            FieldCounter(
                number: counter.number,
                field: counter.field,
                place: counter.place > place ? counter.place - 1 : counter.place
            )
        }
        late = late.filter { $0.number != number }.map { field in
            LateField(
                since: field.since,
                place: field.place > place ? field.place - 1 : field.place,
                number: field.number
            )
        }
    }

    mutating func addCounter(number: UInt16, _ name: String) {
        guard let field = fieldNumbers[name],
            let place = schema.fields.firstIndex(where: { $0.name == name })
        else { return }
        counters.append(FieldCounter(number: number, field: field, place: place))
    }

    func lacksCounter(_ name: String) -> Bool {
        !counters.contains { $0.field == fieldNumbers[name] }
    }

    mutating func add(_ entry: VectorEntry) { vectors.append(entry) }
    mutating func add(_ entry: ReferenceEntry) { references.append(entry) }

    mutating func add(number: UInt16, _ index: Index) {
        // The schema was found right: every field of an index is there. 0 is no field's number.
        let parts = index.fields.map { field in
            IndexPart(
                field,
                number: fieldNumbers[field.name] ?? 0,
                type: schema.field(field.name)?.type ?? .json
            )
        }
        indexes.append(IndexEntry(number: number, index: index, parts: parts))
    }

    mutating func removeIndex(_ number: UInt16) {
        guard let place = indexes.firstIndex(where: { $0.number == number }) else { return }
        let name = indexes[place].index.name
        indexes.remove(at: place)
        schema.indexes.removeAll { $0.name == name }
    }

    func lacksVector(_ name: String) -> Bool { !vectors.contains { $0.name == name } }
    func lacksIndex(_ name: String) -> Bool { !indexes.contains { $0.index.name == name } }
}
