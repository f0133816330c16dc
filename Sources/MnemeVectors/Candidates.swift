// The best so far of a scan: a sorted row of keys, worst last, over slots with what a hit needs.

/// The `capacity` entries with the highest approximate scores.
///
/// SAFETY: every slot named by a key is below `count`, which never exceeds `capacity`; the columns
/// lie in `memory` side by side.
@safe struct Candidates: ~Copyable {
    let capacity: Int
    private(set) var count = 0
    /// A score must exceed this to enter.
    private(set) var threshold: Float
    /// While there are fewer than this, keys have no order.
    private let unordered: Int
    private let memory: AlignedBytes
    /// Order-preserving bits of the score above, slot below; descending from `unordered` on.
    private let keys: UnsafeMutablePointer<UInt64>
    let ordinals: UnsafeMutablePointer<UInt64>
    let addresses: UnsafeMutablePointer<UInt64>
    /// How much of a score is hope: see `PreparedQuery.hopeful`.
    let margins: UnsafeMutablePointer<Float>

    /// `floor`: what scores no more never enters.
    ///
    /// - Precondition: `capacity > 0`.
    init(capacity: Int, above floor: Float = -.infinity) {
        precondition(capacity > 0 && capacity <= 1 << 24)
        self.capacity = capacity
        unordered = capacity > 1024 ? capacity : 0
        threshold = floor
        memory = AlignedBytes(byteCount: capacity * 28, zeroed: false)
        unsafe keys = memory.part(at: 0, of: UInt64.self)
        unsafe ordinals = memory.part(at: capacity * 8, of: UInt64.self)
        unsafe addresses = memory.part(at: capacity * 16, of: UInt64.self)
        unsafe margins = memory.part(at: capacity * 24, of: Float.self)
    }

    /// Takes an entry in; the worst leaves when there is no room.
    ///
    /// - Precondition: `score > threshold`.
    /// - Complexity: O(capacity), one move of memory.
    @inline(__always)
    mutating func insert(score: Float, ordinal: UInt64, address: UInt64, margin: Float) {
        if count < unordered {
            append(score: score, ordinal: ordinal, address: address, margin: margin)
            return
        }
        var slot = count
        if count == capacity {
            slot = unsafe Int(keys[count - 1] & 0xffff_ffff)
        } else {
            count += 1
        }
        let key = UInt64(Self.ordered(score)) << 32 | UInt64(slot)
        var place = count - 1
        while place > 0, unsafe keys[place - 1] < key {
            unsafe keys[place] = keys[place - 1]
            place -= 1
        }
        unsafe keys[place] = key
        unsafe ordinals[slot] = ordinal
        unsafe addresses[slot] = address
        unsafe margins[slot] = margin
        if count == capacity {
            threshold = unsafe Self.score(UInt32(truncatingIfNeeded: keys[count - 1] >> 32))
        }
    }

    /// Where many are kept, the first ones come in without an order, which a full row gets at once:
    /// who keeps everything never needs one.
    private mutating func append(score: Float, ordinal: UInt64, address: UInt64, margin: Float) {
        unsafe keys[count] = UInt64(Self.ordered(score)) << 32 | UInt64(count)
        unsafe ordinals[count] = ordinal
        unsafe addresses[count] = address
        unsafe margins[count] = margin
        count += 1
        guard count == capacity else { return }
        sort()
        threshold = unsafe Self.score(UInt32(truncatingIfNeeded: keys[count - 1] >> 32))
    }

    /// Puts all in order, if there are so few that nobody did yet.
    mutating func putInOrder() { if count < unordered { sort() } }

    private mutating func sort() {
        var all = unsafe UnsafeMutableBufferPointer(start: keys, count: count)
        unsafe all.sort(by: >)
    }

    /// The score and the slot of the entry at a place, best first where all are in order.
    ///
    /// - Precondition: `place < count`.
    func entry(_ place: Int) -> (score: Float, slot: Int) {
        let key = unsafe keys[place]
        return (Self.score(UInt32(truncatingIfNeeded: key >> 32)), Int(key & 0xffff_ffff))
    }

    private static func ordered(_ score: Float) -> UInt32 {
        let bits = score.bitPattern
        return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    }

    private static func score(_ ordered: UInt32) -> Float {
        Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7fff_ffff : ~ordered)
    }
}
