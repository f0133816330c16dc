// A page of a column tree, looked at: its head and its keys.
//
// The head is checked whenever a page is reached: kind, level and count. A count within its bound
// keeps every loop inside the page, and a level that sinks by one at each step ends every descent,
// whatever else a damaged page says.

/// A checked page of a column tree.
///
/// SAFETY: `count` was held against the capacity, so keys below it lie inside the page.
@safe
struct ColumnNode {
    let page: Page
    /// Height above the leaves.
    let level: Int
    /// Entries of a leaf, children of a branch.
    let count: Int

    /// Checks the head of the page `id`.
    ///
    /// - Throws: `.corrupt` when it is no page of a column tree, not at `level`, or overfull.
    @inline(__always)
    init(_ page: Page, _ id: PageID, level expected: Int?, capacity: Int) throws(PageError) {
        let head = page.load32(PageLayout.kind)
        let kind = UInt8(truncatingIfNeeded: head)
        level = Int(head >> 8 & 0xff)
        count = Int(head >> 16)
        self.page = page
        let isLeaf = kind == ColumnLayout.leafKind && level == 0 && count <= capacity
        let isBranch =
            kind == ColumnLayout.branchKind && level > 0 && level < ColumnLayout.levelLimit
            && count > 0 && count <= ColumnLayout.branchCapacity
        guard isLeaf || isBranch, expected == nil || expected == level else {
            throw .corrupt(id: id.bits, place: 0, reason: "no page of this column tree")
        }
    }

    @inline(__always)
    func high(_ index: Int) -> UInt64 {
        unsafe page.base.load(
            fromByteOffset: ColumnLayout.payload + index * ColumnLayout.keySize,
            as: UInt64.self
        )
    }

    @inline(__always)
    func low(_ index: Int) -> UInt64 {
        unsafe page.base.load(
            fromByteOffset: ColumnLayout.payload + index * ColumnLayout.keySize + 8,
            as: UInt64.self
        )
    }

    /// Of a branch.
    @inline(__always)
    func child(_ index: Int) -> PageID {
        PageID(
            bits: unsafe page.base.load(
                fromByteOffset: ColumnLayout.children + index * 8,
                as: UInt64.self
            )
        )
    }

    /// The first index whose key is not below the given one.
    ///
    /// Leaves are mostly cold: instead of one cache miss after another, as halving has them, every
    /// sixteenth key and then the sixteen of one stretch are all loaded at once and counted.
    @inline(__always)
    func lowerBound(_ key: ColumnKey) -> Int {
        var stretches = 0
        var index = 15
        while index < count {
            stretches &+= isBelow(index, key)
            index &+= 16
        }
        var bound = stretches &* 16
        let end = min(bound &+ 16, count)
        index = bound
        while index < end {
            bound &+= isBelow(index, key)
            index &+= 1
        }
        return bound
    }

    /// 1 when the key at `index` is below the given one, or else 0.
    @inline(__always)
    private func isBelow(_ index: Int, _ key: ColumnKey) -> Int {
        let high = high(index)
        let isLower = low(index) < key.low ? 1 : 0
        let isSame = high == key.high ? 1 : 0
        return (high < key.high ? 1 : 0) | (isSame & isLower)
    }

    /// Of a branch: the child that a key belongs to.
    ///
    /// The key of child 0 is not looked at.
    @inline(__always)
    func childIndex(_ key: ColumnKey) -> Int {
        var bottom = 1
        var top = count
        while bottom < top {
            let middle = (bottom + top) >> 1
            let found = high(middle)
            if found < key.high || (found == key.high && low(middle) <= key.low) {
                bottom = middle + 1
            } else {
                top = middle
            }
        }
        return bottom - 1
    }

    @inline(__always)
    func holds(_ key: ColumnKey, at index: Int) -> Bool {
        index < count && high(index) == key.high && low(index) == key.low
    }

    func key(_ index: Int) -> ColumnKey { ColumnKey(high(index), low(index)) }
}

