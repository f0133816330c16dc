// A set of 64-bit ordinals after the plan of roaring bitmaps (Lemire et al. 2016): the ordinals are
// cut into chunks of 65,536; a chunk is a sorted array of its low 16 bits while it holds at most
// 4,096 of them, a bitmap of 8 KiB above. Ordinals are dense, so most chunks of large sets are
// bitmaps, and sets of a few survivors stay small.
//
// Invariants: `keys` ascends and has no key twice; `chunks` runs parallel to it; no chunk is
// empty; `total` is the sum of the chunks' counts.

/// A set of ordinals, iterated in ascending order.
@usableFromInline package struct IDBitmap: Sendable {
    /// The high 48 bits of each chunk's members.
    @usableFromInline var keys: [UInt64]
    @usableFromInline var chunks: [IDChunk]
    @usableFromInline var total: Int

    /// An empty set.
    @inlinable package init() {
        keys = []
        chunks = []
        total = 0
    }

    /// How many members there are.
    @inlinable package var count: Int { total }

    /// The members of an ascending sequence; a member may come more than once.
    ///
    /// - Precondition: the sequence ascends.
    /// - Complexity: O(*n*).
    @inlinable package init(sorted ordinals: some Sequence<UInt64>) {
        self.init()
        var low: [UInt16] = []
        var key: UInt64 = 0
        var last: UInt64?
        for ordinal in ordinals where ordinal != last {
            precondition(last ?? 0 <= ordinal, "the ordinals do not ascend")
            last = ordinal
            if ordinal >> 16 != key {
                append(key, IDChunk(sorted: low))
                low.removeAll(keepingCapacity: true)
                key = ordinal >> 16
            }
            low.append(UInt16(truncatingIfNeeded: ordinal))
        }
        append(key, IDChunk(sorted: low))
    }

    /// The ordinals of a range.
    ///
    /// - Complexity: O(*n* / 65,536) chunks, each filled a word at a time.
    package init(_ range: Range<UInt64>) {
        self.init()
        insert(range)
    }

    /// The members of any sequence.
    package init(_ ordinals: some Sequence<UInt64>) {
        self.init()
        for ordinal in ordinals { insert(ordinal) }
    }

    /// Whether there are no members.
    @inlinable package var isEmpty: Bool { keys.isEmpty }

    /// The smallest member.
    package var first: UInt64? {
        guard let key = keys.first, let low = chunks.first?.first else { return nil }
        return key << 16 | UInt64(low)
    }

    /// The greatest member.
    package var last: UInt64? {
        guard let key = keys.last, let low = chunks.last?.last else { return nil }
        return key << 16 | UInt64(low)
    }

    /// Whether `ordinal` is a member.
    ///
    /// - Complexity: O(log *c*) for *c* chunks, plus O(1) in a bitmap or 12 steps in an array.
    @inlinable package func contains(_ ordinal: UInt64) -> Bool {
        let key = ordinal >> 16
        let place = place(of: key)
        guard place < keys.count, keys[place] == key else { return false }
        return chunks[place].contains(UInt16(truncatingIfNeeded: ordinal))
    }

    /// Adds `ordinal` and says whether it is new.
    ///
    /// - Complexity: as `contains`; into an array chunk O(4,096), at its end O(1).
    @discardableResult package mutating func insert(_ ordinal: UInt64) -> Bool {
        let key = ordinal >> 16
        let place = place(of: key)
        if place == keys.count || keys[place] != key {
            keys.insert(key, at: place)
            chunks.insert(IDChunk(), at: place)
        }
        let isNew = chunks[place].insert(UInt16(truncatingIfNeeded: ordinal))
        if isNew { total += 1 }
        return isNew
    }

    /// Adds every ordinal of a range.
    package mutating func insert(_ range: Range<UInt64>) {
        guard let last = range.last else { return }
        for key in (range.lowerBound >> 16)...(last >> 16) {
            let low = IDBitmap.clip(range.lowerBound...last, key)
            let place = place(of: key)
            if place == keys.count || keys[place] != key {
                keys.insert(key, at: place)
                chunks.insert(IDChunk(low), at: place)
                total += low.count
            } else {
                let before = chunks[place].count
                chunks[place].formUnion(IDChunk(low))
                total += chunks[place].count - before
            }
        }
    }

    /// Takes `ordinal` out and says whether it was there.
    ///
    /// - Complexity: as `insert`.
    @discardableResult package mutating func remove(_ ordinal: UInt64) -> Bool {
        let key = ordinal >> 16
        let place = place(of: key)
        guard place < keys.count, keys[place] == key,
            chunks[place].remove(UInt16(truncatingIfNeeded: ordinal))
        else { return false }
        total -= 1
        if chunks[place].count == 0 {
            keys.remove(at: place)
            chunks.remove(at: place)
        }
        return true
    }

    /// The first place whose key is not below `key`.
    @inlinable func place(of key: UInt64) -> Int {
        guard let first = keys.first, let last = keys.last, key <= last else { return keys.count }
        guard key > first else { return 0 }
        // Keys are distinct, so none is further from the first than their difference; in dense
        // sets that is the place itself.
        var high = Int(Swift.min(key - first, UInt64(keys.count - 1)))
        if keys[high] == key { return high }
        var low = 0
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds a chunk above all others; an empty one is dropped.
    @usableFromInline mutating func append(_ key: UInt64, _ chunk: IDChunk) {
        guard chunk.count > 0 else { return }
        keys.append(key)
        chunks.append(chunk)
        total += chunk.count
    }

    /// The part of a range that lies in the chunk of `key`, as low bits.
    static func clip(_ range: ClosedRange<UInt64>, _ key: UInt64) -> ClosedRange<UInt16> {
        let first = key << 16
        let low = Swift.max(range.lowerBound, first) - first
        let high = Swift.min(range.upperBound, first | 0xffff) - first
        return UInt16(low)...UInt16(high)
    }
}

extension IDBitmap: Equatable {
    /// Whether both have the same members.
    @usableFromInline package static func == (left: IDBitmap, right: IDBitmap) -> Bool {
        left.count == right.count && left.keys == right.keys && left.chunks == right.chunks
    }
}

extension IDBitmap: ExpressibleByArrayLiteral {
    @usableFromInline package init(arrayLiteral elements: UInt64...) { self.init(elements) }
}
