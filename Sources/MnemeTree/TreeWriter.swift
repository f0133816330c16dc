// Changing the pages of a tree: an entry in place where there is room, or the whole page anew.

internal import MnemePages

/// A part of a page that is put together.
enum TreePiece {
    /// Entries of a page as they are.
    case cells(TreeNode, Range<Int>)
    /// One entry.
    case entry(key: [UInt8], value: [UInt8])
}

/// What a page would be like when it is written from pieces.
struct TreePlan {
    let pieces: [TreePiece]
    let level: Int
    let prefix: [UInt8]
    /// Bytes of slots, cells and prefix.
    let size: Int
    var fits: Bool { size <= TreeLayout.capacity }

    /// Works out prefix and size.
    init(_ pieces: [TreePiece], level: Int) throws(PageError) {
        self.pieces = pieces
        self.level = level
        var keyed = 0
        var first: [UInt8]?
        var last: [UInt8] = []
        var count = 0
        var keyBytes = 0
        var valueBytes = 0
        for piece in pieces {
            switch piece {
            case .entry(let key, let value):
                count += 1
                valueBytes += value.count
                if level > 0, count == 1 { continue }
                keyed += 1
                keyBytes += key.count
                if first == nil { first = key }
                last = key
            case .cells(let node, let range):
                for index in range {
                    let cell = try node.cell(index)
                    count += 1
                    valueBytes += cell.valueCount
                    if level > 0, count == 1 { continue }
                    keyed += 1
                    keyBytes += node.prefixCount + cell.restCount
                    if first == nil { first = try node.key(index) }
                }
                if let index = range.last { last = try node.key(index) }
            }
        }
        let shared = keyed == 0 ? 0 : Self.common(first ?? [], last)
        prefix = Array(last.prefix(shared))
        size =
            count * (TreeLayout.slotSize + 2) + valueBytes + keyBytes - keyed * shared + shared
    }

    /// How many bytes two keys share at their start.
    static func common(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let end = min(left.count, right.count)
        var count = 0
        while count < end, left[count] == right[count] { count += 1 }
        return count
    }

    /// The shortest key above `below` and not above `bound` that follows from `below` alone: a part
    /// of it and the next higher byte, or all of it and a zero; nil when `bound` is not above it.
    static func successor(of below: [UInt8], upTo bound: [UInt8]) -> [UInt8]? {
        guard below.lexicographicallyPrecedes(bound) else { return nil }
        let shared = common(below, bound)
        if shared == below.count { return below + [0] }
        // Lower than another byte, so it is not the highest.
        return below.prefix(shared) + [below[shared] + 1]
    }

    /// Writes the page.
    ///
    /// - Precondition: it fits.
    func write(to target: MutablePage, scratch: MutablePage) throws(PageError) {
        precondition(fits)
        var writer = TreePageWriter(page: scratch, prefix: prefix)
        for piece in pieces {
            switch piece {
            case .entry(let key, let value):
                let isFirst = level > 0 && writer.count == 0
                writer.append(isFirst ? [] : key, from: isFirst ? 0 : prefix.count, value)
            case .cells(let node, let range):
                for index in range {
                    if level > 0, writer.count == 0 {
                        writer.append([], from: 0, try node.value(index))
                    } else {
                        try writer.append(node, index)
                    }
                }
            }
        }
        writer.finish(level: level, target)
    }
}

/// Fills an empty page from its first entry to its last.
private struct TreePageWriter {
    let page: MutablePage
    let prefix: [UInt8]
    var count = 0
    var heap: Int

    init(page: MutablePage, prefix: [UInt8]) {
        self.page = page
        self.prefix = prefix
        heap = PageLayout.size - prefix.count
        page.store(prefix, heap)
    }

    /// Appends an entry; the part of the key from `start` on is stored.
    mutating func append(_ key: [UInt8], from start: Int, _ value: [UInt8]) {
        let restCount = key.count - start
        let offset = place(
            head: TreeNode.head(key, from: start),
            restCount: restCount,
            valueCount: value.count
        )
        page.store(key, from: start, count: restCount, at: offset + 2)
        page.store(value, offset + 2 + restCount)
    }

    /// Appends an entry of another page.
    mutating func append(_ node: TreeNode, _ index: Int) throws(PageError) {
        let cell = try node.cell(index)
        guard prefix.count >= node.prefixCount else {
            return append(try node.key(index), from: prefix.count, try node.value(index))
        }
        let skipped = prefix.count - node.prefixCount
        guard skipped <= cell.restCount else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "keys out of order")
        }
        let restCount = cell.restCount - skipped
        let source = cell.rest + skipped
        var head: UInt32 = 0
        for place in 0..<4 {
            head = head << 8 | (place < restCount ? UInt32(node.page.byte(source + place)) : 0)
        }
        let offset = place(head: head, restCount: restCount, valueCount: cell.valueCount)
        page.copy(
            from: node.page,
            source,
            to: offset + 2,
            count: restCount + cell.valueCount
        )
    }

    private mutating func place(head: UInt32, restCount: Int, valueCount: Int) -> Int {
        heap -= 2 + restCount + valueCount
        page.setTreeSlot(count, head: head, offset: heap, restCount: restCount)
        page.store(UInt16(valueCount), heap)
        count += 1
        return heap
    }

    /// Puts the page in the target's place; id, checkpoint and total stay the target's.
    func finish(level: Int, _ target: MutablePage) {
        let end = TreeLayout.slots + count * TreeLayout.slotSize
        target.copy(
            from: page.page,
            TreeLayout.slots,
            to: TreeLayout.slots,
            count: end - TreeLayout.slots
        )
        target.clear(end, heap - end)
        target.copy(from: page.page, heap, to: heap, count: PageLayout.size - heap)
        target.setTreeHead(level: level, count: count, prefixCount: prefix.count, heap: heap)
        target.store(UInt16(PageLayout.size - prefix.count - heap), TreeLayout.live)
        target.store(UInt16(0), TreeLayout.last)
        target.store(UInt16(0), TreeLayout.run)
    }
}

