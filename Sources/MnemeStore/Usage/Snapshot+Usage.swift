// What owners have in one state. It was counted before: here it is only added up.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Snapshot {
    /// The bytes of a record, as usage counts them, whether it is counted or not; 0 of one that is
    /// not visible.
    package func usageBytes(of ordinal: UInt64) throws(MnemeError) -> Int {
        try reading { state throws(StoreError) in
            guard let entry = try state.visibleEntry(ordinal) else { return 0 }
            return try state.usageAmount(of: entry).bytes
        }
    }

    /// What an owner and those below it have.
    ///
    /// - Throws: `.badOwner`; `.unknownCollection` for a name that is neither a collection's nor
    ///   an edge type's; `.badRequest` where nothing counts, or what is named does not; `.busy`
    ///   while what was there before is being counted.
    /// - Complexity: O(what counts · owners in question).
    package func usage(_ question: UsageQuestion) throws(MnemeError) -> Usage {
        let collections = try catalog.countedCollections(question.names)
        let types = try catalog.countedTypes(question.names)
        if question.names.isEmpty, collections.isEmpty, types.isEmpty {
            throw MnemeError(
                .badRequest,
                "nothing counts usage here; define a collection or a type of edges again, with "
                    + "\"usage\": true, and what is there is counted"
            )
        }
        if let owner = question.owner, owner.isEmpty {
            throw MnemeError(
                .badOwner,
                "the owner is empty; give a path, or leave it out to mean all"
            )
        }
        return try reading { state throws(StoreError) in
            var usage = Usage(owner: question.owner, collections: [:], sequence: state.sequence)
            let owners: [UInt32]? =
                switch try state.scope(question.owner) {
                case .all: nil
                case .some(let numbers): numbers
                case .nobody: []
                }
            for entry in collections where reach?.reaches(collection: entry.schema.name) ?? true {
                usage.collections[entry.schema.name] =
                    try state.usage(entry.number, owners, entry.schema.name).amount
            }
            // Whose ends are in which collections is not counted.
            for entry in types where reach?.permit.collections == nil {
                usage.edges[entry.type.name] =
                    try state.usage(entry.number, owners, entry.type.name).amount
            }
            return usage
        }
    }
}

extension StateReader {
    /// What owners have of a collection or of a type of edges; all of them when nil.
    fileprivate func usage(
        _ number: UInt16,
        _ owners: [UInt32]?,
        _ name: String
    ) throws(StoreError) -> UsageAmount {
        if let progress = state.roots.building[UsageKey.build(number)] {
            throw .refused(
                MnemeError(
                    .busy,
                    "what was in \(quoted(name)) before it was counted is being counted: "
                        + "\(progress.next - 1) of \(progress.end - 1) are; ask again"
                )
            )
        }
        guard let owners else { return try everybody(number) }
        var sum = UsageAmount.zero
        for owner in owners {
            let found = try onTree { () throws(TreeError) in
                try state.tree.value(UsageKey(number, owner).bytes, in: view)
            }
            if let found { sum += try UsageAmount(found) }
        }
        return sum
    }

    private func everybody(_ number: UInt16) throws(StoreError) -> UsageAmount {
        var values: [[UInt8]] = []
        try onTree { () throws(TreeError) in
            var cursor = try state.tree.cursor(UsageKey.all(of: number), in: view)
            while try cursor.next() { values.append(try cursor.value) }
        }
        var sum = UsageAmount.zero
        for value in values { sum += try UsageAmount(value) }
        return sum
    }
}

extension Catalog {
    /// The collections that count, of those that are named; all where no names are given.
    fileprivate func countedCollections(
        _ names: [String]
    ) throws(MnemeError) -> [CollectionEntry] {
        if names.isEmpty { return visibleCollections.filter(\.schema.isCounted) }
        var counted: [CollectionEntry] = []
        for name in Set(names).sorted() {
            if (try? edgeType(name)) != nil, (try? collection(name)) == nil { continue }
            let entry = try collection(name)
            guard entry.schema.isCounted else { throw notCounted("collection", name) }
            counted.append(entry)
        }
        return counted
    }

    /// The types of edges that count, of those that are named; all where no names are given.
    fileprivate func countedTypes(_ names: [String]) throws(MnemeError) -> [EdgeTypeEntry] {
        if names.isEmpty { return edgeTypes.filter(\.type.countsUsage) }
        var counted: [EdgeTypeEntry] = []
        for name in Set(names).sorted() {
            guard let entry = try? edgeType(name) else { continue }
            if !entry.type.countsUsage {
                if (try? collection(name)) != nil { continue }
                throw notCounted("edge type", name)
            }
            counted.append(entry)
        }
        return counted
    }

    private func notCounted(_ what: String, _ name: String) -> MnemeError {
        MnemeError(
            .badRequest,
            "\(what) \(quoted(name)) does not count usage; define it again with \"usage\": true, "
                + "and what is there is counted"
        )
    }
}
