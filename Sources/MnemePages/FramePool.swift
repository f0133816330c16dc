// Memory for pages and page-table nodes: blocks of one size, cut from arenas, recycled.
//
// A block is a 64-byte head and 8 KiB of body; addresses are those of the body. The head says where
// the body stands on disk (nothing: nowhere yet) and links blocks into lists. Arenas go back to the
// system with the pool, and with them every block: nobody frees blocks one by one at the end.
//
// Arenas are mapped, so that one takes what it holds and no more. A few blocks are kept back for
// those who cannot be refused; everybody else is told when the system has no memory left.

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
    static let blocksPerArena = 254
    private static let arenaSize = 2 << 20
    /// Blocks that are kept back for those who cannot be refused: between two edits of pages, which
    /// can, they take fewer.
    static let reserve = 64

    private struct State {
        var arenas: [UInt] = []
        var free: [BlockAddress] = []
        /// The fewest that were free since the last look, and how many of those that are free have
        /// been given back to the system already, at least.
        var fewestFree = 0
        var givenBack = 0
        /// No more arenas than these, whatever the system would give; for tests.
        var mostArenas = Int.max
    }
    private let state = Mutex(State())
    private let takenCount = Atomic<Int>(0)

    deinit {
        state.withLock { state in
            for arena in state.arenas {
                unsafe _ = munmap(UnsafeMutableRawPointer(bitPattern: arena), Self.arenaSize)
            }
        }
    }

    /// Blocks that can be taken without asking the system for memory.
    var spare: Int { state.withLock { $0.free.count } }

    /// Blocks in use.
    var taken: Int { takenCount.load(ordering: .relaxed) }

    /// Has the pool get along with the memory that it has, and so many arenas more.
    func limit(moreArenas count: Int) {
        state.withLock { $0.mostArenas = count == .max ? .max : $0.arenas.count + count }
    }

    /// A block whose head is zero and whose body is whatever it was.
    ///
    /// - Throws: `.noMemory`.
    func takeIfPossible() throws(PageError) -> BlockAddress {
        guard let address = take(leaving: Self.reserve) else { throw .noMemory }
        return address
    }

    /// As `takeIfPossible`, from the reserve where the system has no memory left.
    ///
    /// - Precondition: fewer are taken so than there are in the reserve, between two that are taken
    ///   if possible.
    func take() -> BlockAddress {
        guard let address = take(leaving: 0) else { preconditionFailure("out of memory") }
        return address
    }

    private func take(leaving reserve: Int) -> BlockAddress? {
        let address = state.withLock { state -> BlockAddress? in
            if state.free.count <= Self.reserve { Self.grow(&state) }
            guard state.free.count > reserve else { return nil }
            let address = state.free.removeLast()
            state.fewestFree = min(state.fewestFree, state.free.count)
            state.givenBack = min(state.givenBack, state.free.count)
            return address
        }
        guard let address else { return nil }
        takenCount.add(1, ordering: .relaxed)
        BlockHead(address).clear()
        return address
    }

    /// Takes a block back.
    func give(_ address: BlockAddress) {
        takenCount.subtract(1, ordering: .relaxed)
        state.withLock { $0.free.append(address) }
    }

    /// Takes blocks back.
    func give(_ addresses: [BlockAddress]) {
        if addresses.isEmpty { return }
        takenCount.subtract(addresses.count, ordering: .relaxed)
        state.withLock { $0.free.append(contentsOf: addresses) }
    }

    /// How many blocks nobody has used since the last look, whose memory the system has not back.
    func lookForIdle() -> Int {
        state.withLock { state in
            defer { state.fewestFree = state.free.count }
            return state.fewestFree - state.givenBack
        }
    }

    /// Gives the memory of blocks that nobody uses back to the system; they can be taken as before.
    ///
    /// - Complexity: O(n log n) in the free blocks, and a call for each run of them.
    func giveBackMemory() {
        state.withLock { state in
            // The lowest are taken first, so that the free ones come to lie side by side.
            state.free.sort(by: >)
            state.givenBack = state.free.count
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

    /// Adds an arena, where the system has the memory for it.
    private static func grow(_ state: inout State) {
        guard state.arenas.count < state.mostArenas, let start = makeArena() else { return }
        state.arenas.append(start)
        for index in (0..<blocksPerArena).reversed() {
            state.free.append(start + UInt(index * spacing + head))
        }
    }

    /// Memory for an arena, at a multiple of its size, where one large page of the system's fits.
    private static func makeArena() -> UInt? {
        precondition(blocksPerArena * spacing + head <= arenaSize)
        // Addresses are reserved, which takes no memory, until such a multiple lies among them.
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let reserved = unsafe mmap(nil, 2 * arenaSize, PROT_NONE, flags, -1, 0),
            unsafe reserved != MAP_FAILED
        else { return nil }
        let first = UInt(bitPattern: reserved)
        let size = UInt(arenaSize)
        let start = (first + size - 1) / size * size
        unmap(first, start - first)
        unmap(start + size, first + 2 * size - (start + size))
        guard let memory = unsafe UnsafeMutableRawPointer(bitPattern: start) else { return nil }
        guard unsafe mprotect(memory, arenaSize, PROT_READ | PROT_WRITE) == 0 else {
            unmap(start, size)
            return nil
        }
        unsafe madvise(memory, arenaSize, MADV_HUGEPAGE)
        return start
    }

    private static func unmap(_ start: UInt, _ byteCount: UInt) {
        guard byteCount > 0, let memory = unsafe UnsafeMutableRawPointer(bitPattern: start) else {
            return
        }
        unsafe _ = munmap(memory, Int(byteCount))
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
