// Deciding what is built at once and what behind, and what goes. An index over more records than
// the writer may go through while others wait is built behind; until it has them all, a place of a
// unique index that looks free may be some record's that was not looked at, and two records may
// have one place: what is told of such places is taken from the tree alone.

internal import MnemeModel
internal import MnemeTree

extension BatchPlanner {
    /// The new indexes that are built behind.
    func indexesBehind(_ next: Catalog) -> [IndexName] {
        // What new references name is looked up in the same commit.
        let needed = next.indexesNeeded(since: catalog)
        var behind: [IndexName] = []
        for (collection, indexes) in next.newIndexes(since: catalog)
        where roots.counts[collection.number] ?? 0 > atOnce {
            for index in indexes where !needed.contains(index.number) {
                behind.append(IndexName(collection: collection.number, index: index.number))
            }
        }
        for name in next.newEdgeIndexes(since: catalog)
        where roots.counts[name.collection] ?? 0 > 0 {
            behind.append(name)
        }
        return behind
    }

    /// The collections whose records a definition goes through at once.
    func grown(_ next: Catalog, without behind: [IndexName]) -> [CollectionEntry] {
        let left = Set(behind.map(\.index))
        var grown: [CollectionEntry] = []
        for (collection, indexes) in next.newIndexes(since: catalog)
        where indexes.contains(where: { !left.contains($0.number) }) {
            grown.append(collection)
        }
        return grown + next.newReferences(since: catalog).map(\.collection)
    }

    /// Of the collections that get a required field which nothing fills, those that have records,
    /// also such as have expired and are not swept yet.
    func occupied(amongLacking schema: Schema) throws(StoreError) -> Set<UInt16> {
        var occupied: Set<UInt16> = []
        for newer in schema.collections {
            guard let known = catalog.collections.first(where: { $0.schema.name == newer.name }),
                newer.fields.contains(where: { field in
                    field.isRequired && field.standard == nil && field.generated == nil
                        && known.schema.field(field.name) == nil
                })
            else { continue }
            let holds = try onTree { () throws(TreeError) in
                var cursor = try tree.cursor(StoreKeys.records(known.number), in: reader.view)
                return try cursor.next()
            }
            if holds { occupied.insert(known.number) }
        }
        return occupied
    }

    /// Refuses references that name records by an index which does not have all of them yet.
    func checkReady(_ next: Catalog) throws(StoreError) {
        if roots.building.isEmpty { return }
        for (collection, reference) in next.referencesAdded(since: catalog) {
            guard let index = reference.index, roots.building[index.number] != nil else { continue }
            throw refused(
                .schemaConflict,
                "collection \"\(collection.schema.name)\", reference \"\(reference.rule.name)\": "
                    + "the index by which it finds the records of \"\(reference.rule.to)\" is "
                    + "being built; define the reference when the statistics do not tell of that "
                    + "index any more"
            )
        }
    }

    mutating func plan(_ drop: Drop) throws(StoreError) {
        let next: Catalog
        do throws(MnemeError) {
            next = try catalog.dropping(drop)
        } catch {
            throw .refused(error)
        }
        plan.changes.append(
            .schema(PlannedDefinition(catalog: next, definition: .drop(drop)))
        )
    }

    /// Notes that a record leaves a place of a unique index.
    mutating func giveUp(
        _ prefix: IndexPrefix,
        _ collection: CollectionEntry,
        _ ordinal: UInt64
    ) throws(StoreError) {
        if !roots.building.isEmpty,
            roots.building[collection.indexes[prefix.place].number] != nil
        {
            // Another one may have it, where neither was looked at when it came.
            let holder: UInt64?
            if let known = uniques[prefix.bytes] {
                holder = known
            } else {
                holder = try reader.firstNumber(tree, prefix: prefix.bytes)
            }
            guard holder == nil || holder == ordinal else { return }
        }
        uniques[prefix.bytes] = .some(nil)
    }
}
