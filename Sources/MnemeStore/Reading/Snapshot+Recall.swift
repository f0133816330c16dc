// What recall asks of a snapshot: the arms of `find` and `walk` by ordinal, without making records
// of what will not be in the answer.

internal import MnemeBase
internal import MnemeGraph
package import MnemeModel
internal import MnemePages
internal import MnemeText
package import MnemeVectors

/// Records that a walk reached.
package struct ReachedRecords: Sendable {
    /// Nearest first.
    package let records: [(ordinal: UInt64, start: UInt64, hops: Int)]
    let reached: [Reached]
}

extension Snapshot {
    /// Whose records are meant by a path; all without one.
    ///
    /// - Throws: `.badOwner` when the collection has no owner role.
    package func scope(
        of owner: String?,
        _ collection: CollectionEntry
    ) throws(MnemeError)
        -> OwnerScope
    {
        try collection.check(owner: owner)
        return try reading { state throws(StoreError) in try state.scope(owner) }
    }

    /// As `find` with `near`, by ordinal.
    ///
    /// `way`: the one that is to be gone where it can be; nil for the one that costs least.
    package func nearestRecords(
        _ near: Near,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?,
        by way: NearestTier? = nil
    ) throws(MnemeError) -> NearestRecords {
        try reading { state throws(StoreError) in
            try state.nearest(near, collection, scope, limit: limit, filter: filter, by: way)
        }
    }

    /// As `find` with `match`, by ordinal; with the parameters that suit short memories.
    package func matchingRecords(
        _ match: Match,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?
    ) throws(MnemeError) -> [(ordinal: UInt64, score: Float)] {
        try reading { state throws(StoreError) in
            try state.matching(
                match,
                collection,
                scope,
                limit: limit,
                filter: filter,
                parameters: TextParameters(k1: 0.6, b: 0.3)
            )
        }
    }

    /// Walks in both directions along edges of all types.
    package func reachRecords(
        from starts: [UInt64],
        hops: Int,
        limit: Int,
        _ sight: Sight = Sight()
    ) throws(MnemeError)
        -> ReachedRecords
    {
        try reading { state throws(StoreError) in
            let choice = EdgeChoice(
                types: catalog.followedTypes,
                goesOut: true,
                goesIn: true
            )
            var rules = StepRules()
            rules.sight = sight
            let (reached, _) = try state.reach(
                from: starts,
                choice,
                rules,
                hops: hops,
                limit: limit
            )
            return ReachedRecords(
                records: reached.map { ($0.node, $0.start, $0.hops) },
                reached: reached
            )
        }
    }

    /// Some fields of a record, in order; nil when it is not visible.
    ///
    /// Vectors are not read.
    package func values(_ ordinal: UInt64, _ fields: [UInt16]) throws(MnemeError) -> [Value]? {
        try reading { state throws(StoreError) in
            guard let entry = try state.visibleEntry(ordinal) else { return nil }
            var reader = state.reader(keeps: true)
            try reader.open(entry)
            return try reader.values(fields)
        }
    }

    /// A record without its vectors; nil when it is not visible.
    package func recordWithoutVectors(
        _ ordinal: UInt64,
        _ collection: CollectionEntry
    )
        throws(MnemeError) -> Record?
    {
        try reading { state throws(StoreError) in
            guard let entry = try state.visibleEntry(ordinal) else { return nil }
            return try state.record(entry, collection, collection.everyPlainField)
        }
    }

    /// The edges that led to a record.
    package func path(to index: Int, in reached: ReachedRecords) throws(MnemeError) -> [Edge] {
        try reading { state throws(StoreError) in try state.path(to: index, in: reached.reached) }
    }

    /// Whether a record is visible, of the collection and scope, and passes the filter.
    package func isIn(
        _ ordinal: UInt64,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        _ filter: Filter?
    ) throws(MnemeError) -> Bool {
        try reading { state throws(StoreError) in
            guard let entry = try state.entry(ordinal), scope.contains(entry.owner) else {
                return false
            }
            var test = RecordTest(filter, collection, state.reader(keeps: false))
            return try state.passes(ordinal, &test)
        }
    }

    /// In how many documents of a scope each word is, of everyone's where it is of many owners; nil
    /// while words are being indexed.
    package func wordCounts(
        _ words: [String],
        field: String,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(MnemeError) -> (documents: Int, holding: [Int])? {
        guard let text = collection.texts.first(where: { $0.name == field }) else { return nil }
        var owners: [UInt32?] = [nil]
        if case .some(let few) = scope, few.count <= 16 { owners = few }
        return try reading { state throws(StoreError) -> (documents: Int, holding: [Int])? in
            // Of words that are still being indexed nobody knows how many there are.
            if state.state.roots.building[text.number] != nil { return nil }
            return try state.wordCounts(words, text, owners)
        }
    }
}

extension StateReader {
    /// In how many documents of some owners each word is; nil stands for all owners.
    fileprivate func wordCounts(
        _ words: [String],
        _ text: TextEntry,
        _ owners: [UInt32?]
    ) throws(StoreError) -> (documents: Int, holding: [Int]) {
        var stems: [[UInt8]] = []
        do throws(TextError) {
            for word in words {
                stems.append(try Analyzers.shared.stems(word, text.language).first ?? [])
            }
        } catch {
            throw .inconsistent("the text index has no stemmer: \(error)")
        }
        var documents = 0
        var holding = [Int](repeating: 0, count: words.count)
        let runs = try state.runs.opened()
        for owner in owners {
            let counts = TextSearch.termStatistics(
                runs,
                owner: owner,
                field: text.number,
                stems: stems
            )
            documents += counts.field.documents
            for (index, count) in counts.documentFrequencies.enumerated() {
                holding[index] += count
            }
        }
        return (documents, holding)
    }
}

extension Store {
    /// A key that no record has: a UUID of version 7 as text.
    package func newKey() -> Key {
        let id = UniqueID(
            milliseconds: options.clock.now() / 1000,
            random: (options.randomness.next(), options.randomness.next())
        )
        return .text(id.description)
    }
}