extension MutablePage {
    func setTreeHead(level: Int, count: Int, prefixCount: Int, heap: Int) {
        store(level == 0 ? TreeLayout.leafKind : TreeLayout.branchKind, PageLayout.kind)
        store(UInt8(level), TreeLayout.level)
        store(UInt16(count), TreeLayout.count)
        store(UInt16(prefixCount), TreeLayout.prefix)
        store(UInt16(heap), TreeLayout.heap)
    }

    /// Makes the page a leaf without entries.
    func setTreeEmpty() {
        setTreeHead(level: 0, count: 0, prefixCount: 0, heap: PageLayout.size)
        clear(TreeLayout.slots, TreeLayout.capacity)
        store(UInt16(0), TreeLayout.live)
        store(UInt32(0), TreeLayout.last)
    }

    @inline(__always)
    func setTreeSlot(_ index: Int, head: UInt32, offset: Int, restCount: Int) {
        let slot = TreeLayout.slots + index * TreeLayout.slotSize
        store(head, slot)
        store(UInt16(offset), slot + 4)
        store(UInt16(restCount), slot + 6)
    }

    private func addLive(_ difference: Int) {
        let live = Int(page.load16(TreeLayout.live)) + difference
        store(UInt16(truncatingIfNeeded: live), TreeLayout.live)
    }

    /// Puts an entry in where it belongs.
    ///
    /// - Precondition: the key starts with the page's prefix, and the gap has the room.
    func insertTreeEntry(_ node: TreeNode, _ index: Int, _ key: [UInt8], _ value: [UInt8]) {
        let restCount = key.count - node.prefixCount
        let size = 2 + restCount + value.count
        precondition(node.gap >= size + TreeLayout.slotSize)
        let offset = node.heap - size
        let slot = node.slot(index)
        move(
            from: slot,
            to: slot + TreeLayout.slotSize,
            count: (node.count - index) * TreeLayout.slotSize
        )
        let head = TreeNode.head(key, from: node.prefixCount)
        setTreeSlot(index, head: head, offset: offset, restCount: restCount)
        store(UInt16(value.count), offset)
        store(key, from: node.prefixCount, count: restCount, at: offset + 2)
        store(value, offset + 2 + restCount)
        store(UInt16(node.count + 1), TreeLayout.count)
        store(UInt16(offset), TreeLayout.heap)
        addLive(size)
        let last = Int(page.load16(TreeLayout.last))
        let isNext = index == last + 1 || index == last
        let run = isNext ? min(Int(page.load16(TreeLayout.run)) + 1, 0xffff) : 0
        store(UInt16(index), TreeLayout.last)
        store(UInt16(run), TreeLayout.run)
    }

    /// Takes an entry out, and zeroes where it stood.
    ///
    /// In a branch the entry that becomes the first loses its key.
    func removeTreeEntry(_ node: TreeNode, _ index: Int) throws(PageError) {
        let cell = try node.cell(index)
        let successor = node.isBranch && index == 0 && node.count > 1 ? try node.cell(1) : nil
        if let successor, successor.valueCount != 8 {
            throw .corrupt(id: node.id.bits, place: 0, reason: "a branch without a child")
        }
        let slot = node.slot(index)
        move(
            from: slot + TreeLayout.slotSize,
            to: slot,
            count: (node.count - index - 1) * TreeLayout.slotSize
        )
        clear(node.slot(node.count - 1), TreeLayout.slotSize)
        store(UInt16(node.count - 1), TreeLayout.count)
        addLive(-cell.size)
        clear(cell.offset, cell.size)
        if cell.offset == node.heap { store(UInt16(node.heap + cell.size), TreeLayout.heap) }
        if let first = successor {
            store(page.load64(first.value), first.rest)
            clear(first.rest + 8, first.restCount)
            setTreeSlot(0, head: 0, offset: first.offset, restCount: 0)
            addLive(-first.restCount)
        }
        store(UInt32(0), TreeLayout.last)
        // What the keys had in common goes with the last of them.
        guard node.count - 1 <= node.firstKeyed else { return }
        clear(node.prefix, node.prefixCount)
        store(UInt16(0), TreeLayout.prefix)
        if node.count == 1 { store(UInt16(PageLayout.size), TreeLayout.heap) }
    }
}
