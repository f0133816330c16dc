// Records in the order of their sessions, with what recall needs to know of each. What stands side
// by side in a session is one stretch: words are looked for in neighbours there, and nowhere else.

internal import MnemeEmbed
package import MnemeModel

/// Records and their neighbours.
package struct Timeline: Sendable {
    /// A record, but for its words.
    package struct Entry: Sendable {
        package let ordinal: UInt64
        /// Whether it may be an answer; the others are here for their neighbours' sake.
        package let isWanted: Bool
        /// The number of its stretch.
        package let stretch: Int32
        package let traits: UInt16
        package let marks: Digest.Marks
        package let wordCount: UInt16
        /// The number of who said it among the timeline's speakers, −1 where nobody did.
        package let speaker: Int32
        package let time: Instant?
        package let importance: Float?
        package let confidence: Float?
        package let decayRate: Float?
        package let dates: [Digest.Days]
        /// Whether it is a question.
        package var asks: Bool { traits & Digest.asks != 0 }

        /// Its words in `uses`.
        let words: Range<Int32>
    }

    /// A word of the vocabulary in an entry.
    struct Use {
        let word: UInt32
        let count: UInt8
    }

    package private(set) var entries: [Entry] = []
    /// The stems of each speaker's name.
    private(set) var speakers: [[UInt32]] = []
    private(set) var uses: [Use] = []
    /// The words of all entries, each once: stems and tokens.
    private(set) var stems: [UInt32] = []
    private(set) var tokens: [UInt16] = []
    private var numbers: [UInt64: UInt32] = [:]
    private var stretch: Int32 = 0
    private var session: UInt32 = 0

    /// A timeline without records.
    package init() {}

    /// How many records there are.
    package var count: Int { entries.count }

    /// Words a record, on average.
    package var meanLength: Float {
        if entries.isEmpty { return 0 }
        return Float(entries.reduce(0) { $0 + Int($1.wordCount) }) / Float(entries.count)
    }

    /// Adds the next record of its session, or the first of another one.
    package mutating func append(_ ordinal: UInt64, _ digest: Digest, isWanted: Bool = true) {
        if digest.session == 0 || digest.session != session { stretch += 1 }
        session = digest.session
        let first = Int32(uses.count)
        for term in digest.terms {
            let pair = UInt64(term.stem) << 16 | UInt64(term.token)
            let word: UInt32
            if let known = numbers[pair] {
                word = known
            } else {
                word = UInt32(stems.count)
                numbers[pair] = word
                stems.append(term.stem)
                tokens.append(term.token)
            }
            uses.append(Use(word: word, count: term.count))
        }
        entries.append(
            Entry(
                ordinal: ordinal,
                isWanted: isWanted,
                stretch: stretch,
                traits: digest.traits,
                marks: digest.marks,
                wordCount: digest.wordCount,
                speaker: speaker(digest.names),
                time: digest.time,
                importance: digest.importance,
                confidence: digest.confidence,
                decayRate: digest.decayRate,
                dates: digest.dates,
                words: first..<Int32(uses.count)
            )
        )
    }

    /// Says that what follows is no neighbour of what came before.
    package mutating func breakOff() { session = 0 }

    private mutating func speaker(_ names: [UInt32]) -> Int32 {
        if names.isEmpty { return -1 }
        if let known = speakers.firstIndex(of: names) { return Int32(known) }
        speakers.append(names)
        return Int32(speakers.count - 1)
    }

    /// In how many records each of some stems is.
    ///
    /// - Complexity: O(words).
    func counts(of asked: [UInt32]) -> [Int] {
        var counts = [Int](repeating: 0, count: asked.count)
        var places: [Int32] = Array(repeating: -1, count: stems.count)
        for (word, stem) in stems.enumerated() {
            if let place = asked.firstIndex(of: stem) { places[word] = Int32(place) }
        }
        for use in uses where places[Int(use.word)] >= 0 { counts[Int(places[Int(use.word)])] += 1 }
        return counts
    }

    /// The entry that stands `distance` places further on in the same stretch, nil where there is
    /// none.
    @inline(__always)
    func neighbour(of index: Int, at distance: Int) -> Int? {
        let other = index + distance
        guard entries.indices.contains(other), entries[other].stretch == entries[index].stretch
        else { return nil }
        return other
    }
}
