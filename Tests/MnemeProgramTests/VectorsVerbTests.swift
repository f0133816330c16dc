// mneme vectors check, as a person runs it: on a directory and behind a server.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct VectorsVerbTests {
    /// A store with vectors that are told apart by their codes, and others that are so close that
    /// only a comparison in full tells them apart, which a scan sees and makes.
    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(
            Schema(collections: [
                Collection("apart", fields: [Field("v", .vector(VectorType(dimension: 4)))]),
                Collection("close", fields: [Field("v", .vector(VectorType(dimension: 4)))]),
            ])
        )
        _ = try memory.commit(
            (0..<150).map { number in
                var apart: [Float] = [1, 0, 0, 0]
                apart[number % 4] += Float(number / 4) / 20
                return .put(Put("apart", .text("p\(number)"), ["v": .vector(apart)]))
            }
                + (0..<150).map { number in
                    let close: [Float] = [1, Float(number) / 100_000, 0, 0]
                    return .put(Put("close", .text("p\(number)"), ["v": .vector(close)]))
                }
        )
        try memory.close()
        return place
    }

    private func checked(_ text: String) throws -> VectorsChecked {
        guard case .vectorsChecked(let checked) = try Response(json: text) else {
            throw CommandLineError(text)
        }
        return checked
    }

    @Test func whatIsWantedIsSaidToBeReached() throws {
        let place = try prepared()
        var ended = try place.shell("mneme vectors check --store s --json")
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        let all = try checked(ended.output)
        #expect(all.fields.map(\.collection) == ["apart", "close"])
        #expect(all.fields.allSatisfy { $0.sample == 100 && $0.asked == .records && $0.isReached })
        #expect(try #require(all.fields.last).inUse.recall > 0.99)

        ended = try place.shell(
            "mneme vectors check --store s --collection close --recall 0.99 --questions 20"
        )
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.output.contains("close.v: 150 vectors, no graph"), "\(ended.output)")
        #expect(ended.output.contains("wanted: 0.99, reached"), "\(ended.output)")
        ended = try place.shell("mneme vectors check --store s --recall 0.4")
        #expect(ended.status == 2 && ended.error.contains("--recall"), "\(ended)")
        ended = try place.shell("mneme vectors check --store s --collection none")
        #expect(ended.status != 0 && ended.error.contains("none"), "\(ended)")
        ended = try place.shell("mneme vectors check --help")
        #expect(ended.status == 0 && ended.output.contains("--recall R"), "\(ended)")
    }

    @Test func whatIsAdvisedFitsTheField() {
        let scan = VectorsChecked.Way(recall: 0.99, microseconds: 9)
        let walk = VectorsChecked.Way(beam: 32, recall: 0.8, microseconds: 3)
        let short = ["plain", "defined", "beyond"].map { name in
            VectorsChecked.Field(
                collection: "c",
                name: name,
                vectors: 100,
                asked: .questions,
                sample: 20,
                inUse: walk,
                ways: [walk, scan],
                wanted: name == "beyond" ? 0.999 : 0.95
            )
        }
        let schema = Schema(collections: [
            Collection(
                "c",
                fields: [
                    Field("plain", .vector(VectorType(dimension: 4))),
                    Field("defined", .vector(VectorType(dimension: 4, recall: 0.95))),
                    Field("beyond", .vector(VectorType(dimension: 4, recall: 0.999))),
                ]
            )
        ])
        let first = "The recall that is wanted is not reached by what is in use, of c."
        let advice = short.map { VectorsLayout.advice([$0], schema) }
        #expect(advice[0].hasPrefix(first + "plain. Define c.plain with \"recall\""))
        #expect(advice[1].hasPrefix(first + "defined. By the recall that c.defined is defined"))
        #expect(advice[1].contains("define a greater one"))
        #expect(advice[2].hasPrefix(first + "beyond. Of c.beyond no walk"))
        #expect(advice[2].contains("a recall of 1 or \"exact\""))
        #expect(!advice[2].contains("chooses beams"))
        let failure = VectorsCheckVerb.failure(short, schema)
        #expect(failure.code == .recallNotReached)
        let lines = VectorsLayout.lines(VectorsChecked(fields: short, sequence: 1))
        #expect(lines.contains { $0.contains("wanted: 0.95, not reached") }, "\(lines)")
        #expect(lines.contains { $0.contains("it takes: a recall of 1 or exact") }, "\(lines)")
        let all = VectorsLayout.advice(short, schema)
        #expect(all.contains("of c.plain, c.defined, c.beyond. Of c.beyond no walk"))
        #expect(all.contains("Define c.plain with") && all.contains("that c.defined is defined"))
    }

    @Test func aServerSaysTheSame() throws {
        let place = try prepared()
        let ended = try place.served(
            "mneme vectors check --connect $address --store s --recall 0.99 --json"
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        let field = try #require(try checked(ended.output).fields.last)
        #expect(field.collection == "close" && field.isReached && field.wanted == 0.99)
    }
}
