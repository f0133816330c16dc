// The recall that is asked for of vectors, and the check of what is found, through every door.

import Doors
import MnemeBase
import MnemeClient
import MnemeModel
import Testing

extension Conformance {
    private func schema(recall: Double?) -> Schema {
        Schema(collections: [
            Collection(
                "points",
                fields: [
                    Field("place", .vector(VectorType(dimension: 8, recall: recall))),
                    Field("name", .text),
                ]
            )
        ])
    }

    private func points(_ count: Int, seed: UInt64) -> [Change] {
        let random = SeededRandomness(seed: seed)
        return (0..<count).map { number in
            let place = (0..<8).map { _ in Float(random.below(2001)) / 1000 - 1 }
            return .put(Put("points", .text("p\(number)"), ["place": .vector(place)]))
        }
    }

    @Test(arguments: DoorKind.allCases)
    func aRecallIsAskedFor(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            func told() async throws -> Double? {
                let points = try await door.describe().collections.first { $0.name == "points" }
                guard case .vector(let type)? = points?.field("place")?.type else { return nil }
                return type.recall
            }
            try await door.define(schema(recall: 0.95))
            #expect(try await told() == 0.95)
            try await door.define(schema(recall: nil))
            #expect(try await told() == 0.95)
            try await door.define(schema(recall: 1))
            #expect(try await told() == 1)
            _ = try await door.commit(points(60, seed: 4))
            let vector: [Float] = [1, 0, 0.5, 0, -1, 0.25, 0, 0.75]
            func near(_ near: Near) async throws -> Found {
                try await door.find(Find("points", near: near, limit: 5))
            }
            let exact = try await near(Near("place", vector, isExact: true))
            #expect(exact.rows.count == 5 && exact.isExact)
            let own = try await near(Near("place", vector))
            #expect(own.rows == exact.rows && own.isExact)
            try await door.define(schema(recall: 0))
            #expect(try await told() == nil)
            let asked = try await near(Near("place", vector, recall: 1))
            #expect(asked.rows == exact.rows && asked.isExact)
            let both = Find("points", near: Near("place", vector, beam: 20, recall: 0.9))
            #expect(await door.refusal(.find(both)) == .badRequest)
            let little = Find("points", near: Near("place", vector, recall: 0.2))
            #expect(await door.refusal(.find(little)) == .badRequest)
            #expect(await door.refusal(.define(schema(recall: 2))) == .badSchema)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func vectorsAreChecked(kind: DoorKind) async throws {
        try await kind.withDoor { door in
            try await door.define(schema(recall: 0.9))
            #expect(try await door.checkVectors().fields.isEmpty)
            _ = try await door.commit(points(50, seed: 5))
            let checked = try await door.checkVectors(
                VectorQuestion(collection: "points", sample: 30)
            )
            let field = try #require(checked.fields.first)
            #expect(checked.fields.count == 1)
            #expect(field.collection == "points" && field.name == "place")
            #expect(field.vectors == 50 && field.nodes == 0 && field.sample == 30)
            #expect(field.asked == .records && field.wanted == 0.9)
            #expect(field.ways.count == 1 && field.ways[0].beam == nil)
            #expect(field.inUse.recall > 0.9 && field.isReached && checked.isReached)
            for (wrong, code) in [
                (VectorQuestion(collection: "none"), MnemeError.Code.unknownCollection),
                (VectorQuestion(collection: "points", field: "name"), .unknownField),
                (VectorQuestion(field: "none"), .unknownField),
                (VectorQuestion(recall: 0.1), .badRequest),
                (VectorQuestion(sample: -1), .badRequest),
            ] { #expect(await door.refusal(.checkVectors(wrong)) == code) }
            let question = Request.checkVectors(VectorQuestion())
            #expect(await door.refusal(.once(key: "x", question)) == .badRequest)
            let transaction = try await door.begin()
            #expect(
                await door.refusal(.inside(transaction: transaction.id, question)) == .badRequest
            )
            try await transaction.rollback()
        }
    }
}
