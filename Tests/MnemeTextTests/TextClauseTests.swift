import MnemeBase
import Testing

@testable import MnemeText

@Suite struct TextClauseTests {
    private func pattern(_ random: SeededRandomness) -> TextPattern {
        func stem() -> [UInt8] { Array(TextModel.word(random).utf8) }
        switch random.below(4) {
        case 0:
            var offset = 0
            let words = (0..<(2 + random.below(2))).map { index in
                if index > 0 { offset += random.below(6) == 0 ? 2 : 1 }
                return PhraseWord(stem(), offset: offset)
            }
            return .phrase(words)
        case 1:
            let prefix = Array("w\(random.below(7))".utf8)
            return .prefix(prefix, stem: random.below(2) == 0 ? stem() : [])
        default: return .word(stem())
        }
    }

    private func query(_ random: SeededRandomness, owners: Int) -> TextQuery {
        let fields = [UInt16(3), 7, 300]
        let clauses = (0..<(1 + random.below(4))).map { _ in
            TextClause(
                [.required, .optional, .optional, .excluded][random.below(4)],
                weight: Float(1 + random.below(2)),
                (0..<(1 + random.below(2))).map { _ in
                    TextWay(fields[random.below(3)], pattern(random))
                }
            )
        }
        let owner = UInt32(random.below(owners) * 5)
        return TextQuery(
            terms: (0..<random.below(3)).map { _ in
                TextTerm(stem: Array(TextModel.word(random).utf8), weight: 1)
            },
            clauses: clauses,
            minimum: random.below(4),
            fields: fields.map { TextFieldParameters($0, k1: 1.2, b: 0.75, weight: 2) },
            scope: random.below(2) == 0 ? .all : .owner(owner),
            statistics: random.below(2) == 0 ? .scope : .global,
            limit: [1, 5, 5_000][random.below(3)],
            wantsParts: true
        )
    }

    private func check(
        _ hits: [TextHit],
        _ wanted: [(document: ModelDocument, score: Double)],
        _ query: TextQuery,
        _ seed: UInt64
    ) {
        #expect(hits.count == min(query.limit, wanted.count), "seed \(seed)")
        let scores = Dictionary(uniqueKeysWithValues: wanted.map { ($0.document.birth, $0.score) })
        for (hit, expected) in zip(hits, wanted) {
            let tolerance = 1e-4 * expected.score
            #expect(abs(Double(hit.score) - expected.score) <= tolerance, "seed \(seed)")
            guard let own = scores[hit.birth] else {
                Issue.record("seed \(seed): a document that must not be found")
                continue
            }
            #expect(abs(Double(hit.score) - own) <= tolerance, "seed \(seed)")
            #expect(abs(hit.parts.reduce(0, +) - hit.score) <= 1e-4 * hit.score, "seed \(seed)")
        }
    }

    /// Phrases, prefixes, what is demanded and what is refused, over runs and over them merged.
    @Test(arguments: 0..<10)
    func findsWhatTheModelFinds(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let owners = [1, 3][random.below(2)]
        let analyzer = TextAnalyzer()
        var model = TextModel()
        var runs: [TextRun] = []
        var birth: UInt64 = 0
        for _ in 0..<4 {
            var builder = TextRunBuilder(analyzer: analyzer)
            for _ in 0..<[1, 40, 400][random.below(3)] {
                birth += 1
                let document = TextModel.document(
                    random,
                    ordinal: birth,
                    birth: birth,
                    owners: owners
                )
                model.documents.append(document)
                try builder.add(document.document)
            }
            runs.append(try builder.finish())
        }
        let whole = try TextRun.merge(runs)
        try whole.verify()
        let dead = Set((0..<20).map { _ in UInt64(random.below(Int(birth) + 1)) })
        for _ in 0..<12 {
            let query = query(random, owners: owners)
            let wanted = model.demanding(query) { _, birth in !dead.contains(birth) }
            for sources in [runs, [whole]] {
                let hits = TextSearch.search(query, in: sources.map { TextSource($0) }) {
                    _,
                    birth in !dead.contains(birth)
                }
                check(hits, wanted, query, seed)
            }
        }
    }

    /// More documents than a window has, and rare words among them that are demanded.
    @Test func demandsHoldOverManyWindows() throws {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        let count = 3 * WindowMarks.count + 100
        for index in 0..<count {
            let text = "every" + (index % 3_000 == 17 ? " rare word" : " word rare every")
            try builder.add(
                TextDocument(
                    owner: 1,
                    ordinal: UInt64(index),
                    birth: 1,
                    fields: [TextField(0, text, language: .plain)]
                )
            )
        }
        let run = try builder.finish()
        func ordinals(_ clauses: [TextClause]) -> [UInt64] {
            TextSearch.search(
                TextQuery(
                    terms: [],
                    clauses: clauses,
                    fields: [TextFieldParameters(0)],
                    scope: .owner(1),
                    limit: 100_000
                ),
                in: [TextSource(run)]
            ).map(\.ordinal).sorted()
        }
        func word(_ word: String) -> TextWay { TextWay(0, .word(Array(word.utf8))) }
        let phrase = TextWay(
            0,
            .phrase([
                PhraseWord(Array("rare".utf8), offset: 0),
                PhraseWord(Array("word".utf8), offset: 1),
            ])
        )
        let rare = (0..<UInt64(count)).filter { $0 % 3_000 == 17 }
        #expect(ordinals([TextClause(.required, [phrase])]) == rare)
        #expect(ordinals([TextClause(.optional, [phrase])]) == rare)
        #expect(ordinals([TextClause(.required, [word("every")])]).count == count)
        #expect(
            ordinals([TextClause(.required, [word("every")]), TextClause(.excluded, [phrase])])
                == (0..<UInt64(count)).filter { $0 % 3_000 != 17 }
        )
        #expect(ordinals([TextClause(.excluded, [phrase])]).isEmpty)
    }

    @Test func highlightsWhatMatches() throws {
        let analyzer = TextAnalyzer()
        func marked(_ text: String, _ patterns: [TextPattern]) throws -> [String] {
            try TextHighlighter(patterns, language: .english).ranges(in: text, analyzer).map {
                String(decoding: Array(text.utf8)[$0], as: UTF8.self)
            }
        }
        let run = TextPattern.word(Array("run".utf8))
        #expect(try marked("Running, she RAN; runs. Rún!", [run]) == ["Running", "runs", "Rún"])
        let phrase = TextPattern.phrase([
            PhraseWord(Array("green".utf8), offset: 0), PhraseWord(Array("tea".utf8), offset: 1),
        ])
        #expect(try marked("tea, green teas and tea", [phrase]) == ["green teas"])
        #expect(
            try marked("lemonade and Lemon", [.prefix(Array("lem".utf8), stem: [])]) == [
                "lemonade", "Lemon",
            ]
        )
        let pairs = ["東京", "京都"].map { TextPattern.word(Array($0.utf8)) }
        #expect(try marked("東京都に", pairs) == ["東京都"])
    }

    @Test func phrasesOfTextWithoutSpacesKnowTheirPlaces() throws {
        let analyzer = TextAnalyzer()
        func places(_ text: String, _ isQuestion: Bool) throws -> [Int] {
            try analyzer.placedWords(of: text, language: .plain, isQuestion: isQuestion)
                .map(\.position)
        }
        #expect(try places("東京都 tower", false) == [0, 1, 2, 3])
        #expect(try places("東京都 tower", true) == [0, 1, 3])
        #expect(try places("東 tower", true) == [0, 1])
    }
}
