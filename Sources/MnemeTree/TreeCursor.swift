// Going through a range of keys, forwards or backwards, one leaf at a time.

package import MnemePages

/// A position in a range of keys.
///
/// It stands before its first entry until `next` is called.
///
/// Good as long as its view: a cursor over an editor's state ends with the next edit.
package struct TreeCursor {
    private let view: PageView
    private let range: TreeRange
    private let isReversed: Bool
    /// The way down to the leaf.
    private var path = TreePath()
    private var node: TreeNode
    /// No leaf but this one has more.
    private var isLast = false
    @usableFromInline var index = 0
    /// The index where the leaf is done.
    @usableFromInline var stop = 0
    @usableFromInline let step: Int

    init(_ tree: Tree, _ range: TreeRange, reversed: Bool, _ view: PageView) throws(PageError) {
        self.view = view
        self.range = range
        isReversed = reversed
        step = reversed ? -1 : 1
        node = try TreeNode(try view.page(tree.root), tree.root, level: nil)
        path.start(tree.root)
        while node.level > 0 {
            let child: Int
            if !reversed {
                child = node.childIndex(range.lower)
            } else if let upper = range.upper {
                child = node.childIndex(upper)
            } else {
                child = node.count - 1
            }
            try enter(child)
        }
        if range.isEmpty {
            isLast = true
            stop = step
        } else {
            try enterLeaf(isFirst: true)
        }
    }

    /// Goes down to a child.
    private mutating func enter(_ child: Int) throws(PageError) {
        let id = try node.child(child)
        path.push(id, child)
        node = try TreeNode(try view.page(id), id, level: node.level - 1)
    }

    /// Finds out which entries of the leaf are meant.
    private mutating func enterLeaf(isFirst: Bool) throws(PageError) {
        var first = 0
        var end = node.count
        if let upper = range.upper, end > 0 {
            let bound = node.find(upper).index
            if bound < end {
                end = bound
                if !isReversed { isLast = true }
            }
        }
        if isReversed || isFirst {
            first = node.find(range.lower).index
            if isReversed, first > 0 { isLast = true }
        }
        if first >= end {
            (index, stop) = (0, step)
        } else if isReversed {
            (index, stop) = (end, first - 1)
        } else {
            (index, stop) = (first - 1, end)
        }
    }

    /// Goes to the next leaf; false when there is none.
    private mutating func advance() throws(PageError) -> Bool {
        if isLast { return false }
        // Up to the first branch that has another child on this side.
        var branch: TreeNode
        var child: Int
        repeat {
            guard path.depth > 0 else {
                isLast = true
                return false
            }
            child = path.index + step
            path.pop()
            branch = try TreeNode(try view.page(path.id), path.id, level: nil)
        } while child < 0 || child >= branch.count
        if !isReversed, let upper = range.upper,
            try !branch.key(child).lexicographicallyPrecedes(upper)
        {
            isLast = true
            return false
        }
        node = branch
        try enter(child)
        while node.level > 0 { try enter(isReversed ? node.count - 1 : 0) }
        try enterLeaf(isFirst: false)
        return true
    }

    /// Goes to the next entry, false at the end.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(1) amortized.
    @inlinable
    package mutating func next() throws(TreeError) -> Bool {
        index += step
        return index != stop ? true : try nextLeaf()
    }

    @usableFromInline
    mutating func nextLeaf() throws(TreeError) -> Bool {
        index -= step
        return try wrapping { () throws(PageError) in
            while try advance() {
                if index + step != stop {
                    index += step
                    return true
                }
            }
            return false
        }
    }

    /// The entries that are left of a leaf, nil at the end; all of them count as passed.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(1) amortized.
    package mutating func nextRun() throws(TreeError) -> TreeRun? {
        while true {
            let count = abs(stop - index) - 1
            if count > 0 {
                let first = index + step
                index = stop - step
                return TreeRun(node, first: first, isReversed: isReversed, count: count)
            }
            guard try wrapping({ () throws(PageError) in try advance() }) else { return nil }
        }
    }

    /// The next entry, nil at the end.
    ///
    /// - Throws: `.pages`.
    package mutating func nextEntry() throws(TreeError) -> (key: [UInt8], value: [UInt8])? {
        guard try next() else { return nil }
        return (try key, try value)
    }

    /// The key of the entry at a position of the run that was handed out last.
    ///
    /// - Precondition: `position` is below the run's count, and nothing was asked for since.
    package func key(_ position: Int, of run: TreeRun) throws(TreeError) -> [UInt8] {
        try wrapping { () throws(PageError) in try node.key(run.index(position)) }
    }

    /// The key of the entry that the cursor is on.
    ///
    /// - Precondition: `next` returned true.
    package var key: [UInt8] {
        get throws(TreeError) {
            try wrapping { () throws(PageError) in try node.key(index) }
        }
    }

    /// The value of the entry that the cursor is on.
    package var value: [UInt8] {
        get throws(TreeError) {
            try wrapping { () throws(PageError) in try node.value(index) }
        }
    }

    /// The first eight bytes of the value as a little-endian number, zeros where it has none.
    package var value64: UInt64 {
        get throws(TreeError) {
            try wrapping { () throws(PageError) in
                node.page.treeValue64(try node.cell(index))
            }
        }
    }

    /// The last eight bytes of the key as a big-endian number: the ordinal that a key ends in.
    ///
    /// Of a shorter key, all its bytes.
    ///
    /// - Complexity: O(1), without an allocation.
    package var ordinal: UInt64 {
        get throws(TreeError) {
            try wrapping { () throws(PageError) in
                let cell = try node.cell(index)
                if cell.restCount >= 8 {
                    return node.page.load64(cell.rest + cell.restCount - 8).byteSwapped
                }
                var number: UInt64 = 0
                for byte in try node.key(index).suffix(8) { number = number << 8 | UInt64(byte) }
                return number
            }
        }
    }

    /// Passes over the rest of the range.
    ///
    /// - Returns: how many entries it had.
    /// - Complexity: O(leaves).
    package mutating func countRest() throws(TreeError) -> Int {
        try wrapping { () throws(PageError) in
            var count = 0
            repeat {
                count += abs(stop - index) - 1
                index = stop - step
            } while try advance()
            return count
        }
    }
}

extension Tree {
    /// A cursor over a range of keys, from its end when `reversed`.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(log count).
    package func cursor(
        _ range: TreeRange = .all,
        reversed: Bool = false,
        in view: PageView
    ) throws(TreeError) -> TreeCursor {
        try wrapping { () throws(PageError) in
            try TreeCursor(self, range, reversed: reversed, view)
        }
    }

    /// How many keys there are in a range.
    ///
    /// - Throws: `.pages`.
    /// - Complexity: O(log count + leaves of the range).
    package func count(_ range: TreeRange, in view: PageView) throws(TreeError) -> Int {
        var cursor = try cursor(range, in: view)
        return try cursor.countRest()
    }
}
