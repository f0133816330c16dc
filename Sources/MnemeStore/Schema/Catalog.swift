// What is defined, with the numbers under which it stands in frames, keys and runs. Numbers are
// handed out once and kept for good; a catalog is a value, and a change of schema makes a new one.
// Format: formats/store.md#catalog.

internal import MnemeBase
package import MnemeModel
internal import MnemeText
package import MnemeVectors

/// The definitions of one state of a store; never changed once it is made.
package final class Catalog: Sendable {
    /// Counts changes of schema.
    package let version: UInt32
    /// Every definition, in order; adding them again makes the same catalog.
    let definitions: [Definition]
    package let collections: [CollectionEntry]
    package let edgeTypes: [EdgeTypeEntry]
    /// Collections and edge types that were dropped: what is left of them is on its way out, and
    /// nobody sees it.
    let leaving: [CollectionEntry]
    let leavingTypes: [EdgeTypeEntry]
    /// Their numbers.
    private let leavingNumbers: Set<UInt16>
    /// The next number of a collection, an edge type, an index, a text field or a vector field.
    let nextNumber: UInt16
    /// The newest version in which a field came that older records have; 0 where there is none.
    let lateVersion: UInt32
    /// The newest version in which a vector field's name came to be another one's; 0 where there is
    /// none.
    let switchVersion: UInt32
    private let collectionsByName: [String: CollectionEntry]
    private let collectionsByNumber: [UInt16: CollectionEntry]
    private let edgeTypesByName: [String: EdgeTypeEntry]
    private let edgeTypesByNumber: [UInt16: EdgeTypeEntry]
    /// The rules that name records of each collection, by its number.
    let referrers: [UInt16: [Referrer]]
    /// The types of edges that mean the same both ways, ascending.
    let undirectedTypes: [UInt16]
    /// Whether any collection has references.
    let hasReferences: Bool
    /// Whether records of any collection may be put aside.
    let hasMarks: Bool
    /// The collections of the rows that keep what records were, by the number of the collection
    /// whose they are.
    let histories: [UInt16: CollectionEntry]
    /// The collections of the rows that keep which edges were there once, by the number of the type
    /// whose they are.
    let pasts: [UInt16: CollectionEntry]
    /// The numbers of all such collections, also of types that were dropped.
    let pastRows: Set<UInt16>
    /// The store's own collection of what was done once; nil where it was never asked for.
    let once: CollectionEntry?
    /// The store's own collections of who asked for what, and of what is set of itself; nil where
    /// nothing was ever set.
    let audit: CollectionEntry?
    let settings: CollectionEntry?
    /// The store's own collection of how records were used; nil where none ever was.
    let touches: CollectionEntry?
    /// That of jobs over a whole graph, and that of their results; nil before the first.
    let jobs: CollectionEntry?
    let results: CollectionEntry?
    /// The collections and types of edges of which it is counted what owners have, by number.
    let counted: Set<UInt16>
    /// Whether edges of any type are among them.
    let countsEdges: Bool
    /// Whether any collection has quotas.
    let hasQuotas: Bool
    /// The numbers of fields that were searched and are not any more.
    let droppedTexts: Set<UInt16>
    /// Whether documents of the text index may have come, or lost words, otherwise than by the
    /// records' puts: then nobody knows how many are dead.
    let hasLooseTexts: Bool

    /// Nothing defined.
    package convenience init() { self.init(CatalogDraft()) }

    init(_ draft: CatalogDraft) {
        version = draft.version
        switchVersion = draft.switchVersion
        definitions = draft.definitions
        nextNumber = draft.nextNumber
        collections = draft.collections
        edgeTypes = draft.edgeTypes
        leaving = draft.leaving
        leavingTypes = draft.leavingTypes
        leavingNumbers = Set(leaving.map(\.number) + leavingTypes.map(\.number))
        lateVersion = (collections + leaving).reduce(0) { max($0, $1.lateVersion) }
        // Nobody names those of the store's own.
        let byName = collections.filter { !$0.isHidden }.map { ($0.schema.name, $0) }
        once = collections.first { $0.schema.name == OnceKey.collection.name }
        audit = collections.first { $0.schema.name == AuditField.rows.name }
        settings = collections.first { $0.schema.name == AuditField.settings.name }
        touches = collections.first { $0.schema.name == TouchField.rows.name }
        jobs = collections.first { $0.schema.name == GraphJobField.jobs.name }
        results = collections.first { $0.schema.name == GraphJobField.results.name }
        collectionsByName = Dictionary(uniqueKeysWithValues: byName)
        var histories: [UInt16: CollectionEntry] = [:]
        for entry in collections where entry.schema.history != nil {
            let name = Self.historyName(of: entry.schema.name)
            guard let rows = collections.first(where: { $0.schema.name == name }) else { continue }
            histories[entry.number] = rows
        }
        self.histories = histories
        var pasts: [UInt16: CollectionEntry] = [:]
        for entry in edgeTypes where entry.type.history != nil {
            let name = PastField.rows(of: entry.type.name).name
            pasts[entry.number] = collections.first { $0.schema.name == name }
        }
        self.pasts = pasts
        let rows = (collections + leaving).filter { PastField.isRows($0.schema) }
        pastRows = Set(rows.map(\.number))
        let byNumber = (collections + leaving).map { ($0.number, $0) }
        collectionsByNumber = Dictionary(uniqueKeysWithValues: byNumber)
        let typesByName = edgeTypes.map { ($0.type.name, $0) }
        edgeTypesByName = Dictionary(uniqueKeysWithValues: typesByName)
        let typesByNumber = (edgeTypes + leavingTypes).map { ($0.number, $0) }
        edgeTypesByNumber = Dictionary(uniqueKeysWithValues: typesByNumber)
        undirectedTypes = edgeTypes.filter(\.type.isUndirected).map(\.number).sorted()
        referrers = Self.referrers(collections)
        hasReferences = !referrers.isEmpty
        hasMarks = collections.contains { $0.marks != nil }
        counted = Set(
            (collections + leaving).filter(\.schema.isCounted).map(\.number)
                + (edgeTypes + leavingTypes).filter(\.type.countsUsage).map(\.number)
        )
        countsEdges = edgeTypes.contains(where: \.type.countsUsage)
        hasQuotas = collections.contains { $0.quotas != nil }
        let every = collections + leaving
        droppedTexts = Set(every.flatMap(\.droppedTexts))
        hasLooseTexts =
            !droppedTexts.isEmpty || every.contains { $0.texts.contains(where: \.isLate) }
    }

    /// Whether a collection or an edge type was dropped.
    func isLeaving(_ number: UInt16) -> Bool {
        !leavingNumbers.isEmpty && leavingNumbers.contains(number)
    }

    /// Whether records may be there that a walk does not see, besides those that expire.
    var hidesNodes: Bool { hasMarks || !leaving.isEmpty }

    /// Whether a collection has the rows of another one's history.
    func isHistory(_ number: UInt16) -> Bool { histories.contains { $0.value.number == number } }

    /// Whether anything is kept of what was.
    var keepsHistory: Bool { !histories.isEmpty || !pasts.isEmpty }

    /// The types of edges that can be followed where all of them may be; nil for whatever there is.
    var followedTypes: [UInt16]? { leavingTypes.isEmpty ? nil : edgeTypes.map(\.number) }

    /// Every collection of which there may be something.
    var everyCollection: [CollectionEntry] { collections + leaving }

    /// The same, and every type of edges with words or vectors as a collection.
    var everySearched: [CollectionEntry] {
        everyCollection + (edgeTypes + leavingTypes).compactMap(\.searched)
    }

    /// The collection of a name.
    package func collection(_ name: String) throws(MnemeError) -> CollectionEntry {
        if let entry = collectionsByName[name] { return entry }
        if name == AuditTrail.collection {
            throw MnemeError(
                .readOnlyCollection,
                "the collection \(quoted(name)) is the store's own: get, find and count read it "
                    + "outside of transactions, and nothing changes it; put what you keep yourself "
                    + "into a collection of your own"
            )
        }
        throw MnemeError(
            .unknownCollection,
            "there is no collection \"\(name)\"; " + Self.known("collections", reachedNames)
        )
    }

    /// The collection of a name, to be read: the rows of the audit too.
    package func readable(_ name: String) throws(MnemeError) -> CollectionEntry {
        if let entry = collectionsByName[name] { return entry }
        guard name == AuditTrail.collection else { return try collection(name) }
        if let permit = Reach.current?.permit, permit.role < .admin || !permit.isWhole {
            throw MnemeError(
                .forbidden,
                "the rows of the audit are the whole store's, and permit \"\(permit.name)\" is not "
                    + "that of an admin who reaches all of it; ask with such a one"
            )
        }
        if let audit { return audit }
        throw MnemeError(
            .unknownCollection,
            "there is no collection \(quoted(name)): nothing was ever kept of who asked for what; "
                + "set what is to be kept with the request audit"
        )
    }

    /// The collection of a name, a hidden one too.
    ///
    /// - Complexity: O(collections) for a hidden one.
    func anyCollection(_ name: String) throws(MnemeError) -> CollectionEntry {
        if let entry = collectionsByName[name] { return entry }
        if let hidden = collections.first(where: { $0.schema.name == name }) { return hidden }
        return try collection(name)
    }

    /// The collections that were asked for.
    var visibleCollections: [CollectionEntry] { collections.filter { !$0.isHidden } }

    /// The collection of a number, nil when a frame names one that was never defined.
    package func collection(number: UInt16) -> CollectionEntry? { collectionsByNumber[number] }

    /// The edge type of a name; one that joins what whoever asks does not reach is not there.
    package func edgeType(_ name: String) throws(MnemeError) -> EdgeTypeEntry {
        if let entry = edgeTypesByName[name], Reach.current?.reaches(edgesOf: entry.type) ?? true {
            return entry
        }
        throw MnemeError(
            .unknownEdgeType,
            "there is no edge type \"\(name)\"; "
                + Self.known("edge types", reachedTypes.map(\.name))
        )
    }

    /// The edge type of a number.
    package func edgeType(number: UInt16) -> EdgeTypeEntry? { edgeTypesByNumber[number] }

    /// What has indexes under a number: a collection, or a type of edges as one.
    package func indexed(number: UInt16) -> CollectionEntry? {
        collectionsByNumber[number] ?? edgeTypesByNumber[number]?.indexed
    }

    /// A schema of those of some edge types that are not defined, by their names or as a `whole`,
    /// and of the collection for what is done once where that is asked for; nil when all is there.
    func lacking(
        _ names: Set<String>,
        whole: [EdgeType] = [],
        once wantsOnce: Bool = false
    ) -> Schema? {
        let whole = whole.filter { edgeTypesByName[$0.name] == nil }
        let missing = names.subtracting(whole.map(\.name)).filter { edgeTypesByName[$0] == nil }
        let lacksOnce = wantsOnce && once == nil
        if missing.isEmpty, whole.isEmpty, !lacksOnce { return nil }
        return Schema(
            collections: lacksOnce ? [OnceKey.collection] : [],
            edgeTypes: whole + missing.sorted().map { EdgeType($0) }
        )
    }

    /// What is defined, as it was asked for, without the store's own.
    package var schema: Schema {
        Schema(
            collections: visibleCollections.map(\.schema),
            edgeTypes: edgeTypes.map(\.type)
        )
    }

    /// The names of the collections that whoever asks reaches.
    private var reachedNames: [String] {
        collectionsByName.keys.filter { Reach.current?.reaches(collection: $0) ?? true }
    }

    /// The types of edges of which whoever asks may reach some.
    private var reachedTypes: [EdgeType] {
        edgeTypes.map(\.type).filter { Reach.current?.reaches(edgesOf: $0) ?? true }
    }

    private static func known(_ what: String, _ names: [String]) -> String {
        names.isEmpty
            ? "no \(what) are defined yet, define one first"
            : "the \(what) are " + names.sorted().joined(separator: ", ")
    }
}

