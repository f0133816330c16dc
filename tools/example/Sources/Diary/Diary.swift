// A diary: entries of the program's own type, found by their words and heard of as they come, and
// memories of what people said. It keeps them in a directory, or behind a server: "swift run Diary
// DIRECTORY" or "swift run Diary HOST:PORT".

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
        let before = try await memory.statistics().sequence
        let listening = Task { try await titles(entries.count, after: before, in: memory) }
        var changes: [Change] = []
        for (key, entry) in entries {
            changes.append(.put(try Put("entries", .text(key), encoding: entry)))
        }
        _ = try await memory.commit(changes)
        print("Heard: \(try await listening.value.joined(separator: ", "))")

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
        try await stopListening(to: memory)
        try await memory.close()
    }

    /// Waits until so many entries were put behind a sequence, whoever puts them, and returns their
    /// titles.
    static func titles(
        _ count: Int,
        after sequence: UInt64,
        in memory: any Door
    ) async throws -> [String] {
        var titles: [String] = []
        for try await answer in memory.changes(Watch(after: sequence, collections: ["entries"])) {
            for event in answer.events {
                if case .put(let record, _) = event.what {
                    titles.append(try record.decoded(as: Entry.self).title)
                }
            }
            if titles.count >= count { break }
        }
        return titles
    }

    /// Listens for what nobody will say, and is cancelled: where there is a server, it is told.
    static func stopListening(to memory: any Door) async throws {
        let now = try await memory.statistics().sequence
        let listening = Task { try await titles(1, after: now, in: memory) }
        try await Task.sleep(for: .milliseconds(100))
        listening.cancel()
        do {
            print("Heard: \(try await listening.value)")
        } catch let error as MnemeError where error.code == .cancelled {
            print("Listened no longer.")
        }
    }
}
