// How many entries a range of a column tree has, about, without going through it: whoever chooses
// between ways to an answer asks. Branches have no counts, so that what stands between the two ends
// of a range is taken to be as full as some pages of it.

extension ColumnTree {
    /// About how many keys there are from `start` up to, not including, `end`.
    ///
    /// To the last where `end` is nil. Exact within two neighbouring leaves.
    ///
    /// `enough`: where there cannot be more than so many, the most that there can be is told, and
    /// no leaf is looked at.
    /// - Throws: as `find`.
    /// - Complexity: O(log² count) pages.
    package func estimate(
        from start: ColumnKey,
        to end: ColumnKey?,
        enough: Int = 0,
        in view: PageView
    ) throws(PageError) -> Int {
        if let end, end <= start { return 0 }
        let page = try view.page(root)
        let node = try ColumnNode(page, root, level: nil, capacity: shape.capacity)
        let sum = try estimate(node, from: start, to: end, enough: enough, view)
        return Int(min(sum, Double(try stated(page))).rounded())
    }

    /// About how many entries one `high` has.
    ///
    /// - Throws: as `find`.
    package func estimate(
        high: UInt64,
        enough: Int = 0,
        in view: PageView
    ) throws(PageError) -> Int {
        let end = high == .max ? nil : ColumnKey(high + 1, 0)
        return try estimate(from: ColumnKey(high, 0), to: end, enough: enough, in: view)
    }

    private func estimate(
        _ node: ColumnNode,
        from start: ColumnKey?,
        to end: ColumnKey?,
        enough: Int,
        _ view: PageView
    ) throws(PageError) -> Double {
        if node.level == 0 {
            let first = start.map { node.lowerBound($0) } ?? 0
            let last = end.map { node.lowerBound($0) } ?? node.count
            return Double(max(0, last - first))
        }
        let first = start.map { node.childIndex($0) } ?? 0
        let last = end.map { node.childIndex($0) } ?? node.count - 1
        if first >= last {
            let child = try child(first, of: node, view)
            return try estimate(child, from: start, to: end, enough: enough, view)
        }
        if node.level == 1 {
            let most = (last - first + 1) * shape.capacity
            if most <= enough { return Double(most) }
        }
        let lower = try child(first, of: node, view)
        let upper = try child(last, of: node, view)
        var sum = try estimate(lower, from: start, to: nil, enough: 0, view)
        sum += try estimate(upper, from: nil, to: end, enough: 0, view)
        sum += try whole(first + 1..<last, of: node, view)
        return sum
    }

    /// So many leaves are looked at where many stand side by side, and so many below each branch
    /// of some.
    private static let sampleCount = 8
    private static let branchSampleCount = 2

    /// About how many entries stand below some children of a branch.
    ///
    /// Pages that many keys came into in no order are as full as it happens: several are looked at.
    private func whole(
        _ children: Range<Int>,
        of node: ColumnNode,
        _ view: PageView
    ) throws(PageError) -> Double {
        if children.isEmpty { return 0 }
        let most = node.level == 1 ? Self.sampleCount : Self.branchSampleCount
        let samples = min(children.count, most)
        var sum = 0.0
        for sample in 0..<samples {
            let place = children.lowerBound + (2 * sample + 1) * children.count / (2 * samples)
            let child = try child(place, of: node, view)
            sum +=
                child.level == 0
                ? Double(child.count) : try whole(0..<child.count, of: child, view)
        }
        return sum / Double(samples) * Double(children.count)
    }

    private func child(
        _ index: Int,
        of node: ColumnNode,
        _ view: PageView
    ) throws(PageError) -> ColumnNode {
        let id = node.child(index)
        return try ColumnNode(
            try view.page(id),
            id,
            level: node.level - 1,
            capacity: shape.capacity
        )
    }
}
