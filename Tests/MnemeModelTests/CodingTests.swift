// A program's own types in and out of values.

import Foundation
import MnemeModel
import Testing

private struct Note: Codable, Equatable {
    enum Mood: String, Codable { case calm, stormy }
    struct Place: Codable, Equatable {
        var name: String
        var height: Double?
    }
    var title: String
    var stars: Int?
    var weight: Float
    var isOpen: Bool
    var mood: Mood
    var tags: [String]
    var place: Place
    var places: [String: Place]
    var made: Instant
    var day: Day
    var id: UniqueID
    var vector: [Float]
    var rest: Value
}

private class Base: Codable {
    var name = "base"
}

private final class Derived: Base {
    var more = 7

    private enum Name: CodingKey { case more }

    override init() { super.init() }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        more = try container.decode(Int.self, forKey: .more)
        try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        try container.encode(more, forKey: .more)
        try super.encode(to: container.superEncoder())
    }
}

private func makeNote() throws -> Note {
    Note(
        title: "Tea",
        stars: nil,
        weight: 0.5,
        isOpen: true,
        mood: .stormy,
        tags: ["a", "b"],
        place: Note.Place(name: "mill", height: 2.25),
        places: ["here": Note.Place(name: "roof", height: nil)],
        made: try #require(Instant("2023-05-08T13:56:00Z")),
        day: try #require(Day("2023-05-08")),
        id: try #require(UniqueID("0190163d-8694-739b-aea5-966c26f8ad91")),
        vector: [1, -0.5],
        rest: ["free": [1, nil, 2.5, "x"]]
    )
}

@Suite struct CodingTests {
    private let note: Note

    init() throws { note = try makeNote() }

    @Test func whatIsPutIsReadAgain() throws {
        let put = try Put("notes", "tea", encoding: note)
        #expect(put.collection == "notes")
        #expect(put.key == .text("tea"))
        #expect(put.fields["stars"] == nil)
        #expect(put.fields["title"] == "Tea")
        #expect(put.fields["mood"] == "stormy")
        #expect(put.fields["made"] == .instant(note.made))
        #expect(put.fields["day"] == .date(note.day))
        #expect(put.fields["id"] == .uuid(note.id))
        #expect(put.fields["place"] == ["name": "mill", "height": 2.25])
        #expect(put.fields["places"] == ["here": ["name": "roof"]])
        let vector = put.fields["vector"]?.coerced(to: .vector(VectorType(dimension: 2)))
        #expect(vector == .vector([1, -0.5]))
        #expect(put.fields["rest"] == note.rest)
        let record = Record(Reference("notes", .text("tea")), fields: put.fields)
        #expect(try record.decoded(as: Note.self) == note)
    }

    @Test func whatTheStoreMadeOfItIsReadToo() throws {
        var fields = try Put("notes", encoding: note).fields
        fields["vector"] = .vector([1, -0.5])
        fields["weight"] = .int(3)
        fields["id"] = .text("\(note.id)")
        fields["other"] = "not declared"
        let read = try Record(Reference("notes", 1), fields: fields).decoded(as: Note.self)
        #expect(read.vector == note.vector)
        #expect(read.weight == 3)
        #expect(read.id == note.id)
    }

    @Test func typesOfFoundationHaveKindsOfTheirOwn() throws {
        struct Letter: Codable, Equatable {
            var sent: Date
            var seal: Data
            var id: UUID
            var from: URL
        }
        let letter = Letter(
            sent: Date(timeIntervalSince1970: 1_683_554_160.25),
            seal: Data([0, 255, 7]),
            id: UUID(),
            from: try #require(URL(string: "https://example.org/a"))
        )
        let value = try Value(encoding: letter)
        guard case .map(let members) = value else {
            Issue.record("\(value)")
            return
        }
        #expect(members["sent"]?.coerced(to: .instant) == members["sent"])
        #expect(members["sent"] == Value.text("2023-05-08T13:56:00.25Z").coerced(to: .instant))
        #expect(members["seal"] == .bytes([0, 255, 7]))
        let id = UniqueID(letter.id.uuidString).map(Value.uuid)
        #expect(members["id"]?.coerced(to: .uuid) == id)
        #expect(try value.decoded(as: Letter.self) == letter)
        // As the field keeps it.
        var kept = members
        kept["id"] = members["id"]?.coerced(to: .uuid)
        #expect(try Value.map(kept).decoded(as: Letter.self) == letter)
    }

    @Test func superclassesHaveTheirOwnMember() throws {
        let value = try Value(encoding: Derived())
        #expect(value == ["more": 7, "super": ["name": "base"]])
        #expect(try value.decoded(as: Derived.self).name == "base")
    }

    private static let others: [(String, Value, MnemeError.Code, String)] = [
        ("title", 7, .wrongType, "\"title\": the value is of kind int"),
        ("title", nil, .wrongType, "\"title\": the value is of kind null"),
        ("weight", "heavy", .wrongType, "\"weight\""), ("isOpen", 1, .wrongType, "\"isOpen\""),
        ("stars", 2.5, .wrongType, "\"stars\""), ("mood", "merry", .wrongType, "\"mood\""),
        ("made", "yesterday", .wrongType, "\"made\""),
        ("tags", ["a", 7], .wrongType, "\"tags.1\""),
        ("place", [:], .missingField, "\"place.name\": it is not there"),
        ("vector", "x", .wrongType, "\"vector\""),
    ]

    @Test(arguments: others)
    func whatIsOfAnotherKindIsNamed(
        _ field: String,
        _ value: Value,
        _ code: MnemeError.Code,
        _ said: String
    ) throws {
        var fields = try Put("notes", encoding: note).fields
        fields[field] = value
        let record = Record(Reference("notes", 1), fields: fields)
        let error = #expect(throws: MnemeError.self) { try record.decoded(as: Note.self) }
        #expect(error?.code == code)
        #expect(error?.message.contains(said) ?? false, "\(String(describing: error))")
    }

    @Test func whatIsNoRecordIsRefused() {
        for source: any Encodable in [7, "text", [1, 2], UInt64.max] {
            let error = #expect(throws: MnemeError.self) { try Put("notes", encoding: source) }
            #expect(error?.code == .wrongType)
        }
        struct Far: Encodable { var at = Date(timeIntervalSince1970: 1e18) }
        #expect(throws: MnemeError.self) { try Value(encoding: Far()) }
    }

    @Test func numbersAreTakenWhereTheyFit() throws {
        #expect(try Value.int(200).decoded(as: UInt8.self) == 200)
        #expect(throws: MnemeError.self) { try Value.int(256).decoded(as: UInt8.self) }
        #expect(throws: MnemeError.self) { try Value.int(-1).decoded(as: UInt.self) }
        #expect(try Value.float(3).decoded(as: Int.self) == 3)
        #expect(try Value.int(3).decoded(as: Double.self) == 3)
        #expect(try Value(encoding: UInt64(Int64.max)) == .int(.max))
    }

    @Test func othersCodeValuesAsJSONHasThem() throws {
        let value: Value = ["a": [1, 2.5, nil, true, "x"], "made": .instant(note.made)]
        let data = try JSONEncoder().encode(value)
        let read = try JSONDecoder().decode(Value.self, from: data)
        #expect(read == ["a": [1, 2.5, nil, true, "x"], "made": "2023-05-08T13:56:00Z"])
        let made = try JSONDecoder().decode(Instant.self, from: JSONEncoder().encode(note.made))
        #expect(made == note.made)
    }
}
