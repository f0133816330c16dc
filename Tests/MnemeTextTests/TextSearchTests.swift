import Foundation
import MnemeBase
import Testing

@testable import MnemeText

func logarithm(_ value: Double) -> Double { log(value) }

@Suite struct TextSearchTests {
    private func query(_ random: SeededRandomness, owners: Int) -> TextQuery {
        let terms = (0..<(1 + random.below(5))).map { _ in
            TextTerm(
                stem: Array(TextModel.word(random).utf8),
                weight: Float(1 + random.below(3))
            )
        }
        let fields = [UInt16(3), 7, 300, 4].filter { _ in random.below(3) > 0 }.map {
            TextFieldParameters(
                $0,
                k1: [0, 0.6, 1.2][random.below(3)],
                b: [0, 0.3, 0.75, 1][random.below(4)],
                weight: [0.5, 1, 2, 0][random.below(4)]
            )
        }
        let some = (0..<owners).filter { _ in random.below(2) == 0 }.map { UInt32($0 * 5) }
        let scope: TextScope =
            switch random.below(4) {
            case 0: .all
            case 1: .owners(some)
            default: .owner(UInt32(random.below(owners) * 5))
            }
        return TextQuery(
            terms: terms,
            fields: fields,
            scope: scope,
            statistics: random.below(2) == 0 ? .scope : .global,
            limit: [1, 3, 10, 100, 5_000][random.below(5)],
            wantsParts: true
        )
    }

    private func check(
        _ hits: [TextHit],
        _ query: TextQuery,
        _ model: TextModel,
        _ dead: Set<UInt64>,
        _ seed: UInt64
    ) {
        let wanted = model.search(query) { _, birth in !dead.contains(birth) }
        #expect(hits.count == min(query.limit, wanted.count), "seed \(seed)")
        let scores = Dictionary(uniqueKeysWithValues: wanted.map { ($0.document.birth, $0) })
        #expect(Set(hits.map(\.birth)).count == hits.count, "seed \(seed)")
        for (hit, expected) in zip(hits, wanted) {
            let tolerance = 1e-4 * expected.score
            #expect(abs(Double(hit.score) - expected.score) <= tolerance, "seed \(seed)")
            guard let own = scores[hit.birth] else {
                Issue.record("seed \(seed): a document that must not be found")
                continue
            }
            #expect(abs(Double(hit.score) - own.score) <= tolerance, "seed \(seed)")
            #expect(own.document.ordinal == hit.ordinal && own.document.owner == hit.owner)
            #expect(hit.parts.count == query.terms.count)
            #expect(abs(hit.parts.reduce(0, +) - hit.score) <= 1e-4 * hit.score, "seed \(seed)")
        }
        for (left, right) in zip(hits, hits.dropFirst()) {
            let inOrder =
                left.score > right.score
                || (left.score == right.score
                    && (left.owner, left.ordinal, left.birth)
                        < (right.owner, right.ordinal, right.birth))
            #expect(inOrder, "seed \(seed)")
        }
    }

    /// Adds, edits, deletes and merges at random; after each step answers are those of the model,
    /// and the same to the bit from one merged run.
    @Test(arguments: 0..<14)
    func findsWhatTheModelFinds(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let owners = [1, 3, 20][random.below(3)]
        let analyzer = TextAnalyzer()
        var model = TextModel()
        var runs: [TextRun] = []
        var dead: Set<UInt64> = []
        var birth: UInt64 = 0
        for _ in 0..<6 {
            var builder = TextRunBuilder(analyzer: analyzer)
            for _ in 0..<[1, 20, 200, 700][random.below(4)] {
                birth += 1
                var ordinal = birth
                if random.below(5) == 0, !model.documents.isEmpty {
                    let old = model.documents[random.below(model.documents.count)]
                    dead.insert(old.birth)
                    ordinal = old.ordinal
                }
                let document = TextModel.document(
                    random,
                    ordinal: ordinal,
                    birth: birth,
                    owners: owners
                )
                model.documents.append(document)
                try builder.add(document.document)
            }
            runs.append(try builder.finish())
            if runs.count > 2, random.below(3) == 0 {
                let part = Array(runs.suffix(2 + random.below(runs.count - 1)))
                let merged = try TextRun.merge(part) { _, birth in dead.contains(birth) }
                let held = Set(
                    part.flatMap { run in
                        (0..<UInt32(run.documentCount)).map { run.birth($0) }
                    }
                )
                runs.removeLast(part.count)
                runs.append(merged)
                model.documents.removeAll {
                    dead.contains($0.birth) && held.contains($0.birth)
                }
            }
            let whole = try TextRun.merge(runs)
            try whole.verify()
            #expect(whole.documentCount == model.documents.count)
            try checkPositions(whole, model, random, seed)
            for _ in 0..<6 {
                let query = query(random, owners: owners)
                let hits = TextSearch.search(query, in: runs.map { TextSource($0) }) { _, birth in
                    !dead.contains(birth)
                }
                check(hits, query, model, dead, seed)
                let again = TextSearch.search(query, in: [TextSource(whole)]) { _, birth in
                    !dead.contains(birth)
                }
                #expect(hits == again, "seed \(seed)")
            }
        }
    }

