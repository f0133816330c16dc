// Sources/MnemeClient/MnemeClient.docc/FindingAndWatching.md.

import MnemeClient

extension Articles {
    /// An entry as RecordsAsYourOwnTypes.md has it, as far as it is wanted.
    private struct Note: Codable {
        var title: String
        var stars: Int?
        var text = ""
    }

    static func findingAndWatching(_ print: (String) -> Void) async throws {
        let memory = try await Client.connect("localhost:7411", store: "notes")
        let fields = [
            Field("title", .text), Field("stars", .int), Field("text", .text, isSearchable: true),
        ]
        try await memory.define(Schema(collections: [Collection("notes", fields: fields)]))
        let notes = [
            Note(title: "Bees", stars: 5, text: "They live behind the old mill."),
            Note(title: "The train", stars: 2, text: "It leaves for Lyon at nine."),
            Note(title: "Rain", text: "It rains."),
        ]
        for note in notes {
            _ = try await memory.commit([.put(Put("notes", .text(note.title), encoding: note))])
        }

        // The page begins.
        let best = Find("notes", order: [Order("stars", descending: true)], limit: 100)
        for try await row in memory.rows(best) {
            let note = try row.record.decoded(as: Note.self)
            print("\(note.stars ?? 0) \(note.title)")
        }
        // The page ends.

        // The page begins.
        let found = try await memory.find(
            Find(
                "notes",
                where: .compare(field: "stars", .gte(3)),
                match: Match("text", "mills"),
                limit: 5
            )
        )
        for row in found.rows {
            print(row.record["title"].text ?? "")
        }
        // The page ends.

        // The page begins.
        let last = try await memory.statistics().sequence
        let watching = Task { () -> String? in
            for try await answer in memory.changes(Watch(after: last, collections: ["notes"])) {
                for event in answer.events {
                    if case .put(let record, isNew: true) = event.what {
                        return record["title"].text
                    }
                }
            }
            return nil
        }
        _ = try await memory.commit([.put(Put("notes", "roof", ["title": "The roof"]))])
        print("New: \(try await watching.value ?? "nothing")")
        // The page ends.
        try await memory.close()
    }
}
