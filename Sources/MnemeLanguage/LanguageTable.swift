// A language as data: what its words mean, in lines of text that are read once. A second language
// is a second text; nothing else in this room knows which language it reads.

/// The words of a language that say when, how many, where, who and why.
///
/// A reader with `none` knows only what is written alike everywhere: digits, marks and capitals.
package struct LanguageTable: Sendable {
    /// Its name: `english`, `german`, `none`.
    package let name: String
    /// Whether 05/08/2023 is the fifth of August; else it is 8 May.
    package var readsDayFirst: Bool
    /// Whether a point behind a number makes it an ordinal, as in German.
    let hasDottedDays: Bool
    /// Whether nouns are written with a capital, so that one says nothing of a name.
    let capitalisesNouns: Bool
    /// What ends a word of the past, UTF-8; empty for none.
    let pastSuffix: [UInt8]
    /// What stands behind the digits of an ordinal.
    let ordinalSuffixes: [[UInt8]]
    let lexicon: WordLexicon

    /// English; 05/08/2023 is 8 May unless `readsDayFirst` is set.
    package static let english = LanguageTable(
        name: "english",
        text: EnglishWords.text + EnglishWords.grammar,
        readsDayFirst: false,
        pastSuffix: "ed",
        ordinalSuffixes: ["st", "nd", "rd", "th"]
    )

    /// German.
    package static let german = LanguageTable(
        name: "german",
        text: GermanWords.text + GermanWords.grammar,
        readsDayFirst: true,
        hasDottedDays: true,
        capitalisesNouns: true
    )

    /// No language: ISO dates, numbers, question marks and quotes.
    package static let none = LanguageTable(name: "none", text: "", readsDayFirst: false)

    /// The tables that there are.
    package static let all = [english, german, none]

    /// The table of a name; nil where there is none.
    package static func named(_ name: String) -> LanguageTable? {
        all.first { $0.name == name }
    }

    /// A table of lines `what: word, word of a phrase, …`.
    ///
    /// - Precondition: Each line is one that `WordLexicon` knows.
    init(
        name: String,
        text: String,
        readsDayFirst: Bool,
        hasDottedDays: Bool = false,
        capitalisesNouns: Bool = false,
        pastSuffix: String = "",
        ordinalSuffixes: [String] = []
    ) {
        self.name = name
        self.readsDayFirst = readsDayFirst
        self.hasDottedDays = hasDottedDays
        self.capitalisesNouns = capitalisesNouns
        self.pastSuffix = Array(pastSuffix.utf8)
        self.ordinalSuffixes = ordinalSuffixes.map { Array($0.utf8) }
        lexicon = WordLexicon(text)
    }
}

/// A word of up to 16 bytes, folded; longer ones are in no table.
struct WordKey: Hashable {
    var low: UInt64 = 0
    var high: UInt64 = 0
    var count = 0

    var fits: Bool { count <= 16 }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count < 8 {
            low |= UInt64(byte) << UInt64(8 * count)
        } else if count < 16 {
            high |= UInt64(byte) << UInt64(8 * (count - 8))
        }
        count += 1
    }

    init() {}

    init(_ text: some Sequence<UInt8>) {
        for byte in text { append(byte) }
    }
}

/// The senses of words, and the phrases made of them.
struct WordLexicon: Sendable {
    /// Several words that mean something together; the longest that fits counts.
    struct Phrase: Sendable {
        let words: [UInt16]
        /// The word, never written, whose sense it has.
        let sense: UInt16
    }

    /// The phrases of a first word, among all.
    private struct Phrases: Sendable {
        var start: Int32 = 0
        var end: Int32 = 0
    }

