// Changes made of memories: a put of each, by the roles of its collection, its vector, and a link
// for each of its links. Pure but for the embedder.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeRecall
internal import MnemeStore

/// Makes changes of memories.
struct RememberPlan {
    let embedder: StaticEmbedder?
    let now: Instant
    let newKey: () -> Key
    let catalog: Catalog

    /// The changes: first the puts, in order.
    ///
    /// - Throws: `.unknownCollection`; `.missingRole` where the collection has no place for what a
    ///   memory says.
    func changes(_ memories: [Remember]) throws(MnemeError) -> [Change] {
        var puts: [Change] = []
        var links: [Change] = []
        puts.reserveCapacity(memories.count)
        for memory in memories {
            // A collection of another kind of keys makes its own.
            var key = memory.key
            if key == nil { key = try madeKey(memory.collection) }
            var put = Put(
                memory.collection,
                key,
                try fields(memory),
                // A key is every owner's; what stands under it is one's alone.
                mode: memory.mode == .insert ? .insert : .replaceOwned,
                expiresAt: memory.expiresAt
            )
            put.expiresIn = memory.expiresIn
            puts.append(.put(put))
            if memory.links.isEmpty { continue }
            guard let key else {
                throw MnemeError(
                    .badRequest,
                    "a memory of collection \"\(memory.collection)\" has links and no key, which "
                        + "is generated there as it is put; give a key, or relate it afterwards"
                )
            }
            links += self.links(of: memory, key)
        }
        return puts + links
    }

    func links(of memory: Remember, _ key: Key) -> [Change] {
        memory.links.map { link in
            .link(
                Link(
                    link.type,
                    from: Reference(memory.collection, key),
                    to: Reference(memory.collection, link.to)
                )
            )
        }
    }

    private func madeKey(_ name: String) throws(MnemeError) -> Key? {
        if name == MemoryLayout.memories { return newKey() }
        return try catalog.collection(name).schema.key == .text ? newKey() : nil
    }

    /// The fields of a memory's record, by the roles of its collection.
    ///
    /// - Throws: as `changes`.
    func fields(_ memory: Remember) throws(MnemeError) -> [String: Value] {
        let schema = try catalog.collection(memory.collection).schema
        var filling = Filling(schema)
        let roles = schema.roles
        try filling.put("text", roles.text, .text(memory.text))
        try filling.put(
            "owner",
            roles.owner,
            .text(memory.owner),
            isGiven: !memory.owner.isEmpty
        )
        try filling.put(
            "time",
            roles.time,
            .instant(memory.time ?? now),
            isGiven: memory.time != nil
        )
        try filling.put(
            "importance",
            roles.importance,
            .float(memory.importance),
            isGiven: memory.importance != 0.5
        )
        try filling.put(
            "decayRate",
            roles.decayRate,
            .float(memory.decayRate),
            isGiven: memory.decayRate != 0.1
        )
        if memory.isPinned { try filling.put("pinned", roles.pinned, .bool(true)) }
        if let session = memory.session {
            try filling.put("session", roles.session, .text(session))
        }
        if let position = memory.position {
            try filling.put("position", roles.position, .int(position))
        }
        if let speaker = memory.speaker {
            try filling.put("speaker", roles.speaker, .text(speaker))
        }
        if let confidence = memory.confidence {
            try filling.put("confidence", roles.confidence, .float(confidence))
        }
        if let from = memory.validFrom {
            try filling.put("validFrom", roles.validFrom, .instant(from))
        }
        if let to = memory.validTo { try filling.put("validTo", roles.validTo, .instant(to)) }
        if !memory.source.from.isEmpty {
            let names = memory.source.from.map { Value.text($0.description) }
            try filling.put("sources", roles.sources, .array(names))
        }
        try putNamed(memory, schema, &filling)
        if MemoryLayout.isMeant(schema, embedder), let vector = vector(of: memory) {
            filling.fields[MemoryLayout.meaning] = .vector(vector)
        }
        for (name, vector) in memory.vectors { filling.fields[name] = .vector(vector) }
        return filling.fields
    }

    /// Puts what fields of its own name have.
    private func putNamed(
        _ memory: Remember,
        _ schema: Collection,
        _ filling: inout Filling
    ) throws(MnemeError) {
        let isOwn = schema.name == MemoryLayout.memories
        if isOwn || memory.kind != .episodic || schema.field("kind") != nil {
            try filling.put("kind", .text(memory.kind.rawValue), isGiven: memory.kind != .episodic)
        }
        for (name, value) in memory.entry.fields.sorted(by: { $0.key < $1.key }) {
            try filling.put(name, value)
        }
        if let agent = memory.source.agent { try filling.put("agent", .text(agent)) }
        if let tool = memory.source.tool { try filling.put("tool", .text(tool)) }
        if !memory.tags.isEmpty {
            try filling.put("tags", .array(memory.tags.map { .text($0) }))
        }
        if !memory.layers.isEmpty {
            try filling.put("layers", .array(memory.layers.map { .text($0.rawValue) }))
        }
        if memory.data.isNull { return }
        if isOwn { return filling.fields["data"] = memory.data }
        guard case .map(let members) = memory.data else {
            throw MnemeError(
                .wrongType,
                "data of a memory of collection \"\(schema.name)\" is to be an object, whose "
                    + "members are fields of the collection; give one"
            )
        }
        for (name, value) in members { filling.fields[name] = value }
    }

    /// The vector of what a memory says; nil where there is no embedder, or it knows no word.
    func vector(of memory: Remember) -> [Float]? {
        embedder?.embed(String(TextBody.withoutHead(memory.text, speaker: memory.speaker)))
    }
}

/// The fields of a record as they come together.
private struct Filling {
    let schema: Collection
    var fields: [String: Value] = [:]

    init(_ schema: Collection) { self.schema = schema }

    /// Puts what the field with a role has.
    ///
    /// `isGiven`: whether it may not be left out where there is no such field.
    mutating func put(
        _ role: String,
        _ field: String?,
        _ value: Value,
        isGiven: Bool = true
    ) throws(MnemeError) {
        if let field {
            fields[field] = value
        } else if isGiven {
            throw MemoryLayout.missing(role, schema)
        }
    }

    /// Puts what the field of a name has.
    mutating func put(_ name: String, _ value: Value, isGiven: Bool = true) throws(MnemeError) {
        guard schema.field(name) != nil else {
            if !isGiven { return }
            throw MnemeError(
                .missingRole,
                "collection \"\(schema.name)\" has no field \"\(name)\" for what the memory says "
                    + "of it; define it again with such a field, or leave that out"
            )
        }
        fields[name] = value
    }
}

extension MemoryLayout {
    /// Whether remember makes the vectors of a collection's field `meaning`.
    static func isMeant(_ schema: Collection, _ embedder: StaticEmbedder?) -> Bool {
        embedder != nil && schema.name == memories
    }

    /// What is said where a role is needed that no field has.
    static func missing(_ role: String, _ schema: Collection) -> MnemeError {
        MnemeError(
            .missingRole,
            "collection \"\(schema.name)\" has no field with the role \(role), which this needs; "
                + "define it again with the role, or leave out what needs it"
        )
    }
}
