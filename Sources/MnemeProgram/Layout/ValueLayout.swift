// Values, records and edges for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets records and edges in lines.
enum ValueLayout {
    /// A value on one line: texts as they are, what has parts as JSON, vectors by their length.
    static func line(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .uuid(let id): id.description
        case .instant(let instant): instant.description
        case .date(let day): day.description
        case .bytes(let bytes): "\(Figures.count(bytes.count)) bytes"
        case .vector(let vector): "vector of \(vector.count)"
        case .null, .bool, .int, .float, .array, .map: value.json()
        }
    }

    /// The most characters of a text that are shown of one answer among others.
    static let textLimit = 300

    /// A record: its reference, then a line for each field, each cut after `limit` characters.
    static func lines(_ record: Record, note: String = "", limit: Int = .max) -> [String] {
        let head = record.reference.description + (note.isEmpty ? "" : "  \(note)")
        return lines(head, record.fields, limit)
    }

    /// An edge: what it joins, then a line for each property, as of a record.
    static func lines(_ edge: Edge, note: String = "", limit: Int = .max) -> [String] {
        let head = "\(edge.from) —\(edge.type)→ \(edge.to)  (\(edge.id))"
        return lines(note.isEmpty ? head : "\(head)  \(note)", edge.fields, limit)
    }

    /// The properties of an edge on one line: `since 2020, weight 0.5`.
    static func properties(_ edge: Edge) -> String {
        edge.fields.sorted { $0.key < $1.key }.map { "\($0.key) \(line($0.value))" }
            .joined(separator: ", ")
    }

    private static func lines(_ head: String, _ fields: [String: Value], _ limit: Int) -> [String] {
        let names = fields.keys.sorted()
        let longest = min(24, names.map(\.count).max() ?? 0)
        return [head]
            + names.flatMap { name in
                let start = "  \(name)\(TextFlow.blanks(longest - name.count))  "
                let text = line(fields[name] ?? .null)
                let isLong = text.count > limit
                return block(isLong ? TextFlow.shortened(text, to: limit) : text, behind: start)
            }
    }

    /// A text behind a start, its later lines under its first.
    static func block(_ text: String, behind start: String) -> [String] {
        let wrapped = TextFlow.wrapped(text, width: Program.width, indent: start.count)
        return (start + wrapped.dropFirst(start.count)).split(separator: "\n").map(String.init)
    }

    /// The steps of a path that ends at a record, in the direction in which it was walked:
    /// `a —hypernym→ b ←hypernym— c`.
    static func path(
        _ edges: [Edge],
        to end: Reference,
        label: (Reference) -> String = { $0.key.description },
        isNumbered: Bool = false
    ) -> String {
        var place = end
        var text = label(end)
        for edge in edges.reversed() {
            let isForward = edge.to == place
            place = isForward ? edge.from : edge.to
            let name = edge.type + (isNumbered ? " (\(edge.id))" : "")
            text = label(place) + (isForward ? " —\(name)→ " : " ←\(name)— ") + text
        }
        return text
    }

    /// As `path`, with collections and the edges' numbers: `notes/a —cites (7)→ notes/b`.
    static func numberedPath(_ edges: [Edge], to end: Reference) -> String {
        path(edges, to: end, label: \.description, isNumbered: true)
    }
}
