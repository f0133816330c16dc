// A page of a tree, looked at.
//
// Slots stand in key order after the head of the page; cells (value length, rest of the key, value)
// grow downwards from its end, below the prefix that all keys of the page share. A slot carries the
// first four bytes of the rest of the key as a number, so that most comparisons stay among slots.
// Entry 0 of a branch stands for everything below the first separator: its key is empty and takes
// no part in the prefix. Format: formats/tree.md.

internal import MnemePages

/// Sizes and places in the pages of a tree.
@usableFromInline
enum TreeLayout {
    static let leafKind: UInt8 = 1
    static let branchKind: UInt8 = 2
    /// Height above the leaves, one byte.
    static let level = 17
    /// Entries, two bytes.
    static let count = 18
    /// Bytes that all keys share, two bytes.
    static let prefix = 20
    /// Where the lowest cell starts, two bytes.
    static let heap = 22
    /// Of the root: entries of the whole tree, eight bytes.
    static let total = 32
    /// A file of 2⁴⁰ places has no room for so many.
    static let totalLimit: UInt64 = 1 << 50
    /// Bytes of cells in use, two bytes.
    static let live = 40
    /// Where the last entry went in, two bytes, and how many before it went in side by side, two.
    static let last = 42
    static let run = 44
    @usableFromInline static let slots = 48
    @usableFromInline static let slotSize = 8
    /// Bytes for slots, cells and prefix.
    static let capacity = PageLayout.size - slots
    static let slotLimit = capacity / slotSize
    static let levelLimit = 32
}

/// A cell, checked: all of it lies inside the page.
struct TreeCell {
    let offset: Int
    /// Bytes of the key after the prefix.
    let restCount: Int
    let valueCount: Int

    var rest: Int { offset + 2 }
    var value: Int { offset + 2 + restCount }
    var size: Int { 2 + restCount + valueCount }
}

/// A page whose head was checked.
struct TreeNode {
    let page: Page
    let id: PageID
    let level: Int
    let count: Int
    let prefixCount: Int
    /// Where the lowest cell starts.
    let heap: Int

    /// Checks the head.
    ///
    /// - Throws: `.corrupt` when it is no page of a tree or not at `level`.
    @inline(__always)
    init(_ page: Page, _ id: PageID, level expected: Int?) throws(PageError) {
        let head = page.load64(PageLayout.kind)
        let kind = UInt8(truncatingIfNeeded: head)
        self.page = page
        self.id = id
        level = Int(head >> 8 & 0xff)
        count = Int(head >> 16 & 0xffff)
        prefixCount = Int(head >> 32 & 0xffff)
        heap = Int(head >> 48)
        let isLeaf = kind == TreeLayout.leafKind && level == 0
        let isBranch =
            kind == TreeLayout.branchKind && level > 0 && level < TreeLayout.levelLimit
            && count > 0
        guard isLeaf || isBranch, expected == nil || expected == level,
            prefixCount <= Tree.keyLimit, heap <= PageLayout.size - prefixCount,
            TreeLayout.slots + count * TreeLayout.slotSize <= heap
        else { throw .corrupt(id: id.bits, place: 0, reason: "no page of a tree") }
    }

    var isBranch: Bool { level > 0 }

    /// The first entry that has a key.
    var firstKeyed: Int { level > 0 ? 1 : 0 }

    /// Where the prefix stands.
    var prefix: Int { PageLayout.size - prefixCount }

    /// Bytes between the last slot and the lowest cell.
    var gap: Int { heap - TreeLayout.slots - count * TreeLayout.slotSize }

    /// Bytes of the page in use.
    var used: Int {
        Int(page.load16(TreeLayout.live)) + count * TreeLayout.slotSize + prefixCount
    }

    @inline(__always)
    func slot(_ index: Int) -> Int { TreeLayout.slots + index * TreeLayout.slotSize }

