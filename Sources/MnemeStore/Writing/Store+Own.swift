// Changes of the store's own collections: those collections come with the first that needs them, in
// the same batch, and what is put into them is held against no rule of anybody's.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

extension Store {
    /// What makes changes of the store's own under a catalog.
    typealias OwnChanges =
        @Sendable (Catalog, ChangePreparation) throws(MnemeError) -> [PreparedChange]

    /// Changes of the store's own, for the writer, with the collections that they need where these
    /// are not there.
    ///
    /// - Throws: what `make` throws; as a definition.
    func ownWork(
        defining collections: [Collection] = [],
        _ durability: Durability,
        _ make: @escaping OwnChanges
    ) throws(MnemeError) -> WriterWork {
        let prepare = { @Sendable [options, log, clock] (known: Catalog) throws(MnemeError) in
            var catalog = known
            var changes: [PreparedChange] = []
            let names = Set(known.collections.map(\.schema.name))
            if collections.contains(where: { !names.contains($0.name) }) {
                let schema = Schema(collections: collections)
                catalog = try known.adding(schema)
                changes.append(.define(schema))
            }
            let preparation = ChangePreparation(
                catalog: catalog,
                clock: clock,
                randomness: options.randomness,
                frameLimit: log.frameLimit,
                asWritten: true
            )
            return changes + (try make(catalog, preparation))
        }
        let catalog = newest.state.catalog
        return WriterWork(
            changes: try prepare(catalog),
            catalogVersion: catalog.version,
            durability: durability,
            prepareAgain: prepare
        )
    }
}
