// Reads one line of a data file over its bytes.

/// Why a line is no synset.
enum SynsetFault: Error, Hashable, Sendable {
    /// The line ends where a field should be.
    case missing(String)
    /// A field holds something else.
    case malformed(String, got: String)
    case unknownPointer(String)
    /// There is no ` | ` before the gloss.
    case withoutGloss
    case notText
}

extension SynsetFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .missing(let field): "the line ends where \(field) should be"
        case .malformed(let field, let got): "\(field) should be here and not \"\(got)\""
        case .unknownPointer(let symbol): "there is no pointer symbol \"\(symbol)\""
        case .withoutGloss: "there is no gloss"
        case .notText: "the line is not UTF-8"
        }
    }
}

/// A cursor over the fields of a line.
struct SynsetReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// The line that lies in a range of the bytes.
    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// Reads the synset of a line.
    ///
    /// - Complexity: O(*n*) in the bytes, and O(*p*²) in the pointers.
    static func read(
        _ bytes: [UInt8],
        _ range: Range<Int>
    ) throws(SynsetFault) -> Synset {
        var reader = SynsetReader(bytes, range)
        return try reader.readSynset()
    }

    private mutating func readSynset() throws(SynsetFault) -> Synset {
        let offset = try number("the offset of the synset", digits: 8, radix: 10)
        _ = try field("the number of the lexicographer's file")
        let part = try partOfSpeech("the type of the synset")
        let wordCount = try number("the number of words", digits: 2, radix: 16)
        guard wordCount > 0 else { throw .malformed("one word at least", got: "00") }
        var lemmas: [String] = []
        lemmas.reserveCapacity(wordCount)
        for _ in 0..<wordCount {
            lemmas.append(try lemma())
            _ = try number("the number of a word", digits: 1, radix: 16)
        }
        let pointerCount = try number("the number of pointers", digits: 3, radix: 10)
        var pointers: [Synset.Pointer] = []
        pointers.reserveCapacity(pointerCount)
        for _ in 0..<pointerCount {
            let pointer = try pointer()
            if !pointers.contains(pointer) { pointers.append(pointer) }
        }
        return Synset(
            name: SynsetName(part: part, offset: offset),
            lemmas: lemmas,
            gloss: try gloss(),
            pointers: pointers,
            pointerCount: pointerCount
        )
    }

    /// The next field, which ends before a blank.
    private mutating func field(_ what: String) throws(SynsetFault) -> Range<Int> {
        var stop = position
        while stop < end, bytes[stop] != UInt8(ascii: " ") { stop += 1 }
        guard stop > position else { throw .missing(what) }
        let range = position..<stop
        position = min(stop + 1, end)
        return range
    }

    private func text(_ range: Range<Int>) throws(SynsetFault) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .notText }
        return text
    }

    private mutating func number(
        _ what: String,
        digits: Int,
        radix: Int
    ) throws(SynsetFault) -> Int {
        let range = try field(what)
        var number = 0
        for index in range {
            let byte = bytes[index]
            let digit =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 48
                case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 87
                default: 99
                }
            guard digit < radix, range.count == digits else {
                throw .malformed(what, got: String(decoding: bytes[range], as: UTF8.self))
            }
            number = number * radix + digit
        }
        return number
    }

    private mutating func partOfSpeech(_ what: String) throws(SynsetFault) -> PartOfSpeech {
        let range = try field(what)
        guard range.count == 1, let part = PartOfSpeech(letter: bytes[range.lowerBound]) else {
            throw .malformed(what, got: String(decoding: bytes[range], as: UTF8.self))
        }
        return part
    }

    /// A word: `ready_to_hand(p)` is `ready to hand`.
    private mutating func lemma() throws(SynsetFault) -> String {
        var range = try field("a word")
        if bytes[range.upperBound - 1] == UInt8(ascii: ")"),
            let open = bytes[range].lastIndex(of: UInt8(ascii: "(")), open > range.lowerBound
        {
            range = range.lowerBound..<open
        }
        let word = bytes[range].map { $0 == UInt8(ascii: "_") ? UInt8(ascii: " ") : $0 }
        guard let text = String(validating: word, as: UTF8.self) else { throw .notText }
        return text
    }

    private mutating func pointer() throws(SynsetFault) -> Synset.Pointer {
        let symbol = try text(try field("a pointer symbol"))
        guard let type = PointerType(symbol: symbol) else { throw .unknownPointer(symbol) }
        let offset = try number("the offset of a target", digits: 8, radix: 10)
        let part = try partOfSpeech("the part of speech of a target")
        _ = try number("the words that a pointer joins", digits: 4, radix: 16)
        return Synset.Pointer(type: type, to: SynsetName(part: part, offset: offset))
    }

    /// What stands after `| `, without blanks at its end; a verb's sentence frames stand before.
    private mutating func gloss() throws(SynsetFault) -> String {
        while position < end, bytes[position] != UInt8(ascii: "|") {
            _ = try field("a sentence frame")
        }
        guard position < end else { throw .withoutGloss }
        var range = (position + 1)..<end
        while let first = range.first, bytes[first] == UInt8(ascii: " ") { range.removeFirst() }
        while let last = range.last, bytes[last] == UInt8(ascii: " ") { range.removeLast() }
        position = end
        return try text(range)
    }
}
