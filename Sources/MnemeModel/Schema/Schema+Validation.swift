// Whether a schema could be defined: names, types, indexes, roles. What it changes against what is
// defined already is the store's to judge.

internal import MnemeBase

extension Schema {
    /// Checks everything that can be said of a schema by itself.
    ///
    /// - Parameter existing: the collections that are defined already; edge types may join them.
    /// - Throws: `badSchema`, with the place and the rule.
    /// - Complexity: O(*n*) in collections, fields and indexes together.
    public func validate(existing: Set<String> = []) throws(MnemeError) {
        try validate(existing: existing, allowsHidden: false)
    }

    /// As above; `allowsHidden` takes names of the store's own collections, whose names have
    /// a `$`; those that stand beside a collection come with it and in no schema.
    package func validate(existing: Set<String>, allowsHidden: Bool) throws(MnemeError) {
        let names = collections.map { collection in
            allowsHidden && collection.isHidden
                ? String(collection.name.dropFirst()) : collection.name
        }
        try checkNames(names, of: "collection", in: "the schema")
        for collection in collections where !(allowsHidden && collection.isHidden) {
            try collection.validate()
        }
        try checkNames(edgeTypes.map(\.name), of: "edge type", in: "the schema")
        let known = existing.union(collections.map(\.name))
        for collection in collections { try collection.validateReferences(known) }
        for edgeType in edgeTypes { try edgeType.validate(collections: known) }
    }
}

extension Collection {
    /// Whether it is the store's own, which no caller defines, changes or sees: its name has a `$`,
    /// at the beginning where the store has one of it, behind a collection's name where it stands
    /// beside that.
    package var isHidden: Bool { name.utf8.contains(UInt8(ascii: "$")) }

    /// Checks the collection by itself, as `Schema.validate` does.
    ///
    /// - Throws: `badSchema`.
    public func validate() throws(MnemeError) {
        let place = "collection \"\(name)\""
        try checkNames([name], of: "collection", in: "the schema")
        try checkNames(fields.map(\.name), of: "field", in: place)
        for field in fields { try field.validate(in: place) }
        try checkNames(indexes.map(\.name), of: "index", in: place)
        for index in indexes { try validate(index) }
        try validateRules()
        for (role, name) in roles.named { try validate(role, played: name) }
        try validateMarks()
        try history?.validate(in: name)
        try validateQuotas()
        try retention?.validate(in: self)
        try recall?.validate(in: name)
    }

    private func validate(_ role: Role, played name: String) throws(MnemeError) {
        let place = "collection \"\(self.name)\", role \(role.rawValue)"
        guard let field = field(name) else {
            throw MnemeError(
                .badSchema,
                "\(place) names the field \"\(name)\", which the collection does not have. "
                    + "Its fields: \(listed(fields.map(\.name)))."
            )
        }
        guard role.accepts(field.type) else {
            throw MnemeError(
                .badSchema,
                "\(place) needs \(role.wanted.named) field; \"\(name)\" is \(field.type.named) "
                    + "field. Name another field or change its type."
            )
        }
    }
}

extension EdgeType {
    fileprivate func validate(collections known: Set<String>) throws(MnemeError) {
        let place = "edge type \"\(name)\""
        for (end, collection) in [("from", from), ("to", to)] {
            guard let collection, !known.contains(collection) else { continue }
            throw MnemeError(
                .badSchema,
                "\(place), \(end): there is no collection \"\(collection)\". Define it in the same "
                    + "schema or name one of \(listed(known.sorted()))."
            )
        }
        try checkNames(fields.map(\.name), of: "field", in: place)
        for field in fields { try field.validate(in: place) }
        try validateRules()
        try validateIndexes(in: place)
        try history?.validate(inEdgeType: name)
        for (role, given) in [("validFrom", validFrom), ("validTo", validTo)] {
            guard let given else { continue }
            if fields.contains(where: { $0.name == given && $0.type == .instant }) { continue }
            throw MnemeError(
                .badSchema,
                "\(place), \(role): \"\(given)\" is no property that is an instant. Those "
                    + "that are: "
                    + listed(fields.filter { $0.type == .instant }.map(\.name))
            )
        }
    }
}

extension Field {
    fileprivate func validate(in place: String) throws(MnemeError) {
        let place = "\(place), field \"\(name)\""
        if Filter.words.contains(name) {
            throw MnemeError(
                .badSchema,
                "\(place): \"\(name)\" is a word of filters. Choose another name."
            )
        }
        if isSearchable, type != .text {
            throw MnemeError(
                .badSchema,
                "\(place): only text fields are searchable, and this is \(type.named) field. Make "
                    + "it text or drop the mark."
            )
        }
        if search != SearchRules(), !isSearchable {
            throw MnemeError(
                .badSchema,
                "\(place): it says how its words are searched, and is not searchable. Mark it as "
                    + "searchable or leave the rules out."
            )
        }
        try search.validate(in: place)
        try type.validate(in: place)
    }
}

