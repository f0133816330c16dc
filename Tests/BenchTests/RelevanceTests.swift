import Testing

@testable import MnemeBench

@Suite struct RelevanceTests {
    @Test func recallIsThePartOfWhatIsRelevant() {
        let relevance = Relevance(of: ["a", "x", "b", "y"], against: ["a", "b", "c", "d"])
        #expect(relevance.recall(at: 1) == 0.25)
        #expect(relevance.recall(at: 2) == 0.25)
        #expect(relevance.recall(at: 3) == 0.5)
        #expect(relevance.recall(at: 100) == 0.5)
        #expect(Relevance(of: ["a"], against: []).recall(at: 5) == 0)
        #expect(Relevance(of: [String](), against: ["a"]).recall(at: 5) == 0)
    }

    @Test func gainIsDiscountedByPlace() {
        // Hits at places 1 and 3: 1 + 1/2. Best of three relevant: 1 + 0.63093 + 1/2.
        let relevance = Relevance(of: ["a", "x", "b", "y"], against: ["a", "b", "c"])
        #expect(abs(relevance.discountedGain(at: 10) - 1.5 / 2.130930) < 1e-6)
        // Within 2 places: 1 of 1 + 0.63093.
        #expect(abs(relevance.discountedGain(at: 2) - 1 / 1.630930) < 1e-6)
        // A hit at place 10 alone: 1/log2(11); at place 11 it is outside.
        let tenth = Relevance(of: Array(1...20), against: [10])
        #expect(abs(tenth.discountedGain(at: 10) - 0.289065) < 1e-6)
        #expect(Relevance(of: Array(1...20), against: [11]).discountedGain(at: 10) == 0)
        #expect(Relevance(of: [3, 1, 2], against: [1, 2, 3]).discountedGain(at: 10) == 1)
        #expect(Relevance(of: [3], against: []).discountedGain(at: 10) == 0)
    }

    @Test func reciprocalRankIsOfTheFirstHit() {
        #expect(Relevance(of: ["x", "a", "b"], against: ["a", "b"]).reciprocalRank == 0.5)
        #expect(Relevance(of: ["x"], against: ["a"]).reciprocalRank == 0)
    }

    @Test func meansAreOverRankings() {
        let rankings = [
            Relevance(of: ["a"], against: ["a"]), Relevance(of: ["x"], against: ["a"]),
            Relevance(of: ["x", "a"], against: ["a"]),
        ]
        #expect(mean(rankings) { $0.reciprocalRank } == 0.5)
        #expect(mean([]) { $0.reciprocalRank } == 0)
    }

    @Test func rankFusionAddsReciprocalPlaces() {
        // b: 1/62 + 1/61, a: 1/61 + 1/63, c: 1/62, d: 1/63.
        let fused = fusedByRank([["a", "b", "d"], ["b", "c", "a"]])
        #expect(fused == ["b", "a", "c", "d"])
        #expect(fusedByRank([["a", "b"], ["b", "a"]]) == ["a", "b"])
        #expect(fusedByRank([[String]]()).isEmpty)
    }
}
