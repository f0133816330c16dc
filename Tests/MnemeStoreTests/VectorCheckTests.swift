// What a check of vector fields says is what anybody finds out who asks the same questions.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct VectorCheckTests {
    /// The shares that a way of asking finds of the 10 nearest.
    private func same(_ one: Double, _ other: Double) -> Bool { abs(one - other) < 1e-12 }

    @Test func itsFiguresAreThoseOfTheQuestions() throws {
        var world = try RecallWorld(900)
        try world.store.settleGraphs()
        try world.put(0..<20)
        var questions: [[Float]] = []
        for _ in 0..<40 {
            questions.append(world.vector())
            _ = try world.find(Near("meaning", questions[questions.count - 1]))
        }
        var seen: [Int] = []
        let checked = try world.store.checkVectors(VectorQuestion(recall: 0.95)) { done, of in
            #expect(of == 40)
            seen.append(done)
        }
        #expect(seen == Array(1...40))
        #expect(checked.sequence == world.store.snapshot().sequence)
        let field = try #require(checked.fields.first)
        #expect(checked.fields.count == 1)
        #expect(field.collection == "notes" && field.name == "meaning")
        #expect(field.vectors == 900 && field.nodes == 900)
        #expect(field.fresh == 20 && field.gone == 20)
        #expect(field.asked == .questions && field.sample == 40)
        #expect(field.ways.count > 3 && field.ways.last?.beam == nil)
        for way in field.ways {
            let recall = try world.recall(questions) { near in
                if let beam = way.beam { near.beam = beam } else { near.recall = 0.999 }
            }
            #expect(same(way.recall, recall), "\(way)")
        }
        let inUse = try world.recall(questions) { _ in }
        #expect(same(field.inUse.recall, inUse))
        #expect(field.isReached == (field.inUse.recall >= 0.95))
        #expect(field.least == field.ways.first { $0.recall >= 0.95 })
        // Fewer are asked where that is wanted: the last.
        let few = try world.store.checkVectors(VectorQuestion(sample: 25)).fields[0]
        #expect(few.sample == 25 && few.wanted == nil && few.least == nil)
        let recall = try world.recall(Array(questions.suffix(25))) { $0.beam = 16 }
        #expect(same(few.ways[0].recall, recall))
        try world.store.close()
    }

    @Test func recordsAreAskedWhereNobodyAsked() throws {
        let world = try RecallWorld(300, recall: 0.9)
        try world.store.settleGraphs()
        let checked = try world.store.checkVectors(VectorQuestion(sample: 50))
        let field = try #require(checked.fields.first)
        #expect(field.asked == .records && field.sample == 50 && field.wanted == 0.9)
        #expect(field.isReached && checked.isReached)
        // It has asked nobody's questions for anybody.
        #expect(try world.store.checkVectors(VectorQuestion()).fields[0].asked == .records)
        // As itself is no answer, a scan finds the others.
        #expect(try #require(field.ways.last).recall > 0.97)
        try world.store.define(RecallWorld.schema(recall: 1))
        let all = try world.store.checkVectors(VectorQuestion()).fields[0]
        #expect(all.inUse.beam == nil && all.inUse.recall == 1 && all.wanted == 1)
        try world.store.close()
    }

    @Test func aFieldWithoutAGraphIsScanned() throws {
        let world = try RecallWorld(40)
        let field = try world.store.checkVectors(VectorQuestion(collection: "notes")).fields[0]
        #expect(field.nodes == 0 && field.fresh == 0 && field.vectors == 40 && field.sample == 40)
        #expect(field.ways.count == 1 && field.inUse.beam == nil && field.inUse.recall > 0.97)
        try world.store.close()
        let none = try RecallWorld(0)
        #expect(try none.store.checkVectors(VectorQuestion()).fields.isEmpty)
        try none.store.close()
    }

    @Test func whatIsNotThereIsRefused() throws {
        let world = try RecallWorld(3)
        for (question, code) in [
            (VectorQuestion(collection: "none"), MnemeError.Code.unknownCollection),
            (VectorQuestion(collection: "notes", field: "owner"), .unknownField),
            (VectorQuestion(field: "none"), .unknownField),
            (VectorQuestion(recall: 0.3), .badRequest),
            (VectorQuestion(recall: .nan), .badRequest),
            (VectorQuestion(sample: 0), .badRequest),
            (VectorQuestion(sample: 10_001), .badRequest),
        ] {
            do {
                _ = try world.store.checkVectors(question)
                Issue.record("\(question)")
            } catch {
                #expect(error.code == code, "\(question)")
            }
        }
        try world.store.close()
        #expect(throws: MnemeError.self) {
            _ = try world.store.checkVectors(VectorQuestion())
        }
    }

    @Test func whatNobodySeesIsNoAnswer() throws {
        let world = try RecallWorld(300)
        try world.store.settleGraphs()
        let keys = (0..<100).map { Reference("notes", .text("k\($0)")) }
        _ = try world.store.commit(keys.map { .delete($0) })
        let field = try world.store.checkVectors(VectorQuestion()).fields[0]
        #expect(field.vectors == 200 && field.gone == 100 && field.asked == .records)
        #expect(try #require(field.ways.last).recall > 0.97)
        try world.store.close()
    }
}
