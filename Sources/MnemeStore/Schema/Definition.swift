// What a schema frame says: a schema that is added, or something that goes. The catalog is what all
// of them make, in their order. Format: formats/store.md#catalog.

package import MnemeModel

/// One change of the catalog.
package enum Definition: Hashable, Sendable {
    /// Adds what is new of a schema.
    case schema(Schema)
    /// Takes something out.
    case drop(Drop)
    /// Gives a vector field's name to another vector field.
    case switchVector(VectorSwitch)

    /// As it stands in a frame: a schema by itself, anything else under its verb, so that programs
    /// which do not know that refuse it as newer.
    var spelling: Value {
        switch self {
        case .schema(let schema): schema.spelling
        case .drop(let drop): .map(["drop": drop.spelling])
        case .switchVector(let change): .map(["switch": change.spelling])
        }
    }

    init(spelling: Value) throws(MnemeError) {
        if case .map(let members) = spelling, members.count == 1, let drop = members["drop"] {
            self = .drop(try Drop(spelling: drop))
        } else if case .map(let members) = spelling, members.count == 1,
            let change = members["switch"]
        {
            self = .switchVector(try VectorSwitch(spelling: change))
        } else {
            self = .schema(try Schema(spelling: spelling))
        }
    }
}

/// A definition, decided.
struct PlannedDefinition: Sendable {
    /// The catalog with it.
    var catalog: Catalog
    var definition: Definition
    /// The keys that records which are there have in indexes that are built at once, and in new
    /// references.
    var keys: [IndexKey] = []
    /// The new indexes that are built behind.
    var behind: [IndexName] = []
    /// Indexes that were being built, and have all records with `keys`.
    var ready: [UInt16] = []
}

extension Catalog {
    /// References that an older catalog has not, and their collections.
    func referencesAdded(
        since older: Catalog
    ) -> [(collection: CollectionEntry, reference: ReferenceEntry)] {
        collections.flatMap { collection in
            collection.references.filter { $0.number >= older.nextNumber }
                .map { (collection, $0) }
        }
    }

    /// The indexes by which references find what they name that an older catalog has not.
    func indexesNeeded(since older: Catalog) -> Set<UInt16> {
        Set(referencesAdded(since: older).compactMap { $0.reference.index?.number })
    }
}

/// An index by numbers; of an edge type's its number stands for a collection's.
struct IndexName: Hashable, Sendable {
    let collection: UInt16
    let index: UInt16
}

/// How far an index is that does not have all records yet.
///
/// The records and edges that came first have their ordinals below `next`: those of them that are
/// in the collection have their keys. So has whatever was put since the index was defined: every
/// change keeps the index as if it were complete. So it is with the words of a field that came to
/// be searched, but that sequences at which versions were born stand in the ordinals' place.
struct IndexProgress: Hashable, Sendable {
    let collection: UInt16
    /// The first ordinal that was not looked at.
    var next: UInt64
    /// The first ordinal that was given after the index was defined.
    let end: UInt64

    /// Whether a record may lack keys, or a version words.
    func mayLack(_ ordinal: UInt64) -> Bool { next..<end ~= ordinal }
}

extension Catalog {
    /// The catalog with a definition added.
    ///
    /// - Throws: as `adding(_: Schema)`, `dropping` and `switching`.
    func adding(_ definition: Definition) throws(MnemeError) -> Catalog {
        switch definition {
        case .schema(let schema): try adding(schema)
        case .drop(let drop): try dropping(drop)
        case .switchVector(let change): try switching(change)
        }
    }

