// formats/digests.md against the code.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct DigestPageTests {
    /// A collection with a recall list.
    static let said: Collection = {
        var roles = Roles()
        roles.text = "text"
        roles.owner = "owner"
        roles.session = "session"
        roles.position = "position"
        roles.speaker = "speaker"
        roles.time = "time"
        roles.importance = "importance"
        roles.decayRate = "decayRate"
        return Collection(
            "said",
            fields: [
                Field("text", .text, isSearchable: true), Field("owner", .text),
                Field("session", .text), Field("position", .int), Field("speaker", .text),
                Field("time", .instant), Field("importance", .float), Field("decayRate", .float),
            ],
            indexes: [Index("recall", on: ["owner", "session", "position"])],
            roles: roles
        )
    }()

    @Test func theExampleIsTheDigestOfItsRecord() throws {
        let catalog = try Catalog().adding(Schema(collections: [Self.said]))
        let collection = try catalog.collection("said")
        let time = try #require(Instant("2023-05-09T08:00:00Z"))
        let given: [String: Value] = [
            "text": "On 8 May 2023 Ann bought green tea. Tea!", "owner": "ann", "session": "s1",
            "position": 1, "speaker": "Ann", "time": .instant(time), "importance": 0.75,
            "decayRate": 0.1,
        ]
        let fields = given.compactMap { name, value in
            collection.fieldNumbers[name].map { (number: $0, value: value) }
        }
        #expect(fields.count == given.count)
        let bytes = try #require(collection.digestBytes(fields))
        try FormatPage("digests.md").expect(bytes, "digest")
    }
}
