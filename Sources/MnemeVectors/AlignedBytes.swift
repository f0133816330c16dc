// Scratch memory of the room: one block, aligned for the widest registers. Blocks that were given
// back wait for the next search: to ask the heap for an aligned one takes longer than a small scan.

internal import MnemeBase
internal import Synchronization

/// Memory of its own, 64-byte aligned and zeroed, given back with the value.
///
/// SAFETY: the base is valid for `byteCount` bytes for as long as the value lives; whoever hands
/// out parts of it lays them out without overlap and keeps the value alive.
@safe struct AlignedBytes: ~Copyable {
    let base: UnsafeMutableRawPointer
    private let size: BlockSize?

    /// `zeroed`: false for who writes before reading.
    init(byteCount: Int, zeroed: Bool = true) {
        size = BlockSize(holding: byteCount)
        unsafe base =
            size.flatMap { unsafe IdleBlocks.shared.take($0) }
            ?? .allocate(byteCount: size?.byteCount ?? byteCount, alignment: 64)
        if zeroed {
            unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        }
    }

    deinit {
        if let size, unsafe IdleBlocks.shared.give(base, size) { return }
        unsafe base.deallocate()
    }

    /// The part from `offset` on, as elements.
    func part<Element>(at offset: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
        unsafe (base + offset).assumingMemoryBound(to: type)
    }
}

/// The size of a block that may wait: a power of two of bytes.
private struct BlockSize {
    static let count = 6
    private static let least = 512

    /// 0 for the smallest.
    let index: Int

    /// The smallest that holds so many bytes; nil where none does.
    init?(holding byteCount: Int) {
        let units = max(1, (byteCount + Self.least - 1) / Self.least)
        index = Int.bitWidth - (units - 1).leadingZeroBitCount
        if index >= Self.count { return nil }
    }

    var byteCount: Int { Self.least << index }
}

/// Blocks that nobody has just now.
///
/// SAFETY: a block stands in one word at most, and who takes it out of there has it alone.
@safe private final class IdleBlocks: Sendable {
    /// Those of the process.
    static let shared = IdleBlocks()

    /// More of one size are not kept.
    private static let limit = 8
    private let words = AtomicWords(atLeast: BlockSize.count * limit)

    /// A block of a size that was given back, whatever is in it.
    func take(_ size: BlockSize) -> UnsafeMutableRawPointer? {
        for place in 0..<Self.limit {
            let word = unsafe words.words + (size.index * Self.limit + place)
            if unsafe word.pointee.load(ordering: .relaxed) == 0 { continue }
            let block = unsafe word.pointee.exchange(0, ordering: .acquiring)
            if block != 0 { return unsafe UnsafeMutableRawPointer(bitPattern: UInt(block)) }
        }
        return nil
    }

    /// Keeps a block for the next who needs one; false where there are enough.
    func give(_ block: UnsafeMutableRawPointer, _ size: BlockSize) -> Bool {
        let address = UInt64(UInt(bitPattern: block))
        for place in 0..<Self.limit {
            let word = unsafe words.words + (size.index * Self.limit + place)
            if unsafe word.pointee.load(ordering: .relaxed) != 0 { continue }
            let isKept = unsafe word.pointee.compareExchange(
                expected: 0,
                desired: address,
                ordering: .releasing
            ).exchanged
            if isKept { return true }
        }
        return false
    }
}
