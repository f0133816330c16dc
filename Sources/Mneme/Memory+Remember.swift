// Remembering: memories become records and edges, one batch, all or none.

internal import MnemeEmbed
public import MnemeModel
internal import MnemeRecall
internal import MnemeStore

extension Memory {
    /// Remembers, all or none, and returns the keys in order.
    ///
    /// Keys are one namespace, whoever owns the memories: one that is given replaces the owner's
    /// own memory under it, unless the memory's mode is insert.
    ///
    /// - Throws: `.duplicate` when a key is taken by another owner's memory, or by any and the mode
    ///   is insert; `.badVector`,
    ///   `.badOwner`, `.danglingEdge` … ; `.badRequest` for an importance outside 0…1 and a decay
    ///   rate that is negative or not finite. Nothing was changed then.
    /// - Complexity: about 10 µs a memory, and one data sync.
    public func remember(_ memories: [Remember]) throws(MnemeError) -> [Key] {
        if isAudited { return try door.remember(memories) }
        return try remembering(memories, options.durability).keys
    }

    /// Remembers a text.
    @discardableResult
    public func remember(_ text: String, owner: String) throws(MnemeError) -> Key {
        let keys = try remember([Remember(text, owner: owner)])
        guard let key = keys.first else {
            throw MnemeError(.badRequest, "nothing was remembered; report this")
        }
        return key
    }

    func remembering(
        _ memories: [Remember],
        _ durability: Durability
    ) throws(MnemeError) -> Remembered {
        let changes = try changes(of: memories)
        let types = memories.flatMap { $0.links.map(\.type) }
        return Remembered(try store.commit(changes, durability, defining: types))
    }

    func changes(of memories: [Remember]) throws(MnemeError) -> [Change] {
        try RememberCheck.check(memories)
        return RememberPlan(
            embedder: embedder,
            now: store.snapshot().instant,
            newKey: store.newKey
        ).changes(memories)
    }
}

/// Makes changes of memories.
///
/// Pure but for the embedder.
struct RememberPlan {
    let embedder: StaticEmbedder?
    let now: Instant
    let newKey: () -> Key

    func changes(_ memories: [Remember]) -> [Change] {
        var puts: [Change] = []
        var links: [Change] = []
        puts.reserveCapacity(memories.count)
        for memory in memories {
            let key = memory.key ?? newKey()
            var put = Put(
                MemoryLayout.memories,
                key,
                fields(memory),
                // A key is every owner's; what stands under it is one's alone.
                mode: memory.mode == .insert ? .insert : .replaceOwned,
                expiresAt: memory.expiresAt
            )
            put.expiresIn = memory.expiresIn
            puts.append(.put(put))
            for link in memory.links {
                links.append(
                    .link(
                        Link(
                            link.type,
                            from: Reference(MemoryLayout.memories, key),
                            to: Reference(MemoryLayout.memories, link.to)
                        )
                    )
                )
            }
        }
        return puts + links
    }

    private func fields(_ memory: Remember) -> [String: Value] {
        var fields: [String: Value] = [
            "text": .text(memory.text), "owner": .text(memory.owner),
            "kind": .text(memory.kind.rawValue), "time": .instant(memory.time ?? now),
            "importance": .float(memory.importance), "decayRate": .float(memory.decayRate),
        ]
        if memory.isPinned { fields["pinned"] = .bool(true) }
        if let session = memory.session { fields["session"] = .text(session) }
        if let position = memory.position { fields["position"] = .int(position) }
        if let speaker = memory.speaker { fields["speaker"] = .text(speaker) }
        if !memory.tags.isEmpty { fields["tags"] = .array(memory.tags.map { .text($0) }) }
        if !memory.data.isNull { fields["data"] = memory.data }
        fields.merge(memory.entry.fields) { $1 }
        if let vector = embedder?.embed(
            String(TextBody.withoutHead(memory.text, speaker: memory.speaker))
        ) {
            fields[MemoryLayout.meaning] = .vector(vector)
        }
        for (name, vector) in memory.vectors { fields[name] = .vector(vector) }
        return fields
    }
}
