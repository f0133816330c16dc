// Patterns cost what the text is long, whatever they are; and those that are looked for with bits
// find what comparing at every place does.

import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct LikeCostTests {
    /// Bytes that count how often one of them is looked at.
    private struct Watched: BidirectionalCollection {
        final class Count { var value = 0 }
        let bytes: [UInt8]
        let count = Count()

        var startIndex: Int { 0 }
        var endIndex: Int { bytes.count }
        func index(after place: Int) -> Int { place + 1 }
        func index(before place: Int) -> Int { place - 1 }
        subscript(place: Int) -> UInt8 {
            count.value += 1
            return bytes[place]
        }
    }

    @Test(arguments: [
        "%" + String(repeating: "_", count: 1500) + "b",
        "%" + String(repeating: "a", count: 1500) + "b%",
        "%" + String(repeating: "a", count: 60) + "b" + String(repeating: "_", count: 500) + "%",
        String(repeating: "%a_", count: 500) + "b",
        String(repeating: "%aaab", count: 300) + "%",
        "%_%__%___%aab_a%",
    ])
    func aTextIsGoneThroughOnce(pattern: String) throws {
        let like = try #require(LikePattern(pattern))
        let text = Watched(bytes: [UInt8](repeating: UInt8(ascii: "a"), count: 20_000))
        #expect(like.matches(ascii: text) == false)
        #expect(text.count.value <= 10 * text.bytes.count)
        #expect(!like.matches(String(repeating: "a", count: 200)))
    }

    /// Whether a text is of a pattern, by going on from every place that fits.
    private func fits(_ text: [Character], _ pattern: [Character]) -> Bool {
        // After each piece: the places of the text that it can have come to.
        var places: Set<Int> = [0]
        for piece in pattern {
            if piece == "%" {
                guard let least = places.min() else { return false }
                places = Set(least...text.count)
            } else {
                places = Set(
                    places.filter { $0 < text.count && (piece == "_" || text[$0] == piece) }
                        .map { $0 + 1 }
                )
            }
        }
        return places.contains(text.count)
    }

    @Test(arguments: 1...6) func longSegmentsAreFound(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        // Of ASCII, or not.
        let letters: [Character] = seed % 2 == 0 ? ["a", "b"] : ["a", "\u{e9}", "\u{1f600}"]
        var matched = 0
        for _ in 0..<150 {
            let text = (0..<(100 + random.below(200))).map { _ in
                random.below(12) == 0 ? letters[random.below(letters.count)] : "a"
            }
            var pattern: [Character] = []
            var place = 0
            for _ in 0..<(1 + random.below(3)) {
                if random.below(5) > 0 { pattern.append("%") }
                // A part of the text, so that some are found.
                place = min(text.count, place + random.below(40))
                let end = min(text.count, place + random.below(150))
                for at in place..<end {
                    switch random.below(40) {
                    case 0: pattern.append(letters[random.below(letters.count)])
                    case 1...9: pattern.append("_")
                    default: pattern.append(text[at])
                    }
                }
                place = end
            }
            if random.below(4) > 0 { pattern.append("%") }
            let like = try #require(LikePattern(String(pattern)))
            let isMatch = like.matches(String(text))
            if isMatch { matched += 1 }
            #expect(isMatch == fits(text, pattern), "seed \(seed): \(String(pattern))")
        }
        print("like: seed \(seed), \(matched) of 150 match")
        #expect(matched > 0)
    }
}
