// The way to the rows of a plain question, from the beginning or from where a cursor says.

internal import MnemeModel

/// How the rows of a plain question are come by.
struct FindWay {
    /// Which entries are gone through.
    var plan: FindPlan
    /// Whose records are meant.
    var scope: OwnerScope
    /// Rows that do not stand behind it are not meant; nil where all are, and where the plan leaves
    /// them out.
    var behind: RowPlace?

    /// The place of an entry of its index in the answer.
    ///
    /// - Throws: `.inconsistent` where it goes along none.
    func entry(at key: [UInt8]) throws(StoreError) -> FindCursor.Entry {
        guard let use = plan.use else {
            throw .inconsistent("an entry of no index has a place in an answer")
        }
        var owner: UInt32?
        if case .some(let numbers) = scope, numbers.count == 1 { owner = numbers[0] }
        return FindCursor.Entry(
            index: use.entry.number,
            choice: use.choice,
            owner: owner,
            key: key
        )
    }
}

extension StateReader {
    /// The way to the rows of a question that was checked.
    ///
    /// - Throws: `.refused` with `.badCursor`.
    func way(
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> FindWay {
        let cursor: FindCursor?
        do throws(MnemeError) { cursor = try FindCursor(of: find) } catch { throw .refused(error) }
        switch cursor?.place {
        case nil:
            let path = try singleOwnerPath(find.owner, scope)
            return FindWay(plan: try plan(find, collection, path), scope: scope)
        case .row(let values, let key):
            let path = try singleOwnerPath(find.owner, scope)
            var plan = try plan(find, collection, path, goesOn: true)
            let behind = RowPlace(values: values, key: key)
            guard plan.isOrdered else {
                return FindWay(plan: plan, scope: scope, behind: behind)
            }
            // No other order is left than that of keys.
            plan.cut(after: StoreKeys.record(collection.number, key))
            return FindWay(plan: plan, scope: scope)
        case .entry(let entry):
            return try way(find, collection, scope, from: entry)
        }
    }

    /// Goes on along an index.
    ///
    /// Where there was one owner alone, whoever came into being below since has no rows that were
    /// there when the answer began.
    private func way(
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        from entry: FindCursor.Entry
    ) throws(StoreError) -> FindWay {
        var scope = scope
        var path: String?
        if let owner = entry.owner {
            // No cursor leads to others' records. Without an owner those of a permit are meant.
            guard case .some = scope, scope.contains(owner) else {
                throw .refused(FindCursor.outdated)
            }
            scope = .some([owner])
            path = try singleOwnerPath(find.owner, scope)
        }
        var plan = try FindPlan(
            find,
            collection,
            ownerPath: path,
            unready: state.roots.building,
            along: entry
        )
        plan.cut(after: entry.key)
        return FindWay(plan: plan, scope: scope)
    }
}

extension Explanation {
    /// Of a question that is answered by score.
    static func ranked(_ way: String, _ find: Find, matched: Int) -> Explanation {
        var explanation = Explanation(way: way)
        explanation.held = find.filter?.conjuncts ?? []
        explanation.isOrdered = find.order.isEmpty
        explanation.matched = matched
        return explanation
    }
}
