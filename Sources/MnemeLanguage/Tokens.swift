// Cuts a text into words, numbers and marks, and looks the words up. It works on UTF-8 bytes and
// makes one array; phrases of the table become one token each.

/// A word, a number or a mark of a text.
struct Token {
    enum Kind: UInt8 {
        case word, number, mark
    }

    struct Flags: OptionSet {
        let rawValue: UInt8

        /// Its first letter is a capital.
        static let capital = Flags(rawValue: 1 << 0)
        /// All of its letters are, of two or more.
        static let allCapitals = Flags(rawValue: 1 << 1)
        /// It is the first word of a sentence.
        static let startsSentence = Flags(rawValue: 1 << 2)
        /// White space, or the beginning, stands before it.
        static let gap = Flags(rawValue: 1 << 3)
        /// It had `'s`, which `end` leaves out.
        static let possessive = Flags(rawValue: 1 << 4)
        /// It ends as words of the past do.
        static let pastSuffix = Flags(rawValue: 1 << 5)
        /// Of a number: it is an ordinal, as 3rd.
        static let ordinal = Flags(rawValue: 1 << 6)
        /// Of a number: an `s` follows, as in 1990s.
        static let plural = Flags(rawValue: 1 << 7)
    }

    /// Its bytes in the text.
    var start: Int32
    var end: Int32
    /// Of a number its value, up to 999,999,999; of a mark its scalar: `-` for every dash, `"` for
    /// every quotation mark.
    var value: Int32
    /// Of a word its number in the lexicon, 0 for unknown.
    var word: UInt16
    var kind: Kind
    var flags: Flags
    /// How many digits a number has.
    var digits: UInt8 = 0

    var count: Int { Int(end - start) }

    func isMark(_ mark: Unicode.Scalar) -> Bool {
        kind == .mark && value == Int32(bitPattern: mark.value)
    }
}

/// The tokens of a text.
struct Tokens {
    private(set) var all: [Token] = []
    /// How many words and numbers there were before phrases became one.
    private(set) var wordCount = 0
    private let lexicon: WordLexicon
    private let pastSuffix: [UInt8]
    private let ordinalSuffixes: [[UInt8]]
    private let hasDottedDays: Bool

    /// No more bytes of a text than this are read.
    static let mostBytes = 1 << 16

    var count: Int { all.count }

    subscript(_ index: Int) -> Token { all[index] }

    /// What a token means; nothing, for one that is no word.
    func sense(_ index: Int) -> WordSense {
        lexicon.senses[Int(all[index].word)]
    }

    /// - Complexity: O(bytes).
    init(_ text: String, _ table: LanguageTable) {
        lexicon = table.lexicon
        pastSuffix = table.pastSuffix
        ordinalSuffixes = table.ordinalSuffixes
        hasDottedDays = table.hasDottedDays
        let bytes = text.utf8Span.span
        let end = Swift.min(bytes.count, Self.mostBytes)
        all.reserveCapacity(end / 4 + 4)
        cut(bytes, end)
        joinPhrases()
    }

    private mutating func cut(_ bytes: Span<UInt8>, _ end: Int) {
        var index = 0
        var hasGap = true
        var startsSentence = true
        while index < end {
            let byte = bytes[index]
            let before = all.count
            switch byte {
            case 0x20, 0x09, 0x0d:
                hasGap = true
                index += 1
                continue
            case 0x0a:
                startsSentence = true
                hasGap = true
                index += 1
                continue
            case 0x30...0x39: index = cutNumber(bytes, index, end)
            case 0x41...0x5a, 0x61...0x7a, 0x5f: index = cutWord(bytes, index, end)
            case 0x80...:
                let (mark, length) = Self.wideMark(bytes, index, end)
                if length == 0 {
                    index = cutWord(bytes, index, end)
                } else {
                    if mark == 0x20 {
                        hasGap = true
                    } else {
                        addMark(mark, index, length)
                    }
                    index += length
                }
            default:
                addMark(Int32(byte), index, 1)
                index += 1
            }
            guard all.count > before else { continue }
            if hasGap { all[before].flags.insert(.gap) }
            hasGap = false
            if all[before].kind == .mark {
                if endsSentence(before) { startsSentence = true }
            } else {
                if startsSentence { all[before].flags.insert(.startsSentence) }
                startsSentence = false
            }
        }
    }

    private mutating func addMark(_ mark: Int32, _ index: Int, _ length: Int) {
        all.append(
            Token(
                start: Int32(index),
                end: Int32(index + length),
                value: mark,
                word: 0,
                kind: .mark,
                flags: []
            )
        )
    }

    /// Whether a word behind this mark begins a sentence.
    private func endsSentence(_ index: Int) -> Bool {
        switch all[index].value {
        case 0x21, 0x3f, 0x3a, 0x2a: return true
        case 0x2e:
            guard index > 0 else { return true }
            let token = all[index - 1]
            switch token.kind {
            case .mark: return true
            case .number: return !(hasDottedDays && !all[index].flags.contains(.gap))
            case .word:
                if token.count == 1, token.flags.contains(.capital) { return false }
                return !sense(index - 1).marks.contains(.abbreviation)
            }
        default: return false
        }
    }

