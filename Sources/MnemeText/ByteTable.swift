// Numbers byte strings in the order of their first appearance: the cache of stems and the terms of
// a run under construction. Open addressing over one arena; a `Dictionary` costs eight times as
// much.

/// A set of tagged byte strings with dense numbers.
struct ByteTable {
    /// Strings so far.
    private(set) var count = 0
    private var arena: [UInt8] = []
    private var ends: [UInt32] = []
    private var tags: [UInt16] = []
    private var hashes: [UInt32] = []
    private var slots: [UInt32]  // number + 1, zero is free
    private var mask: Int

    /// An empty table; `capacity` strings fit without growing.
    init(capacity: Int = 48) {
        var size = 64
        while size * 3 < capacity * 4 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        mask = size - 1
    }

    /// FNV-1a (Fowler, Noll, Vo), one step a byte: the breaker computes it while it reads.
    static let hashStart: UInt64 = 0xcbf2_9ce4_8422_2325

    /// One step of the hash.
    @inline(__always)
    static func hashStep(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// The hash of a whole string.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash = hashStart
        for byte in bytes { hash = hashStep(hash, byte) }
        return hash
    }

    /// Where string `number` lies in the arena.
    @inline(__always)
    func range(_ number: Int) -> Range<Int> {
        (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
    }

    /// String `number`.
    func bytes(_ number: Int) -> [UInt8] { Array(arena[range(number)]) }

    /// The tag of string `number`.
    func tag(_ number: Int) -> UInt16 { tags[number] }

    /// The first eight bytes of string `number` as a number that sorts as they do.
    func head(_ number: Int) -> UInt64 {
        let range = range(number)
        var head: UInt64 = 0
        for index in 0..<8 {
            head <<= 8
            if index < range.count { head |= UInt64(arena[range.lowerBound + index]) }
        }
        return head
    }

    /// Whether string `left` sorts before string `right`, byte by byte.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        arena[range(left)].lexicographicallyPrecedes(arena[range(right)])
    }

    /// The number of the first `length` bytes of `bytes` under `tag`; `added` when it is new.
    @inline(__always)
    mutating func intern(
        _ bytes: [UInt8],
        tag: UInt16,
        hash: UInt64
    ) -> (number: Int, added: Bool) {
        let mixed = (hash ^ (UInt64(tag) &* 0x9e37_79b9)) &* 0xff51_afd7_ed55_8ccd
        let short = UInt32(truncatingIfNeeded: mixed >> 32)
        var slot = Int(short) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if hashes[number] == short, tags[number] == tag, equals(number, bytes) {
                return (number, false)
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(count + 1)
        arena.append(contentsOf: bytes)
        ends.append(UInt32(arena.count))
        tags.append(tag)
        hashes.append(short)
        count += 1
        if count * 4 > slots.count * 3 { grow() }
        return (count - 1, true)
    }

    @inline(__always)
    private func equals(_ number: Int, _ bytes: [UInt8]) -> Bool {
        let range = range(number)
        guard range.count == bytes.count else { return false }
        for index in 0..<bytes.count where arena[range.lowerBound + index] != bytes[index] {
            return false
        }
        return true
    }

    private mutating func grow() {
        let size = slots.count * 2
        slots = [UInt32](repeating: 0, count: size)
        mask = size - 1
        for number in 0..<count {
            var slot = Int(hashes[number]) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }
}