    /// The cell of an entry.
    ///
    /// - Throws: `.corrupt` when it would leave the page.
    @inline(__always)
    func cell(_ index: Int) throws(PageError) -> TreeCell {
        let slot = slot(index)
        let offset = Int(page.load16(slot + 4))
        let cell = TreeCell(
            offset: offset,
            restCount: Int(page.load16(slot + 6)),
            valueCount: Int(page.load16(offset))
        )
        guard offset >= heap, offset + cell.size <= prefix,
            prefixCount + cell.restCount <= Tree.keyLimit, cell.valueCount <= Tree.valueLimit
        else { throw .corrupt(id: id.bits, place: 0, reason: "a cell outside its page") }
        return cell
    }

    /// The key of an entry; empty for entry 0 of a branch.
    func key(_ index: Int) throws(PageError) -> [UInt8] {
        let cell = try cell(index)
        if index < firstKeyed { return [] }
        var key: [UInt8] = []
        key.reserveCapacity(prefixCount + cell.restCount)
        page.append(prefix, prefixCount, to: &key)
        page.append(cell.rest, cell.restCount, to: &key)
        return key
    }

    func value(_ index: Int) throws(PageError) -> [UInt8] {
        let cell = try cell(index)
        return page.copy(cell.value, cell.valueCount)
    }

    /// Of a branch.
    @inline(__always)
    func child(_ index: Int) throws(PageError) -> PageID {
        let cell = try cell(index)
        guard cell.valueCount == 8 else {
            throw .corrupt(id: id.bits, place: 0, reason: "a branch without a child")
        }
        return PageID(bits: page.load64(cell.value))
    }

    /// The first four bytes of a key from `start` on as a number, zeros where it has none.
    @inline(__always)
    static func head(_ key: [UInt8], from start: Int) -> UInt32 {
        if start + 4 <= key.count {
            return UInt32(key[start]) << 24 | UInt32(key[start + 1]) << 16
                | UInt32(key[start + 2]) << 8 | UInt32(key[start + 3])
        }
        var head: UInt32 = 0
        for index in 0..<4 {
            head <<= 8
            if start + index < key.count { head |= UInt32(key[start + index]) }
        }
        return head
    }

    /// Orders the key against the prefix: zero when it starts with it.
    @inline(__always)
    func comparePrefix(_ key: [UInt8]) -> Int {
        if prefixCount == 0 { return 0 }
        let order = page.comparePrefix(prefix, prefixCount, with: key)
        return order != 0 ? -order : (key.count < prefixCount ? -1 : 0)
    }

    /// Orders the key of an entry against `key`, of which the prefix is known to match.
    @inline(__always)
    private func order(_ index: Int, _ key: [UInt8]) -> Int {
        let slot = slot(index)
        return page.compare(
            Int(page.load16(slot + 4)) + 2,
            Int(page.load16(slot + 6)),
            with: key,
            from: prefixCount
        )
    }

    /// The first entry from `first` on whose key is not below `key`, and whether it is `key`.
    @inline(__always)
    private func search(_ key: [UInt8], from first: Int) -> (index: Int, found: Bool) {
        let prefixOrder = comparePrefix(key)
        if prefixOrder != 0 { return (prefixOrder < 0 ? min(first, count) : count, false) }
        let head = Self.head(key, from: prefixCount)
        var bottom = first
        var top = count
        while bottom < top {
            let middle = (bottom + top) >> 1
            let found = page.load32(slot(middle))
            if found < head {
                bottom = middle + 1
            } else if found > head {
                top = middle
            } else {
                let order = order(middle, key)
                if order == 0 { return (middle, true) }
                if order < 0 { bottom = middle + 1 } else { top = middle }
            }
        }
        return (bottom, false)
    }

    /// Of a leaf: the first entry whose key is not below `key`, and whether it is `key`.
    func find(_ key: [UInt8]) -> (index: Int, found: Bool) { search(key, from: 0) }

    /// Of a branch: the child that a key belongs to.
    func childIndex(_ key: [UInt8]) -> Int {
        let (index, found) = search(key, from: 1)
        return found ? index : index - 1
    }
}