/// A collection and its numbers; never changed once it is made.
package final class CollectionEntry: Sendable {
    package let number: UInt16
    package let schema: Collection
    /// Whether it holds what the store keeps for itself; no request can name it.
    let isHidden: Bool
    /// The numbers of its fields by name; numbers count within the collection.
    package let fieldNumbers: [String: UInt16]
    package let fieldNames: [UInt16: String]
    /// The numbers of the schema's fields in their order, and of the one with the owner role.
    let numbersInOrder: [UInt16]
    let ownerNumber: UInt16?
    /// Its field names as they are spelled, by number.
    let spelledNames: [SpelledName?]
    /// All its fields.
    let everyField: FieldChoice
    /// All its fields but vectors.
    let everyPlainField: FieldChoice
    package let indexes: [IndexEntry]
    package let references: [ReferenceEntry]
    /// Whether an index of it is unique.
    let hasUnique: Bool
    /// The number of the index whose entries have the record's key with them, so that whose records
    /// an owner's are is known without them: the first plain one that begins with the owner.
    let ownerList: UInt16?
    /// The index whose entries have the records' digests with them; nil where there is none.
    package let recallList: RecallList?
    package let vectors: [VectorEntry]
    /// The numbers of the vector fields of which conditions of indexes speak.
    let testedVectors: [UInt16]
    package let texts: [TextEntry]
    /// The numbers in text runs of those that were searched once.
    let droppedTexts: [UInt16]
    /// By which fields its records are put aside; nil where none is.
    let marks: RecordMarks?
    /// What its fields give and demand besides their types.
    let rules: FieldRules
    /// The numbers under which the next numbers of fields are counted.
    let counters: [FieldCounter]
    /// Fields that older records have though their frames do not, in order.
    let late: [LateField]
    /// The version in which the newest of them came; 0 where there is none.
    let lateVersion: UInt32
    /// How much owners may have in it; nil where nothing bounds that.
    let quotas: QuotaBook?

    init(_ draft: CollectionDraft) {
        number = draft.number
        schema = draft.schema
        isHidden = draft.schema.isHidden
        fieldNumbers = draft.fieldNumbers
        fieldNames = draft.fieldNames
        numbersInOrder = draft.schema.fields.map { draft.fieldNumbers[$0.name] ?? 0 }
        ownerNumber = draft.schema.roles.owner.flatMap { draft.fieldNumbers[$0] }
        spelledNames = draft.spelledNames
        everyField = FieldChoice(draft.spelledNames, hasVectors: !draft.vectors.isEmpty)
        let vectorNames = Set(draft.vectors.map(\.name))
        everyPlainField = FieldChoice(
            draft.spelledNames.map { $0.flatMap { vectorNames.contains($0.name) ? nil : $0 } },
            hasVectors: false
        )
        indexes = draft.indexes
        references = draft.references
        hasUnique = draft.indexes.contains(where: \.index.isUnique)
        let owner = draft.schema.roles.owner
        let recallList = RecallList(draft)
        self.recallList = recallList
        ownerList =
            owner == nil
            ? nil
            : draft.indexes.first {
                $0.isPlain && $0.index.fields.first?.name == owner
                    && $0.number != recallList?.number
            }?.number
        vectors = draft.vectors
        testedVectors = draft.testedVectors
        texts = draft.texts
        droppedTexts = draft.droppedTexts
        marks = RecordMarks(draft.schema, draft.spelledNames)
        rules = FieldRules(draft.schema)
        counters = draft.counters
        late = draft.late
        lateVersion = draft.late.last?.since ?? 0
        quotas = QuotaBook(draft.schema, draft.fieldNumbers, draft.indexes)
    }

    /// Whether the collection has an owner role.
    var ownerField: String? { schema.roles.owner }

    /// The number of a field.
    package func fieldNumber(_ name: String) throws(MnemeError) -> UInt16 {
        guard let number = fieldNumbers[name] else {
            throw MnemeError(
                .unknownField,
                "collection \"\(schema.name)\" has no field \"\(name)\"; its fields are "
                    + schema.fields.map(\.name).joined(separator: ", ")
            )
        }
        return number
    }

    /// The vector field of a name.
    package func vector(_ name: String) throws(MnemeError) -> VectorEntry {
        guard let entry = vectors.first(where: { $0.name == name }) else {
            throw MnemeError(
                .unknownField,
                "collection \"\(schema.name)\" has no vector field \"\(name)\"; its vector fields "
                    + "are: " + listed(vectors.map(\.name))
            )
        }
        return entry
    }

    /// The searchable field of a name.
    package func text(_ name: String) throws(MnemeError) -> TextEntry {
        guard let entry = texts.first(where: { $0.name == name }) else {
            throw MnemeError(
                .unknownField,
                "field \"\(name)\" of collection \"\(schema.name)\" is not searchable; searchable "
                    + "are: " + listed(texts.map(\.name))
            )
        }
        return entry
    }
}