    /// The catalog without what is dropped.
    ///
    /// - Throws: `.unknownCollection`, `.notFound` when it is not there, `.schemaConflict` where
    ///   something that stays needs it.
    func dropping(_ drop: Drop) throws(MnemeError) -> Catalog {
        var draft = CatalogDraft(self)
        switch drop {
        case .index(let name, let index):
            let collection = try collection(name)
            let entry = try collection.index(index)
            let users = collections.flatMap { other in
                other.references.compactMap { reference in
                    reference.index?.number == entry.number
                        ? "\"\(reference.rule.name)\" of collection \"\(other.schema.name)\"" : nil
                }
            }
            guard users.isEmpty else {
                throw MnemeError(
                    .schemaConflict,
                    "index \"\(index)\" of collection \"\(name)\" cannot be dropped: by it "
                        + "references find the records that they name. It is needed by reference "
                        + users.joined(separator: ", ") + "."
                )
            }
            try collection.checkQuotas(without: entry)
            draft.removeIndex(entry.number, of: collection.number)
        case .edgeIndex(let name, let index):
            let type = try edgeType(name)
            guard let entry = type.indexed?.indexes.first(where: { $0.index.name == index }) else {
                throw MnemeError(
                    .notFound,
                    "edge type \"\(name)\" has no index \"\(index)\"; its indexes are: "
                        + listed(type.type.indexes.map(\.name))
                )
            }
            if let place = edgeTypes.firstIndex(where: { $0.number == type.number }) {
                try draft.removeIndex(entry.number, ofType: place)
            }
        case .collection(let name):
            let collection = try collection(name)
            try checkNobodyNeeds(collection)
            draft.removeCollection(collection.number)
            // What its records were goes with it.
            if let rows = histories[collection.number] { draft.removeCollection(rows.number) }
        case .edgeType(let name):
            let type = try edgeType(name)
            draft.removeEdgeType(type.number)
            // What was kept of its edges goes with it.
            if let rows = pasts[type.number] { draft.removeCollection(rows.number) }
        case .field(let name, let field):
            let collection = try collection(name)
            try checkNobodyNeeds(field, of: collection)
            draft.removeField(field, of: collection.number)
        case .search(let name, let field): try droppingSearch(field, of: name, &draft)
        }
        draft.version += 1
        draft.definitions.append(.drop(drop))
        return Catalog(draft)
    }
}

extension Catalog {
    /// Refuses to let a collection go that others speak of.
    ///
    /// - Throws: `.schemaConflict`, which names them.
    private func checkNobodyNeeds(_ collection: CollectionEntry) throws(MnemeError) {
        let name = collection.schema.name
        var users: [String] = []
        for other in collections where other.number != collection.number {
            for reference in other.references where reference.target == collection.number {
                users.append(
                    "reference \"\(reference.rule.name)\" of collection \"\(other.schema.name)\""
                )
            }
        }
        for type in edgeTypes where type.type.from == name || type.type.to == name {
            users.append("edge type \"\(type.type.name)\"")
        }
        guard users.isEmpty else {
            throw MnemeError(
                .schemaConflict,
                "collection \"\(name)\" cannot be dropped: \(users.joined(separator: ", ")) may "
                    + "name records of it. Drop what names it first."
            )
        }
    }

    /// Whatever has indexes.
    var indexed: [CollectionEntry] { collections + edgeTypes.compactMap(\.indexed) }

    /// The indexes of edge types that an older catalog has, and their indexes not.
    func newEdgeIndexes(since older: Catalog) -> [IndexName] {
        var names: [IndexName] = []
        for before in older.edgeTypes {
            let known = Set(before.indexed?.indexes.map(\.number) ?? [])
            for index in edgeType(number: before.number)?.indexed?.indexes ?? []
            where !known.contains(index.number) {
                names.append(IndexName(collection: before.number, index: index.number))
            }
        }
        return names
    }
}

extension CollectionEntry {
    /// The index of a name.
    ///
    /// - Throws: `.notFound`.
    func index(_ name: String) throws(MnemeError) -> IndexEntry {
        if let entry = indexes.first(where: { $0.index.name == name }) { return entry }
        throw MnemeError(
            .notFound,
            "collection \"\(schema.name)\" has no index \"\(name)\"; its indexes are: "
                + listed(indexes.map(\.index.name))
        )
    }

    /// The place of an index among the collection's, nil where it has none of this number.
    func place(ofIndex number: UInt16) -> Int? {
        indexes.firstIndex { $0.number == number }
    }
}
