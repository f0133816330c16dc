// What a look into the files of a store shows.

package import MnemeBase

/// A part of a store's files, with what its bytes mean.
package struct Inspection: Sendable {
    /// What was looked at.
    package var title: String
    /// What is known of it, in order.
    package var facts: [(name: String, value: Value)]
    /// The names of what each row has.
    package var columns: [String]
    /// Its parts, one after the other.
    package var rows: [[Value]]
    /// Its bytes, with what they mean.
    package var notes: [ByteNote]

    /// A look of its parts.
    package init(
        _ title: String,
        facts: [(name: String, value: Value)] = [],
        columns: [String] = [],
        rows: [[Value]] = [],
        notes: [ByteNote] = []
    ) {
        self.title = title
        self.facts = facts
        self.columns = columns
        self.rows = rows
        self.notes = notes
    }

    /// It as a tree: its facts by name, its rows as objects, its bytes in hexadecimal digits.
    package var spelling: Value {
        var members: [String: Value] = ["title": .text(title)]
        for (name, value) in facts { members[name] = value }
        if !columns.isEmpty {
            members["rows"] = .array(
                rows.map { row in
                    .map(Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first }))
                }
            )
        }
        if !notes.isEmpty {
            members["bytes"] = .array(
                notes.map { note in
                    .map([
                        "at": .int(Int64(note.offset)), "hex": .text(note.hex),
                        "field": .text(note.field), "meaning": .text(note.meaning),
                    ])
                }
            )
        }
        return .map(["inspected": .map(members)])
    }
}
