// A small open-addressing map from ordinals to places in a list: what a walk has seen.

/// Ordinals and a number for each.
///
/// Ordinal `UInt64.max` cannot be held.
struct OrdinalMap {
    private var keys: [UInt64]
    private var values: [Int32]
    private(set) var count = 0
    private var mask: Int

    init(capacity: Int = 16) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        keys = [UInt64](repeating: .max, count: size)
        values = [Int32](repeating: 0, count: size)
        mask = size - 1
    }

    /// Enters an ordinal; false when it was there already.
    ///
    /// - Complexity: O(1), amortised.
    mutating func insert(_ key: UInt64, _ value: Int32) -> Bool {
        if (count + 1) * 2 > keys.count { grow() }
        let place = self.place(key)
        if keys[place] == key { return false }
        keys[place] = key
        values[place] = value
        count += 1
        return true
    }

    /// The number of an ordinal.
    func value(_ key: UInt64) -> Int32? {
        let place = self.place(key)
        return keys[place] == key ? values[place] : nil
    }

    private func place(_ key: UInt64) -> Int {
        // Fibonacci hashing; the high bits are the mixed ones.
        var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
        while keys[place] != key && keys[place] != .max { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        var wider = OrdinalMap(capacity: keys.count)
        for (index, key) in keys.enumerated() where key != .max {
            _ = wider.insert(key, values[index])
        }
        self = wider
    }
}
