// Phrases and prefixes in one run: the documents that have them, as a list of postings that is
// searched like that of a word. How often a phrase stands in a document is its frequency; that of a
// prefix is the sum of its stems'.

/// Postings that were worked out.
struct FoundPostings {
    var locals: [UInt32] = []
    var frequencies: [UInt16] = []
}

/// Says how often a phrase stands in a document whose positions no run knows.
package typealias PhraseCount = (
    _ ordinal: UInt64, _ birth: UInt64, _ field: UInt16, _ phrase: [PhraseWord]
) -> Int

extension TextRun {
    /// The documents of some ranges that have a phrase.
    ///
    /// - Complexity: O(postings of the rarest word × log postings + positions).
    func documents(
        with phrase: [PhraseWord],
        field: UInt16,
        in ranges: [Range<UInt32>],
        unknown: PhraseCount?
    ) -> FoundPostings {
        var found = FoundPostings()
        var cursors: [PostingCursor] = []
        for word in phrase {
            guard let list = list(field: field, stem: word.stem) else { return found }
            cursors.append(PostingCursor(self, list, limit: .max))
        }
        guard let lead = cursors.indices.min(by: { cursors[$0].count < cursors[$1].count }) else {
            return found
        }
        var positions = [[UInt32]](repeating: [], count: phrase.count)
        for range in ranges {
            cursors[lead].seek(range.lowerBound)
            while cursors[lead].local < range.upperBound {
                let local = cursors[lead].local
                if Self.meet(&cursors, at: local) {
                    var count = 0
                    switch Self.read(&positions, &cursors) {
                    case .known: count = Self.occurrences(positions, phrase, lead: lead)
                    case .unknown:
                        count = unknown?(ordinal(local), birth(local), field, phrase) ?? 0
                    case .broken: break
                    }
                    if count > 0 {
                        found.locals.append(local)
                        found.frequencies.append(UInt16(clamping: count))
                    }
                }
                cursors[lead].advance()
            }
        }
        return found
    }

    /// Whether all words are in a document; their cursors stand at it then.
    private static func meet(_ cursors: inout [PostingCursor], at local: UInt32) -> Bool {
        for index in cursors.indices {
            cursors[index].seek(local)
            if cursors[index].local != local { return false }
        }
        return true
    }

    private static func read(
        _ positions: inout [[UInt32]],
        _ cursors: inout [PostingCursor]
    ) -> PositionsFound {
        for index in cursors.indices {
            positions[index].removeAll(keepingCapacity: true)
            let found = cursors[index].appendPositions(to: &positions[index])
            if found != .known { return found }
        }
        return .known
    }

    /// How often all words stand at their distances.
    private static func occurrences(
        _ positions: [[UInt32]],
        _ phrase: [PhraseWord],
        lead: Int
    ) -> Int {
        positions[lead].count { place in
            let start = Int(place) - phrase[lead].offset
            return phrase.indices.allSatisfy { index in
                index == lead || holds(positions[index], start + phrase[index].offset)
            }
        }
    }

    private static func holds(_ positions: [UInt32], _ wanted: Int) -> Bool {
        var (low, high) = (0, positions.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(positions[middle]) < wanted { low = middle + 1 } else { high = middle }
        }
        return low < positions.count && Int(positions[low]) == wanted
    }

    /// The first stems that begin with a prefix, of those that documents of some ranges have.
    func stems(
        beginningWith prefix: [UInt8],
        field: UInt16,
        in ranges: [Range<UInt32>],
        limit: Int
    ) -> [[UInt8]] {
        let key = Self.key(field: field, prefix)
        let isWhole = ranges == [0..<UInt32(documentCount)]
        var stems: [[UInt8]] = []
        do throws(TextError) {
            var walk = try TermWalk(self, from: key)
            while stems.count < limit, let list = walk.list, walk.key.starts(with: key) {
                var cursor = PostingCursor(self, list, limit: .max)
                if isWhole || cursor.count(in: ranges) > 0 { stems.append(Array(walk.key[2...])) }
                try walk.advance()
            }
        } catch {
            // A dictionary that breaks off ends here, as a lookup in it does.
        }
        return stems
    }

    /// The documents of some ranges that have any of some stems.
    ///
    /// - Complexity: O(postings × log postings).
    func documents(
        withAny stems: [[UInt8]],
        field: UInt16,
        in ranges: [Range<UInt32>]
    ) -> FoundPostings {
        var postings: [UInt64] = []
        for stem in stems {
            guard let list = list(field: field, stem: stem) else { continue }
            var cursor = PostingCursor(self, list, limit: .max)
            for range in ranges {
                cursor.seek(range.lowerBound)
                while cursor.local < range.upperBound {
                    postings.append(UInt64(cursor.local) << 32 | UInt64(cursor.frequency))
                    cursor.advance()
                }
            }
        }
        postings.sort()
        var found = FoundPostings()
        for posting in postings {
            let local = UInt32(truncatingIfNeeded: posting >> 32)
            let frequency = Int(posting & 0xffff)
            if found.locals.last == local, let sum = found.frequencies.last {
                found.frequencies[found.frequencies.count - 1] = UInt16(
                    clamping: Int(sum) + frequency
                )
            } else {
                found.locals.append(local)
                found.frequencies.append(UInt16(clamping: frequency))
            }
        }
        return found
    }
}
