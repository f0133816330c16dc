// Going through the entries that a plan names.

internal import MnemeBase
internal import MnemePages
internal import MnemeTree

/// A position among the entries of a plan, each record once.
struct PlanWalk {
    private let reader: StateReader
    private let plan: FindPlan
    private var cursor: TreeCursor?
    /// The entries of a leaf that the walk is in, and the next of them.
    private var run: TreeRun?
    private var position = 0
    /// The next range that was not begun.
    private var place = 0
    /// Those that the answer is among besides.
    private let others: OrdinalSet?
    /// What came already, where a record may come again.
    private var seen = IDBitmap()
    /// How many entries were passed.
    private(set) var visited = 0
    private var wanted = WantedCheck()

    init(_ plan: FindPlan, _ reader: StateReader) throws(StoreError) {
        self.plan = plan
        self.reader = reader
        guard let ranges = plan.others else {
            others = nil
            return
        }
        var ordinals: [UInt64] = []
        for range in ranges {
            var cursor = try onTree { () throws(TreeError) in
                try reader.state.tree.cursor(range, in: reader.view)
            }
            while let run = try onTree({ () throws(TreeError) in try cursor.nextRun() }) {
                try wanted.passed(ordinals.count, reader)
                for position in 0..<run.count { ordinals.append(try run.ordinal(position)) }
            }
        }
        visited = ordinals.count
        others = OrdinalSet(ordinals)
    }

    /// Takes the ordinals of records that come next, at most so many, whose entries stand in one
    /// leaf; false at the end, where there are none.
    ///
    /// - Precondition: `most` is above 0.
    mutating func fill(_ ordinals: inout [UInt64], atMost most: Int) throws(StoreError) -> Bool {
        ordinals.removeAll(keepingCapacity: true)
        while true {
            if let run {
                while position < run.count, ordinals.count < most {
                    let ordinal = try run.ordinal(position)
                    position += 1
                    visited += 1
                    if let others, !others.contains(ordinal) { continue }
                    if plan.mayRepeat, !seen.insert(ordinal) { continue }
                    ordinals.append(ordinal)
                }
                if !ordinals.isEmpty { return true }
            }
            guard try nextRun() else { return false }
        }
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
        get throws(StoreError) {
            guard let run, let cursor, position > 0 else { return [] }
            return try onTree { () throws(TreeError) in try cursor.key(position - 1, of: run) }
        }
    }

    private mutating func nextEntry() throws(StoreError) -> UInt64? {
        while true {
            if let run, position < run.count {
                position += 1
                return try run.ordinal(position - 1)
            }
            guard try nextRun() else { return nil }
        }
    }

    /// Goes on to the next leaf; false at the end.
    private mutating func nextRun() throws(StoreError) -> Bool {
        try wanted.passed(visited, reader)
        while true {
            if cursor != nil {
                run = try onTree { () throws(TreeError) in try cursor?.nextRun() }
                position = 0
                if run != nil { return true }
                cursor = nil
            }
            guard place < plan.ranges.count else { return false }
            let range = plan.ranges[plan.isReversed ? plan.ranges.count - 1 - place : place]
            place += 1
            cursor = try onTree { () throws(TreeError) in
                try reader.state.tree.cursor(range, reversed: plan.isReversed, in: reader.view)
            }
        }
    }
}

extension TreeRun {
    /// The ordinal that the entry at a position leads to.
    ///
    /// - Throws: `.pages(.corrupt)` when it leaves its page.
    @inline(__always)
    fileprivate func ordinal(_ position: Int) throws(StoreError) -> UInt64 {
        guard let value = cells.value(position) else { throw .pages(damage) }
        return value.value64
    }
}