    private mutating func cutNumber(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        wordCount += 1
        var index = start
        var value: Int32 = 0
        while index < end, bytes[index] >= 0x30, bytes[index] <= 0x39 {
            if value < 100_000_000 { value = value * 10 + Int32(bytes[index] - 0x30) }
            index += 1
        }
        var token = Token(
            start: Int32(start),
            end: Int32(index),
            value: value,
            word: 0,
            kind: .number,
            flags: [],
            digits: UInt8(clamping: index - start)
        )
        // Letters right behind it: an ordinal's, the s of a decade, or a word of their own.
        var stop = index
        while stop < end, Self.isASCIILetter(bytes[stop]) { stop += 1 }
        if stop > index, stop - index <= 3 {
            if stop - index == 1, bytes[index] | 0x20 == 0x73 {
                token.flags.insert(.plural)
                index = stop
            } else {
                for suffix in ordinalSuffixes where suffix.count == stop - index {
                    var isSame = true
                    for place in 0..<suffix.count where bytes[index + place] | 0x20 != suffix[place]
                    {
                        isSame = false
                    }
                    if isSame {
                        token.flags.insert(.ordinal)
                        index = stop
                        break
                    }
                }
            }
        }
        token.end = Int32(index)
        all.append(token)
        return index
    }

    private mutating func cutWord(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        wordCount += 1
        var key = WordKey()
        // What the key was before `'s`.
        var stem = WordKey()
        var stemEnd = start
        var index = start
        var capitals = 0
        var letters = 0
        var startsCapital = false
        scan: while index < end {
            let byte = bytes[index]
            switch byte {
            case 0x61...0x7a, 0x5f, 0x30...0x39:
                key.append(byte)
                letters += 1
                index += 1
            case 0x41...0x5a:
                key.append(byte | 0x20)
                if index == start { startsCapital = true }
                capitals += 1
                letters += 1
                index += 1
            case 0x27:
                guard index + 1 < end, Self.isLetter(bytes[index + 1]) else { break scan }
                stem = key
                stemEnd = index
                key.append(0x27)
                index += 1
            case 0x80...:
                let (mark, length) = Self.wideMark(bytes, index, end)
                if length > 0 {
                    guard mark == 0x27, index + length < end, Self.isLetter(bytes[index + length])
                    else { break scan }
                    stem = key
                    stemEnd = index
                    key.append(0x27)
                    index += length
                } else {
                    let isCapital = Self.takeWide(bytes, &index, end, &key)
                    if isCapital {
                        if letters == 0 { startsCapital = true }
                        capitals += 1
                    }
                    letters += 1
                }
            default: break scan
            }
        }
        var token = Token(
            start: Int32(start),
            end: Int32(index),
            value: 0,
            word: lexicon.number(of: key),
            kind: .word,
            flags: startsCapital ? .capital : []
        )
        if capitals == letters, letters > 1 { token.flags.insert(.allCapitals) }
        if stemEnd > start, key.count == stem.count + 2, bytes[index - 1] | 0x20 == 0x73 {
            token.flags.insert(.possessive)
            token.end = Int32(stemEnd)
            if token.word == 0 { token.word = lexicon.number(of: stem) }
        }
        if token.word == 0, !startsCapital, Self.ends(bytes, start, index, pastSuffix) {
            token.flags.insert(.pastSuffix)
        }
        all.append(token)
        return index
    }

    private static func ends(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ suffix: [UInt8]
    ) -> Bool {
        guard !suffix.isEmpty, end - start > suffix.count + 2 else { return false }
        for place in 0..<suffix.count where bytes[end - suffix.count + place] != suffix[place] {
            return false
        }
        return true
    }

    /// The words of a phrase, where they stand at a token; else 0.
    private func length(of words: [UInt16], at start: Int) -> Int {
        guard start + words.count <= all.count else { return 0 }
        for place in 1..<words.count where all[start + place].word != words[place] { return 0 }
        return words.count
    }

    /// Puts phrases of the table together, each into its first token.
    private mutating func joinPhrases() {
        var write = 0
        var read = 0
        while read < all.count {
            var token = all[read]
            var next = read + 1
            if token.word != 0,
                lexicon.senses[Int(token.word)].marks.contains(.startsPhrase)
            {
                for place in lexicon.phrases(from: token.word) {
                    let count = length(of: lexicon.phrases[place].words, at: read)
                    if count == 0 { continue }
                    token.word = lexicon.phrases[place].sense
                    token.end = all[read + count - 1].end
                    next = read + count
                    break
                }
            }
            all[write] = token
            write += 1
            read = next
        }
        all.removeSubrange(write...)
    }
}
