// The collections of the memory layer itself. Recall and forget work on any collection with roles;
// these are the ones that remember and sessions write.

internal import MnemeEmbed
internal import MnemeModel

enum MemoryLayout {
    static let memories = "memories"
    static let sessions = "sessions"
    /// The type of edges from what is true now to what it took the place of.
    static let supersedes = "SUPERSEDES"
    /// What a memory may be of: several of them, or none.
    static let layers = ["session", "project", "global", "temporal"]
    /// The layer of what ends with its session, where it is of no other.
    static let sessionLayer = "session"
    /// The field with the built-in embedder's vectors.
    static let meaning = "meaning"

    /// Whether something that would be dropped belongs to the memory layer.
    static func needs(_ drop: Drop) -> Bool {
        switch drop {
        case .collection(let name): [memories, sessions].contains(name)
        case .index(let name, let index):
            schema(vectors: [:]).collections.contains { collection in
                collection.name == name && collection.indexes.contains { $0.name == index }
            }
        case .field(let name, let field), .search(let name, let field):
            schema(vectors: [:]).collections.contains { collection in
                collection.name == name && collection.fields.contains { $0.name == field }
            }
        case .edgeIndex, .edgeType: false
        }
    }

    /// Whether a switch of vectors speaks of those that belong to the memory layer.
    static func needs(_ change: VectorSwitch) -> Bool {
        change.collection == memories && [change.field, change.successor].contains(meaning)
    }

    /// Whether the vectors of a collection's field `meaning` are the embedder's.
    ///
    /// Those of memories are, for which remember makes them, and those of episodes, procedures and
    /// documents; elsewhere such a field has vectors of somebody else's model.
    static func isEmbedded(_ collection: Collection, by embedder: StaticEmbedder) -> Bool {
        guard collection.name == memories || isOwn(collection),
            case .vector(let type)? = collection.field(meaning)?.type
        else { return false }
        return type.dimension == embedder.dimension
    }

    /// Refuses what would make one of the memory layer's own collections another one than it works
    /// with: other keys, other fields or owners, or fields that it would have to give.
    ///
    /// - Throws: `.schemaConflict`, which says what the collection has.
    static func check(_ schema: Schema, standing: Schema) throws(MnemeError) {
        for given in schema.collections where [memories, sessions].contains(given.name) {
            guard let known = standing.collections.first(where: { $0.name == given.name }),
                let what = conflict(of: given, with: known)
            else { continue }
            throw MnemeError(
                .schemaConflict,
                "the collection \"\(known.name)\" is the memory layer's own, with which every "
                    + "store begins: its keys are text, and it has the fields "
                    + known.fields.map(\.name).joined(separator: ", ") + "; \(what). Give a "
                    + "collection of your own another name"
            )
        }
    }

    private static func conflict(of given: Collection, with known: Collection) -> String? {
        if given.key != known.key {
            return "keys of type \(given.key) are asked for"
        }
        for field in given.fields {
            if let standing = known.field(field.name) {
                if standing.agrees(butForRecallWith: field) { continue }
                return "the field \"\(field.name)\" is given otherwise"
            }
            if known.name == sessions {
                return "the field \"\(field.name)\" is none of them, and nothing would fill it"
            }
            if field.isRequired, field.standard == nil, field.generated == nil {
                return "the field \"\(field.name)\" is none of them, and what remembers would not "
                    + "give it, which it requires"
            }
        }
        guard given.roles == Roles() || given.roles.owner == known.roles.owner else {
            return "another field with the role owner is given"
        }
        return nil
    }

    static func schema(vectors: [String: VectorType]) -> Schema {
        Schema(collections: [memories(vectors), sessionsCollection])
    }

    /// The built-in embedder's vectors.
    static var meaningType: VectorType {
        VectorType(dimension: StaticEmbedder().dimension, element: .float16, metric: .cosine)
    }

    private static func memories(_ vectors: [String: VectorType]) -> Collection {
        var fields = [
            Field("text", .text, isRequired: true, isSearchable: true),
            Field("owner", .text, isRequired: true),
            Field("kind", .oneOf(MemoryKind.allCases.map(\.rawValue)), isRequired: true),
            Field("time", .instant, isRequired: true),
            Field("importance", .float),
            Field("decayRate", .float),
            Field("pinned", .bool),
            Field("session", .text),
            Field("position", .int),
            Field("speaker", .text),
            Field("tags", .array(.text)),
            Field("data", .json),
            Field(meaning, .vector(meaningType)),
            Field("lane", .text),
            Field("agent", .text),
            Field("tokens", .int),
            Field("layers", .array(.oneOf(layers))),
            Field("confidence", .float),
            Field("validFrom", .instant),
            Field("validTo", .instant),
            Field("tool", .text),
            Field("sources", .array(.text)),
        ]
        for (name, type) in vectors.sorted(by: { $0.key < $1.key }) {
            fields.append(Field(name, .vector(type)))
        }
        var roles = Roles()
        roles.text = "text"
        roles.owner = "owner"
        roles.time = "time"
        roles.importance = "importance"
        roles.decayRate = "decayRate"
        roles.pinned = "pinned"
        roles.session = "session"
        roles.position = "position"
        roles.speaker = "speaker"
        roles.confidence = "confidence"
        roles.sources = "sources"
        roles.validFrom = "validFrom"
        roles.validTo = "validTo"
        return Collection(
            memories,
            fields: fields,
            indexes: [
                Index("byTime", on: ["owner", IndexField("time", descending: true)]),
                Index("bySession", on: ["session", "position"]),
                Index("recall", on: ["owner", "session", "position"]),
            ],
            roles: roles
        )
    }

    /// `slot` is "open" for the session that is going on, with its parent where it has one, and its
    /// key afterwards, so that the unique index admits one open session an owner and parent.
    private static var sessionsCollection: Collection {
        var roles = Roles()
        roles.owner = "owner"
        return Collection(
            sessions,
            fields: [
                Field("owner", .text, isRequired: true),
                Field("slot", .text, isRequired: true),
                Field("startedAt", .instant, isRequired: true),
                Field("lastAt", .instant, isRequired: true),
                Field("endedAt", .instant),
                Field("entryCount", .int, isRequired: true),
                Field("summary", .text),
                Field("parent", .text),
                Field("agent", .text),
                Field("secondsAfterEnd", .int),
                Field("data", .json),
                Field("flushed", .bool),
            ],
            indexes: [Index("bySlot", on: ["owner", "slot"], isUnique: true)],
            roles: roles
        )
    }
}
