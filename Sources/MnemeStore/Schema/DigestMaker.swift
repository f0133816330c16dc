// From a record to its digest, and from a question to the words that digests are held against.
// Words and stems are those of the text index, tokens those of the built-in embedder.

internal import MnemeBase
internal import MnemeEmbed
internal import MnemeLanguage
internal import MnemeModel
internal import MnemeRecall
internal import MnemeText
internal import MnemeTree

/// Makes digests.
///
/// A maker serves one thread at a time; `shared` lends some.
final class DigestMaker {
    private let analyzer = TextAnalyzer()
    /// The hash of the stem and the token of each word seen so far.
    private var known: [[UInt8]: (stem: UInt32, token: UInt16)] = [:]

    /// More words are forgotten before the next text.
    private static let knownLimit = 1 << 16

    /// The words of a text, and how many there are.
    private func terms(
        of text: String,
        count: inout Int
    ) throws(TextError) -> [Digest.Term] {
        if known.count > Self.knownLimit { known = [:] }
        var terms: [Digest.Term] = []
        var places: [UInt32: Int] = [:]
        let words = try analyzer.words(of: text)
        count = words.count
        for word in words where !word.isStop {
            let (stem, token) = number(word)
            if let place = places[stem] {
                if terms[place].count < .max { terms[place].count += 1 }
            } else {
                places[stem] = terms.count
                terms.append(Digest.Term(stem: stem, token: token))
            }
        }
        return terms
    }

    private func number(_ word: TextWord) -> (stem: UInt32, token: UInt16) {
        if let found = known[word.word] { return found }
        let tokens = Tokenizer.tokens(of: String(decoding: word.word, as: UTF8.self))
        let isOne = tokens.count == 1 && tokens[0] != TokenTable.unknown
        let made = (Self.hash(word.stem), isOne ? tokens[0] : Digest.noToken)
        known[word.word] = made
        return made
    }

    static func hash(_ bytes: [UInt8]) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.xxh3(bytes))
    }

    /// The digest of a record.
    func digest(
        _ list: RecallList,
        _ collection: CollectionEntry,
        _ fields: [(number: UInt16, value: Value)]
    ) -> Digest {
        var digest = Digest()
        func value(_ number: UInt16?) -> Value {
            fields.first { $0.number == number }?.value ?? .null
        }
        func instant(_ number: UInt16?) -> Instant? {
            if case .instant(let instant) = value(number) { instant } else { nil }
        }
        func share(_ number: UInt16?) -> Float? {
            value(number).number.flatMap { $0.isFinite ? Float($0) : nil }
        }
        digest.time = instant(list.time)
        digest.importance = share(list.importance)
        digest.confidence = share(list.confidence)
        digest.decayRate = share(list.decayRate)
        digest.validFrom = instant(list.validFrom)
        digest.validTo = instant(list.validTo)
        if value(list.pinned) == .bool(true) { digest.marks.insert(.pinned) }
        if let marks = collection.marks {
            func named(_ name: String) -> Value { value(collection.fieldNumbers[name]) }
            if marks.deleted?.isHeld(named) == true { digest.marks.insert(.deleted) }
            if marks.archived?.isHeld(named) == true { digest.marks.insert(.archived) }
        }
        if list.session != nil, value(list.session) != .null {
            var key = KeyWriter()
            key.put(value(list.session), descending: false)
            // Sessions of different owners are different ones.
            key.put(value(collection.ownerNumber), descending: false)
            digest.session = max(1, Self.hash(key.bytes))
        }
        // Only a missing stemmer is refused, and English is always there.
        if let speaker = value(list.speaker).text {
            let words = (try? analyzer.words(of: speaker)) ?? []
            digest.names = words.prefix(Digest.nameLimit).map { Self.hash($0.stem) }
        }
        guard let text = value(list.text).text else { return digest }
        var count = 0
        digest.terms = (try? terms(of: text, count: &count)) ?? []
        digest.wordCount = UInt16(clamping: count)
        let reading = TextTraits.read(
            String(TextBody.alone(text, speaker: value(list.speaker).text)),
            anchor: digest.time ?? Instant(microseconds: 0)
        )
        digest.traits = reading.traits.rawValue
        // Without a time of its own, what it says of time has nothing to stand on.
        for range in reading.ranges.filter(\.isDate).prefix(Digest.dateLimit)
        where digest.time != nil || range.kind == .absolute {
            digest.dates.append(Digest.Days(first: range.first.number, end: range.end.number))
        }
        return digest
    }

    /// The words of a question in order.
    func asked(_ question: String) throws(TextError) -> [AskedWord] {
        try analyzer.words(of: question, isQuestion: true).map { word in
            let text = String(decoding: word.word, as: UTF8.self)
            return AskedWord(
                stem: Self.hash(word.stem),
                word: text,
                tokens: Tokenizer.tokens(of: text),
                isStop: word.isStop
            )
        }
    }
}

/// Where makers of digests are lent.
enum DigestMakers {
    static let shared = Lender { DigestMaker() }
}

extension CollectionEntry {
    /// The bytes of a record's digest; nil where the collection has no recall list.
    ///
    /// `fields`: by number, as a version has them.
    func digestBytes(_ fields: [(number: UInt16, value: Value)]) -> [UInt8]? {
        guard let list = recallList else { return nil }
        return DigestMakers.shared.with { $0.digest(list, self, fields).bytes }
    }
}
