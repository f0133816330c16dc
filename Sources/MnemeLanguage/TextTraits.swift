// What a memory's text is like, found once when it is written: 16 bits, the days it names, and how
// many words it has. They answer questions by kind: a number for "how many", a date for "when".

package import MnemeModel

/// Marks of a text, of use to those who look for answers.
package struct TextTraits: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// It ends in a question mark, quotes and brackets aside.
    package static let endsInQuestion = TextTraits(rawValue: 1 << 0)
    /// It has a number, in digits or words, that is not part of a date.
    package static let hasNumber = TextTraits(rawValue: 1 << 1)
    /// It has a date that says which days are meant.
    package static let hasDate = TextTraits(rawValue: 1 << 2)
    /// It says how long something lasts.
    package static let hasDuration = TextTraits(rawValue: 1 << 3)
    /// It names a place: in, at or to and a capital, or a word such as beach.
    package static let hasPlace = TextTraits(rawValue: 1 << 4)
    /// It has a word for someone of a family, or a friend.
    package static let hasKin = TextTraits(rawValue: 1 << 5)
    /// It has what may be the name of a person that it is not said to.
    package static let hasName = TextTraits(rawValue: 1 << 6)
    /// It gives a reason: because, so that.
    package static let hasReason = TextTraits(rawValue: 1 << 7)
    /// It speaks of the speaker: I, my, we.
    package static let isFirstPerson = TextTraits(rawValue: 1 << 8)
    /// It has a title: in quotation marks, or in capitals.
    package static let hasTitle = TextTraits(rawValue: 1 << 9)
    /// It denies something: not, never.
    package static let hasNegation = TextTraits(rawValue: 1 << 10)
    /// It has a question mark anywhere.
    package static let hasQuestion = TextTraits(rawValue: 1 << 11)
    /// What it tells lies ahead: will, going to, tomorrow.
    package static let isAhead = TextTraits(rawValue: 1 << 12)

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: What is read.
    ///   - anchor: When it was written; yesterday is the day before that, by the clocks of `zone`.
    ///   - zone: Whose clocks say which day it was.
    ///   - language: The table that it is read with.
    /// - Returns: Never more than 64 ranges; what stands behind the first 65,536 bytes of the text
    ///   is not read.
    /// - Complexity: O(bytes).
    package static func read(
        _ text: String,
        anchor: Instant,
        zone: ZoneClock = .utc,
        language: LanguageTable = .english
    ) -> TextReading {
        let tokens = Tokens(text, language)
        var grammar = DateGrammar(tokens, language, today: zone.day(of: anchor))
        grammar.run()
        var reading = TextReading(
            traits: [],
            ranges: grammar.ranges,
            wordCount: tokens.wordCount
        )
        for range in grammar.ranges {
            reading.traits.insert(range.isDate ? .hasDate : .hasDuration)
        }
        if !tokens.titles(capitalisesNouns: language.capitalisesNouns).isEmpty {
            reading.traits.insert(.hasTitle)
        }
        look(tokens, language, grammar.ranges, &reading.traits)
        return reading
    }

    private static func look(
        _ tokens: Tokens,
        _ language: LanguageTable,
        _ ranges: [DateRange],
        _ traits: inout TextTraits
    ) {
        let capitalises = language.capitalisesNouns
        var place = 0
        var lastMark: Int32 = 0
        for index in 0..<tokens.count {
            let token = tokens[index]
            while place < ranges.count, ranges[place].text.upperBound <= token.start { place += 1 }
            let isInDate =
                place < ranges.count && ranges[place].isDate
                && ranges[place].text.lowerBound <= token.start
            switch token.kind {
            case .mark:
                if token.isMark("?") {
                    traits.insert(.hasQuestion)
                    lastMark = token.value
                } else if token.isMark(".") || token.isMark("!") {
                    // "?!" asks too.
                    if index == 0 || !tokens[index - 1].isMark("?") { lastMark = token.value }
                }
                continue
            case .number:
                lastMark = 0
                if !isInDate { traits.insert(.hasNumber) }
                continue
            case .word: lastMark = 0
            }
            if token.word == 0 {
                if !isInDate, tokens.isName(index, capitalisesNouns: capitalises),
                    !tokens.isAddressed(index)
                {
                    traits.insert(.hasName)
                }
                continue
            }
            let sense = tokens.sense(index)
            let marks = sense.marks
            if marks.contains(.kin) { traits.insert(.hasKin) }
            if marks.contains(.reason) { traits.insert(.hasReason) }
            if marks.contains(.firstPerson) { traits.insert(.isFirstPerson) }
            if marks.contains(.negation) { traits.insert(.hasNegation) }
            if marks.contains(.future) { traits.insert(.isAhead) }
            if !isInDate, sense.low > 1 || marks.contains(.amount) { traits.insert(.hasNumber) }
            if tokens.isPlace(index, capitalisesNouns: capitalises) { traits.insert(.hasPlace) }
        }
        if lastMark == 0x3f { traits.insert(.endsInQuestion) }
    }
}

/// What was read of a memory's text.
package struct TextReading: Hashable, Sendable {
    package var traits: TextTraits
    /// What it says of time, in the order of the text.
    package var ranges: [DateRange]
    /// How many words and numbers it has.
    package var wordCount: Int
}
