// A recall is asked for of a field or a question: how that is defined and changed, what is measured
// for it, and what comes of it.

import MnemeBase
import MnemeModel
import MnemeVectors
import Testing

@testable import MnemeStore

@Suite struct RecallTests {
    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    // MARK: The definition

    @Test func aRecallIsDefinedChangedAndTakenAway() throws {
        var world = try RecallWorld(200, recall: 0.9)
        try world.store.settleGraphs()
        let heads = world.store.newest.state.roots.vectors
        #expect(world.described == 0.9)
        func define(_ recall: Double?) throws {
            try world.store.define(RecallWorld.schema(recall: recall))
        }
        try define(nil)
        #expect(world.described == 0.9)
        try define(0.75)
        #expect(world.described == 0.75)
        try world.store.close()
        world.store = try Store.open(
            "store",
            .open,
            options: RecallWorld.options(world.disk)
        )
        #expect(world.described == 0.75)
        // What is kept stays as it is.
        let before = world.store.newest.state
        try define(0.99)
        let after = world.store.newest.state
        #expect(before.roots.vectors == heads && after.roots.vectors == heads)
        #expect(before.catalog.nextNumber == after.catalog.nextNumber)
        let entry = try after.catalog.collection("notes").vector("meaning")
        #expect(entry.type.recall == 0.99)
        #expect(try world.store.verify().findings == [])
        try define(0)
        #expect(world.described == nil)
        try world.store.close()
        world.store = try Store.open(
            "store",
            .rebuild,
            options: RecallWorld.options(world.disk)
        )
        #expect(world.described == nil)
        try world.store.close()
    }

