// Members in ascending order: all of them, or those of a range.

extension IDBitmap: Sequence {
    /// Walks over members in ascending order.
    @usableFromInline package struct Iterator: IteratorProtocol, Sendable {
        @usableFromInline let set: IDBitmap
        @usableFromInline let end: UInt64?
        @usableFromInline var place: Int
        /// In an array chunk the next index, in a bitmap the word that `bits` is the rest of.
        @usableFromInline var index: Int
        @usableFromInline var bits: UInt64

        /// `end` is the first ordinal that is not wanted, nil for none.
        @usableFromInline init(_ set: IDBitmap, from start: UInt64, end: UInt64?) {
            self.set = set
            self.end = end
            place = set.place(of: start >> 16)
            index = 0
            bits = 0
            guard place < set.keys.count else { return }
            enterChunk()
            guard set.keys[place] == start >> 16 else { return }
            let low = UInt16(truncatingIfNeeded: start)
            if set.chunks[place].isArray {
                index = set.chunks[place].place(of: low)
            } else {
                index = Int(low) / 64
                bits = set.chunks[place].words[index] & (.max << UInt64(low % 64))
            }
        }

        @usableFromInline mutating func enterChunk() {
            index = 0
            if place < set.keys.count, !set.chunks[place].isArray {
                bits = set.chunks[place].words[0]
            }
        }

        @inlinable package mutating func next() -> UInt64? {
            while place < set.keys.count {
                if let low = nextInChunk() {
                    let ordinal = set.keys[place] << 16 | low
                    if let end, ordinal >= end {
                        place = set.keys.count
                        return nil
                    }
                    return ordinal
                }
                place += 1
                enterChunk()
            }
            return nil
        }

        @inlinable mutating func nextInChunk() -> UInt64? {
            if set.chunks[place].isArray {
                guard index < set.chunks[place].values.count else { return nil }
                index += 1
                return UInt64(set.chunks[place].values[index - 1])
            }
            while bits == 0 {
                index += 1
                guard index < set.chunks[place].words.count else { return nil }
                bits = set.chunks[place].words[index]
            }
            defer { bits &= bits - 1 }
            return UInt64(index * 64 + bits.trailingZeroBitCount)
        }
    }

    /// Members in a range, in ascending order.
    @usableFromInline package struct Slice: Sequence, Sendable {
        @usableFromInline let set: IDBitmap
        @usableFromInline let range: Range<UInt64>

        @usableFromInline init(_ set: IDBitmap, _ range: Range<UInt64>) {
            self.set = set
            self.range = range
        }

        @inlinable package func makeIterator() -> Iterator {
            Iterator(set, from: range.lowerBound, end: range.upperBound)
        }
    }

    @inlinable package func makeIterator() -> Iterator { Iterator(self, from: 0, end: nil) }

    /// A hint for arrays made of the members.
    @inlinable package var underestimatedCount: Int { count }

    /// The members in a range, found without walking over those before it.
    package func members(in range: Range<UInt64>) -> Slice { Slice(self, range) }

    /// How many members lie in a range.
    ///
    /// - Complexity: O(chunks in the range), without walking over members.
    package func count(in range: Range<UInt64>) -> Int {
        guard let last = range.last else { return 0 }
        var total = 0
        var place = place(of: range.lowerBound >> 16)
        while place < keys.count, keys[place] <= last >> 16 {
            let low = IDBitmap.clip(range.lowerBound...last, keys[place])
            total += low.count == 65_536 ? chunks[place].count : chunks[place].count(in: low)
            place += 1
        }
        return total
    }

    /// The smallest member that is not below `ordinal`.
    ///
    /// - Complexity: O(log *c*) for *c* chunks, plus at most 1,024 words.
    package func next(from ordinal: UInt64) -> UInt64? {
        var place = place(of: ordinal >> 16)
        guard place < keys.count else { return nil }
        if keys[place] == ordinal >> 16 {
            if let low = chunks[place].next(from: UInt16(truncatingIfNeeded: ordinal)) {
                return keys[place] << 16 | UInt64(low)
            }
            place += 1
        }
        guard place < keys.count, let low = chunks[place].first else { return nil }
        return keys[place] << 16 | UInt64(low)
    }
}
