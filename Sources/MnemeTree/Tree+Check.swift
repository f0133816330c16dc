// The whole of a tree, held against its invariants.

package import MnemePages

extension Tree {
    /// Walks every page.
    ///
    /// `andSlack`: bytes that no entry uses must be zero, and separators of keys that are there, as
    /// this program leaves them.
    /// - Throws: `.pages` with `.corrupt` at the first page that breaks an invariant.
    /// - Complexity: O(bytes).
    package func checkStructure(
        _ view: PageView,
        andSlack: Bool = false
    ) throws(TreeError) {
        let stated = try count(in: view)
        try wrapping { () throws(PageError) in
            var check = TreeCheck(root: root, view: view, andSlack: andSlack)
            try check.walk(root, level: nil, TreeRange.all)
            guard check.entries == stated else {
                throw .corrupt(id: root.bits, place: 0, reason: "the count of entries is wrong")
            }
        }
    }
}

private struct TreeCheck {
    let root: PageID
    let view: PageView
    let andSlack: Bool
    var entries = 0
    private var seen: Set<UInt64> = []
    /// The last key of the leaves so far, and the separator that stands behind it.
    private var below: [UInt8] = []
    private var separator: [UInt8]?

    init(root: PageID, view: PageView, andSlack: Bool) {
        self.root = root
        self.view = view
        self.andSlack = andSlack
    }

    mutating func walk(_ id: PageID, level: Int?, _ range: TreeRange) throws(PageError) {
        guard seen.insert(id.bits).inserted else {
            throw .corrupt(id: id.bits, place: 0, reason: "a page stands in the tree twice")
        }
        let node = try TreeNode(try view.page(id), id, level: level)
        guard node.count > 0 || id == root else {
            throw .corrupt(id: id.bits, place: 0, reason: "an empty page")
        }
        try checkCells(node)
        var keys: [[UInt8]] = []
        for index in 0..<node.count { keys.append(try node.key(index)) }
        for index in node.firstKeyed..<max(node.count, node.firstKeyed) {
            let key = keys[index]
            let isAscending =
                index == node.firstKeyed || keys[index - 1].lexicographicallyPrecedes(key)
            guard isAscending, !key.lexicographicallyPrecedes(range.lower),
                range.upper.map(key.lexicographicallyPrecedes) ?? true
            else { throw .corrupt(id: id.bits, place: 0, reason: "keys out of order") }
        }
        if andSlack { try checkSlack(node) }
        if node.level == 0 {
            entries += node.count
            if andSlack, let first = keys.first, let last = keys.last {
                try checkSeparator(before: first, id)
                below = last
            }
            return
        }
        for index in 0..<node.count {
            if index > 0 { separator = keys[index] }
            let part = TreeRange(
                from: index == 0 ? range.lower : keys[index],
                to: index + 1 < node.count ? keys[index + 1] : range.upper
            )
            try walk(try node.child(index), level: node.level - 1, part)
        }
    }

    /// Everything is zero that is neither the head's nor a slot, a cell or the prefix.
    private func checkSlack(_ node: TreeNode) throws(PageError) {
        var used: [(start: Int, end: Int)] = []
        for index in 0..<node.count {
            let cell = try node.cell(index)
            used.append((cell.offset, cell.offset + cell.size))
        }
        used.sort { $0.start < $1.start }
        used.append((node.prefix, PageLayout.size))
        var isZero =
            node.page.isZero(46, 2)
            && (node.id == root || node.page.isZero(TreeLayout.total, 8))
            && (node.count > node.firstKeyed || node.prefixCount == 0)
        var end = node.slot(node.count)
        for part in used {
            isZero = isZero && node.page.isZero(end, part.start - end)
            end = part.end
        }
        guard isZero else {
            throw .corrupt(
                id: node.id.bits,
                place: 0,
                reason: "bytes of no entry are not zero"
            )
        }
    }

    /// The separator before a leaf begins its first key, or follows from the last key before.
    private func checkSeparator(before above: [UInt8], _ id: PageID) throws(PageError) {
        guard let separator, !above.starts(with: separator),
            TreePlan.successor(of: below, upTo: separator) != separator
        else { return }
        throw .corrupt(id: id.bits, place: 0, reason: "a separator of a key that is not there")
    }

    /// Cells do not overlap, their bytes add up, and slots carry the heads of their keys.
    private func checkCells(_ node: TreeNode) throws(PageError) {
        var cells: [TreeCell] = []
        for index in 0..<node.count {
            let cell = try node.cell(index)
            cells.append(cell)
            let head = TreeNode.head(node.page.copy(cell.rest, cell.restCount), from: 0)
            let isKeyless = index < node.firstKeyed
            guard node.page.load32(node.slot(index)) == head, !isKeyless || cell.restCount == 0
            else { throw .corrupt(id: node.id.bits, place: 0, reason: "a slot of another key") }
        }
        cells.sort { $0.offset < $1.offset }
        for index in cells.indices.dropFirst() {
            guard cells[index - 1].offset + cells[index - 1].size <= cells[index].offset else {
                throw .corrupt(id: node.id.bits, place: 0, reason: "cells overlap")
            }
        }
        guard cells.reduce(0, { $0 + $1.size }) == Int(node.page.load16(TreeLayout.live)) else {
            throw .corrupt(id: node.id.bits, place: 0, reason: "bytes in use do not add up")
        }
    }
}
