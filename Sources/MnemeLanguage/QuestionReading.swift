// What a question asks for: which days, what kind of answer, whom and what it names.

package import MnemeModel

/// Kinds of answers that a question waits for; none, where any would do.
package struct AnswerKinds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// When, what day.
    package static let time = AnswerKinds(rawValue: 1 << 0)
    /// How many, how old.
    package static let number = AnswerKinds(rawValue: 1 << 1)
    /// How long.
    package static let duration = AnswerKinds(rawValue: 1 << 2)
    /// Where, which city.
    package static let place = AnswerKinds(rawValue: 1 << 3)
    /// Who, whose.
    package static let person = AnswerKinds(rawValue: 1 << 4)
    /// Why, how come.
    package static let reason = AnswerKinds(rawValue: 1 << 5)
    /// Did she, is he.
    package static let yesOrNo = AnswerKinds(rawValue: 1 << 6)

    /// The kind that answers what a word asks.
    init(_ marks: WordMarks) {
        var kinds: AnswerKinds = []
        if marks.contains(.askWhen) { kinds.insert(.time) }
        if marks.contains(.askNumber) { kinds.insert(.number) }
        if marks.contains(.askDuration) { kinds.insert(.duration) }
        if marks.contains(.askPlace) { kinds.insert(.place) }
        if marks.contains(.askPerson) { kinds.insert(.person) }
        if marks.contains(.askReason) { kinds.insert(.reason) }
        self = kinds
    }

    /// Whether a text of these traits could answer: it has what one of the kinds waits for.
    package func areMet(by traits: TextTraits) -> Bool {
        if contains(.time), traits.contains(.hasDate) { return true }
        if contains(.number), traits.contains(.hasNumber) { return true }
        if contains(.duration), traits.contains(.hasDuration) { return true }
        if contains(.place), traits.contains(.hasPlace) { return true }
        if contains(.person), !traits.isDisjoint(with: [.hasKin, .hasName]) { return true }
        return contains(.reason) && traits.contains(.hasReason)
    }
}

/// A question, read.
package struct QuestionReading: Hashable, Sendable {
    /// A word of it that carries topic.
    package struct Word: Hashable, Sendable {
        /// Its bytes in the question, UTF-8, without `'s`.
        package var text: Range<Int>
        /// Whether it may be a person's name.
        package var isName: Bool
        /// Whether it belongs to a title.
        package var isInTitle: Bool
        /// Whether it belongs to a date, or an amount of time.
        package var isInDate: Bool
    }

    /// Whether it is a question at all: it has a question mark, or begins as questions do.
    package var isQuestion: Bool
    package var kinds: AnswerKinds
    /// The days it asks for, and durations it names, in the order of the text.
    package var ranges: [DateRange]
    /// The bytes of titles: in quotation marks, which are left out, or in capitals.
    package var titles: [Range<Int>]
    /// The words that are left when those of grammar and of asking are dropped.
    package var words: [Word]

    /// The bytes of what may be persons' names.
    package var names: [Range<Int>] {
        var names: [Range<Int>] = []
        for word in words where word.isName { names.append(word.text) }
        return names
    }

    /// Reads a question.
    ///
    /// - Parameters:
    ///   - question: What is asked.
    ///   - now: The instant it is asked at.
    ///   - zone: Whose clocks say which day that is.
    ///   - language: The table that it is read with.
    /// - Returns: Nothing of what stands behind its first 65,536 bytes.
    /// - Complexity: O(bytes).
    package static func read(
        _ question: String,
        now: Instant,
        zone: ZoneClock = .utc,
        language: LanguageTable = .english
    ) -> QuestionReading {
        let tokens = Tokens(question, language)
        var grammar = DateGrammar(tokens, language, today: zone.day(of: now))
        grammar.run()
        let titles = tokens.titles(capitalisesNouns: language.capitalisesNouns)
        var reading = QuestionReading(
            isQuestion: false,
            kinds: [],
            ranges: grammar.ranges,
            titles: titles.map {
                Int(tokens[$0.lowerBound].start)..<Int(tokens[$0.upperBound - 1].end)
            },
            words: []
        )
        reading.readKinds(tokens)
        reading.readWords(tokens, titles, language.capitalisesNouns)
        return reading
    }

    private mutating func readKinds(_ tokens: Tokens) {
        isQuestion = tokens.all.contains { $0.isMark("?") }
        var isFirst = true
        for index in 0..<tokens.count where tokens[index].kind == .word {
            let marks = tokens.sense(index).marks
            // A word that asks counts at the beginning of a sentence, or behind what leads to it.
            if !marks.isDisjoint(with: .ask),
                isFirst || index <= 2 || tokens[index].flags.contains(.startsSentence)
            {
                if isFirst { isQuestion = true }
                kinds = AnswerKinds(marks)
                if kinds.isEmpty { kinds = Self.behindWhat(tokens, index) }
                return
            }
            if isFirst, marks.contains(.auxiliary) {
                kinds = .yesOrNo
                isQuestion = true
            }
            isFirst = false
        }
    }

    /// What is the reason, what was the date: the noun behind says it.
    private static func behindWhat(_ tokens: Tokens, _ index: Int) -> AnswerKinds {
        var place = index + 1
        while place < tokens.count, place <= index + 4, tokens[place].kind == .word {
            let sense = tokens.sense(place)
            if sense.marks.contains(.reason) { return .reason }
            if !sense.marks.contains(.stop), sense.role != .the { break }
            place += 1
        }
        return []
    }

    private mutating func readWords(
        _ tokens: Tokens,
        _ titles: [Range<Int>],
        _ capitalisesNouns: Bool
    ) {
        var title = 0
        var range = 0
        for index in 0..<tokens.count {
            let token = tokens[index]
            guard token.kind != .mark else { continue }
            while title < titles.count, titles[title].upperBound <= index { title += 1 }
            while range < ranges.count, ranges[range].text.upperBound <= token.start { range += 1 }
            let isInTitle = title < titles.count && titles[title].contains(index)
            let marks = token.kind == .word ? tokens.sense(index).marks : []
            if !isInTitle, !marks.isDisjoint(with: WordMarks.ask.union(.stop)) { continue }
            words.append(
                Word(
                    text: Int(token.start)..<Int(token.end),
                    isName: tokens.isName(index, capitalisesNouns: capitalisesNouns),
                    isInTitle: isInTitle,
                    isInDate: range < ranges.count
                        && ranges[range].text.lowerBound <= token.start
                )
            )
        }
    }
}