    @Test func nothingElseOfAFieldChangesWithIt() throws {
        let world = try RecallWorld(3)
        var other = RecallWorld.schema(recall: 0.9)
        other.collections[0].fields[1].type = .vector(
            VectorType(dimension: RecallWorld.dimension, metric: .l2, recall: 0.9)
        )
        #expect(code { try world.store.define(other) } == .schemaConflict)
        for recall in [0.49, 1.01, -1, .infinity] {
            #expect(
                code { try world.store.define(RecallWorld.schema(recall: recall)) } == .badSchema
            )
        }
        #expect(world.described == nil)
        // None is what a new field with 0 has.
        try world.store.define(
            Schema(collections: [
                Collection(
                    "others",
                    fields: [Field("v", .vector(VectorType(dimension: 2, recall: 0)))]
                )
            ])
        )
        let defined = world.store.snapshot().schema.collections.first { $0.name == "others" }
        #expect(defined?.field("v")?.type == .vector(VectorType(dimension: 2)))
        try world.store.close()
    }

    @Test func aQuestionsRecallHasItsBounds() throws {
        let world = try RecallWorld(3)
        let vector = world.vector()
        for recall in [0.49, 1.01, 0, .nan] {
            #expect(
                code { _ = try world.find(Near("meaning", vector, recall: recall)) } == .badRequest
            )
        }
        #expect(
            code { _ = try world.find(Near("meaning", vector, beam: 9, recall: 0.9)) }
                == .badRequest
        )
        #expect(try world.find(Near("meaning", vector, recall: 0.5)).rows.count == 3)
        try world.store.close()
    }

    // MARK: What is measured

    @Test func walksAreMeasuredAndMeasuredAgain() throws {
        var world = try RecallWorld(400)
        #expect(try world.store.calibration("notes", "meaning") == nil)
        try world.store.settleGraphs()
        try world.store.settleCalibrations()
        let first = try #require(try world.store.calibration("notes", "meaning"))
        #expect(first.asked == Calibration.sample && !first.areQuestions)
        #expect(first.wanted == 10 * first.asked)
        #expect(first.points.first?.beam == 16 && first.points.count > 1)
        // Wider beams find no less, but for chance.
        let found = first.points.map(\.found)
        #expect(found.allSatisfy { (1...first.wanted).contains($0) })
        #expect(try #require(found.last) >= found[0])
        // A few changes are nothing; a quarter of all is.
        try world.put(0..<40)
        try world.store.settleGraphs()
        try world.store.settleCalibrations()
        #expect(try world.store.calibration("notes", "meaning") == first)
        try world.put(40..<140)
        try world.store.settleGraphs()
        try world.store.settleCalibrations()
        let second = try #require(try world.store.calibration("notes", "meaning"))
        #expect(second.changes > first.changes)
        // Questions are a better sample, once there are enough.
        for _ in 0..<Calibration.enoughQuestions {
            _ = try world.find(Near("meaning", world.vector()))
        }
        try world.store.settleCalibrations()
        var third = try #require(try world.store.calibration("notes", "meaning"))
        #expect(third.areQuestions && third.asked == Calibration.enoughQuestions)
        // As if it had taken no time, the next one may follow at once.
        let number = try world.store.catalogNumber("meaning")
        func forgetTime(_ known: inout Calibration) {
            known.duration = 0
            world.store.opening.recalls.keep(known, of: number)
        }
        forgetTime(&third)
        // Who asks the same again, or by what is stored, tells nothing new.
        let again = world.vector()
        for count in 0..<400 {
            let stored = world.vectors["k\(count % 300)"]
            _ = try world.find(Near("meaning", count < 100 ? again : stored ?? again))
        }
        #expect(world.store.opening.recalls.notedCount(of: number) <= 100 + 301)
        try world.store.settleCalibrations()
        var fourth = try #require(try world.store.calibration("notes", "meaning"))
        #expect(fourth.noted > third.noted && fourth.rounds == third.rounds + 1)
        forgetTime(&fourth)
        (fourth.noted, fourth.rounds) = (third.noted, third.rounds)
        fourth.ended = third.ended
        #expect(fourth == third)
        // As many new ones as are remembered do, however many there were.
        for expected in [3, 4, 5] {
            for _ in 0..<RecallBook.questionLimit {
                _ = try world.find(Near("meaning", world.vector()))
            }
            try world.store.settleCalibrations()
            var next = try #require(try world.store.calibration("notes", "meaning"))
            #expect(next.rounds == expected && next.asked == Calibration.sample)
            forgetTime(&next)
        }
        // With an opening it begins anew.
        try world.store.close()
        world.store = try Store.open(
            "store",
            .open,
            options: RecallWorld.options(world.disk)
        )
        #expect(try world.store.calibration("notes", "meaning") == nil)
        try world.store.settleCalibrations()
        #expect(try world.store.calibration("notes", "meaning")?.areQuestions == false)
        try world.store.close()
    }

    @Test func measuringTakesASmallPartOfTheTime() {
        var known = Calibration(points: [], areQuestions: true, changes: 0)
        let enough = Calibration.enoughQuestions
        #expect(!known.gains(by: enough - 1, noted: .max, at: .max))
        #expect(known.gains(by: enough, noted: 0, at: 0))
        (known.rounds, known.noted, known.ended, known.duration) = (1, 700, 5_000, 300)
        let noted = 700 + RecallBook.questionLimit
        #expect(known.gains(by: enough, noted: noted, at: 11_000))
        #expect(!known.gains(by: enough, noted: noted, at: 10_999))
        #expect(!known.gains(by: enough, noted: noted - 1, at: .max))
    }

    @Test func theThreadOfTheGraphsMeasures() throws {
        let world = try RecallWorld(300, inBackground: true)
        var known: Calibration?
        let gate = Gate()
        for _ in 0..<600 where known == nil {
            world.store.noteGraphWork()
            _ = gate.wait(atMost: 100_000)
            known = try world.store.calibration("notes", "meaning")
        }
        #expect(try #require(known).asked > 100)
        try world.store.close()
    }

    @Test func aStoreClosesWhileItMeasures() throws {
        let world = try RecallWorld(300)
        try world.store.settleGraphs()
        for _ in 0..<5 { #expect(try world.store.calibrateGraphs()) }
        #expect(try world.store.calibration("notes", "meaning") == nil)
        try world.store.close()
        #expect(try !world.store.calibrateGraphs())
    }

    @Test func theLastQuestionsAreRemembered() throws {
        let world = try RecallWorld(100)
        let without = try world.find(Near("meaning", world.vector(), recall: 0.8)).plan
        #expect(without.hasSuffix("for a recall of 0.8 by a scan, without a graph"), "\(without)")
        try world.store.settleGraphs()
        let number = try world.store.catalogNumber("meaning")
        func count() -> Int { world.store.opening.recalls.questionCount(of: number) }
        let vector = world.vector()
        for _ in 0..<3 { _ = try world.find(Near("meaning", vector)) }
        #expect(count() == 1)
        // Of one owner's records, and in full, no walk is made.
        _ = try world.find(Near("meaning", world.vector()), owner: "o1")
        _ = try world.find(Near("meaning", world.vector(), isExact: true))
        #expect(count() == 1)
        var asked: [[Float]] = []
        for _ in 0..<300 {
            asked.append(world.vector())
            _ = try world.find(Near("meaning", asked[asked.count - 1]))
        }
        let kept = world.store.opening.recalls.questions(of: number)
        #expect(kept.count == RecallBook.questionLimit)
        #expect(Set(kept) == Set(asked.suffix(RecallBook.questionLimit)))
        try world.store.close()
    }

    // MARK: The choice

    @Test func theBeamRisesWithTheRecall() {
        let points = [(16, 1_700), (32, 1_900), (64, 1_980), (128, 1_996), (256, 2_000)]
        var calibration = Calibration(
            points: points.map { Calibration.Point(beam: $0.0, found: $0.1) },
            asked: 200,
            wanted: 2_000,
            areQuestions: true,
            changes: 0
        )
        // What chance may have hidden counts too: 100 of 2,000 are 0.95, and no proof of it.
        #expect(calibration.beam(for: 0.8) == 16)
        #expect(calibration.beam(for: 0.9) == 32)
        #expect(calibration.beam(for: 0.95) == 64)
        #expect(calibration.beam(for: 0.99) == 128)
        #expect(calibration.beam(for: 0.998) == 256)
        #expect(calibration.beam(for: 0.9999) == nil)
        // Questions may be easier than records, and then say little.
        calibration.records.points = [
            Calibration.Point(beam: 16, found: 900), Calibration.Point(beam: 96, found: 1_000),
        ]
        calibration.records.wanted = 1_000
        #expect(calibration.beam(for: 0.9) == 96)
        calibration.records.points.removeLast()
        #expect(calibration.beam(for: 0.9) == nil)
        calibration.areQuestions = false
        #expect(calibration.beam(for: 0.9) == Int(32 * Calibration.outside))
        calibration.asked = Calibration.leastSample - 1
        #expect(calibration.beam(for: 0.8) == nil)
        var last = 0
        for recall in [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995] {
            let beam = Calibration.usualBeam(for: recall) ?? .max
            #expect(beam >= last && beam < .max)
            last = beam
        }
        #expect(Calibration.usualBeam(for: 0.9999) == nil)
    }

    @Test func moreHitsTakeWiderBeams() {
        let book = RecallBook(graphLeast: 100)
        let calibration = Calibration(
            points: [Calibration.Point(beam: 32, found: 2_000)],
            asked: 200,
            wanted: 2_000,
            areQuestions: true,
            changes: 0
        )
        #expect(book.way(to: 0.9, 10, of: 3, over: 0) == .scan(.noGraph))
        #expect(book.way(to: 1, 10, of: 3, over: 9_000) == .exact)
        let usual = Calibration.usualBeam(for: 0.9) ?? 0
        #expect(book.way(to: 0.9, 10, of: 3, over: 9_000) == .walk(beam: usual, .usual))
        book.keep(calibration, of: 3)
        #expect(book.way(to: 0.9, 10, of: 3, over: 9_000) == .walk(beam: 32, .measured))
        #expect(book.way(to: 0.9, 100, of: 3, over: 9_000) == .walk(beam: 320, .measured))
        #expect(book.way(to: 0.9, 1 << 30, of: 3, over: 9_000) == .scan(.measured))
        #expect(book.way(to: 0.9999, 10, of: 3, over: 9_000) == .scan(.measured))
        // Where a scan costs less, it is made.
        let plain = RecallBook(graphLeast: GraphKeeper.usualLeast)
        plain.keep(calibration, of: 3)
        #expect(plain.way(to: 0.9, 10, of: 3, over: 5_000) == .scan(.measured))
        #expect(plain.way(to: 0.9, 10, of: 3, over: 90_000) == .walk(beam: 32, .measured))
        book.keepOnly([4])
        #expect(book.calibration(of: 3) == nil)
    }

    @Test func whatIsAskedForIsFound() throws {
        let world = try RecallWorld(1_200)
        try world.store.settleGraphs()
        try world.store.settleCalibrations()
        let questions = (0..<60).map { _ in world.vector() }
        for recall in [0.8, 0.95, 0.99] {
            #expect(try world.recall(questions) { $0.recall = recall } >= recall, "\(recall)")
        }
        let walked = try world.find(Near("meaning", questions[0], recall: 0.8)).plan
        #expect(walked.contains("on a walk") && walked.contains("for a recall of 0.8"))
        #expect(walked.hasSuffix(", as measured"), "\(walked)")
        // Inside an owner codes are scanned, though there is a graph.
        let owned = try world.find(Near("meaning", questions[0], recall: 0.8), owner: "o1").plan
        #expect(owned.hasSuffix("for a recall of 0.8 by a scan, as asked inside an owner"))
        let scanned = try world.find(Near("meaning", questions[0], recall: 0.99999)).plan
        #expect(scanned.contains("scanned") && scanned.contains("by a scan"), "\(scanned)")
        // All of it is exact.
        for question in questions.prefix(9) {
            let exact = try world.find(Near("meaning", question, isExact: true))
            let found = try world.find(Near("meaning", question, recall: 1))
            #expect(found.isExact && found.rows == exact.rows)
        }
        // The field's own counts where the question says nothing.
        #expect(try !world.find(Near("meaning", questions[0])).plan.contains("recall"))
        try world.store.define(RecallWorld.schema(recall: 1))
        #expect(try world.find(Near("meaning", questions[0])).isExact)
        #expect(try !world.find(Near("meaning", questions[0], beam: 50)).isExact)
        let own = try world.find(Near("meaning", questions[0], recall: 0.8)).plan
        #expect(own.contains("for a recall of 0.8"))
        try world.store.close()
    }
}

extension Store {
    /// The number of a vector field of the one collection.
    fileprivate func catalogNumber(_ field: String) throws -> UInt16 {
        try newest.state.catalog.collection("notes").vector(field).number
    }
}
