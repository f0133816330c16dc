// What is defined, with the numbers under which it stands in frames, keys and runs. Numbers are
// handed out once and kept for good; a catalog is a value, and a change of schema makes a new one.
// Format: formats/store.md#catalog.

internal import MnemeBase
package import MnemeModel
package import MnemeVectors

/// The definitions of one state of a store.
package struct Catalog: Sendable {
    /// Counts changes of schema.
    package private(set) var version: UInt32 = 0
    /// Every schema that was added, in order; adding them again makes the same catalog.
    private(set) var definitions: [Schema] = []
    /// The next number of a collection, an edge type, an index, a text field or a vector field.
    private(set) var nextNumber: UInt16 = 1
    package private(set) var collections: [CollectionEntry] = []
    package private(set) var edgeTypes: [EdgeTypeEntry] = []
    private var collectionPlaces: [String: Int] = [:]
    private var collectionPlacesByNumber: [UInt16: Int] = [:]
    private var edgeTypePlaces: [String: Int] = [:]
    private var edgeTypePlacesByNumber: [UInt16: Int] = [:]

    /// Nothing defined.
    package init() {}

    /// The collection of a name.
    package func collection(_ name: String) throws(MnemeError) -> CollectionEntry {
        guard let place = collectionPlaces[name] else {
            throw MnemeError(
                .unknownCollection,
                "there is no collection \"\(name)\"; "
                    + Self.known("collections", collections.map(\.schema.name))
            )
        }
        return collections[place]
    }

    /// The collection of a number, nil when a frame names one that was never defined.
    package func collection(number: UInt16) -> CollectionEntry? {
        collectionPlacesByNumber[number].map { collections[$0] }
    }

    /// The edge type of a name.
    package func edgeType(_ name: String) throws(MnemeError) -> EdgeTypeEntry {
        guard let place = edgeTypePlaces[name] else {
            throw MnemeError(
                .unknownEdgeType,
                "there is no edge type \"\(name)\"; "
                    + Self.known("edge types", edgeTypes.map(\.type.name))
            )
        }
        return edgeTypes[place]
    }

    /// The edge type of a number.
    package func edgeType(number: UInt16) -> EdgeTypeEntry? {
        edgeTypePlacesByNumber[number].map { edgeTypes[$0] }
    }

    /// What is defined, as it was asked for.
    package var schema: Schema {
        Schema(collections: collections.map(\.schema), edgeTypes: edgeTypes.map(\.type))
    }

    private static func known(_ what: String, _ names: [String]) -> String {
        names.isEmpty
            ? "no \(what) are defined yet, define one first"
            : "the \(what) are " + names.sorted().joined(separator: ", ")
    }

    private mutating func index() {
        collectionPlaces = [:]
        collectionPlacesByNumber = [:]
        for (place, entry) in collections.enumerated() {
            collectionPlaces[entry.schema.name] = place
            collectionPlacesByNumber[entry.number] = place
        }
        edgeTypePlaces = [:]
        edgeTypePlacesByNumber = [:]
        for (place, entry) in edgeTypes.enumerated() {
            edgeTypePlaces[entry.type.name] = place
            edgeTypePlacesByNumber[entry.number] = place
        }
    }
}

