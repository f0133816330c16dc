import MnemeModel
import Testing

@testable import MnemeLanguage

@Suite struct TextTraitsTests {
    private func traits(_ text: String, _ language: LanguageTable = .english) -> TextTraits {
        TextTraits.read(text, anchor: DateReadingTests.anchor, language: language).traits
    }

    @Test(arguments: [
        ("How are you?", TextTraits.endsInQuestion), ("Really?!", .endsInQuestion),
        ("She asked \"why?\"", .endsInQuestion), ("I have three cats.", .hasNumber),
        ("It cost 40 dollars.", .hasNumber), ("Twice, I think.", .hasNumber),
        ("We met last week.", .hasDate), ("For two weeks we swam.", .hasDuration),
        ("I moved to Lisbon.", .hasPlace), ("We were at the beach.", .hasPlace),
        ("My sister came.", .hasKin), ("Yesterday Maria called.", .hasName),
        ("Maria called yesterday.", .hasName), ("I saw Dr. Nakamura there.", .hasName),
        ("Because it rained.", .hasReason), ("I saved up so that we can go.", .hasReason),
        ("My dog is old.", .isFirstPerson), ("We read \"Pride and Prejudice\".", .hasTitle),
        ("We watched The Lord of the Rings there.", .hasTitle), ("It did not work.", .hasNegation),
        ("What? No.", .hasQuestion), ("We will see.", .isAhead),
    ])
    func has(text: String, trait: TextTraits) {
        #expect(traits(text).contains(trait), "\(text)")
    }

    @Test(arguments: [
        ("How are you? Fine.", TextTraits.endsInQuestion), ("We met on 8 May 2023.", .hasNumber),
        ("A day like this.", .hasDuration), ("one of them", .hasNumber),
        ("Hey Ann, look.", .hasName), ("You are right, Ann.", .hasName),
        ("The house is old.", .hasName), ("On Monday we rest.", .hasName),
        ("in time", .hasPlace), ("In May it rained.", .hasPlace), ("It is on.", .hasDate),
        ("They know.", .isFirstPerson), ("He said \"no\".", .hasTitle), ("Great!", .hasNegation),
    ])
    func hasNot(text: String, trait: TextTraits) {
        #expect(!traits(text).contains(trait), "\(text)")
    }

    static let inGerman: [(String, [TextTraits])] = [
        ("Meine Schwester kam, weil es regnete.", [TextTraits.hasKin, .hasReason, .isFirstPerson]),
        ("Wir waren drei Wochen lang am Strand.", [.hasDuration, .hasPlace, .isFirstPerson]),
        ("Kommst du nächsten Freitag?", [.hasDate, .endsInQuestion]),
    ]

    @Test(arguments: inGerman)
    func german(text: String, wanted: [TextTraits]) {
        for trait in wanted { #expect(traits(text, .german).contains(trait), "\(text)") }
    }

    @Test func wordsAreCounted() {
        let reading = TextTraits.read(
            "It's 5 o'clock, so that's it.",
            anchor: DateReadingTests.anchor
        )
        #expect(reading.wordCount == 6)
        #expect(TextTraits.read("", anchor: DateReadingTests.anchor).wordCount == 0)
    }

    @Test func textsOfAnyBytesAreRead() {
        let pieces = [
            "the week before ", "last ", "in ", "second ", "of ", "first ", "8 ", "May ", "2023",
            "-",
            "05/", "\"", "’", "“", "é", "日本", "\u{1F600}", "'s ", ".", "?", "a few ", "ago ", "to ",
            "half ", "and ", "\n", "\u{00A0}", "99999999999999999999 ", "0 ", "weeks ", "since ",
        ]
        var state: UInt64 = 5
        for _ in 0..<250 {
            var text = ""
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            for language in LanguageTable.all {
                for time in [Int64.min, -62_135_596_800_000_000, 0, 253_402_300_799_000_000, .max] {
                    let reading = TextTraits.read(
                        text,
                        anchor: Instant(microseconds: time),
                        language: language
                    )
                    for range in reading.ranges {
                        #expect(range.first < range.end, "\(text)")
                        #expect(range.text.upperBound <= text.utf8.count)
                    }
                }
            }
        }
    }

    @Test func endlessTextsTakeNoLongerThanTheirBytes() {
        // Each of these would make a reader without bounds go deeper with each word.
        for piece in ["the week before ", "first week of ", "on ", "the ", "since ", "a ", "2-3-"] {
            let text = String(repeating: piece, count: 200_000 / piece.utf8.count)
            let reading = TextTraits.read(text, anchor: DateReadingTests.anchor)
            #expect(reading.wordCount <= Tokens.mostBytes)
            #expect(reading.ranges.count <= DateGrammar.mostRanges)
        }
    }
}