/// A vector field, its number, and the tree that holds its codes.
package struct VectorEntry: Sendable {
    package let number: UInt16
    package private(set) var name: String
    /// What it holds; of this the recall alone ever changes.
    package var type: VectorType
    /// Makes the codes; its seed is the number.
    package let coder: VectorCoder

    init(number: UInt16, name: String, type: VectorType) throws(MnemeError) {
        self.number = number
        self.name = name
        self.type = type
        let metric: MnemeVectors.VectorMetric =
            switch type.metric {
            case .cosine: .cosine
            case .dot: .dot
            case .l2: .squaredEuclidean
            }
        do throws(VectorError) {
            let shape = try VectorShape(
                dimension: type.dimension,
                metric: metric,
                format: type.element == .float32 ? .float32 : .float16
            )
            coder = VectorCoder(shape: shape, seed: UInt64(number))
        } catch {
            throw MnemeError(
                .badSchema,
                "vector field \"\(name)\" cannot have \(type.dimension) components; "
                    + "give it 1 to \(VectorLimit.dimension)"
            )
        }
    }

    /// The same field under another name.
    func named(_ name: String) -> VectorEntry {
        var entry = self
        entry.name = name
        return entry
    }
}

/// A searchable field and its number in text runs.
package struct TextEntry: Sendable {
    package let number: UInt16
    package let name: String
    /// Whose stems its words have.
    let language: TextLanguage
    /// Whether records that were there when it came to be searched have words in it.
    var isLate = false
}

/// A field that is filled with the next number.
struct FieldCounter: Sendable {
    /// The number under which the next one stands in `StoreRoots.nextKeys`.
    let number: UInt16
    /// The field's own number, and its place in the schema.
    let field: UInt16
    let place: Int
}
