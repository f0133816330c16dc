import MnemeBase
import Testing

@testable import MnemeEmbed

@Suite struct StaticEmbedderTests {
    private let embedder = StaticEmbedder()

    private func cosine(_ first: [Float], _ second: [Float]) -> Float {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test func vectorsAreOfLengthOneAndAlwaysTheSame() throws {
        var embedded = 0
        for (text, tokens) in try Golden.read() {
            let vector = embedder.embed(text)
            #expect(vector == embedder.embed(text))
            #expect(vector == embedder.embed(tokens))
            guard let vector else {
                #expect(tokens.allSatisfy { $0 == TokenTable.unknown }, "\(text.debugDescription)")
                continue
            }
            embedded += 1
            #expect(vector.count == 256)
            #expect(abs(cosine(vector, vector) - 1) < 1e-5)
        }
        #expect(embedded > 500)
    }

    @Test func orderOfWordsIsIgnoredToTheBit() throws {
        let random = SeededRandomness(seed: 3)
        for (_, tokens) in try Golden.read() {
            var shuffled = tokens
            for last in stride(from: shuffled.count - 1, to: 0, by: -1) {
                shuffled.swapAt(last, random.below(last + 1))
            }
            #expect(embedder.embed(shuffled) == embedder.embed(tokens))
        }
    }

    @Test func textsThatSayNothingHaveNoVector() {
        let texts = [
            "", "   \n", "\u{0}\u{1}\u{FFFD}", "\u{1F9FF}", String(repeating: "x", count: 101),
        ]
        for text in texts {
            #expect(embedder.embed(text) == nil, "\(text.debugDescription)")
            #expect(embedder.embedQuestion(text, statistics: TokenCounts()) == nil)
            #expect(embedder.embedQuestion(text, statistics: nil) == nil)
        }
    }

    @Test func kernelsSumAsTheDefinitionSays() {
        let random = SeededRandomness(seed: 5)
        for count in [0, 1, 2, 511, 512, 513, 1_024, 3_000] {
            let tokens = (0..<count).map { _ in Token(random.below(65_536)) }
            let weights = (0..<count).map { _ in Int16(random.below(65_536) - 32_768) }
            #expect(
                TokenTable.sum(tokens, weights) == TokenTable.sum(tokens, weights, plainly: true)
            )
            // The largest products all of one sign, in one column.
            let extreme = [Int16](repeating: .min, count: count)
            let same = [Token](repeating: 2_000, count: count)
            #expect(TokenTable.sum(same, extreme) == TokenTable.sum(same, extreme, plainly: true))
        }
    }

    @Test func whatIsAlikeIsNearer() throws {
        let near = [
            ("the doctor works in a hospital", "a physician at the clinic", "new guitar strings"),
            ("we went hiking in the mountains", "a walk up the hill", "the invoice was paid late"),
        ]
        for (text, like, unlike) in near {
            let vector = try #require(embedder.embed(text))
            let nearer = cosine(vector, try #require(embedder.embed(like)))
            #expect(nearer > cosine(vector, try #require(embedder.embed(unlike))) + 0.1)
        }
    }

    @Test func questionsFollowTheOwnersStatistics() throws {
        var counts = TokenCounts()
        for _ in 0..<50 { counts.add(Tokenizer.tokens(of: "alice talks about the garden")) }
        counts.add(Tokenizer.tokens(of: "alice bought a violin"))
        let question = try #require(
            embedder.embedQuestion("alice violin", statistics: counts)
        )
        let rare = try #require(embedder.embed("violin"))
        let common = try #require(embedder.embed("alice"))
        #expect(cosine(question, rare) > 0.95)
        #expect(cosine(question, rare) > cosine(question, common) + 0.5)
        let plain = try #require(embedder.embedQuestion("alice violin", statistics: nil))
        #expect(plain == embedder.embed("alice violin"))
    }

    @Test func weightsAreTheFormulaWhateverTheStatisticsSay() {
        struct Claimed: TokenStatistics {
            let memoryCount: Int
            let holding: Int
            func memoriesHolding(_ token: Token) -> Int { holding }
        }
        // Token 2000 is "to", of general weight 1,533: a share of 0.2238 of general texts.
        func weight(_ count: Int, _ holding: Int) -> Int16 {
            StaticEmbedder.weight(
                of: 2_000,
                general: 1_533,
                in: Claimed(memoryCount: count, holding: holding)
            )
        }
        #expect(TokenTable.generalWeights(of: [2_000, TokenTable.unknown]) == [1_533, 0])
        #expect(weight(0, 0) == 1_521)
        #expect(weight(10, 10) == 1_246)
        #expect(weight(1_000, 3) == 3_841)
        #expect(weight(1_000_000, 0) == 10_942)
        #expect(weight(10, 11) == weight(10, 10))
        #expect(weight(-5, -5) == weight(0, 0))
        #expect(weight(.max, 0) > weight(1_000_000, 0))
        let claimed = Claimed(memoryCount: 9, holding: 1)
        #expect(StaticEmbedder.weight(of: 2_000, general: 0, in: claimed) == 0)
    }
}
