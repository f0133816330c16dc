// Memory for pages and page-table nodes: blocks of one size, cut from arenas, recycled.
//
// A block is a 64-byte head and 8 KiB of body; addresses are those of the body. The head says where
// the body stands on disk (nothing: nowhere yet) and links blocks into lists. Arenas go back to the
// system with the pool, and with them every block: nobody frees blocks one by one at the end.

internal import Glibc
internal import Synchronization

/// A block's address.
///
/// 0 is no block.
package typealias BlockAddress = UInt

/// Blocks of 8 KiB with a head each.
///
/// SAFETY: a block is handed out to one owner at a time; the free list is behind a lock.
@safe final class FramePool: @unchecked Sendable {
    static let head = 64
    private static let spacing = head + PageLayout.size
    private static let blocksPerArena = 254

    private struct State {
        var arenas: [UInt] = []
        var free: [BlockAddress] = []
        var taken = 0
    }
    private let state = Mutex(State())

    deinit {
        state.withLock { state in
            for arena in state.arenas {
                unsafe free(UnsafeMutableRawPointer(bitPattern: arena))
            }
        }
    }

    /// Blocks that can be taken without asking the system for memory.
    var spare: Int { state.withLock { $0.free.count } }

    /// Blocks in use.
    var taken: Int { state.withLock { $0.taken } }

    /// A block whose head is zero and whose body is whatever it was.
    func take() -> BlockAddress {
        let address = state.withLock { state in
            if state.free.isEmpty { Self.grow(&state) }
            state.taken += 1
            return state.free.removeLast()
        }
        BlockHead(address).clear()
        return address
    }

    /// Takes a block back.
    func give(_ address: BlockAddress) {
        state.withLock { state in
            state.taken -= 1
            state.free.append(address)
        }
    }

    /// Gives the memory of blocks that nobody uses back to the system; they can be taken as before.
    ///
    /// - Complexity: O(n log n) in the free blocks, and a call for each run of them.
    func giveBackMemory() {
        state.withLock { state in
            // The lowest are taken first, so that the free ones come to lie side by side.
            state.free.sort(by: >)
            let systemPage: UInt = 4096
            var index = state.free.count
            while index > 0 {
                index -= 1
                let start = state.free[index] - UInt(Self.head)
                var end = start + UInt(Self.spacing)
                while index > 0, state.free[index - 1] == end + UInt(Self.head) {
                    index -= 1
                    end += UInt(Self.spacing)
                }
                let first = (start + systemPage - 1) / systemPage * systemPage
                let last = end / systemPage * systemPage
                guard first < last, let memory = unsafe UnsafeMutableRawPointer(bitPattern: first)
                else { continue }
                unsafe madvise(memory, Int(last - first), MADV_DONTNEED)
            }
        }
    }

    private static func grow(_ state: inout State) {
        let alignment = 2 << 20
        let size = (blocksPerArena * spacing + head + alignment - 1) / alignment * alignment
        var memory: UnsafeMutableRawPointer?
        guard unsafe posix_memalign(&memory, alignment, size) == 0, let memory = unsafe memory
        else { preconditionFailure("out of memory") }
        unsafe madvise(memory, size, MADV_HUGEPAGE)
        let start = UInt(bitPattern: memory)
        state.arenas.append(start)
        for index in (0..<blocksPerArena).reversed() {
            state.free.append(start + UInt(index * spacing + head))
        }
    }
}

/// The 64 bytes before a block.
///
/// SAFETY: the address is a block's of the pool. `spot` is written by the checkpoint and read by
/// whoever retires the block afterwards; the order between them is the pool's and the roots' locks.
@safe struct BlockHead {
    private let base: UnsafeMutableRawPointer

    init(_ address: BlockAddress) {
        guard let body = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
            preconditionFailure("block 0")
        }
        unsafe base = body - FramePool.head
    }

    func clear() {
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: FramePool.head)
    }

    /// Where the body stands on disk; none when it has not been written.
    var spot: PageSpot {
        get {
            PageSpot(
                word: unsafe base.load(as: UInt64.self),
                delta: DeltaSpot(bits: unsafe base.load(fromByteOffset: 32, as: UInt64.self))
            )
        }
        nonmutating set {
            unsafe base.storeBytes(of: newValue.word, as: UInt64.self)
            unsafe base.storeBytes(of: newValue.delta.bits, toByteOffset: 32, as: UInt64.self)
        }
    }

    /// Which editor made the block.
    var editor: UInt64 {
        get { unsafe base.load(fromByteOffset: 8, as: UInt64.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 8, as: UInt64.self) }
    }

    /// The next block of the list that this one heads or stands in.
    var next: BlockAddress {
        get { unsafe base.load(fromByteOffset: 16, as: UInt.self) }
        nonmutating set { unsafe base.storeBytes(of: newValue, toByteOffset: 16, as: UInt.self) }
    }

    /// Of a table node: a newer copy of it exists.
    var isSuperseded: Bool {
        get { unsafe base.load(fromByteOffset: 24, as: UInt8.self) != 0 }
        nonmutating set {
            unsafe base.storeBytes(of: newValue ? 1 : 0, toByteOffset: 24, as: UInt8.self)
        }
    }
}