    /// The positions of some words in every document are where the model has them.
    private func checkPositions(
        _ run: TextRun,
        _ model: TextModel,
        _ random: SeededRandomness,
        _ seed: UInt64
    ) throws {
        for field in run.fields {
            let word = TextModel.word(random)
            guard let list = run.list(field: field, stem: Array(word.utf8)) else { continue }
            var cursor = PostingCursor(run, list, limit: .max)
            while cursor.local != PostingCursor.end {
                let birth = run.birth(cursor.local)
                let words = try #require(model.documents.first { $0.birth == birth }).fields[field]
                var positions: [UInt32] = []
                // Now and then one is passed over.
                if random.below(3) > 0 {
                    #expect(cursor.appendPositions(to: &positions) == .known, "seed \(seed)")
                    let wanted = (words ?? []).indices.filter { words?[$0] == word }
                    #expect(positions.map { Int($0) } == wanted, "seed \(seed)")
                }
                cursor.advance()
            }
        }
    }

    /// Enough documents for several windows, with words of every frequency, so that blocks and
    /// windows are passed over.
    @Test func findsWhatTheModelFindsInManyWindows() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let random = SeededRandomness(seed: seed)
        var model = TextModel()
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        for birth in 1...UInt64(3 * WindowAccumulator.count) {
            let words = (0..<(1 + random.below(4))).map { _ in
                "w\(random.below(1 + random.below(1 + random.below(2_000))))"
            }
            let document = ModelDocument(
                owner: birth % 3 == 0 ? 5 : 0,
                ordinal: birth,
                birth: birth,
                fields: [3: words]
            )
            model.documents.append(document)
            try builder.add(document.document)
        }
        let run = try builder.finish()
        for round in 0..<40 {
            let query = TextQuery(
                terms: (0..<(1 + round % 4)).map { _ in
                    let word = "w\(random.below(1 + random.below(200)))"
                    return TextTerm(stem: Array(word.utf8), weight: 1)
                },
                fields: [TextFieldParameters(3, k1: 1.2, b: round % 2 == 0 ? 0.75 : 0)],
                scope: round % 5 == 0 ? .owner(5) : .all,
                limit: [1, 5, 20][random.below(3)],
                wantsParts: true
            )
            let dead = Set((0..<2_000).map { _ in UInt64(random.below(12_000)) })
            let hits = TextSearch.search(query, in: [TextSource(run)]) { _, birth in
                !dead.contains(birth)
            }
            check(hits, query, model, dead, seed)
        }
    }

    private func run(_ texts: [String], owner: UInt32 = 1) throws -> TextRun {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        for (index, text) in texts.enumerated() {
            try builder.add(
                TextDocument(
                    owner: owner,
                    ordinal: UInt64(index),
                    birth: 1,
                    fields: [TextField(0, text)]
                )
            )
        }
        return try builder.finish()
    }

    @Test func commonWordsStillCount() throws {
        let source = TextSource(try run(["melanie paints", "melanie sings", "melanie runs"]))
        let query = TextQuery(
            terms: try TextAnalyzer().question("Melanie"),
            fields: [TextFieldParameters(0)],
            scope: .owner(1)
        )
        let hits = TextSearch.search(query, in: [source])
        #expect(hits.count == 3)
        #expect(hits.allSatisfy { $0.score > 0 })
    }

    @Test func repeatedWordsCount() throws {
        let source = TextSource(try run(["wing", "flow", "other"]))
        func best(_ text: String) throws -> UInt64? {
            TextSearch.search(
                TextQuery(
                    terms: try TextAnalyzer().question(text),
                    fields: [TextFieldParameters(0)],
                    scope: .all
                ),
                in: [source]
            ).first?.ordinal
        }
        #expect(try best("wing flow flow") == 1)
        #expect(try best("wing wing flow") == 0)
    }

    @Test func visibilityIsAskedOnlyForTheBest() throws {
        let run = try run((0..<5_000).map { "word number\($0) " + ($0 % 100 == 7 ? "word" : "") })
        var query = TextQuery(
            terms: [TextTerm(stem: Array("word".utf8), weight: 1)],
            fields: [TextFieldParameters(0)],
            scope: .all,
            limit: 3
        )
        var asked = 0
        _ = TextSearch.search(query, in: [TextSource(run)]) { _, _ in
            asked += 1
            return true
        }
        #expect(asked < 200)
        asked = 0
        _ = TextSearch.search(query, in: [TextSource(run, mayHideDocuments: false)]) { _, _ in
            asked += 1
            return false
        }
        #expect(asked == 0)
        query.limit = 10
        let rest = TextSearch.search(query, in: [TextSource(run)]) { ordinal, _ in ordinal > 4_995 }
        #expect(rest.map(\.ordinal) == [4_996, 4_997, 4_998, 4_999])
    }

    @Test func nothingIsFoundWithNothingAsked() throws {
        let source = TextSource(try run(["a b c"]))
        let term = TextTerm(stem: Array("b".utf8), weight: 1)
        func count(
            _ terms: [TextTerm],
            fields: [TextFieldParameters] = [TextFieldParameters(0)],
            scope: TextScope = .all,
            limit: Int = 10
        ) -> Int {
            TextSearch.search(
                TextQuery(terms: terms, fields: fields, scope: scope, limit: limit),
                in: [source]
            ).count
        }
        #expect(count([term]) == 1)
        #expect(count([]) == 0)
        #expect(count([term], fields: []) == 0)
        #expect(count([term], fields: [TextFieldParameters(9)]) == 0)
        #expect(count([term], fields: [TextFieldParameters(0, weight: .nan)]) == 0)
        #expect(count([term], scope: .owner(2)) == 0)
        #expect(count([term], scope: .owners([])) == 0)
        #expect(count([term], limit: 0) == 0)
        #expect(count([TextTerm(stem: term.stem, weight: -1)]) == 0)
        #expect(count([TextTerm(stem: [], weight: 1)]) == 0)
        #expect(
            TextSearch.search(
                TextQuery(terms: [term], fields: [], scope: .all),
                in: []
            ).isEmpty
        )
    }

    @Test func statisticsAreTheOwners() throws {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        for index in 0..<400 {
            try builder.add(
                TextDocument(
                    owner: UInt32(index % 2),
                    ordinal: UInt64(index),
                    birth: 1,
                    fields: [
                        TextField(5, index % 3 == 0 ? "apple pie" : "pie"),
                        TextField(6, ""),
                    ]
                )
            )
        }
        let run = try builder.finish()
        let stems = ["appl", "pie", "none"].map { Array($0.utf8) }
        let found = TextSearch.termStatistics([run, run], owner: 1, field: 5, stems: stems)
        let apples = (0..<400).count { $0 % 2 == 1 && $0 % 3 == 0 }
        #expect(found.field == FieldStatistics(documents: 400, words: 2 * (200 + apples)))
        #expect(found.documentFrequencies == [2 * apples, 400, 0])
        #expect(
            TextSearch.termStatistics([run], owner: 1, field: 6, stems: stems).field
                == FieldStatistics()
        )
        let none = TextSearch.termStatistics([run], owner: 9, field: 5, stems: stems)
        #expect(none.documentFrequencies == [0, 0, 0])
    }
}
