// The rows of an answer, found in its spelling: every answer has them in the same form, so tables
// and comma-separated values need to know no answer by itself.

internal import Mneme
internal import MnemeCommandLine

/// An answer as rows of cells under names.
struct AnswerRows: Sendable {
    /// The names of the columns.
    let columns: [String]
    /// A value for every column; nil where a row has none.
    let rows: [[Value?]]
    /// Whether the answer is a list; else its one row is the answer itself.
    let isList: Bool
    /// The cursor behind the last row, where there may be more.
    let next: String?

    /// The member that has the rows, of answers that have several lists.
    private static let members = [
        "found": "rows", "walked": "stops", "recalled": "items", "counted": "rows",
        "paths": "paths", "history": "versions", "inspected": "rows",
    ]

    /// The rows of an answer as it is spelled.
    ///
    /// - Complexity: O(*n* log *n*) in its members.
    init(_ spelling: Value) {
        var content = spelling
        var list: [Value]?
        if case .map(let members) = spelling, members.count == 1, let (verb, inner) = members.first
        {
            content = inner
            list = Self.list(inner, of: verb)
        }
        if case .array(let values) = content { list = values }
        isList = list != nil
        if case .map(let members) = content, case .text(let cursor)? = members["next"] {
            next = cursor
        } else {
            next = nil
        }
        let flat = (list ?? [content]).filter { !$0.isNull }.map { value in
            var cells: [String: Value] = [:]
            Self.flatten(value, under: [], into: &cells)
            return cells
        }
        var names: Set<String> = []
        for cells in flat { names.formUnion(cells.keys) }
        let columns = names.sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
        self.columns = columns
        rows = flat.map { cells in columns.map { cells[$0] } }
    }

    /// The list of an answer, nil where it has none.
    private static func list(_ content: Value, of verb: String) -> [Value]? {
        guard case .map(let members) = content else { return nil }
        if let name = Self.members[verb], case .array(let values)? = members[name] {
            return values
        }
        var longest: [Value]?
        for (_, member) in members.sorted(by: { $0.key < $1.key }) {
            guard case .array(let values) = member, case .map? = values.first,
                values.count > longest?.count ?? 0
            else { continue }
            longest = values
        }
        return longest
    }

    /// Puts what is in a value into cells: fields under their own names, what else is known of a
    /// record or an edge behind a dollar, everything else under the names that lead to it.
    private static func flatten(
        _ value: Value,
        under path: [String],
        into cells: inout [String: Value]
    ) {
        guard case .map(let members) = value else {
            cells[path.isEmpty ? "value" : path.joined(separator: ".")] = value
            return
        }
        func has(_ names: String...) -> Bool { names.allSatisfy { members[$0] != nil } }
        let isThing = has("collection", "key") || has("id", "from", "to")
        for (name, member) in members {
            if isThing, name == "fields", case .map(let fields) = member {
                for (field, value) in fields { cells[field] = value }
            } else if isThing {
                cells["$" + name] = member
            } else if name == "record" || name == "edge", case .map = member {
                flatten(member, under: [], into: &cells)
            } else {
                flatten(member, under: path + [name], into: &cells)
            }
        }
    }

    /// Where a column stands: what names a row, its fields, what goes with it.
    private static func rank(_ name: String) -> Int {
        switch name {
        case "$collection": 0
        case "$key", "$id", "reference": 1
        case "$type": 2
        case "$from": 3
        case "$to": 4
        case "score": 7
        default: name.hasPrefix("$") ? 6 : 5
        }
    }
}

/// Sets the rows of answers.
enum RowLayout {
    /// Comma-separated values (RFC 4180) under their names; a text begins and ends as it is.
    static func csv(_ answer: AnswerRows) -> String {
        guard !answer.columns.isEmpty else { return "" }
        let lines =
            [answer.columns.map(quoted)]
            + answer.rows.map { row in row.map { $0.map { quoted(cell($0)) } ?? "" } }
        return lines.map { $0.joined(separator: ",") + "\n" }.joined()
    }

    /// A table that fits into `width` columns, and a line on how many rows there are.
    static func table(_ answer: AnswerRows, width: Int) -> [String] {
        let count = "(\(Figures.count(answer.rows.count, "row")))"
        let shown = answer.columns.indices.filter { column in
            let cells = Set(answer.rows.map { $0[column] ?? .null })
            return switch answer.columns[column] {
            // What all rows share is said by the statement.
            case "$collection": cells.count > 1
            // Of what was not sought by words or nearness nothing speaks for one before another.
            case "score": cells != [.float(0)]
            default: true
            }
        }
        guard !shown.isEmpty, !answer.rows.isEmpty else { return [count] }
        var table = TextTable(
            shown.map { column in
                let isNumber = answer.rows.allSatisfy { $0[column]?.isNumber ?? true }
                return (answer.columns[column], isNumber ? .right : .left)
            }
        )
        for row in answer.rows {
            table.add(shown.map { column in row[column].map { cell($0).shown } ?? "" })
        }
        let (lines, leftOut) = table.fitted(width: width)
        let more = leftOut > 0 ? ", \(Figures.count(leftOut, "column")) not shown" : ""
        let next = answer.next.map { ["There may be more: \"after\": \"\($0)\"."] } ?? []
        return lines + [String(count.dropLast()) + more + ")"] + next
    }

    private static func cell(_ value: Value) -> String {
        switch value {
        case .null: ""
        case .bytes, .vector: value.json()
        default: ValueLayout.line(value)
        }
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes =
            text.contains { $0 == "," || $0 == "\"" || $0.isNewline }
            || text.first?.isWhitespace == true || text.last?.isWhitespace == true
        guard needsQuotes else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension Value {
    /// Whether it is a number, or nothing.
    fileprivate var isNumber: Bool {
        switch self {
        case .int, .float, .null: true
        default: false
        }
    }
}
