// 65,536 possible members as 16-bit numbers, in the smaller of two shapes.
//
// Invariants: up to `arrayLimit` members are in `values`, ascending, and `words` is empty; more are
// bits of 1,024 `words`, and `values` is empty. The shape follows from the count alone, so equal
// sets are equal arrays.

/// A chunk of an `IDBitmap`.
@usableFromInline struct IDChunk: Equatable, Sendable {
    /// At this count an array is as large as the bitmap.
    static let arrayLimit = 4096
    static let wordCount = 1024

    @usableFromInline var values: [UInt16] = []
    @usableFromInline var words: [UInt64] = []
    @usableFromInline var count = 0

    init() {}

    /// The members of an ascending array without repetition.
    @usableFromInline init(sorted values: [UInt16]) {
        count = values.count
        if count <= Self.arrayLimit {
            self.values = values
        } else {
            words = Self.words(of: values)
        }
    }

    /// The members of a bitmap, `count` of them.
    init(words: [UInt64], count: Int) {
        self.count = count
        if count > Self.arrayLimit {
            self.words = words
        } else {
            values = Self.values(of: words, count: count)
        }
    }

    /// Every member of a range.
    init(_ range: ClosedRange<UInt16>) {
        count = range.count
        if count <= Self.arrayLimit {
            values = Array(range)
        } else {
            words = [UInt64](repeating: 0, count: Self.wordCount)
            let low = Int(range.lowerBound)
            let high = Int(range.upperBound)
            for word in (low / 64)...(high / 64) { words[word] = .max }
            words[low / 64] &= .max << UInt64(low % 64)
            words[high / 64] &= .max >> UInt64(63 - high % 64)
        }
    }

    @inlinable var isArray: Bool { words.isEmpty }

    var first: UInt16? {
        if isArray { return values.first }
        guard let word = words.firstIndex(where: { $0 != 0 }) else { return nil }
        return UInt16(word * 64 + words[word].trailingZeroBitCount)
    }

    var last: UInt16? {
        if isArray { return values.last }
        guard let word = words.lastIndex(where: { $0 != 0 }) else { return nil }
        return UInt16(word * 64 + 63 - words[word].leadingZeroBitCount)
    }

    @inlinable func contains(_ value: UInt16) -> Bool {
        if isArray {
            let place = place(of: value)
            return place < values.count && values[place] == value
        }
        return words[Int(value) / 64] >> UInt64(value % 64) & 1 != 0
    }

    mutating func insert(_ value: UInt16) -> Bool {
        guard isArray else {
            let bit: UInt64 = 1 << UInt64(value % 64)
            guard words[Int(value) / 64] & bit == 0 else { return false }
            words[Int(value) / 64] |= bit
            count += 1
            return true
        }
        let place = place(of: value)
        if place < values.count, values[place] == value { return false }
        values.insert(value, at: place)
        count += 1
        if count > Self.arrayLimit {
            words = Self.words(of: values)
            values = []
        }
        return true
    }

    mutating func remove(_ value: UInt16) -> Bool {
        guard isArray else {
            let bit: UInt64 = 1 << UInt64(value % 64)
            guard words[Int(value) / 64] & bit != 0 else { return false }
            words[Int(value) / 64] &= ~bit
            count -= 1
            if count == Self.arrayLimit {
                values = Self.values(of: words, count: count)
                words = []
            }
            return true
        }
        let place = place(of: value)
        guard place < values.count, values[place] == value else { return false }
        values.remove(at: place)
        count -= 1
        return true
    }

    /// The first place in `values` that is not below `value`.
    @inlinable func place(of value: UInt16) -> Int {
        guard let last = values.last, value <= last else { return values.count }
        // Halving without a branch on the comparison: its outcome cannot be predicted.
        var place = 0
        var length = values.count
        while length > 1 {
            let half = length / 2
            place += values[place + half - 1] < value ? half : 0
            length -= half
        }
        return place
    }

    /// The smallest member that is not below `value`.
    @inlinable func next(from value: UInt16) -> UInt16? {
        if isArray {
            let place = place(of: value)
            return place < values.count ? values[place] : nil
        }
        var word = Int(value) / 64
        var bits = words[word] & (.max << UInt64(value % 64))
        while bits == 0 {
            word += 1
            guard word < words.count else { return nil }
            bits = words[word]
        }
        return UInt16(word * 64 + bits.trailingZeroBitCount)
    }

    /// How many members lie in a range.
    func count(in range: ClosedRange<UInt16>) -> Int {
        if isArray {
            let end = range.upperBound == .max ? count : place(of: range.upperBound + 1)
            return end - place(of: range.lowerBound)
        }
        let low = Int(range.lowerBound)
        let high = Int(range.upperBound)
        var total = 0
        for word in (low / 64)...(high / 64) {
            var bits = words[word]
            if word == low / 64 { bits &= .max << UInt64(low % 64) }
            if word == high / 64 { bits &= .max >> UInt64(63 - high % 64) }
            total += bits.nonzeroBitCount
        }
        return total
    }

    static func words(of values: [UInt16]) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: wordCount)
        for value in values { words[Int(value) / 64] |= 1 << UInt64(value % 64) }
        return words
    }

    static func values(of words: [UInt64], count: Int) -> [UInt16] {
        var values: [UInt16] = []
        values.reserveCapacity(count)
        for (index, word) in words.enumerated() {
            var bits = word
            while bits != 0 {
                values.append(UInt16(index * 64 + bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        return values
    }
}
