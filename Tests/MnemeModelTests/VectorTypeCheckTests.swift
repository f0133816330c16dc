// Which vectors a field takes: each rule by a sentence of its own, the same one for records and for
// questions, and lengths around the bounds against a plain sum.

import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct VectorTypeCheckTests {
    private func refusal(_ type: VectorType, _ vector: [Float], isAsked: Bool) -> MnemeError? {
        error { () throws(MnemeError) in
            try type.check(
                vector,
                isAsked
                    ? VectorSubject(askedOf: "v", in: "notes") : VectorSubject(of: "v", in: "notes")
            )
        }
    }

    static let broken: [(VectorMetric, [Float], String, String, String)] = [
        (.dot, [1], "c.v takes a vector of 2 components and got 1. Embed", "v ", "v "),
        (.l2, [], "takes a vector of 2 components and got 0. Embed", "v ", "v "),
        (.cosine, [1, .nan], "is nan, which is no number.", "v[1] is", "component 1 of the"),
        (.l2, [.nan, 0], "is nan, which is no number.", "v[0] is", "component 0 of the"),
        (.dot, [0, .infinity], "is inf, beyond the 3.4e38", "v[1] is", "component 1 of the"),
        (.cosine, [-.infinity, 0], "is -inf, beyond the 3.4e38", "v[0] is", "component 0 of the"),
        (.cosine, [0, -0.0], "are all 0 as float32", "Leave the field out", "Ask with a vector"),
        (.cosine, [1e20, 0], "between 1e-18 and 1e18", "to length 1.", "to length 1."),
        (
            .cosine, [0, .leastNonzeroMagnitude], "between 1e-18 and 1e18", "to length 1.",
            "to length 1."
        ),
        (.dot, [0, 1e20], "under dot it must be at most 1e18", "of the field.", "of questions"),
        (.l2, [3e38, 3e38], "under l2 it must be at most 1e18", "of the field.", "of questions"),
    ]

    @Test(arguments: broken) func eachRuleHasItsSentence(
        metric: VectorMetric,
        vector: [Float],
        rule: String,
        kept: String,
        asked: String
    ) throws {
        let type = VectorType(dimension: 2, metric: metric)
        for (isAsked, own) in [(false, kept), (true, asked)] {
            let error = try #require(refusal(type, vector, isAsked: isAsked))
            #expect(error.code == .badVector)
            #expect(error.message.contains(rule.replacing("c.v", with: "notes.v")), "\(error)")
            #expect(error.message.contains(own), "\(error)")
            #expect(error.message.contains("the question for notes.v") == isAsked, "\(error)")
        }
    }

    @Test func aQuestionIsNotKeptInTheFieldsElement() throws {
        let type = VectorType(dimension: 2, element: .float16, metric: .l2)
        let error = try #require(refusal(type, [1, 70_000], isAsked: false))
        #expect(error.message.contains("v[1] is 70000.0, beyond the 65504 that float16 holds"))
        #expect(refusal(type, [1, 70_000], isAsked: true) == nil)
        // What is 0 once it is kept has no cosine, but a question has.
        let cosine = VectorType(dimension: 2, element: .float16)
        let zero = try #require(refusal(cosine, [1e-9, 0], isAsked: false))
        #expect(zero.message.contains("are all 0 as float16"))
        #expect(refusal(cosine, [1e-9, 0], isAsked: true) == nil)
    }

    @Test func lengthsAreTakenAsAPlainSumSays() {
        let seed = UInt64.random(in: 0...UInt64.max)
        let random = SeededRandomness(seed: seed)
        for _ in 0..<2_000 {
            let dimension = 1 + random.below(9)
            let factor = Float(sign: .plus, exponent: random.below(150) - 75, significand: 1)
            let vector = (0..<dimension).map { _ in
                factor * (Float(random.below(2001)) / 1000 - 1)
            }
            var squares = 0.0
            for component in vector { squares += Double(component) * Double(component) }
            for metric in VectorMetric.allCases {
                let type = VectorType(dimension: dimension, metric: metric)
                let fits = metric == .cosine ? (1e-36...1e36).contains(squares) : squares <= 1e36
                for isAsked in [false, true] {
                    let refused = refusal(type, vector, isAsked: isAsked)
                    #expect((refused == nil) == fits, "seed \(seed), \(metric), \(vector)")
                }
            }
        }
    }
}
