// Union, intersection and difference of two chunks, by their shapes.

extension IDChunk {
    mutating func formUnion(_ other: IDChunk) {
        switch (isArray, other.isArray) {
        case (true, true):
            self = IDChunk(sorted: Self.merge(values, other.values))
        case (false, true):
            for value in other.values { _ = insert(value) }
        case (true, false):
            var wider = other
            for value in values { _ = wider.insert(value) }
            self = wider
        case (false, false):
            count = Self.combine(&words, other.words) { $0 | $1 }
        }
    }

    func intersection(_ other: IDChunk) -> IDChunk {
        switch (isArray, other.isArray) {
        case (true, true):
            return IDChunk(sorted: Self.common(values, other.values))
        case (true, false):
            return IDChunk(sorted: values.filter { other.contains($0) })
        case (false, true):
            return other.intersection(self)
        case (false, false):
            var both = words
            let total = Self.combine(&both, other.words) { $0 & $1 }
            return IDChunk(words: both, count: total)
        }
    }

    func subtracting(_ other: IDChunk) -> IDChunk {
        if isArray { return IDChunk(sorted: values.filter { !other.contains($0) }) }
        var rest = words
        if other.isArray {
            var total = count
            for value in other.values where contains(value) {
                rest[Int(value) / 64] &= ~(1 << UInt64(value % 64))
                total -= 1
            }
            return IDChunk(words: rest, count: total)
        }
        let total = Self.combine(&rest, other.words) { $0 & ~$1 }
        return IDChunk(words: rest, count: total)
    }

    /// Combines two bitmaps word by word and counts what is left in the first.
    @inline(__always) private static func combine(
        _ left: inout [UInt64],
        _ right: [UInt64],
        _ operation: (UInt64, UInt64) -> UInt64
    ) -> Int {
        var left = left.mutableSpan
        let right = right.span
        precondition(left.count == wordCount && right.count == wordCount)
        var total = 0
        for index in 0..<wordCount {
            let word = operation(left[index], right[index])
            left[index] = word
            total += word.nonzeroBitCount
        }
        return total
    }

    private static func merge(_ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
        var merged: [UInt16] = []
        merged.reserveCapacity(left.count + right.count)
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let (a, b) = (left[i], right[j])
            merged.append(min(a, b))
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        merged.append(contentsOf: left[i...])
        merged.append(contentsOf: right[j...])
        return merged
    }

    /// The members of both.
    ///
    /// Where one side is far longer its members are looked up, not walked.
    private static func common(_ left: [UInt16], _ right: [UInt16]) -> [UInt16] {
        guard left.count <= right.count else { return common(right, left) }
        if left.count * 32 < right.count {
            let longer = IDChunk(sorted: right)
            return left.filter { longer.contains($0) }
        }
        var both: [UInt16] = []
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let (a, b) = (left[i], right[j])
            if a == b { both.append(a) }
            if a <= b { i += 1 }
            if b <= a { j += 1 }
        }
        return both
    }
}
