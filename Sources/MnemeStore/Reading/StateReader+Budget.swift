// Answers within a budget: how many of the rows fit is found out by the one field that counts, and
// then so many rows are asked for, of the same state. So a cursor stands behind the last row that
// was taken, and no record is read in full that is left out. What is ranked is searched once, and
// cut.

internal import MnemeModel

extension StateReader {
    /// Answers a question that was checked, within its budget where it has one.
    ///
    /// - Complexity: that of the question, and twice that where a budget leaves rows out.
    func within(
        _ budget: Budget?,
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Found {
        guard let budget else { return try anytime(find, collection) }
        let isText = collection.schema.field(budget.field)?.type == .text
        if find.near != nil || find.match != nil {
            return try ranked(budget, isText, find, collection)
        }
        var measured = find
        measured.budget = nil
        measured.select = [.field(budget.field)]
        var sum = BudgetSum(budget, isText: isText)
        let whole = try anytime(measured, collection)
        for row in whole.rows { sum.take(row.record[budget.field]) }
        var taken = find
        taken.budget = nil
        if sum.leftOut > 0 { taken.limit = sum.count }
        var found = try anytime(taken, collection)
        // Where nothing fits it goes on where it stands.
        if sum.leftOut > 0, sum.count == 0 { found.next = find.after }
        if let measure = whole.explanation {
            found.explanation?.matched = measure.matched
            found.explanation?.entries += measure.entries
            found.explanation?.read += measure.read
        }
        tell(&found, sum, budget)
        return found
    }

    private func ranked(
        _ budget: Budget,
        _ isText: Bool,
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Found {
        // Under a name that nothing else in a row can have.
        let name = "$budget"
        var asked = find
        asked.budget = nil
        asked.select?.append(
            .computed(name, Expression(root: .field(budget.field, [])))
        )
        var found = try self.find(asked, collection)
        var sum = BudgetSum(budget, isText: isText)
        for place in found.rows.indices {
            let field = find.select == nil ? budget.field : name
            sum.take(found.rows[place].record[field])
            found.rows[place].record.fields.removeValue(forKey: name)
        }
        found.rows.removeLast(sum.leftOut)
        tell(&found, sum, budget)
        return found
    }

    private func anytime(
        _ find: Find,
        _ collection: CollectionEntry
    ) throws(StoreError) -> Found {
        guard let instant = find.knownAt else { return try self.find(find, collection) }
        return try known(find, collection, at: instant.microseconds)
    }

    private func tell(_ found: inout Found, _ sum: BudgetSum, _ budget: Budget) {
        found.spent = Budget.Spent(used: sum.used, leftOut: sum.leftOut)
        found.plan +=
            "; a budget of \(budget.most) by \(budget.field): \(sum.count) rows, "
            + "\(sum.leftOut) left out"
    }
}

/// How many rows fit into a budget.
private struct BudgetSum {
    private let most: Int
    private let isText: Bool
    private var whole: Int64 = 0
    private var parts = 0.0
    private var hasParts = false
    /// How many rows fit, and how many stand behind them.
    private(set) var count = 0
    private(set) var leftOut = 0

    init(_ budget: Budget, isText: Bool) {
        most = budget.most
        self.isText = isText
    }

    /// What the rows that fit come to.
    var used: Value { hasParts ? .float(Double(whole) + parts) : .int(whole) }

    /// Takes the next row, which has this in the field, unless it or one before it is too much.
    mutating func take(_ value: Value) {
        guard leftOut == 0 else {
            leftOut += 1
            return
        }
        var next = self
        switch value {
        case .int(let number):
            let (sum, isOver) = whole.addingReportingOverflow(max(number, 0))
            next.whole = isOver ? .max : sum
        case .float(let number):
            next.parts += number > 0 ? number : 0
            next.hasParts = true
        case .text(let text) where isText:
            next.whole += Int64((text.utf8.count + 3) / 4)
        default: break
        }
        guard Double(next.whole) + next.parts <= Double(most), next.whole <= most else {
            leftOut += 1
            return
        }
        next.count += 1
        self = next
    }
}

extension CollectionEntry {
    /// Refuses a budget over what is no number and no text.
    ///
    /// - Throws: `.unknownField`, `.badRequest`.
    func check(_ budget: Budget) throws(MnemeError) {
        _ = try fieldNumber(budget.field)
        let type = schema.field(budget.field)?.type
        switch type {
        case .int, .float, .text: break
        default:
            throw MnemeError(
                .badRequest,
                "budget.field \(quoted(budget.field)) of collection \(quoted(schema.name)) is "
                    + "\(type?.named ?? "no") field; a budget is over one of numbers, or over the "
                    + "estimated tokens of one of text"
            )
        }
        guard budget.most >= 0 else {
            throw MnemeError(
                .badRequest,
                "budget.most is \(budget.most); give 0 or more"
            )
        }
    }
}