    private struct Slot: Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var word: UInt16 = 0
    }

    /// By number of a word; the first is that of unknown words, and means nothing.
    private(set) var senses: [WordSense] = [WordSense()]
    private(set) var holidays: [Holiday] = []
    /// By first word, longest first.
    private(set) var phrases: [Phrase] = []
    /// By the first word's number.
    private var places: [Phrases] = []
    private var slots: [Slot] = []
    private var mask = 0

    /// The number of a word, 0 for one that is not in the table.
    ///
    /// - Complexity: O(1).
    @inline(__always)
    func number(of key: WordKey) -> UInt16 {
        guard key.fits else { return 0 }
        var place = Self.hash(key.low, key.high) & mask
        while true {
            let slot = slots[place]
            if slot.word == 0 { return 0 }
            if slot.low == key.low, slot.high == key.high { return slot.word }
            place = (place + 1) & mask
        }
    }

    /// The places of the phrases that begin with a word, longest first.
    @inline(__always)
    func phrases(from word: UInt16) -> Range<Int> {
        let place = places[Int(word)]
        return Int(place.start)..<Int(place.end)
    }

    private static func hash(_ low: UInt64, _ high: UInt64) -> Int {
        var value = (low ^ (high &* 0x9e37_79b9_7f4a_7c15)) &* 0xd6e8_feb8_6659_fd93
        value ^= value >> 32
        return Int(truncatingIfNeeded: value & 0x7fff_ffff)
    }

    /// - Precondition: Each line is one that `SenseLine` knows; words have up to 16 bytes.
    init(_ text: String) {
        var numbers: [WordKey: UInt16] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let what = String(line[..<colon])
            for entry in line[line.index(after: colon)...].split(separator: ",") {
                let words = entry.split(separator: " ")
                if words.isEmpty { continue }
                var places: [UInt16] = []
                for word in words { places.append(intern(WordKey(word.utf8), &numbers)) }
                var target = places[0]
                if places.count > 1 { target = phrase(places) }
                add(what, to: target)
            }
        }
        fill(numbers)
        phrases.sort {
            $0.words[0] == $1.words[0]
                ? $0.words.count > $1.words.count : $0.words[0] < $1.words[0]
        }
        places = Array(repeating: Phrases(), count: senses.count)
        for (index, phrase) in phrases.enumerated() {
            let first = Int(phrase.words[0])
            if places[first].end == 0 { places[first].start = Int32(index) }
            places[first].end = Int32(index + 1)
        }
    }

    private mutating func intern(_ key: WordKey, _ numbers: inout [WordKey: UInt16]) -> UInt16 {
        precondition(key.fits && key.count > 0, "a word of a table has 1 to 16 bytes")
        if let number = numbers[key] { return number }
        let number = UInt16(senses.count)
        senses.append(WordSense())
        numbers[key] = number
        return number
    }

    /// The sense of a phrase, a new one where it is.
    private mutating func phrase(_ places: [UInt16]) -> UInt16 {
        if let known = phrases.first(where: { $0.words == places }) { return known.sense }
        let number = UInt16(senses.count)
        senses.append(WordSense())
        senses[Int(places[0])].marks.insert(.startsPhrase)
        phrases.append(Phrase(words: places, sense: number))
        return number
    }

    private mutating func add(_ what: String, to word: UInt16) {
        var sense = senses[Int(word)]
        if what.hasPrefix("holiday ") {
            let holiday = SenseLine.holiday(what)
            if let place = holidays.firstIndex(of: holiday) {
                sense.holiday = UInt8(place + 1)
            } else {
                holidays.append(holiday)
                sense.holiday = UInt8(holidays.count)
            }
        } else {
            SenseLine.add(what, to: &sense)
        }
        senses[Int(word)] = sense
    }

    private mutating func fill(_ numbers: [WordKey: UInt16]) {
        var capacity = 16
        while capacity < numbers.count * 3 { capacity *= 2 }
        slots = Array(repeating: Slot(), count: capacity)
        mask = capacity - 1
        for (key, number) in numbers {
            var place = Self.hash(key.low, key.high) & mask
            while slots[place].word != 0 { place = (place + 1) & mask }
            slots[place] = Slot(low: key.low, high: key.high, word: number)
        }
    }
}
