// The way to edges of a type by its indexes, chosen as for records of a collection: `$from` and
// `$to` are the numbers of what an edge joins. Format: formats/store.md#keys.

internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension StateReader {
    /// The way by an index to the edges for which a filter may hold; nil where none serves.
    ///
    /// - Returns: the way, and whether its entries are the answer in its order, but for equal ones,
    ///   so that those behind the first that are wanted need not be looked at.
    func indexWay(
        _ filter: Filter?,
        order: [Order],
        _ scope: EdgeScope,
        isExplained: Bool = false
    ) throws(StoreError) -> (plan: FindPlan, isAnswer: Bool)? {
        guard let indexed = scope.entry.indexed else { return nil }
        var parts: [Filter] = []
        var isWhole = true
        for part in filter?.conjuncts ?? [] {
            if let numbered = try numbered(part) {
                parts.append(numbered)
            } else {
                isWhole = false
            }
        }
        let isOrder = !order.isEmpty && !order.contains { $0.field == PseudoField.id }
        let find = Find(
            scope.entry.type.name,
            where: parts.isEmpty ? nil : .and(parts),
            order: isOrder ? order : [],
            explained: isExplained
        )
        let plan = try plan(find, indexed, nil)
        guard plan.usesIndex else { return nil }
        let isAnswer = isWhole && isOrder && plan.isOrdered && plan.isFiltered
        return (plan, isAnswer && !plan.mayRepeat && plan.others == nil)
    }

    /// A part of a filter as an index may answer it, with the numbers of records in the place of
    /// their references; nil where none may.
    private func numbered(_ part: Filter) throws(StoreError) -> Filter? {
        guard case .compare(let field, let comparison) = part else {
            return part.fields.contains(where: PseudoField.isOne) ? nil : part
        }
        guard EdgeScope.isEnd(field) else { return PseudoField.isOne(field) ? nil : part }
        let named: [Value]
        switch comparison {
        case .eq(let value): named = [value]
        case .isIn(let values): named = values
        default: return nil
        }
        // No record has the number 0.
        let numbers = try nodes(named).map { Value.int(Int64(clamping: $0)) }
        return .compare(field: field, numbers.count == 1 ? .eq(numbers[0]) : .isIn(numbers + [0]))
    }
}