extension FieldType {
    fileprivate func validate(in place: String) throws(MnemeError) {
        switch self {
        case .vector(let vector):
            guard VectorLimit.dimensions.contains(vector.dimension) else {
                throw MnemeError(
                    .badSchema,
                    "\(place): a vector has 1 to \(VectorLimit.dimension) components, not "
                        + "\(vector.dimension). Give it a dimension in these bounds."
                )
            }
            if let model = vector.model, model.isEmpty || model.count > VectorType.modelLimit {
                throw MnemeError(
                    .badSchema,
                    "\(place): the name of a vector's model has 1 to \(VectorType.modelLimit) "
                        + "characters, not \(model.count). Give it such a name, or leave it out."
                )
            }
            if let recall = vector.recall, recall != 0, !VectorType.recalls.contains(recall) {
                throw MnemeError(
                    .badSchema,
                    "\(place): the recall of a vector is 0.5 to 1, where 1 is always exact, or 0, "
                        + "which takes away what was asked for; it is \(recall) here. Give it one "
                        + "in these bounds, or leave it out."
                )
            }
        case .oneOf(let texts):
            guard !texts.isEmpty else {
                throw MnemeError(.badSchema, "\(place): oneOf names no text. Name at least one.")
            }
            guard Set(texts).count == texts.count else {
                throw MnemeError(.badSchema, "\(place): oneOf names a text twice. Keep one.")
            }
        case .array(let element):
            switch element {
            case .array, .vector, .json:
                throw MnemeError(
                    .badSchema,
                    "\(place): an array holds one scalar type, not \(element.named). Use json for "
                        + "free-form arrays."
                )
            default: try element.validate(in: place)
            }
        case .bool, .int, .float, .text, .bytes, .uuid, .instant, .date, .json: break
        }
    }
}

/// A role's name.
private enum Role: String {
    case owner, text, time, importance, decayRate, pinned, session, position, speaker
    case confidence, sources
    case validFrom, validTo
    case deletedAt, active, archivedAt, archived
    case triggerAt, status, payload, recurrence, occurrence, claimedAt, leaseUntil

    /// The type that its field should have.
    var wanted: FieldType {
        switch self {
        case .sources: .array(.text)
        case .owner, .text, .session, .speaker, .status: .text
        case .time, .validFrom, .validTo, .deletedAt, .archivedAt, .triggerAt, .occurrence,
            .claimedAt, .leaseUntil:
            .instant
        case .payload, .recurrence: .json
        case .importance, .decayRate, .confidence: .float
        case .pinned, .active, .archived: .bool
        case .position: .int
        }
    }

    func accepts(_ type: FieldType) -> Bool {
        switch (self, type) {
        case (.speaker, .oneOf), (.status, .oneOf), (.payload, .text), (.recurrence, .text),
            (.recurrence, .oneOf):
            return true
        default: return type == wanted
        }
    }
}

extension Roles {
    /// The roles that are given, with their fields.
    fileprivate var named: [(Role, String)] {
        let all: [(Role, String?)] = [
            (.owner, owner), (.text, text), (.time, time), (.importance, importance),
            (.decayRate, decayRate), (.pinned, pinned), (.session, session),
            (.position, position), (.speaker, speaker), (.confidence, confidence),
            (.sources, sources), (.validFrom, validFrom),
            (.validTo, validTo), (.deletedAt, deletedAt), (.active, active),
            (.archivedAt, archivedAt), (.archived, archived), (.triggerAt, triggerAt),
            (.status, status), (.payload, payload), (.recurrence, recurrence),
            (.occurrence, occurrence), (.claimedAt, claimedAt), (.leaseUntil, leaseUntil),
        ]
        return all.compactMap { role, field in field.map { (role, $0) } }
    }
}

/// Refuses what is no name, and names given twice.
func checkNames(
    _ names: [String],
    of what: String,
    in place: String
) throws(MnemeError) {
    var seen: Set<String> = []
    for name in names {
        guard isName(name) else {
            throw MnemeError(
                .badSchema,
                "In \(place): \"\(name)\" is no name for \(withArticle(what)). A name has 1 to 64 "
                    + "of a-z, A-Z, 0-9 and _, and does not start with a digit."
            )
        }
        guard seen.insert(name).inserted else {
            throw MnemeError(
                .badSchema,
                "In \(place): there are two of the \(what) \"\(name)\". Rename one."
            )
        }
    }
}

private func isName(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...64).contains(bytes.count), let first = bytes.first,
        !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    return bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
