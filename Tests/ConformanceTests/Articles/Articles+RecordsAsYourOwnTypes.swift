// Sources/MnemeClient/MnemeClient.docc/RecordsAsYourOwnTypes.md.

import Foundation
import MnemeClient

extension Articles {
    static func recordsAsYourOwnTypes(_ print: (String) -> Void) async throws {
        let memory = try await Client.connect("localhost:7411", store: "notes")
        // The page begins.
        struct Note: Codable {
            var title: String
            var text: String
            var stars: Int?
            var written = Date()
        }
        // The page ends.

        // The page begins.
        try await memory.define(
            Schema(collections: [
                Collection(
                    "notes",
                    fields: [
                        Field("title", .text, isRequired: true),
                        Field("text", .text, isSearchable: true),
                        Field("stars", .int),
                        Field("written", .instant),
                    ]
                )
            ])
        )
        // The page ends.

        // The page begins.
        let note = Note(title: "Bees", text: "They live behind the old mill.", stars: 5)
        _ = try await memory.commit([.put(Put("notes", "bees", encoding: note))])

        let record = try await memory.get(Reference("notes", "bees"))
        let back = try record?.decoded(as: Note.self)
        print(back?.title ?? "There is none.")
        // The page ends.

        // The page begins.
        if let seen = try await memory.getVersions([Reference("notes", "bees")])[0] {
            var better = try seen.decoded(as: Note.self)
            better.stars = 4
            var put = try Put("notes", "bees", encoding: better)
            put.version = seen.version
            _ = try await memory.commit([.put(put)])
        }
        // The page ends.
        print("\(try await memory.get(Reference("notes", "bees"))?["stars"].int ?? 0) stars")

        // The page begins.
        let both = try await memory.begin()
        if try await both.get(Reference("notes", "train")) == nil {
            let train = Note(title: "The train", text: "It leaves for Lyon at nine.")
            try await both.change([.put(Put("notes", "train", encoding: train))])
        }
        try await both.commit()
        // The page ends.
        print("\(try await memory.statistics().records["notes"] ?? 0) notes")
        try await memory.close()
    }
}
