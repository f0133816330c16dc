// The next state of the pages while it is being made. The one writer edits; nobody else sees
// anything until `PageFile.publish`. Discarding an editor leaves no trace.
//
// A page is copied the first time that an editor touches it, a table node likewise: readers of any
// published root, also of one taken while the editor works, keep what they have.
//
// An editor of a branch (`PageFile.branch`) is never published: many of them may stand on any
// roots, beside the writer's.

/// Builds the root that follows `base`.
///
/// SAFETY: used by one thread at a time, the writer's.
@safe
package final class PageEditor {
    /// The root that it started from.
    package let base: PageRoot
    let cache: PageCache
    private let numbers: PageNumbers
    /// Grows from editor to editor.
    let identity: UInt64
    /// Whether nobody will ever publish it.
    let isBranch: Bool
    private(set) var directories: [Directory] { didSet { noteNodes() } }
    // What `directories` holds, at hand without references being counted on every look-up.
    @exclusivity(unchecked) private var treeNodes: UnsafeMutablePointer<UInt>
    @exclusivity(unchecked) private var treeCount: Int
    @exclusivity(unchecked) private var ordinalNodes: UnsafeMutablePointer<UInt>
    @exclusivity(unchecked) private var ordinalCount: Int
    private var ownsDirectory: [Bool]
    private(set) var retired: [BlockAddress] = []
    private(set) var retiredSpots: [PageSpot] = []
    /// Blocks that no root from the next one on needs, while what stands on disk is needed still.
    private(set) var evicted: [BlockAddress] = []
    private(set) var made: [BlockAddress] = []
    private var copiedNodes: [(source: BlockAddress, copy: BlockAddress)] = []
    private var scratchFrame: BlockAddress?
    /// How many pages were changed that stand on disk as they were before.
    package private(set) var changedFromDisk = 0

    init(base: PageRoot, numbers: PageNumbers, identity: UInt64, isBranch: Bool = false) {
        self.base = base
        self.isBranch = isBranch
        self.numbers = numbers
        self.identity = identity
        numbers.begin()
        cache = base.cache
        directories = base.directories
        ownsDirectory = [Bool](repeating: false, count: base.directories.count)
        let (tree, ordinals) = (base.directories[0], base.directories[1])
        unsafe treeNodes = tree.nodes
        unsafe treeCount = tree.count
        unsafe ordinalNodes = ordinals.nodes
        unsafe ordinalCount = ordinals.count
    }

    private func noteNodes() {
        unsafe treeNodes = directories[0].nodes
        unsafe treeCount = directories[0].count
        unsafe ordinalNodes = directories[1].nodes
        unsafe ordinalCount = directories[1].count
    }

    /// Bytes of the pages and table nodes that it made.
    package var madeBytes: Int { made.count * PageLayout.size }

    /// Whether nothing was changed.
    package var isEmpty: Bool { made.isEmpty }

    /// The page as edited so far.
    ///
    /// - Throws: as `PageRoot.page`.
    package func page(_ id: PageID) throws(PageError) -> Page {
        let isTree = id.spaceIndex == 0
        let count = unsafe isTree ? treeCount : ordinalCount
        let nodes = unsafe isTree ? treeNodes : ordinalNodes
        let index = Int(truncatingIfNeeded: id.number >> nodeShift)
        if id.spaceIndex < 2, index < count, let entries = unsafe NodeEntries(nodes[index]) {
            let entry = entries.load(Int(truncatingIfNeeded: id.number))
            if entry & 1 == 0,
                let base = unsafe UnsafeRawPointer(bitPattern: UInt(entry))
            {
                return unsafe Page(base: base)
            }
        }
        return try cache.load(id, directories)
    }

    /// The page for writing: this editor's own copy.
    ///
    /// - Throws: as `PageRoot.page`; `.noMemory`.
    package func edit(_ id: PageID) throws(PageError) -> MutablePage {
        let current = try page(id)
        let frame = UInt(bitPattern: unsafe current.base)
        if BlockHead(frame).editor == identity || cache.places.faults.editsPinnedPages {
            return Self.mutable(frame)
        }
        if !BlockHead(frame).spot.isNone { changedFromDisk += 1 }
        let copy = note(try cache.pool.takeIfPossible())
        let target = Self.mutable(copy)
        target.copy(from: current, 0, to: 0, count: PageLayout.size)
        let node = ownNode(id)
        let index = Int(truncatingIfNeeded: id.number)
        retire(node, index)
        node.store(UInt64(copy), index)
        return target
    }

    /// A fresh page of the tree space, zeroed but for its head.
    package func allocate(kind: UInt8) -> (PageID, MutablePage) {
        let id = PageID(.tree, numbers.take())
        return (id, create(id, kind: kind))
    }

    /// Makes the page of this number, zeroed but for its head.
    ///
    /// - Precondition: the space does not hold it.
    package func create(_ id: PageID, kind: UInt8) -> MutablePage {
        let frame = note(cache.pool.take())
        let page = Self.mutable(frame)
        page.clear(0, PageLayout.size)
        page.store(id.bits, 8)
        page.store(kind, PageLayout.kind)
        let node = ownNode(id)
        let index = Int(truncatingIfNeeded: id.number)
        precondition(node.load(index) == 0, "the page is there already")
        node.store(UInt64(frame), index)
        return page
    }

    /// Takes a page of the tree space out; its number may be handed out again.
    package func free(_ id: PageID) {
        let node = ownNode(id)
        let index = Int(truncatingIfNeeded: id.number)
        if node.load(index) == 0 { return }
        retire(node, index)
        node.store(0, index)
        numbers.give(id.number)
    }

    /// Takes a page of the ordinal table or of an array out, and with the last page of a node the
    /// node.
    package func drop(_ id: PageID) {
        guard holds(id) else { return }
        let node = ownNode(id)
        let index = Int(truncatingIfNeeded: id.number)
        retire(node, index)
        node.store(0, index)
        guard node.isEmpty else { return }
        let nodes = unsafe directories[id.spaceIndex].nodes
        let place = Int(truncatingIfNeeded: id.number >> nodeShift)
        unsafe retired.append(nodes[place])
        unsafe nodes[place] = 0
    }

    /// Notes that the version of a page that stands in a node is not of the next root.
    private func retire(_ node: NodeEntries, _ index: Int) {
        if let spot = node.spot(index) {
            retiredSpots.append(spot)
        } else {
            retired.append(TableEntry.frame(node.load(index)))
        }
    }

    /// A page of the editor's own that belongs to no space and is never published.
    ///
    /// Always the same one; its bytes are what was left there.
    package var scratch: MutablePage {
        if let frame = scratchFrame { return Self.mutable(frame) }
        let frame = cache.pool.take()
        scratchFrame = frame
        return Self.mutable(frame)
    }

    /// Gives the scratch page back.
    func dropScratch() {
        if let frame = scratchFrame { cache.pool.give(frame) }
        scratchFrame = nil
    }

    /// Forgets every edit.
    ///
    /// The editor must not be used afterwards.
    func discard() {
        dropScratch()
        guard !isBranch else { return discardBranch() }
        numbers.undo()
        cache.revive(copiedNodes.map(\.source))
        cache.adopt(loadedFrames(), base.directories)
        cache.pool.give(made)
        made = []
        directories = base.directories
    }

    /// Gives back what a branch made and what was loaded for it alone.
    private func discardBranch() {
        cache.countBranchBlocks(-made.count)
        cache.giveBack(made)
        made = []
        directories = base.directories
    }

    /// Frames that may have been loaded into this editor's own nodes, where nobody else knows them.
    private func loadedFrames() -> [BlockAddress] {
        let nodes = Set(copiedNodes.map(\.source))
        var frames = retired.filter { !nodes.contains($0) }
        for (_, copy) in copiedNodes {
            guard let entries = NodeEntries(copy) else { continue }
            for index in 0..<nodeEntries {
                let frame = TableEntry.frame(entries.load(index))
                if frame != 0 { frames.append(frame) }
            }
        }
        return frames.filter { BlockHead($0).editor != identity }
    }

    /// Lets go of clean pages of a node: of parked ones, after which others are parked.
    ///
    /// - Returns: how many were let go, and how many are not on disk.
    /// - Precondition: no checkpoint is being written.
    func evict(_ space: PageSpace, _ index: Int, atMost limit: Int) -> (gone: Int, unwritten: Int) {
        let directory = directories[Int(space.rawValue)]
        guard index < directory.count, let entries = unsafe NodeEntries(directory.nodes[index])
        else { return (0, 0) }
        var own: NodeEntries?
        var (gone, unwritten) = (0, 0)
        for number in 0..<nodeEntries {
            let current = own ?? entries
            let entry = current.load(number)
            let frame = TableEntry.frame(entry)
            if frame == 0 { continue }
            let spot = BlockHead(frame).spot
            if spot.isNone {
                unwritten += 1
            } else if !TableEntry.isParked(entry) {
                current.replace(entry, by: TableEntry.parked(frame), number)
            } else if gone < limit {
                let id = PageID(space, UInt64(index * nodeEntries + number))
                let node = own ?? ownNode(id, isRewritten: false)
                own = node
                // A reader may have found the page in the node that was copied meanwhile.
                evicted.append(TableEntry.frame(node.load(number)))
                node.store(spot, number)
                gone += 1
            }
        }
        return (gone, unwritten)
    }

    /// Notes that a block is this editor's own.
    private func note(_ frame: BlockAddress) -> BlockAddress {
        BlockHead(frame).editor = identity
        made.append(frame)
        if isBranch { cache.countBranchBlocks(1) }
        return frame
    }

    private static func mutable(_ frame: BlockAddress) -> MutablePage {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: frame) else {
            preconditionFailure("block 0")
        }
        return unsafe MutablePage(base: base)
    }

    /// This editor's own copy of the node that holds the page's entry.
    ///
    /// Unless it is rewritten, the copy stands on disk where the node did.
    private func ownNode(_ id: PageID, isRewritten: Bool = true) -> NodeEntries {
        let space = id.spaceIndex
        let index = Int(truncatingIfNeeded: id.number >> nodeShift)
        let directory = ownDirectory(space, holding: index)
        let node = unsafe directory.nodes[index]
        if node != 0, BlockHead(node).editor == identity, let own = NodeEntries(node) {
            return own
        }
        let copy: BlockAddress
        if node == 0 {
            copy = cache.pool.take()
            BlockHead(copy).editor = identity
            Self.mutable(copy).clear(0, PageLayout.size)
        } else if isBranch {
            copy = cache.copyNodeAside(node, editor: identity)
        } else {
            copy = cache.copyNode(node, editor: identity)
            if isRewritten || BlockHead(node).spot.isNone {
                retired.append(node)
            } else {
                BlockHead(copy).spot = BlockHead(node).spot
                evicted.append(node)
            }
            copiedNodes.append((node, copy))
        }
        made.append(copy)
        if isBranch { cache.countBranchBlocks(1) }
        unsafe directory.nodes[index] = copy
        guard let own = NodeEntries(copy) else { preconditionFailure("block 0") }
        return own
    }

    private func ownDirectory(_ space: Int, holding index: Int) -> Directory {
        let current = directories[space]
        if ownsDirectory[space], index < current.count { return current }
        let count = index < current.count ? current.count : max(index + 1, current.count + 8)
        let own = Directory(count: count, copying: current)
        directories[space] = own
        ownsDirectory[space] = true
        return own
    }
}

/// The free numbers of the tree space.
///
/// Only the writer uses them.
///
/// What an editor takes and gives is noted, so that discarding it puts everything back: a number of
/// a page that is there after all must not be handed out again.
///
/// SAFETY: as `PageEditor`.
final class PageNumbers: @unchecked Sendable {
    private enum Step {
        case tookFree(UInt64)
        case tookNext
        case gave
    }

    private var free: [UInt64]
    private var next: UInt64
    private var steps: [Step] = []

    init(free: [UInt64], next: UInt64) {
        self.free = free
        self.next = next
    }

    func take() -> UInt64 {
        if let number = free.popLast() {
            steps.append(.tookFree(number))
            return number
        }
        steps.append(.tookNext)
        defer { next += 1 }
        return next
    }

    func give(_ number: UInt64) {
        steps.append(.gave)
        free.append(number)
    }

    /// An editor begins; what was done before stays done.
    func begin() { steps.removeAll(keepingCapacity: true) }

    /// Takes back what was done since the editor began, the last step first.
    func undo() {
        while let step = steps.popLast() {
            switch step {
            case .tookFree(let number): free.append(number)
            case .tookNext: next -= 1
            case .gave: free.removeLast()
            }
        }
    }
}
