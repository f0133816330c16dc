// What stands between the `%` of a pattern, and how it is found in a text. The first segment stands
// where the text begins and the last one where it ends; each of those between is taken where it
// first fits behind the one before.

/// The segments of a pattern; nil in one stands for any element.
struct LikeSegments<Element: Hashable & Sendable>: Sendable {
    /// How a text begins; all of it where there is no `%`.
    private let first: [Element?]
    private let middle: [LikeSegment<Element>]
    /// How it ends; nil where there is no `%`.
    private let last: [Element?]?

    /// - Precondition: there is at least one segment.
    init(_ segments: [[Element?]]) {
        first = segments[0]
        last = segments.count > 1 ? segments[segments.count - 1] : nil
        middle = segments.dropFirst().dropLast().filter { !$0.isEmpty }.map(LikeSegment.init)
    }

    /// Whether a text is made of them.
    func match<Text: BidirectionalCollection<Element>>(_ text: Text) -> Bool {
        guard var place = LikeSegment.end(of: first, in: text, from: text.startIndex) else {
            return false
        }
        guard let last else { return place == text.endIndex }
        for segment in middle {
            guard let end = segment.firstEnd(in: text, from: place) else { return false }
            place = end
        }
        var end = text.endIndex
        for wanted in last.reversed() {
            guard end > place else { return false }
            end = text.index(before: end)
            if let wanted, wanted != text[end] { return false }
        }
        return true
    }
}

/// A segment that may stand anywhere.
struct LikeSegment<Element: Hashable & Sendable>: Sendable {
    /// Shorter ones are compared at every place.
    private static var shortCount: Int { 8 }

    private let pieces: [Element?]
    /// Of a longer one: for each element that it names, a bit for each piece that it fits.
    ///
    /// 64 to a word, the words of one element in a row. Those of all others come first.
    private let masks: [UInt64]
    /// Where the words of an element begin.
    private let places: [Element: Int]
    private let wordCount: Int

    init(_ pieces: [Element?]) {
        self.pieces = pieces
        guard pieces.count > Self.shortCount else {
            (self.masks, self.places, self.wordCount) = ([], [:], 0)
            return
        }
        let wordCount = (pieces.count + 63) / 64
        var places: [Element: Int] = [:]
        for case .some(let element) in pieces where places[element] == nil {
            places[element] = (places.count + 1) * wordCount
        }
        var masks = [UInt64](repeating: 0, count: (places.count + 1) * wordCount)
        for (index, piece) in pieces.enumerated() {
            let (word, bit) = (index / 64, UInt64(1) << UInt64(index % 64))
            if let piece {
                masks[places[piece, default: 0] + word] |= bit
            } else {
                for start in stride(from: 0, to: masks.count, by: wordCount) {
                    masks[start + word] |= bit
                }
            }
        }
        (self.masks, self.places, self.wordCount) = (masks, places, wordCount)
    }

    /// Where pieces end that stand at a place; nil where they do not.
    static func end<Text: Swift.Collection<Element>>(
        of pieces: [Element?],
        in text: Text,
        from start: Text.Index
    ) -> Text.Index? {
        var place = start
        for piece in pieces {
            guard place < text.endIndex else { return nil }
            if let piece, piece != text[place] { return nil }
            place = text.index(after: place)
        }
        return place
    }

    /// Where it ends that stands first behind a place; nil where it does not.
    ///
    /// - Complexity: O(*n* · (1 + *m* / 64)).
    func firstEnd<Text: Swift.Collection<Element>>(
        in text: Text,
        from start: Text.Index
    ) -> Text.Index? {
        guard wordCount > 0 else {
            var place = start
            while true {
                if let end = Self.end(of: pieces, in: text, from: place) { return end }
                guard place < text.endIndex else { return nil }
                place = text.index(after: place)
            }
        }
        // A bit says that the pieces up to its own fit the elements up to the place.
        var fitting = [UInt64](repeating: 0, count: wordCount)
        let found = UInt64(1) << UInt64((pieces.count - 1) % 64)
        var place = start
        while place < text.endIndex {
            let masksPlace = places[text[place]] ?? 0
            var carry: UInt64 = 1
            for word in 0..<wordCount {
                let before = fitting[word]
                fitting[word] = (before << 1 | carry) & masks[masksPlace + word]
                carry = before >> 63
            }
            place = text.index(after: place)
            if fitting[wordCount - 1] & found != 0 { return place }
        }
        return nil
    }
}
