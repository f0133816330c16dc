// The collections of the memory layer that are made when they are first written: what sessions
// leave, how things are done, what is known of objects. A store in which somebody has a collection
// of his own under one of these names keeps that; the verbs for it are refused there.

internal import MnemeModel
internal import MnemeStore

extension MemoryLayout {
    static let episodes = "episodes"
    static let procedures = "procedures"
    static let documents = "documents"

    /// The definition of one of them, nil of every other collection.
    ///
    /// - Throws: nothing that a store could be the reason of.
    static func own(_ name: String) throws(MnemeError) -> Collection? {
        switch name {
        case episodes: episodesCollection
        case procedures: try proceduresCollection()
        case documents: documentsCollection
        default: nil
        }
    }

    /// Whether a collection is one of them, and not somebody's own under its name.
    static func isOwn(_ collection: Collection) -> Bool {
        guard let wanted = try? own(collection.name) else { return false }
        return collection.key == wanted.key && collection.roles.owner == wanted.roles.owner
            && wanted.fields.allSatisfy { collection.isThere($0) }
            && wanted.indexes.allSatisfy { index in
                !index.isUnique || collection.indexes.contains { $0.name == index.name }
            }
    }

    /// What a session left, under the session's key.
    private static var episodesCollection: Collection {
        var roles = Roles()
        roles.owner = "owner"
        roles.text = "text"
        roles.time = "endedAt"
        return Collection(
            episodes,
            fields: [
                Field("text", .text, isSearchable: true),
                Field("owner", .text, isRequired: true),
                Field("startedAt", .instant, isRequired: true),
                Field("endedAt", .instant, isRequired: true),
                Field("durationSeconds", .float, isRequired: true),
                Field("entryCount", .int, isRequired: true),
                Field("laneCount", .int, isRequired: true),
                Field("tokens", .int),
                Field("agents", .array(.text)),
                Field("parent", .text),
                Field("data", .json),
                Field(meaning, .vector(meaningType)),
            ],
            indexes: [
                Index("byEnd", on: ["owner", IndexField("endedAt", descending: true)])
            ],
            roles: roles
        )
    }

    /// Named values with the counts of their uses.
    ///
    /// The merit of one is the rate of success that is to be expected of it by Laplace's rule of
    /// succession, (successes + 1) / (uses + 2): so that what went well nine times of ten comes
    /// before what went well once of once.
    private static func proceduresCollection() throws(MnemeError) -> Collection {
        var collection = named(procedures)
        collection.fields += [
            Field("uses", .int, standard: .int(0)),
            Field("successes", .int, standard: .int(0)),
            Field("lastUsedAt", .instant),
            Field(
                "successRate",
                .float,
                generated: try Expression("case when uses > 0 then successes * 1.0 / uses end")
            ),
            Field(
                "merit",
                .float,
                generated: try Expression("(successes + 1.0) / (uses + 2)")
            ),
        ]
        collection.indexes.append(
            Index("byMerit", on: ["owner", IndexField("merit", descending: true)])
        )
        return collection
    }

    private static var documentsCollection: Collection { named(documents) }

    private static func named(_ name: String) -> Collection {
        var roles = Roles()
        roles.owner = "owner"
        roles.text = "text"
        return Collection(
            name,
            fields: [
                Field("owner", .text, isRequired: true),
                Field("name", .text, isRequired: true, maximumLength: 255),
                Field("value", .json, isRequired: true),
                Field("text", .text, isSearchable: true),
                Field("type", .text),
                Field("tags", .array(.text)),
                Field("createdAt", .instant, fill: .now),
                Field("updatedAt", .instant, fill: .changed),
                Field(meaning, .vector(meaningType)),
            ],
            indexes: [Index("byName", on: ["owner", "name"], isUnique: true)],
            roles: roles
        )
    }

    /// Whether there is one of these collections, to be asked.
    ///
    /// - Throws: `.schemaConflict` where somebody's own has its name.
    static func has(own name: String, _ schema: Schema) throws(MnemeError) -> Bool {
        guard let standing = schema.collections.first(where: { $0.name == name }) else {
            return false
        }
        if isOwn(standing) { return true }
        let fields = try own(name)?.fields.map(\.name) ?? []
        throw MnemeError(
            .schemaConflict,
            "the collection \"\(name)\" is your own, and not the memory layer's, which has the "
                + "fields \(fields.joined(separator: ", ")); ask yours with find and recall, or "
                + "give it another name to use this verb"
        )
    }

    /// The fields of one of these collections without its vectors.
    static func shown(own name: String) throws(MnemeError) -> [Projection] {
        try own(name)?.fields.map(\.name).filter { $0 != meaning }.map { .field($0) } ?? []
    }
}

extension Memory {
    /// Makes one of these collections where it is not there yet.
    ///
    /// - Throws: `.schemaConflict` where somebody's own has its name; as `define`.
    func define(own name: String) throws(MnemeError) {
        guard try !MemoryLayout.has(own: name, store.snapshot().schema),
            let wanted = try MemoryLayout.own(name)
        else { return }
        try store.define(Schema(collections: [wanted]))
    }
}
