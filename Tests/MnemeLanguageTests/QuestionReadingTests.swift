import MnemeModel
import Testing

@testable import MnemeLanguage

@Suite struct QuestionReadingTests {
    private func read(_ text: String, _ language: LanguageTable = .english) -> QuestionReading {
        QuestionReading.read(text, now: DateReadingTests.anchor, language: language)
    }

    private func texts(_ ranges: [Range<Int>], of text: String) -> [String] {
        ranges.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }

    static let asked: [(String, AnswerKinds)] = [
        ("When did we move?", AnswerKinds.time), ("What day was it?", .time),
        ("What year did she graduate?", .time), ("How long ago was that?", .time),
        ("How many cats does he have?", .number), ("How much was the ticket?", .number),
        ("How old is she?", .number), ("How often do they meet?", .number),
        ("How long did it take?", .duration), ("Where do they live?", .place),
        ("Which city is it?", .place), ("Who called?", .person), ("Whose idea was it?", .person),
        ("Why did he leave?", .reason), ("How come it rains?", .reason),
        ("What is the reason for that?", .reason), ("What motivated her?", .reason),
        ("Did she call?", .yesOrNo), ("Is it far?", .yesOrNo), ("What is that?", []),
        ("In which city did it happen?", .place), ("How many weeks passed?", [.number, .duration]),
    ]

    @Test(arguments: asked)
    func kinds(text: String, wanted: AnswerKinds) {
        let reading = read(text)
        #expect(reading.kinds.isSuperset(of: wanted), "\(text): \(reading.kinds)")
        if wanted.isEmpty { #expect(reading.kinds.isEmpty, "\(text)") }
        #expect(reading.isQuestion)
    }

    @Test(arguments: [
        ("Wann war das?", AnswerKinds.time), ("Wie viele Katzen hat er?", .number),
        ("Wie lange hat es gedauert?", .duration), ("Wo wohnst du?", .place),
        ("Wer hat angerufen?", .person), ("Warum nicht?", .reason),
        ("Hat sie angerufen?", .yesOrNo),
    ])
    func kindsInGerman(text: String, wanted: AnswerKinds) {
        #expect(read(text, .german).kinds == wanted, "\(text)")
    }

    @Test func aStatementAsksNothing() {
        let reading = read("The garden needs water.")
        #expect(!reading.isQuestion)
        #expect(reading.kinds.isEmpty)
    }

    @Test func datesOfAQuestion() {
        let reading = read("What did we do in June 2022, and the week before 9 June 2023?")
        #expect(reading.ranges.map(\.first) == [Day("2022-06-01"), Day("2023-06-02")])
        let inDate = reading.words.filter(\.isInDate).map(\.text)
        #expect(
            texts(inDate, of: "What did we do in June 2022, and the week before 9 June 2023?")
                == ["June", "2022", "week", "9", "June", "2023"]
        )
    }

    @Test func namesAndTitles() {
        let text = "Did Ananya's brother like \"Dune\" or The Lord of the Rings?"
        let reading = read(text)
        #expect(texts(reading.names, of: text).contains("Ananya"))
        #expect(texts(reading.titles, of: text) == ["Dune", "The Lord of the Rings"])
    }

    @Test func contentWordsAreLeft() {
        let text = "Where did the old lighthouse keeper put his keys?"
        let words = texts(read(text).words.map(\.text), of: text)
        #expect(words == ["old", "lighthouse", "keeper", "put", "keys"])
    }

    @Test func withoutALanguageThereAreMarksAlone() {
        let reading = read("Wo ist das 2023-05-01?", .none)
        #expect(reading.isQuestion)
        #expect(reading.kinds.isEmpty)
        #expect(reading.ranges.count == 1)
        #expect(reading.words.count == 6)
    }

    @Test func answersOfAKind() {
        #expect(AnswerKinds.time.areMet(by: .hasDate))
        #expect(!AnswerKinds.time.areMet(by: .hasNumber))
        #expect(AnswerKinds.person.areMet(by: .hasKin))
        #expect(!AnswerKinds([]).areMet(by: [.hasDate, .hasNumber]))
        #expect(!AnswerKinds.yesOrNo.areMet(by: .hasNumber))
    }
}
