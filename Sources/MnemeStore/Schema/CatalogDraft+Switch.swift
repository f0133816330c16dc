// A vector field's name that comes to be another one's. Frames, keys and codes go by numbers, which
// stay: two fields are called otherwise from then on, and nothing else is touched. The name that
// stays keeps its place among the fields and what the schema demands of it; what a condition of an
// index says of either field follows the vectors, so that the index has what it had.
// Format: formats/store.md#catalog.

internal import MnemeModel

extension Catalog {
    /// The collection of a name, whose vector fields can be switched.
    ///
    /// - Throws: `.unknownCollection`; `.badRequest` of a type of edges.
    func switchable(_ name: String) throws(MnemeError) -> CollectionEntry {
        do throws(MnemeError) {
            return try collection(name)
        } catch {
            guard edgeTypes.contains(where: { $0.type.name == name }) else { throw error }
            throw MnemeError(
                .badRequest,
                "\(quoted(name)) is a type of edges, and the vectors of edges are what they were "
                    + "defined as; define another type, link the edges anew under it, and drop "
                    + "this one"
            )
        }
    }

    /// The catalog in which a vector field's name is another vector field's.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` and `.badSchema` for names
    ///   that make no sense; `.schemaConflict` where a name is taken, or something speaks of the
    ///   fields that cannot follow.
    func switching(_ change: VectorSwitch) throws(MnemeError) -> Catalog {
        let collection = try switchable(change.collection)
        let place = "the vectors of \(quoted(change.field)) of collection \"\(change.collection)\""
        let old = try collection.vector(change.field)
        guard change.successor != change.field else {
            throw MnemeError(
                .badRequest,
                "\(place) are to be switched to themselves; name the other vector field by \"to\""
            )
        }
        _ = try collection.vector(change.successor)
        guard collection.schema.field(change.former) == nil else {
            throw MnemeError(
                .schemaConflict,
                "\(place) are to be called \(quoted(change.former)) from now on, and the "
                    + "collection has a field of that name; give a name by \"old\" that none of "
                    + "its fields has: "
                    + listed(collection.schema.fields.map(\.name))
            )
        }
        // The name is held to the rules of names.
        let field = Field(change.former, .vector(old.type))
        try Schema(collections: [Collection(change.collection, fields: [field])])
            .validate(existing: [], allowsHidden: true)
        try checkNobodyNeeds(change.successor, beside: change, of: collection)
        guard let at = collections.firstIndex(where: { $0.number == collection.number }) else {
            return self
        }
        var draft = CatalogDraft(self)
        var entry = CollectionDraft(collection)
        try entry.switchVector(change)
        draft.replace(at: at, CollectionEntry(entry))
        draft.version += 1
        draft.switchVersion = draft.version
        draft.definitions.append(.switchVector(change))
        return Catalog(draft)
    }

    /// Refuses to let a name go of which something speaks that stays as it is.
    ///
    /// - Throws: `.schemaConflict`, which names it.
    private func checkNobodyNeeds(
        _ name: String,
        beside change: VectorSwitch,
        of collection: CollectionEntry
    ) throws(MnemeError) {
        let schema = collection.schema
        var users: [String] = []
        for check in schema.checks where check.condition.fields.contains(name) {
            users.append("check \"\(check.name)\"")
        }
        for other in schema.fields where other.generated?.fields.contains(name) ?? false {
            users.append("generated field \"\(other.name)\"")
        }
        if schema.retention?.exceptions.contains(where: {
            $0.filter?.fields.contains(name) ?? false
        }) ?? false {
            users.append("the retention")
        }
        guard users.isEmpty else {
            throw MnemeError(
                .schemaConflict,
                "field \"\(name)\" of collection \"\(schema.name)\" cannot be called "
                    + "\"\(change.field)\": \(users.joined(separator: ", ")) "
                    + "\(users.count == 1 ? "speaks" : "speak") of it by its name. Let these speak "
                    + "of \"\(change.field)\", and put the new vectors into a field of which "
                    + "nothing but indexes speaks."
            )
        }
    }
}

extension CollectionDraft {
    /// The numbers of the vector fields of which conditions of indexes speak.
    var testedVectors: [UInt16] {
        var names: Set<String> = []
        for index in indexes { names.formUnion(index.index.condition?.fields ?? []) }
        return vectors.filter { names.contains($0.name) }.compactMap { fieldNumbers[$0.name] }
    }

    /// Exchanges what two vector fields, which are there, are called.
    ///
    /// - Throws: `.badExpression` where the condition of an index becomes too long.
    fileprivate mutating func switchVector(_ change: VectorSwitch) throws(MnemeError) {
        let fields = schema.fields
        guard let old = fieldNumbers[change.field], let new = fieldNumbers[change.successor],
            let place = fields.firstIndex(where: { $0.name == change.field }),
            let other = fields.firstIndex(where: { $0.name == change.successor })
        else { return }
        // What is demanded of a field is demanded of the name that stays.
        schema.fields[place].type = fields[other].type
        schema.fields[other] = Field(change.former, fields[place].type)
        fieldNumbers.removeValue(forKey: change.successor)
        fieldNumbers[change.field] = new
        fieldNumbers[change.former] = old
        fieldNames[new] = change.field
        fieldNames[old] = change.former
        spelledNames[Int(new)] = SpelledName(change.field)
        spelledNames[Int(old)] = SpelledName(change.former)
        rankNames()
        let names = [change.field: change.former, change.successor: change.field]
        vectors = vectors.map { entry in names[entry.name].map { entry.named($0) } ?? entry }
        for at in schema.indexes.indices {
            let condition = try schema.indexes[at].condition?.renaming(names)
            schema.indexes[at].condition = condition
        }
        for at in indexes.indices {
            let entry = indexes[at]
            var index = entry.index
            index.condition = try index.condition?.renaming(names)
            indexes[at] = IndexEntry(number: entry.number, index: index, parts: entry.parts)
        }
    }

    /// Finds the places of all names anew.
    private mutating func rankNames() {
        var known: [(place: Int, name: SpelledName)] = []
        for (place, name) in spelledNames.enumerated() {
            if let name { known.append((place, name)) }
        }
        known.sort { $0.name.precedes($1.name) }
        for (rank, entry) in known.enumerated() { spelledNames[entry.place]?.rank = rank }
    }
}
