import Testing

@testable import MnemeText

@Suite struct WordBreakerTests {
    private func words(
        _ text: String,
        _ language: TextLanguage = .plain
    ) throws -> [String] {
        try TextAnalyzer().stems(of: text, language: language).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func cutsAtSpacesAndSigns() throws {
        #expect(try words("The quick, brown fox!") == ["the", "quick", "brown", "fox"])
        #expect(try words("a-b_c/d:e") == ["a", "b", "c", "d", "e"])
        #expect(try words("").isEmpty)
        #expect(try words(" \n\t.,'\u{0}").isEmpty)
    }

    @Test func keepsNumbersAndPointsInside() throws {
        #expect(
            try words("3.14 1,000 v2 mp3 .5 5. 1..2") == [
                "3.14", "1,000", "v2", "mp3", "5", "5", "1", "2",
            ]
        )
        #expect(try words("end.Next example.com") == ["end", "next", "example", "com"])
        #expect(try words("٣٤٥ 12") == ["٣٤٥", "12"])
    }

    @Test func keepsApostrophesBetweenLetters() throws {
        #expect(
            try words("don't 'quoted' rock'n'roll dogs' O’Brien 5'10") == [
                "don't", "quoted", "rock'n'roll", "dogs", "o'brien", "5", "10",
            ]
        )
        #expect(try words("l'avion qu’il", .french) == ["l", "avion", "qu", "il"])
    }

    @Test func foldsCaseAndAccents() throws {
        #expect(
            try words("Café CAFÉ cafe\u{301} Ångström") == [
                "cafe", "cafe", "cafe", "angstrom",
            ]
        )
        #expect(
            try words("Straße Æon Œuvre Þor ﬁn Łódź") == [
                "strasse", "aeon", "oeuvre", "thor", "fin", "lodz",
            ]
        )
        #expect(
            try words("ΟΔΥΣΣΕΎΣ Ёлка Йод İstanbul") == [
                "οδυσσευσ", "елка", "йод", "istanbul",
            ]
        )
        #expect(try words("ＡＢＣ１２３") == ["abc123"])
        #expect(try words("soft\u{ad}hyphen") == ["softhyphen"])
    }

    @Test func keepsIndicSigns() throws {
        #expect(try words("हिन्दी में") == ["हिन्दी", "में"])
    }

    @Test func pairsTextWithoutSpaces() throws {
        #expect(try words("東京都") == ["東京", "京都", "都"])
        #expect(try words("猫 abc犬") == ["猫", "abc", "犬"])
        #expect(try words("ねこカフェ") == ["ねこ", "こカ", "カフ", "フェ", "ェ"])
        #expect(try words("ภาษา").count == 4)
        let analyzer = TextAnalyzer()
        let terms = try analyzer.question("東京都 猫").map { String(decoding: $0.stem, as: UTF8.self) }
        #expect(terms == ["東京", "京都", "猫"])
    }

    @Test func cutsEndlessWords() throws {
        let long = String(repeating: "a", count: 1_000)
        #expect(try words(long) == [String(repeating: "a", count: 64)])
        let wide = String(repeating: "д", count: 1_000)
        #expect(try words(wide) == [String(repeating: "д", count: 32)])
        #expect(try words("x" + wide + " y") == ["x" + String(repeating: "д", count: 31), "y"])
    }

    @Test func noScalarIsRefused() throws {
        // Every scalar of the first planes, alone and between letters, is cut without a trap.
        let analyzer = TextAnalyzer()
        for value in stride(from: UInt32(0), through: 0x323ff, by: 3) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(scalar)b \(scalar)\(scalar)"
            for language in [TextLanguage.plain, .french] {
                for stem in try analyzer.stems(of: text, language: language) {
                    #expect(!stem.isEmpty && stem.count <= 2 * WordLimit.byteCount)
                }
            }
        }
    }
}
