// Records in the order of their sessions, with what recall needs to know of each. What stands side
// by side in a session is one stretch: words are looked for in neighbours there, and nowhere else.

internal import MnemeEmbed
package import MnemeModel

/// Records and their neighbours.
package struct Timeline: Sendable {
    /// A record, but for its words.
    package struct Entry: Sendable {
        package let ordinal: UInt64
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
    }

    /// A word of the vocabulary in an entry.
    struct Use {
        /// The number of the word, and once the timeline is sealed that of the entry.
        var number: UInt32
        let count: UInt8
    }

    package private(set) var entries: [Entry] = []
    /// The stems of each speaker's name.
    private(set) var speakers: [[UInt32]] = []
    /// The uses of the words, word by word once it is sealed.
    private(set) var uses: [Use] = []
    /// Where the uses of each word begin, and where those of the last end.
    private(set) var firstUses: [UInt32] = []
    /// The words of all entries, each once: stems and tokens.
    private(set) var stems: [UInt32] = []
    private(set) var tokens: [UInt16] = []
    /// Where each entry's words begin in `uses` as long as it is not sealed.
    private var firstWords: [UInt32] = []
    private var numbers = WordNumbers()
    /// Ordinals, ascending, and at which place the entry of each stands.
    @usableFromInline package private(set) var sorted: [(ordinal: UInt64, place: Int32)] = []
    /// Words a record, on average.
    package private(set) var meanLength: Float = 0
    /// Whether a record has a time, and importance or confidence.
    package private(set) var hasTimes = false
    package private(set) var hasImportances = false
    /// Records that are over and stand in no stretch.
    package private(set) var passedRecords: [PassedRecord] = []
    private var stretch: Int32 = 0
    private var session: UInt32 = 0

    /// A timeline without records.
    package init() {}

    /// Makes room for so many records.
    package mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
        firstWords.reserveCapacity(count + 1)
        uses.reserveCapacity(count * Self.usualWords)
    }

    /// How many words a record has where nobody knows.
    private static let usualWords = 12

    /// How many records there are.
    package var count: Int { entries.count }

    /// Adds the next record of its session, or the first of another one.
    ///
    /// - Precondition: it is not sealed.
    package mutating func append(_ ordinal: UInt64, _ digest: Digest) {
        if digest.session == 0 || digest.session != session { stretch += 1 }
        session = digest.session
        firstWords.append(UInt32(uses.count))
        for term in digest.terms {
            let word = numbers.number(of: UInt64(term.stem) << 16 | UInt64(term.token))
            if Int(word) == stems.count {
                stems.append(term.stem)
                tokens.append(term.token)
            }
            uses.append(Use(number: word, count: term.count))
        }
        entries.append(
            Entry(
                ordinal: ordinal,
                stretch: stretch,
                traits: digest.traits,
                marks: digest.marks,
                wordCount: digest.wordCount,
                speaker: speaker(digest.names),
                time: digest.time,
                importance: digest.importance,
                confidence: digest.confidence,
                decayRate: digest.decayRate,
                dates: digest.dates
            )
        )
    }

    /// Keeps a record that is over.
    package mutating func pass(_ record: PassedRecord) {
        if passedRecords.count < Self.passedLimit { passedRecords.append(record) }
    }

    /// Puts what was added in the order in which it is looked for; nothing comes behind.
    ///
    /// - Complexity: O(words + records · log records).
    package mutating func seal() {
        firstUses = [UInt32](repeating: 0, count: stems.count + 1)
        for use in uses { firstUses[Int(use.number) + 1] += 1 }
        for word in stems.indices { firstUses[word + 1] += firstUses[word] }
        var next = firstUses
        var ordered = uses
        firstWords.append(UInt32(uses.count))
        for entry in entries.indices {
            for place in Int(firstWords[entry])..<Int(firstWords[entry + 1]) {
                let word = Int(uses[place].number)
                ordered[Int(next[word])] = Use(number: UInt32(entry), count: uses[place].count)
                next[word] += 1
            }
        }
        uses = ordered
        (firstWords, numbers) = ([], WordNumbers())
        sorted = entries.indices.map { (entries[$0].ordinal, Int32($0)) }
        sorted.sort { $0.ordinal < $1.ordinal }
        let words = entries.reduce(0) { $0 + Int($1.wordCount) }
        meanLength = entries.isEmpty ? 0 : Float(words) / Float(entries.count)
        hasTimes = entries.contains { $0.time != nil }
        hasImportances = entries.contains { $0.importance != nil || $0.confidence != nil }
    }

    /// The place of a record, nil where it is not here.
    ///
    /// - Complexity: O(log records).
    package func place(of ordinal: UInt64) -> Int? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].ordinal < ordinal { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low].ordinal == ordinal ? Int(sorted[low].place) : nil
    }

    /// The record of the n-th ordinal, ascending, and its place.
    ///
    /// - Precondition: it is sealed, and has so many.
    @inlinable package func byOrdinal(_ number: Int) -> (ordinal: UInt64, place: Int) {
        (sorted[number].ordinal, Int(sorted[number].place))
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
    /// - Complexity: O(words of the vocabulary).
    func counts(of asked: [UInt32]) -> [Int] {
        var counts = [Int](repeating: 0, count: asked.count)
        let stems = stems.span
        for word in stems.indices {
            let stem = stems[word]
            for place in asked.indices where asked[place] == stem {
                counts[place] += Int(firstUses[word + 1] - firstUses[word])
            }
        }
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
