// What is said of an answer of find besides its rows: whether there are more, how it came about.

internal import Mneme
internal import MnemeCommandLine

/// Sets what goes with an answer in lines.
enum FoundLayout {
    /// The parts of a row's texts that matched, where they were asked for.
    static func highlights(_ row: Found.Row) -> [String] { lines(row.highlights) }

    private static func lines(_ highlights: [String: [Snippet]]) -> [String] {
        highlights.sorted { $0.key < $1.key }.flatMap { field, snippets in
            snippets.flatMap { ValueLayout.block($0.text, behind: "  \(field) … ") }
        }
    }

    /// The edges of an answer, with what speaks for each.
    static func edges(_ found: Found) -> [String] {
        found.edges.enumerated().flatMap { place, edge in
            let mark = found.marks.isEmpty ? nil : found.marks[place]
            return ValueLayout.lines(
                edge,
                note: mark.map { Figures.decimal(Double($0.score), digits: 3) } ?? "",
                limit: ValueLayout.textLimit
            ) + lines(mark?.highlights ?? [:])
        }
    }

    /// How to get more rows, where there may be some.
    static func rest(_ found: Found, of find: Find) -> [String] {
        if let next = found.next {
            let line = "There may be more: ask the same with \"after\": \"\(next)\"," + bound(find)
            return ValueLayout.block(line, behind: "")
        }
        let count = max(found.rows.count, found.edges.count)
        guard count > 0, count >= find.limit else { return [] }
        let line =
            "There may be more: ask the same with \"offset\": \(find.offset + count)," + bound(find)
        return ValueLayout.block(line, behind: "")
    }

    private static func bound(_ find: Find) -> String {
        " or with a \"limit\" above \(Figures.count(find.limit))."
    }

    /// How an answer came about.
    static func lines(_ explanation: Explanation) -> [String] {
        var way = explanation.way
        if let among = explanation.among { way += ", among those of index \(among)" }
        if explanation.fixed > 0 {
            way += ", \(Figures.count(explanation.fixed, "field")) fixed"
        }
        if explanation.spans > 1 { way += ", \(Figures.count(explanation.spans)) spans" }
        if explanation.isOrdered { way += ", in order" }
        if explanation.isReversed { way += ", from its end" }
        if explanation.isCovered { way += ", without reading records" }
        var lines = ["How it was answered:"] + ValueLayout.block(way, behind: "  way: ")
        let expected = explanation.expected.map { ", \(Figures.count($0)) expected" } ?? ""
        lines += ValueLayout.block(
            "\(Figures.count(explanation.entries)) touched\(expected)",
            behind: "  entries: "
        )
        lines += ValueLayout.block(
            "\(Figures.count(explanation.read)) read, \(Figures.count(explanation.matched)) found",
            behind: "  records: "
        )
        lines += filters(explanation.answered, "  by the index: ")
        lines += filters(explanation.held, "  held against each: ")
        for candidate in explanation.considered {
            lines += ValueLayout.block(
                "\(candidate.way), \(Figures.count(candidate.expected)) expected, cost "
                    + Figures.decimal(candidate.cost, digits: 1),
                behind: "  considered: "
            )
        }
        lines.append("  time: \(Figures.count(explanation.microseconds)) microseconds")
        return lines
    }

    private static func filters(_ filters: [Filter], _ start: String) -> [String] {
        filters.flatMap { ValueLayout.block($0.spelling.json(), behind: start) }
    }
}
