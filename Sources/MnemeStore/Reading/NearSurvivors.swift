// Who may be in an answer by nearness, as an index says it of the question's filter: about how many
// they are, and, where they are few, who.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree
internal import MnemeVectors

/// Records among which all are that pass a filter.
struct NearSurvivors {
    /// The way to them, along an index.
    let plan: FindPlan
    /// About how many they are.
    let expected: Int

    /// What the vector index is told of them.
    ///
    /// `hides`: some records may be out of sight.
    func selection(hides: Bool) -> NearestSelection {
        NearestSelection(
            listed: expected,
            isOwned: plan.isOwned,
            test: .record,
            rest: !plan.isFiltered ? .record : hides ? .ordinal : .none
        )
    }
}

extension StateReader {
    /// Who passes a filter, by the index that has the least of others among them; nil where there
    /// is no filter, or no index says anything of it.
    func survivors(
        _ filter: Filter?,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        explains: Bool
    ) throws(StoreError) -> NearSurvivors? {
        guard let filter else { return nil }
        let find = Find(
            collection.schema.name,
            where: filter,
            limit: .max,
            explained: explains
        )
        let plan = try plan(find, collection, try onlyOwner(scope))
        guard plan.usesIndex else { return nil }
        if let expected = plan.expected { return NearSurvivors(plan: plan, expected: expected) }
        // Nobody asked, as there was nothing to choose.
        let expected = try FindPlan.estimate(plan.ranges, estimate)
        return NearSurvivors(plan: plan, expected: expected)
    }

    /// The path of the only owner of a scope; nil where there are several.
    private func onlyOwner(_ scope: OwnerScope) throws(StoreError) -> String? {
        guard case .some(let numbers) = scope, numbers.count == 1, let number = numbers.first
        else { return nil }
        let bytes = try onTree { () throws(TreeError) in
            try state.tree.value(StoreKeys.ownerName(number), in: view)
        }
        return bytes.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The vectors of those survivors that are of a scope, and there.
    ///
    /// - Complexity: O(entries of the way).
    func list(
        _ survivors: NearSurvivors,
        _ scope: OwnerScope
    ) throws(StoreError) -> NearestList {
        var list = NearestList(room: survivors.expected)
        var walk = try PlanWalk(survivors.plan, self)
        var ordinals: [UInt64] = []
        while try walk.fill(&ordinals, atMost: RowsAhead.limit) {
            // Of one owner: who is another's has no vector under its number.
            if case .some(let numbers) = scope, numbers.count == 1 {
                for ordinal in ordinals { list.add(owner: numbers[0], ordinal: ordinal) }
                continue
            }
            for ordinal in ordinals { OrdinalTable.fetch(ordinal, in: view) }
            for ordinal in ordinals {
                guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner) else {
                    continue
                }
                list.add(owner: entry.owner, ordinal: ordinal)
            }
        }
        return list
    }

    /// The survivors as a set.
    ///
    /// - Complexity: O(entries of the way).
    func members(_ survivors: NearSurvivors) throws(StoreError) -> OrdinalSet {
        var all: [UInt64] = []
        var walk = try PlanWalk(survivors.plan, self)
        var ordinals: [UInt64] = []
        while try walk.fill(&ordinals, atMost: 1_024) { all += ordinals }
        return OrdinalSet(all)
    }
}
