// Cuts a text into folded words: the main rules of UAX #29 (letters, digits, marks, apostrophes
// between letters, points inside numbers), with the tailoring that formats/text-run.md names. ASCII
// takes a path of its own. Texts of scripts without spaces become overlapping pairs of scalars.

/// Takes the words of a text in their order.
protocol WordSink {
    /// One word, folded, with its `ByteTable.hash` and where its bytes stand in the text; `isPair`
    /// for scalars of scripts without spaces, which have no stems.
    mutating func take(_ word: [UInt8], hash: UInt64, isPair: Bool, at range: Range<Int>)

    /// A word that questions leave out, though texts have it in their count.
    mutating func passOver()
}

/// The state between two scalars of a text.
struct WordBreaker<Sink: WordSink> {
    /// Where the words go.
    var sink: Sink
    private let language: TextLanguage
    private let isQuestion: Bool
    private var word: [UInt8] = []
    private var hash = ByteTable.hashStart
    private var last = ScalarClass.other
    private var isASCII = true
    private var isCut = false
    private var pairClass = ScalarClass.other
    private var pairStart: [UInt8] = []
    private var pairCount = 0
    /// Where the byte stands that is being read, and where the word and the pair began.
    private var here = 0
    private var wordStart = 0
    private var pairStartsAt = 0
    /// The end of the last scalar of a pair sequence.
    private var pairEnd = 0

    /// A breaker; in a question the last scalar of a pair sequence is not a word of its own.
    init(sink: Sink, language: TextLanguage, isQuestion: Bool) {
        self.sink = sink
        self.language = language
        self.isQuestion = isQuestion
        word.reserveCapacity(WordLimit.byteCount + 8)
    }

    /// Cuts a whole text.
    mutating func run(_ text: String) {
        let bytes = text.utf8Span.span
        let ascii = ScalarClass.ascii
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            here = index
            guard byte < 0x80 else {
                index += takeScalar(bytes, index)
                continue
            }
            let kind = ascii[Int(byte)]
            switch kind {
            case .letter, .digit: takeASCII(kind == .letter ? byte | 0x20 : byte, kind)
            case .apostrophe, .point: takeJoint(kind, bytes, index + 1)
            default: endWord()
            }
            index += 1
        }
        here = bytes.count
        endWord()
    }

    @inline(__always)
    private mutating func takeASCII(_ byte: UInt8, _ kind: ScalarClass) {
        if pairClass != .other { endPairs() }
        if word.isEmpty { wordStart = here }
        if word.count < WordLimit.byteCount, !isCut {
            word.append(byte)
            hash = ByteTable.hashStep(hash, byte)
        } else {
            isCut = true
        }
        last = kind
    }

    /// An apostrophe or a point: it stays when it stands between two letters or two digits.
    private mutating func takeJoint(_ kind: ScalarClass, _ bytes: Span<UInt8>, _ next: Int) {
        let wanted: ScalarClass = kind == .apostrophe ? .letter : .digit
        let joins =
            last == wanted && !word.isEmpty && next < bytes.count
            && ScalarClass.of(Self.decode(bytes, next).scalar) == wanted
        guard joins, kind != .apostrophe || !language.apostropheSeparates else { return endWord() }
        takeASCII(
            kind == .apostrophe ? 0x27 : bytes[next - 1] < 0x80 ? bytes[next - 1] : 0x2e,
            kind
        )
        last = wanted
    }

    /// Takes one scalar above ASCII and says how many bytes it has.
    private mutating func takeScalar(_ bytes: Span<UInt8>, _ index: Int) -> Int {
        let (scalar, length) = Self.decode(bytes, index)
        let kind = ScalarClass.of(scalar)
        switch kind {
        case .letter, .digit:
            if pairClass != .other { endPairs() }
            if word.isEmpty { wordStart = here }
            appendFolded(scalar)
            last = kind
        case .mark:
            if pairClass != .other {
                takePair(scalar, pairClass, length)
            } else if last == .letter || last == .digit {
                appendMark(scalar)
            }
        case .apostrophe, .point: takeJoint(kind, bytes, index + length)
        case .ignored: break
        case .ideograph, .southeastAsian: takePair(scalar, kind, length)
        case .other: endWord()
        }
        return length
    }

    private mutating func appendFolded(_ scalar: Unicode.Scalar) {
        isASCII = false
        for lower in LetterFolding.lower(scalar) {
            let before = word.count
            if language.foldsBeforeStemming {
                LetterFolding.append(lower, to: &word)
            } else if LetterFolding.drops(lower) {
                appendMark(lower)
            } else {
                word.append(
                    contentsOf: UTF8.encode(lower) ?? UTF8.encodedReplacementCharacter
                )
            }
            cut(to: before)
        }
    }

    /// Drops what was added behind `before` when the word is too long with it.
    private mutating func cut(to before: Int) {
        if isCut || word.count > WordLimit.byteCount {
            isCut = true
            word.removeLast(max(0, word.count - before))
        }
    }

    private mutating func appendMark(_ mark: Unicode.Scalar) {
        isASCII = false
        guard LetterFolding.drops(mark) else { return appendFolded(mark) }
        guard !language.foldsBeforeStemming, !isCut else { return }
        var letters = String(decoding: word, as: UTF8.self).unicodeScalars
        if let base = letters.popLast(), let letter = LetterFolding.compose(base, mark) {
            letters.append(letter)
            word = Array(String(letters).utf8)
        }
    }

    private mutating func takePair(_ scalar: Unicode.Scalar, _ kind: ScalarClass, _ length: Int) {
        if !word.isEmpty { endWord() }
        if pairClass != kind { endPairs() }
        pairClass = kind
        let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        if !pairStart.isEmpty {
            let pair = pairStart + bytes
            sink.take(
                pair,
                hash: ByteTable.hash(pair),
                isPair: true,
                at: pairStartsAt..<(here + length)
            )
            pairCount += 1
        }
        pairStart = bytes
        pairStartsAt = here
        pairEnd = here + length
    }

    private mutating func endPairs() {
        if !pairStart.isEmpty, !isQuestion || pairCount == 0 {
            sink.take(
                pairStart,
                hash: ByteTable.hash(pairStart),
                isPair: true,
                at: pairStartsAt..<pairEnd
            )
        } else if !pairStart.isEmpty {
            sink.passOver()
        }
        pairStart.removeAll(keepingCapacity: true)
        pairClass = .other
        pairCount = 0
    }

    @inline(__always)
    private mutating func endWord() {
        if pairClass != .other { endPairs() }
        last = .other
        if word.isEmpty { return }
        sink.take(
            word,
            hash: isASCII ? hash : ByteTable.hash(word),
            isPair: false,
            at: wordStart..<here
        )
        word.removeAll(keepingCapacity: true)
        hash = ByteTable.hashStart
        isASCII = true
        isCut = false
    }

    private static func decode(
        _ bytes: Span<UInt8>,
        _ index: Int
    ) -> (scalar: Unicode.Scalar, length: Int) {
        let first = UInt32(bytes[index])
        if first < 0x80 { return (Unicode.Scalar(UInt8(first)), 1) }
        let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
        var value = first & (0x7f >> UInt32(length))
        for step in 1..<length where index + step < bytes.count {
            value = value << 6 | UInt32(bytes[index + step] & 0x3f)
        }
        return (Unicode.Scalar(value) ?? "\u{fffd}", length)
    }
}

/// How long a word may be.
enum WordLimit {
    /// Longer words are cut behind the last scalar that fits.
    static let byteCount = 64
}
