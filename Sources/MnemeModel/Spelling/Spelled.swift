// The spelling: every noun of the vocabulary as a tree of maps, arrays and scalars. JSON, CBOR and
// the shell share it, so they cannot differ. The page: formats/operations.md. Reading is strict: an
// unknown word is an error that lists the known ones.

/// A noun of the vocabulary that can be spelled.
///
/// `Self(spelling: x.spelling)` equals `x`. Members that have their default are left out of
/// requests and schemas; responses are spelled in full, but for what is nil.
public protocol Spelled {
    /// The noun of its spelling.
    ///
    /// - Throws: `badRequest`, or `badFilter` inside filters; the message names the wrong word and
    ///   lists the known ones.
    init(spelling: Value) throws(MnemeError)

    /// The tree that spells it.
    var spelling: Value { get }
}

/// Members of a map as it is spelled: what is there and does not have its default.
struct Spelling {
    private var members: [String: Value] = [:]

    /// The map.
    var value: Value { .map(members) }

    /// Adds a member.
    mutating func put(_ name: String, _ value: Value) { members[name] = value }

    /// Adds a member where there is something.
    mutating func put(_ name: String, _ text: String?) {
        if let text { members[name] = .text(text) }
    }

    /// Adds an instant where there is one.
    mutating func put(_ name: String, _ instant: Instant?) {
        if let instant { members[name] = .instant(instant) }
    }

    /// Adds a number unless it is the default.
    mutating func put(_ name: String, _ number: Int, unless standard: Int? = nil) {
        if number != standard { members[name] = .int(Int64(number)) }
    }

    /// Adds a number.
    mutating func put(_ name: String, _ number: UInt64) { members[name] = Value(number) }

    /// Adds a number where there is one.
    mutating func put(_ name: String, _ number: UInt64?) {
        if let number { members[name] = Value(number) }
    }

    /// Adds a float unless it is the default.
    mutating func put(_ name: String, _ number: Double, unless standard: Double? = nil) {
        if number != standard { members[name] = .float(number) }
    }

    /// Adds a truth value unless it is the default.
    mutating func put(_ name: String, _ flag: Bool, unless standard: Bool? = nil) {
        if flag != standard { members[name] = .bool(flag) }
    }

    /// Adds a noun where there is one.
    mutating func put(_ name: String, _ noun: (some Spelled)?) {
        if let noun { members[name] = noun.spelling }
    }

    /// Adds nouns unless there are none.
    mutating func put(_ name: String, _ nouns: [some Spelled]) {
        if !nouns.isEmpty { members[name] = nouns.spelling }
    }

    /// Adds texts unless there are none.
    mutating func put(_ name: String, _ texts: [String]) {
        if !texts.isEmpty { members[name] = .array(texts.map(Value.text)) }
    }

    /// Adds texts where they are given, none included.
    mutating func put(_ name: String, optional texts: [String]?) {
        if let texts { members[name] = .array(texts.map(Value.text)) }
    }

    /// Adds a word unless it is the default.
    mutating func put<Word: RawRepresentable<String> & Equatable>(
        _ name: String,
        _ word: Word,
        unless standard: Word? = nil
    ) {
        if word != standard { members[name] = .text(word.rawValue) }
    }

    /// Adds members of a free-form map unless there are none.
    mutating func put(_ name: String, _ map: [String: Value]) {
        if !map.isEmpty { members[name] = .map(map) }
    }

    /// Adds vectors by name unless there are none.
    mutating func put(_ name: String, _ vectors: [String: [Float]]) {
        if !vectors.isEmpty { members[name] = .map(vectors.mapValues(Value.vector)) }
    }
}

extension Array where Element: Spelled {
    /// The array of what its elements are spelled as.
    var spelling: Value { .array(map(\.spelling)) }
}

extension Value {
    /// A number that the store gave, never beyond 2⁶³ − 1, so that clamping loses none.
    package init(_ number: UInt64) { self = .int(Int64(clamping: number)) }

    /// A map of one member.
    static func word(_ name: String, _ value: Value) -> Value { .map([name: value]) }
}
