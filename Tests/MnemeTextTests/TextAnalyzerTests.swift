import Testing

@testable import MnemeText

@Suite struct TextAnalyzerTests {
    private func stems(_ text: String, _ language: TextLanguage) throws -> [String] {
        try TextAnalyzer().stems(of: text, language: language).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func stemsEnglish() throws {
        #expect(
            try stems("running runs runner Cats' cat's", .english) == [
                "run", "run", "runner", "cat", "cat",
            ]
        )
        #expect(try stems("résumés resumes", .english) == ["resum", "resum"])
    }

    @Test func stemsWithAccentsThenFolds() throws {
        // The French algorithm needs its accents; composed and decomposed text agree.
        let composed = try stems("généralement", .french)
        #expect(composed == ["general"])
        #expect(try stems("ge\u{301}ne\u{301}ralement", .french) == composed)
        #expect(try stems("häuser Haus", .german) == ["haus", "haus"])
    }

    @Test func everyLanguageHasAStemmer() throws {
        let analyzer = TextAnalyzer()
        for language in TextLanguage.allCases {
            #expect(try analyzer.stems(of: "abc Ünï 42", language: language).count == 3)
        }
    }

    @Test func questionDropsStopWordsAndCounts() throws {
        let terms = try TextAnalyzer().question("What wings have the wing's winged flows?")
        #expect(
            terms == [
                TextTerm(stem: Array("wing".utf8), weight: 3),
                TextTerm(stem: Array("flow".utf8), weight: 1),
            ]
        )
    }

    @Test func questionsOfOtherLanguagesDropTheirs() throws {
        func asked(_ text: String, _ language: TextLanguage) throws -> [String] {
            try TextAnalyzer().question(text, language: language).map {
                String(decoding: $0.stem, as: UTF8.self)
            }
        }
        #expect(try asked("Wo ist denn mein Schlüssel?", .german) == ["schlussel"])
        #expect(try asked("Où est l’hôtel ?", .french) == ["hotel"])
        #expect(try asked("¿Dónde está la biblioteca?", .spanish) == ["bibliotec"])
        #expect(try asked("donde esta la biblioteca", .spanish) == ["bibliotec"])
        #expect(try asked("где же ещё книга", .russian) == ["книг"])
        // They are in the index, and those of another language are words like others.
        #expect(try stems("wo ist", .german) == ["wo", "ist"])
        #expect(try asked("what is der Hund", .english) == ["der", "hund"])
        #expect(try asked("wo ist das", .german).count == 3)
        #expect(try asked("wo ist das", .plain).count == 3)
    }

    @Test func everyListOfStopWordsIsFolded() throws {
        for (language, list) in StopWordLists.all {
            let words = list.split(whereSeparator: \.isWhitespace)
            #expect(Set(words).count == words.count, "\(language) has a word twice")
            for word in words {
                let bytes = Array(word.utf8)
                #expect(StopWords.contains(bytes, language), "\(language): \(word)")
                #expect(StopWords.contains(Lexicon.folded(bytes), language), "\(word)")
                #expect(String(word) == word.lowercased(), "\(language): \(word)")
            }
        }
    }

    @Test func questionOfStopWordsKeepsThem() throws {
        let terms = try TextAnalyzer().question("To be or not to be")
        #expect(
            terms.map { String(decoding: $0.stem, as: UTF8.self) } == ["to", "be", "or", "not"]
        )
        #expect(terms.map(\.weight) == [2, 2, 1, 1])
        #expect(try TextAnalyzer().question("?!").isEmpty)
    }

    @Test func cacheMayOverflow() throws {
        let analyzer = TextAnalyzer()
        let text = (0..<140_000).map { "w\($0)" }.joined(separator: " ")
        #expect(try analyzer.stems(of: text).count == 140_000)
        #expect(try analyzer.stems(of: "w7 running") == [Array("w7".utf8), Array("run".utf8)])
    }
}
