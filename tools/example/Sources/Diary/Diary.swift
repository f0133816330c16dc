// A diary: entries of the program's own type, found by their words, and memories of what people
// said. It keeps them in a directory, or behind a server: "swift run Diary DIRECTORY" or "swift run
// Diary HOST:PORT".

import Foundation
import Mneme
import MnemeClient

/// An entry as the program knows it.
struct Entry: Codable {
    var title: String
    var text: String
    var stars: Int?
    var written = Date()
}

@main
struct Diary {
    static let schema = Schema(
        collections: [
            Collection(
                "entries",
                fields: [
                    Field("title", .text, isRequired: true),
                    Field("text", .text, isSearchable: true), Field("stars", .int),
                    Field("written", .instant),
                ],
                indexes: [Index("byStars", on: [IndexField("stars", descending: true)])]
            )
        ]
    )

    static func main() async throws {
        let place = CommandLine.arguments.dropFirst().first ?? "diary.mneme"
        let memory: any Door =
            place.contains(":")
            ? try await Client.connect(place, store: "diary") : try Memory.open(place)
        try await memory.define(schema)

        let entries = [
            ("mill", Entry(title: "The mill", text: "Bees live behind the old mill.", stars: 5)),
            ("train", Entry(title: "The train", text: "It leaves for Lyon at nine.", stars: 2)),
            ("roof", Entry(title: "The roof", text: "The roof of the mill was mended.")),
        ]
        var changes: [Change] = []
        for (key, entry) in entries {
            changes.append(.put(try Put("entries", .text(key), encoding: entry)))
        }
        _ = try await memory.commit(changes)

        print("By their stars:")
        let stars = Find("entries", order: [Order("stars", descending: true)], limit: 2)
        for try await row in memory.rows(stars) {
            let entry = try row.record.decoded(as: Entry.self)
            print("  \(entry.stars ?? 0) \(entry.title)")
        }
        print("About the mill:")
        for row in try await memory.find(Find("entries", match: Match("text", "mills"))).rows {
            print("  \(try row.record.decoded(as: Entry.self).title)")
        }

        _ = try await memory.remember([Remember("Ann keeps bees", owner: "ann", key: "bees")])
        let recalled = try await memory.recall("Who has beehives?", owner: "ann", limit: 1)
        print("Recalled: \(recalled.items.first?.record["text"].text ?? "nothing")")
        try await memory.close()
    }
}
