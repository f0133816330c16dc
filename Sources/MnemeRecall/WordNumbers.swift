// Numbers of words while a timeline is made: a table of open addresses, as it is asked for every
// word of every record.

/// Numbers words by stem and token, from 0 on, in the order in which they come.
struct WordNumbers {
    /// Words at their places, and their numbers; where nothing stands, all bits.
    private var words: [UInt64] = []
    private var numbers: [UInt32] = []
    private var count = 0

    private static let nothing = UInt64.max

    /// The number of a word, a new one where it was not there.
    ///
    /// `word`: a stem's 32 bits and a token's 16.
    ///
    /// - Complexity: O(1) amortized.
    mutating func number(of word: UInt64) -> UInt32 {
        if 2 * count >= words.count { grow() }
        let place = place(of: word)
        if words[place] == Self.nothing {
            words[place] = word
            numbers[place] = UInt32(count)
            count += 1
        }
        return numbers[place]
    }

    /// Where a word stands, or would.
    private func place(of word: UInt64) -> Int {
        let mask = words.count - 1
        // Multiplicative hashing: Knuth, The Art of Computer Programming 3, 6.4.
        var place = Int(truncatingIfNeeded: (word &* 0x9e37_79b9_7f4a_7c15) >> 32) & mask
        while words[place] != word, words[place] != Self.nothing { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let (oldWords, oldNumbers) = (words, numbers)
        let size = max(1024, 2 * words.count)
        words = [UInt64](repeating: Self.nothing, count: size)
        numbers = [UInt32](repeating: 0, count: size)
        for (word, number) in zip(oldWords, oldNumbers) where word != Self.nothing {
            let place = place(of: word)
            words[place] = word
            numbers[place] = number
        }
    }
}
