// Remembering: memories become records and edges, one batch, all or none.

public import MnemeModel
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
        if memories.contains(where: { $0.onDuplicate != nil }) {
            return try rememberingUnlike(memories, durability)
        }
        let changes = try changes(of: memories)
        let types = memories.flatMap { $0.links.map(\.type) }
        return Remembered(try store.commit(changes, durability, defining: types))
    }

    func changes(of memories: [Remember]) throws(MnemeError) -> [Change] {
        try RememberCheck.check(memories)
        return try plan(store.snapshot()).changes(memories)
    }

    func plan(_ snapshot: Snapshot) -> RememberPlan {
        RememberPlan(
            embedder: embedder,
            now: snapshot.instant,
            newKey: store.newKey,
            catalog: snapshot.catalog
        )
    }
}
