// Going through the entries that a plan names.

internal import MnemeBase
internal import MnemeTree

/// A position among the entries of a plan, each record once.
struct PlanWalk {
    private let reader: StateReader
    private let plan: FindPlan
    private var cursor: TreeCursor?
    /// The next range that was not begun.
    private var place = 0
    /// Those that the answer is among besides.
    private let others: IDBitmap?
    /// What came already, where a record may come again.
    private var seen = IDBitmap()
    /// How many entries were passed.
    private(set) var visited = 0

    init(_ plan: FindPlan, _ reader: StateReader) throws(StoreError) {
        self.plan = plan
        self.reader = reader
        guard let ranges = plan.others else {
            others = nil
            return
        }
        var ordinals: [UInt64] = []
        for range in ranges {
            try onTree { () throws(TreeError) in
                var cursor = try reader.state.tree.cursor(range, in: reader.view)
                while try cursor.next() { ordinals.append(try cursor.value64) }
            }
        }
        visited = ordinals.count
        ordinals.sort()
        others = IDBitmap(sorted: ordinals)
    }

    /// The ordinal of the next record, nil at the end.
    mutating func next() throws(StoreError) -> UInt64? {
        while let ordinal = try nextEntry() {
            visited += 1
            if let others, !others.contains(ordinal) { continue }
            if plan.mayRepeat, !seen.insert(ordinal) { continue }
            return ordinal
        }
        return nil
    }

    /// The key of the entry that the walk is on.
    ///
    /// - Precondition: `next` returned an ordinal.
    var key: [UInt8] {
        get throws(StoreError) { try onTree { () throws(TreeError) in try cursor?.key ?? [] } }
    }

    private mutating func nextEntry() throws(StoreError) -> UInt64? {
        while true {
            if cursor != nil {
                let ordinal = try onTree { () throws(TreeError) -> UInt64? in
                    guard try cursor?.next() ?? false else { return nil }
                    return try cursor?.value64
                }
                if let ordinal { return ordinal }
                cursor = nil
            }
            guard place < plan.ranges.count else { return nil }
            let range = plan.ranges[plan.isReversed ? plan.ranges.count - 1 - place : place]
            place += 1
            cursor = try onTree { () throws(TreeError) in
                try reader.state.tree.cursor(range, reversed: plan.isReversed, in: reader.view)
            }
        }
    }
}
