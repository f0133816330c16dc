// A set of synonyms: one line of a data file, as wndb(5WN) describes it.

/// The parts of speech, each with a file of its own.
enum PartOfSpeech: String, CaseIterable, Sendable {
    case noun
    case verb
    case adjective = "adj"
    case adverb = "adv"

    /// The letter that stands for it; `s`, a satellite of an adjective, is an adjective.
    init?(letter: UInt8) {
        switch letter {
        case UInt8(ascii: "n"): self = .noun
        case UInt8(ascii: "v"): self = .verb
        case UInt8(ascii: "a"), UInt8(ascii: "s"): self = .adjective
        case UInt8(ascii: "r"): self = .adverb
        default: return nil
        }
    }

    /// The letter in keys.
    var letter: String {
        switch self {
        case .noun: "n"
        case .verb: "v"
        case .adjective: "a"
        case .adverb: "r"
        }
    }
}

/// A synset by its part of speech and its place in that part's file.
struct SynsetName: Hashable, Sendable {
    var part: PartOfSpeech
    var offset: Int

    /// The key of its memory: the letter and eight digits, `n02084071`.
    var key: String {
        let digits = String(offset)
        return part.letter + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}

/// A set of synonyms, what it means and what it points to.
struct Synset: Hashable, Sendable {
    /// A pointer to another synset.
    struct Pointer: Hashable, Sendable {
        var type: PointerType
        var to: SynsetName
    }

    var name: SynsetName
    /// The words, with blanks where the file has underscores, without the syntactic markers of
    /// adjectives.
    var lemmas: [String]
    /// The definition and examples.
    var gloss: String
    /// Each pair of type and target once: the file tells apart which of the words is meant, and
    /// edges between synsets do not.
    var pointers: [Pointer]
    /// Pointers as the file counts them.
    var pointerCount: Int

    /// What is remembered: `dog, domestic dog: a member of the genus Canis …`.
    var text: String { lemmas.joined(separator: ", ") + ": " + gloss }
}
