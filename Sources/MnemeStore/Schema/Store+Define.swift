// Definitions and drops on their way to the writer.

internal import MnemeBase
package import MnemeModel

extension Store {
    /// Adds collections, edge types, fields and indexes.
    ///
    /// `waits`: until indexes that are built behind the commits are ready. `allowsHidden`: also the
    /// store's own collections, whose names have a `$`.
    ///
    /// - Throws: `.badSchema`, `.schemaConflict`; `.duplicate` and `.tooLarge` where records that
    ///   are there refuse an index, which is not defined then.
    package func define(
        _ schema: Schema,
        _ durability: Durability = .synced,
        waits: Bool = true,
        allowsHidden: Bool = false
    ) throws(MnemeError) {
        if !allowsHidden, let name = schema.collections.first(where: \.isHidden)?.name {
            throw MnemeError(
                .badSchema,
                "the collection \(quoted(name)) cannot be defined: names that have a $ are the "
                    + "store's own; give it another name"
            )
        }
        try schema.checkZones()
        let first = newest.state.catalog.nextNumber
        try define(.schema(schema), durability)
        if waits { try finishIndexes(of: schema, newFrom: first) }
    }

    /// Takes out what is defined.
    ///
    /// - Throws: `.unknownCollection`, `.notFound`, `.schemaConflict`.
    package func drop(_ drop: Drop, _ durability: Durability = .synced) throws(MnemeError) {
        try define(.drop(drop), durability)
    }

    /// Adds a definition to the catalog, and waits for nothing that is done behind.
    func define(_ definition: Definition, _ durability: Durability) throws(MnemeError) {
        // A history, and counting, begin without what is on its way out.
        if case .schema(let schema) = definition, !newest.state.roots.withdrawn.isEmpty,
            !isReadOnly,
            schema.collections.contains(where: { $0.history != nil || $0.isCounted })
                || schema.edgeTypes.contains(where: { $0.history != nil || $0.countsUsage })
        {
            do throws(StoreError) { try sweep() } catch { throw MnemeError(error) }
        }
        let change: PreparedChange =
            switch definition {
            case .schema(let schema): .define(schema)
            case .drop(let drop): .drop(drop)
            case .switchVector(let change): .switchVector(PreparedSwitch(change: change))
            }
        _ = try submit(
            WriterWork(
                changes: [change],
                catalogVersion: newest.state.catalog.version,
                durability: durability,
                prepareAgain: { _ in [change] }
            )
        )
    }
}