/// A key of a column tree, ordered by `high`, then by `low`.
@frozen
@usableFromInline
package struct ColumnKey: Comparable, Hashable, Sendable {
    @usableFromInline package var high: UInt64
    @usableFromInline package var low: UInt64

    @inlinable
    package init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    /// By `high`, then by `low`.
    @inlinable
    package static func < (left: ColumnKey, right: ColumnKey) -> Bool {
        left.high < right.high || (left.high == right.high && left.low < right.low)
    }
}

extension MutablePage {
    func setColumnHead(kind: UInt8, level: Int, count: Int) {
        store(kind, PageLayout.kind)
        store(UInt8(level), ColumnLayout.level)
        store(UInt16(count), ColumnLayout.count)
    }

    func setColumnCount(_ count: Int) { store(UInt16(count), ColumnLayout.count) }

    func setColumnKey(_ key: ColumnKey, _ index: Int) {
        store(key.high, ColumnLayout.payload + index * ColumnLayout.keySize)
        store(key.low, ColumnLayout.payload + index * ColumnLayout.keySize + 8)
    }

    func setColumnChild(_ child: PageID, _ index: Int) {
        store(child.bits, ColumnLayout.children + index * 8)
    }

    /// Moves keys and children from `source` on to `target` on, `count` of them.
    func moveColumnChildren(from source: Int, to target: Int, count: Int) {
        let keys = ColumnLayout.payload
        move(
            from: keys + source * ColumnLayout.keySize,
            to: keys + target * ColumnLayout.keySize,
            count: count * ColumnLayout.keySize
        )
        move(
            from: ColumnLayout.children + source * 8,
            to: ColumnLayout.children + target * 8,
            count: count * 8
        )
    }

    /// Copies keys and children of another branch.
    func copyColumnChildren(from other: Page, _ source: Int, to target: Int, count: Int) {
        let keys = ColumnLayout.payload
        copy(
            from: other,
            keys + source * ColumnLayout.keySize,
            to: keys + target * ColumnLayout.keySize,
            count: count * ColumnLayout.keySize
        )
        copy(
            from: other,
            ColumnLayout.children + source * 8,
            to: ColumnLayout.children + target * 8,
            count: count * 8
        )
    }

    /// Zeroes keys and children that a branch has no more.
    func clearColumnChildren(_ gone: Range<Int>) {
        let keys = ColumnLayout.payload
        clear(keys + gone.lowerBound * ColumnLayout.keySize, gone.count * ColumnLayout.keySize)
        clear(ColumnLayout.children + gone.lowerBound * 8, gone.count * 8)
    }

    /// Zeroes entries that a leaf has no more.
    func clearColumnEntries(_ shape: ColumnShape, _ gone: Range<Int>) {
        let keys = ColumnLayout.payload
        clear(keys + gone.lowerBound * ColumnLayout.keySize, gone.count * ColumnLayout.keySize)
        for column in 0..<shape.count {
            clear(shape.offset(column, gone.lowerBound), gone.count * shape.size(column))
        }
    }

    /// Zeroes everything behind the head.
    func clearColumnPayload() {
        clear(ColumnLayout.payload, PageLayout.size - ColumnLayout.payload)
    }

    /// Moves entries of a leaf.
    func moveColumnEntries(_ shape: ColumnShape, from source: Int, to target: Int, count: Int) {
        if count == 0 { return }
        let keys = ColumnLayout.payload
        move(
            from: keys + source * ColumnLayout.keySize,
            to: keys + target * ColumnLayout.keySize,
            count: count * ColumnLayout.keySize
        )
        for column in 0..<shape.count {
            move(
                from: shape.offset(column, source),
                to: shape.offset(column, target),
                count: count * shape.size(column)
            )
        }
    }

    /// Copies entries of another leaf.
    func copyColumnEntries(
        _ shape: ColumnShape,
        from other: Page,
        _ source: Int,
        to target: Int,
        count: Int
    ) {
        if count == 0 { return }
        let keys = ColumnLayout.payload
        copy(
            from: other,
            keys + source * ColumnLayout.keySize,
            to: keys + target * ColumnLayout.keySize,
            count: count * ColumnLayout.keySize
        )
        for column in 0..<shape.count {
            copy(
                from: other,
                shape.offset(column, source),
                to: shape.offset(column, target),
                count: count * shape.size(column)
            )
        }
    }
}
