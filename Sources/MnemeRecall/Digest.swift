// What recall needs to know of a record besides its vectors, as a few bytes that stand beside those
// of its neighbours. Format: formats/digests.md.

internal import MnemeBase
package import MnemeModel

/// A record's words, what its text is like, and what was said of it.
package struct Digest: Hashable, Sendable {
    /// A word of the text.
    package struct Term: Hashable, Sendable {
        /// A hash of its stem.
        package var stem: UInt32
        /// The token that it is; `noToken` where it has none or several.
        package var token: UInt16
        /// How often it comes.
        package var count: UInt8

        /// A word, so often.
        package init(stem: UInt32, token: UInt16, count: UInt8 = 1) {
            self.stem = stem
            self.token = token
            self.count = count
        }
    }

    /// What was put aside, and what is not to fade.
    package struct Marks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let deleted = Marks(rawValue: 1)
        package static let archived = Marks(rawValue: 2)
        package static let pinned = Marks(rawValue: 4)
        /// There were more words than terms are kept.
        package static let isCut = Marks(rawValue: 8)
    }

    /// Days from the first up to, not including, the end.
    package struct Days: Hashable, Sendable {
        package var first: Int32
        package var end: Int32

        /// Days by their numbers.
        package init(first: Int32, end: Int32) {
            self.first = first
            self.end = end
        }
    }

    package static let noToken = UInt16.max
    package static let termLimit = 128
    package static let dateLimit = 4
    package static let nameLimit = 4
    static let version: UInt8 = 1

    /// What the text is like, by numbers that the lowest bit alone has a meaning of here.
    package var traits: UInt16 = 0
    package var wordCount: UInt16 = 0
    package var marks: Marks = []
    /// A hash of the session; 0 where it has none.
    package var session: UInt32 = 0
    package var time: Instant?
    package var importance: Float?
    package var confidence: Float?
    package var decayRate: Float?
    package var validFrom: Instant?
    package var validTo: Instant?
    package var dates: [Days] = []
    /// Hashes of the stems of the speaker's name.
    package var names: [UInt32] = []
    package var terms: [Term] = []

    /// The trait of a text that ends in a question.
    package static let asks: UInt16 = 1

    /// A digest that says nothing.
    package init() {}

    /// Its bytes; what is too much is left out.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64 + terms.count * 7)
        let dates = dates.prefix(Self.dateLimit)
        let names = names.prefix(Self.nameLimit)
        let terms = terms.prefix(Self.termLimit)
        writer.put(Self.version)
        var parts: UInt8 = 0
        for (bit, isThere) in [
            time != nil, importance != nil, confidence != nil, decayRate != nil,
            validFrom != nil, validTo != nil,
        ].enumerated() where isThere { parts |= 1 << UInt8(bit) }
        writer.put(parts)
        writer.put(traits)
        writer.put(wordCount)
        let isCut: Marks = terms.count < self.terms.count ? .isCut : []
        writer.put(marks.union(isCut).rawValue)
        writer.put(UInt8(dates.count))
        writer.put(UInt8(names.count))
        writer.put(UInt8(terms.count))
        writer.put(session)
        if let time { writer.put(time.microseconds) }
        if let importance { writer.put(importance) }
        if let confidence { writer.put(confidence) }
        if let decayRate { writer.put(decayRate) }
        if let validFrom { writer.put(validFrom.microseconds) }
        if let validTo { writer.put(validTo.microseconds) }
        for days in dates {
            writer.put(days.first)
            writer.put(days.end)
        }
        for name in names { writer.put(name) }
        for term in terms { writer.put(term.stem) }
        for term in terms { writer.put(term.token) }
        for term in terms { writer.put(term.count) }
        return writer.bytes
    }

    /// Reads a digest; nil for bytes that are none.
    package init?(_ bytes: [UInt8], from start: Int = 0) {
        do throws(BytesError) {
            var reader = ByteReader(bytes, min(start, bytes.count)..<bytes.count)
            guard try reader.get() as UInt8 == Self.version else { return nil }
            let parts: UInt8 = try reader.get()
            traits = try reader.get()
            wordCount = try reader.get()
            marks = Marks(rawValue: try reader.get())
            let dateCount: UInt8 = try reader.get()
            let nameCount: UInt8 = try reader.get()
            let termCount: UInt8 = try reader.get()
            guard dateCount <= Self.dateLimit, nameCount <= Self.nameLimit,
                termCount <= Self.termLimit
            else { return nil }
            session = try reader.get()
            if parts & 1 != 0 { time = Instant(microseconds: try reader.get()) }
            if parts & 2 != 0 { importance = try reader.getFloat() }
            if parts & 4 != 0 { confidence = try reader.getFloat() }
            if parts & 8 != 0 { decayRate = try reader.getFloat() }
            if parts & 16 != 0 { validFrom = Instant(microseconds: try reader.get()) }
            if parts & 32 != 0 { validTo = Instant(microseconds: try reader.get()) }
            for _ in 0..<dateCount {
                dates.append(Days(first: try reader.get(), end: try reader.get()))
            }
            for _ in 0..<nameCount { names.append(try reader.get()) }
            for _ in 0..<termCount { terms.append(Term(stem: try reader.get(), token: 0)) }
            for place in terms.indices { terms[place].token = try reader.get() }
            for place in terms.indices { terms[place].count = try reader.get() }
        } catch {
            return nil
        }
    }
}