/// A collection and its numbers.
package struct CollectionEntry: Sendable {
    package let number: UInt16
    package private(set) var schema: Collection
    /// The numbers of its fields by name; numbers count within the collection.
    package private(set) var fieldNumbers: [String: UInt16] = [:]
    package private(set) var fieldNames: [UInt16: String] = [:]
    /// Its field names as they are spelled, by number.
    private(set) var spelledNames: [SpelledName?] = [nil]
    package private(set) var indexes: [IndexEntry] = []
    package private(set) var vectors: [VectorEntry] = []
    package private(set) var texts: [TextEntry] = []

    init(number: UInt16, schema: Collection) {
        self.number = number
        self.schema = schema
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

/// An index and its number.
package struct IndexEntry: Sendable {
    package let number: UInt16
    package let index: Index
}

/// A vector field, its number, and the tree that holds its codes.
package struct VectorEntry: Sendable {
    package let number: UInt16
    package let name: String
    package let type: VectorType
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
}

/// A searchable field and its number in text runs.
package struct TextEntry: Sendable {
    package let number: UInt16
    package let name: String
}

/// An edge type and its number.
package struct EdgeTypeEntry: Sendable {
    package let number: UInt16
    package let type: EdgeType
}

extension Catalog {
    /// The catalog with a schema added: new collections and edge types, and new fields and indexes
    /// of those that are there.
    ///
    /// - Throws: `.badSchema` when it is not well-formed, `.schemaConflict` when it says otherwise
    ///   of what is there, `.tooLarge` when numbers run out.
    package func adding(_ schema: Schema) throws(MnemeError) -> Catalog {
        var next = self
        try schema.validate(existing: Set(collections.map(\.schema.name)))
        for collection in schema.collections { try next.add(collection) }
        for type in schema.edgeTypes { try next.add(type) }
        next.version += 1
        next.definitions.append(schema)
        next.index()
        return next
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

    private mutating func take() throws(MnemeError) -> UInt16 {
        guard nextNumber < 0x7fff else {
            throw MnemeError(
                .tooLarge,
                "the store has no numbers left for new definitions; use another store"
            )
        }
        defer { nextNumber += 1 }
        return nextNumber
    }

    private mutating func add(_ collection: Collection) throws(MnemeError) {
        if let place = collections.firstIndex(where: { $0.schema.name == collection.name }) {
            var entry = collections[place]
            try entry.merge(collection)
            try number(&entry)
            collections[place] = entry
        } else {
            var entry = CollectionEntry(number: try take(), schema: collection)
            try number(&entry)
            collections.append(entry)
        }
    }

    /// Gives numbers to what has none yet.
    private mutating func number(_ entry: inout CollectionEntry) throws(MnemeError) {
        try entry.checkCounts()
        for field in entry.schema.fields {
            entry.addField(field.name)
            if case .vector(let type) = field.type, entry.lacksVector(field.name) {
                entry.add(try VectorEntry(number: try take(), name: field.name, type: type))
            }
            if field.isSearchable, entry.lacksText(field.name) {
                entry.add(TextEntry(number: try take(), name: field.name))
            }
        }
        for index in entry.schema.indexes where entry.lacksIndex(index.name) {
            try entry.checkScalar(index)
            entry.add(IndexEntry(number: try take(), index: index))
        }
    }

    private mutating func add(_ type: EdgeType) throws(MnemeError) {
        if let known = edgeTypes.first(where: { $0.type.name == type.name }) {
            guard known.type == type else {
                throw MnemeError(
                    .schemaConflict,
                    "edge type \"\(type.name)\" is there already and says otherwise; give the new "
                        + "one another name"
                )
            }
            return
        }
        guard type.fields.count <= CollectionEntry.fieldLimit else {
            throw MnemeError(
                .badSchema,
                "edge type \"\(type.name)\" has \(type.fields.count) fields; at most "
                    + "\(CollectionEntry.fieldLimit) are kept, put some into a json field"
            )
        }
        edgeTypes.append(EdgeTypeEntry(number: try take(), type: type))
    }
}

extension CollectionEntry {
    /// Takes over what a newer definition adds.
    mutating func merge(_ newer: Collection) throws(MnemeError) {
        func conflict(_ what: String) -> MnemeError {
            MnemeError(
                .schemaConflict,
                "collection \"\(schema.name)\" is there already with \(what); what is defined "
                    + "cannot be changed, only added to"
            )
        }
        guard newer.key == schema.key else { throw conflict("keys of type \(schema.key)") }
        for field in newer.fields {
            if let known = schema.field(field.name) {
                guard known == field else { throw conflict("another field \"\(field.name)\"") }
            } else if field.isRequired {
                throw conflict("records that lack the new required field \"\(field.name)\"")
            } else {
                schema.fields.append(field)
            }
        }
        for index in newer.indexes {
            if let known = schema.indexes.first(where: { $0.name == index.name }) {
                guard known == index else { throw conflict("another index \"\(index.name)\"") }
            } else {
                schema.indexes.append(index)
            }
        }
        guard newer.roles.owner == schema.roles.owner else { throw conflict("another owner role") }
        schema.roles = newer.roles
    }

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
    }

    /// Refuses an index over an array: a key holds one value a field.
    func checkScalar(_ index: Index) throws(MnemeError) {
        for part in index.fields {
            if case .array = schema.field(part.name)?.type {
                throw MnemeError(
                    .badSchema,
                    "index \"\(index.name)\" of collection \"\(schema.name)\" names the "
                        + "array field "
                        + "\"\(part.name)\"; indexes are over single values, leave it out: any, "
                        + "all and contains answer without one"
                )
            }
        }
    }

    mutating func addField(_ name: String) {
        guard fieldNumbers[name] == nil else { return }
        let number = UInt16(fieldNumbers.count + 1)
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

    mutating func add(_ entry: VectorEntry) { vectors.append(entry) }
    mutating func add(_ entry: TextEntry) { texts.append(entry) }
    mutating func add(_ entry: IndexEntry) { indexes.append(entry) }

    func lacksVector(_ name: String) -> Bool { !vectors.contains { $0.name == name } }
    func lacksText(_ name: String) -> Bool { !texts.contains { $0.name == name } }
    func lacksIndex(_ name: String) -> Bool { !indexes.contains { $0.index.name == name } }
}
