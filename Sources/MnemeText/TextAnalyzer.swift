// From text to stems, by the rules of analysis version 1. Stemming is what indexing costs, so every
// word's stem is remembered. An analyzer belongs to one thread.

/// The words of a question: a stem and how much it counts.
package struct TextTerm: Equatable, Sendable {
    /// The stem, UTF-8.
    package let stem: [UInt8]
    /// How often the question says it, or what the caller made of that.
    ///
    /// Terms whose weight is not above zero are ignored.
    package var weight: Float

    /// Whether the weight makes sense.
    var counts: Bool { weight > 0 && weight.isFinite }

    /// A term.
    package init(stem: [UInt8], weight: Float) {
        self.stem = stem
        self.weight = weight
    }
}

/// Cuts, folds and stems texts.
///
/// Not to be shared between threads.
package final class TextAnalyzer {
    /// The rules that this code follows; a run records those it was made with.
    package static let version: UInt16 = 1

    private var lexicons: [TextLanguage: Lexicon] = [:]

    /// An analyzer that opens each language's stemmer when the first text of that language comes.
    package init() {}

    /// The stems of a text in their order, stop words included.
    ///
    /// - Throws: `.noStemmer`.
    package func stems(
        of text: String,
        language: TextLanguage = .english
    ) throws(TextError) -> [[UInt8]] {
        try withWords(of: text, language: language, isQuestion: false) { lexicon in
            lexicon.tokens.map { lexicon.stemBytes($0) }
        }
    }

    /// The terms of a question: stop words dropped unless nothing else is left, repeated words
    /// counted in the weight, in the order of their first appearance.
    ///
    /// - Throws: `.noStemmer`.
    package func question(
        _ text: String,
        language: TextLanguage = .english
    ) throws(TextError) -> [TextTerm] {
        try withWords(of: text, language: language, isQuestion: true) { lexicon in
            let content = lexicon.tokens.filter { !lexicon.isStop($0) }
            var terms: [TextTerm] = []
            var places: [Int: Int] = [:]
            for token in content.isEmpty ? lexicon.tokens : content {
                if let index = places[lexicon.stem(token)] {
                    terms[index].weight += 1
                } else {
                    places[lexicon.stem(token)] = terms.count
                    terms.append(TextTerm(stem: lexicon.stemBytes(token), weight: 1))
                }
            }
            return terms
        }
    }

    /// Cuts a text and hands out the lexicon whose `tokens` are its words.
    func withWords<Result>(
        of text: String,
        language: TextLanguage,
        isQuestion: Bool,
        keepsPlaces: Bool = false,
        _ body: (inout Lexicon) -> Result
    ) throws(TextError) -> Result {
        // The breaker owns the lexicon alone while it runs, so that nothing is copied.
        var breaker = WordBreaker(
            sink: try lend(language),
            language: language,
            isQuestion: isQuestion
        )
        breaker.sink.keepsPlaces = keepsPlaces
        breaker.sink.startText()
        breaker.run(text)
        let result = body(&breaker.sink)
        lexicons[language] = breaker.sink
        return result
    }

    /// Opens a language's stemmer, if it is not open yet.
    ///
    /// - Throws: `.noStemmer`.
    func prepare(_ language: TextLanguage) throws(TextError) {
        if lexicons[language] == nil { lexicons[language] = try Lexicon(language) }
    }

    private func lend(_ language: TextLanguage) throws(TextError) -> Lexicon {
        if let known = lexicons.removeValue(forKey: language) { return known }
        return try Lexicon(language)
    }
}

/// The words of one language seen so far and their stems.
struct Lexicon: WordSink {
    /// The words of the current text.
    private(set) var tokens: [UInt32] = []
    /// Where each of them stands, in bytes of the text, and in words of a text that is not asked
    /// with; kept where somebody wants it.
    private(set) var ranges: [Range<Int>] = []
    private(set) var positions: [Int] = []
    fileprivate(set) var keepsPlaces = false
    private var passedOver = 0
    private let language: TextLanguage
    private let stemmer: Stemmer?
    private var words = ByteTable()
    private var stems = ByteTable()
    private var stemOfWord: [UInt32] = []
    private var stopOfWord: [Bool] = []
    private var hashOfStem: [UInt64] = []
    private var stemArrays: [[UInt8]] = []

    /// More words than this are forgotten before the next text.
    private static let capacity = 1 << 17

    /// - Throws: `.noStemmer`.
    init(_ language: TextLanguage) throws(TextError) {
        self.language = language
        stemmer = language == .plain ? nil : try Stemmer(language)
    }

    /// Forgets the last text, and all words when there are too many.
    mutating func startText() {
        tokens.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        passedOver = 0
        guard words.count > Self.capacity else { return }
        words = ByteTable()
        stems = ByteTable()
        stemOfWord = []
        stopOfWord = []
        hashOfStem = []
        stemArrays = []
    }

    mutating func take(_ word: [UInt8], hash: UInt64, isPair: Bool, at range: Range<Int>) {
        let (number, added) = words.intern(word, tag: isPair ? 1 : 0, hash: hash)
        if added { learn(word, isPair: isPair) }
        if keepsPlaces {
            ranges.append(range)
            positions.append(tokens.count + passedOver)
        }
        tokens.append(UInt32(truncatingIfNeeded: number))
    }

    mutating func passOver() { passedOver += 1 }

    private mutating func learn(_ word: [UInt8], isPair: Bool) {
        var stem = word
        if !isPair, let stemmer {
            stemmer.stem(&stem)
            if stem.isEmpty { stem = word }
            if !language.foldsBeforeStemming { stem = Self.folded(stem) }
            if stem.isEmpty { stem = word }
        }
        let hash = ByteTable.hash(stem)
        let (number, added) = stems.intern(stem, tag: 0, hash: hash)
        if added {
            hashOfStem.append(hash)
            stemArrays.append(stem)
        }
        stemOfWord.append(UInt32(truncatingIfNeeded: number))
        stopOfWord.append(!isPair && StopWords.contains(word, language))
    }

    /// A word with its accents dropped.
    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy({ $0 < 0x80 }) { return bytes }
        var result: [UInt8] = []
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            LetterFolding.append(scalar, to: &result)
        }
        return result
    }

    /// The number of a token's stem.
    func stem(_ token: UInt32) -> Int { Int(stemOfWord[Int(token)]) }

    /// The stem of a token, UTF-8.
    func stemBytes(_ token: UInt32) -> [UInt8] { stemArrays[stem(token)] }

    /// Hands out the stem of a token and its `ByteTable.hash`.
    @inline(__always)
    func withStem<Result>(_ token: UInt32, _ body: ([UInt8], UInt64) -> Result) -> Result {
        let stem = stem(token)
        return body(stemArrays[stem], hashOfStem[stem])
    }

    /// The word of a token, folded, UTF-8.
    func word(_ token: UInt32) -> [UInt8] { words.bytes(Int(token)) }

    /// Whether a token is a pair of scalars of a script without spaces, or one of them alone.
    func isPair(_ token: UInt32) -> Bool { words.tag(Int(token)) == 1 }

    /// Whether a token is a stop word.
    func isStop(_ token: UInt32) -> Bool { stopOfWord[Int(token)] }
}
