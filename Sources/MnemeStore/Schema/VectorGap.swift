// Which records have a vector in one of two fields and not in the other: what a switch of vectors
// is held against. The codes of both fields stand in the order of owners and ordinals, so that they
// are gone through side by side.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// Records that have one of two vectors alone.
struct VectorGap {
    /// So many are named.
    private static let mostNamed = 3

    /// How many have the old vector and not the new one, and the first of them.
    private(set) var lackingCount = 0
    private(set) var lacking: [UInt64] = []
    /// How many have the new vector and not the old one, and the first of them.
    private(set) var surplusCount = 0
    private(set) var surplus: [UInt64] = []

    /// Compares all of two fields.
    ///
    /// `isThere`: whether a record counts.
    /// - Complexity: O(vectors of both).
    init(
        _ old: VectorIndex,
        _ new: VectorIndex,
        in view: PageView,
        isThere: (UInt64) throws(StoreError) -> Bool
    ) throws(StoreError) {
        var left = try VectorWalk(old, in: view)
        var right = try VectorWalk(new, in: view)
        while left.key != nil || right.key != nil {
            let order = Self.order(left.key, right.key)
            if order < 0, let ordinal = left.key?.ordinal {
                if try isThere(ordinal) { lack(ordinal) }
            } else if order > 0, let ordinal = right.key?.ordinal {
                if try isThere(ordinal) { add(surplus: ordinal) }
            }
            if order <= 0 { try left.advance() }
            if order >= 0 { try right.advance() }
        }
    }

    /// Compares those of some records, each with its owner.
    ///
    /// - Complexity: O(records · log vectors).
    init(
        of records: [(owner: UInt32, ordinal: UInt64)],
        _ old: VectorIndex,
        _ new: VectorIndex,
        in view: PageView
    ) throws(StoreError) {
        for record in records {
            let (hasOld, hasNew) = try onPages { () throws(PageError) in
                (
                    try old.address(owner: record.owner, ordinal: record.ordinal, in: view) != nil,
                    try new.address(owner: record.owner, ordinal: record.ordinal, in: view) != nil
                )
            }
            if hasOld, !hasNew { lack(record.ordinal) }
            if hasNew, !hasOld { add(surplus: record.ordinal) }
        }
    }

    private mutating func lack(_ ordinal: UInt64) {
        lackingCount += 1
        if lacking.count < Self.mostNamed { lacking.append(ordinal) }
    }

    private mutating func add(surplus ordinal: UInt64) {
        surplusCount += 1
        if surplus.count < Self.mostNamed { surplus.append(ordinal) }
    }

    /// Negative, zero or positive as the left comes first, both are one, or the right comes first;
    /// nil comes last.
    private static func order(_ left: VectorWalk.Key?, _ right: VectorWalk.Key?) -> Int {
        guard let left else { return 1 }
        guard let right else { return -1 }
        if left.owner != right.owner { return left.owner < right.owner ? -1 : 1 }
        if left.ordinal != right.ordinal { return left.ordinal < right.ordinal ? -1 : 1 }
        return 0
    }
}

/// Goes through the keys of a vector index in their order.
private struct VectorWalk {
    struct Key {
        let owner: UInt64
        let ordinal: UInt64
    }

    private var cursor: ColumnCursor
    private var block: ColumnBlock?
    private var index = 0
    /// The key that is come to; nil at the end.
    private(set) var key: Key?

    init(_ vectors: VectorIndex, in view: PageView) throws(StoreError) {
        cursor = try onPages { () throws(PageError) in try vectors.tree.cursor(in: view) }
        try advance()
    }

    mutating func advance() throws(StoreError) {
        index += 1
        if index >= block?.range.upperBound ?? 0 {
            do throws(PageError) { block = try cursor.next() } catch { throw .pages(error) }
            index = block?.range.lowerBound ?? 0
        }
        key = block.map { Key(owner: $0.high(index), ordinal: $0.low(index)) }
    }
}
