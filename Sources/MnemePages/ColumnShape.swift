// Which columns a column tree has, and where they stand in a leaf.
// Format: formats/column-tree.md#leaf.

internal import MnemeBase

/// Fixed-size columns of a column tree.
@frozen
@usableFromInline
package struct ColumnShape: Sendable, Equatable {
    /// The most columns that a tree may have.
    @inlinable package static var limit: Int { 8 }
    /// The most bytes that one column may have: the code of the longest vector.
    static var sizeLimit: Int { VectorLimit.dimension / 2 }
    /// The fewest entries that a leaf may have room for: one that is halved, and one more.
    private static var leastCapacity: Int { 3 }

    /// How many columns there are.
    @usableFromInline package let count: Int
    /// How many entries a leaf holds.
    @usableFromInline package let capacity: Int
    @usableFromInline let sizes: InlineArray<8, UInt16>
    @usableFromInline let starts: InlineArray<8, UInt16>

    /// A shape of columns of these sizes in bytes; none at all makes an ordered set of keys.
    ///
    /// - Precondition: at most 8 columns of 1 to 2,048 bytes, and at least 3 entries fit a leaf.
    package init(columns: [Int]) {
        guard let shape = ColumnShape(checking: columns) else {
            preconditionFailure("columns that do not fit a leaf: \(columns)")
        }
        self = shape
    }

    /// A shape of columns of these sizes, nil when they break a limit.
    init?(checking columns: [Int]) {
        guard columns.count <= Self.limit,
            columns.allSatisfy({ $0 > 0 && $0 <= Self.sizeLimit })
        else { return nil }
        let entry = ColumnLayout.keySize + columns.reduce(0, +)
        var capacity = (PageLayout.size - ColumnLayout.payload) / entry
        while Self.place(columns, capacity).end > PageLayout.size { capacity -= 1 }
        guard capacity >= Self.leastCapacity else { return nil }
        self.count = columns.count
        self.capacity = capacity
        var sizes = InlineArray<8, UInt16>(repeating: 0)
        for (column, size) in columns.enumerated() { sizes[column] = UInt16(size) }
        self.sizes = sizes
        starts = Self.place(columns, capacity).starts
    }

    /// Where the columns start in a leaf of this capacity, and where the last one ends.
    private static func place(
        _ columns: [Int],
        _ capacity: Int
    )
        -> (starts: InlineArray<8, UInt16>, end: Int)
    {
        var starts = InlineArray<8, UInt16>(repeating: 0)
        var end = ColumnLayout.payload + ColumnLayout.keySize * capacity
        for (column, size) in columns.enumerated() {
            let natural = size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1
            let alignment = column == 0 ? 64 : natural
            end = (end + alignment - 1) / alignment * alignment
            starts[column] = UInt16(truncatingIfNeeded: end)
            end += size * capacity
        }
        return (starts, end)
    }

    /// Bytes of one entry's values, all columns together.
    package var valueSize: Int { (0..<count).reduce(0) { $0 + size($1) } }

    /// Bytes of one value of a column.
    @inlinable package func size(_ column: Int) -> Int { Int(sizes[column]) }

    /// Where the value of entry `index` stands in its leaf.
    @inlinable package func offset(_ column: Int, _ index: Int) -> Int {
        Int(starts[column]) + index * Int(sizes[column])
    }

    /// The same columns.
    @inlinable
    package static func == (left: ColumnShape, right: ColumnShape) -> Bool {
        guard left.count == right.count else { return false }
        for column in 0..<left.count where left.sizes[column] != right.sizes[column] {
            return false
        }
        return true
    }
}

/// Sizes and places in the pages of a column tree.
///
/// Format: formats/column-tree.md.
@usableFromInline
enum ColumnLayout {
    static let leafKind: UInt8 = 3
    static let branchKind: UInt8 = 4
    /// Height above the leaves, one byte.
    static let level = 17
    /// Entries or children, two bytes.
    static let count = 18
    /// Of the root: entries of the whole tree, eight bytes.
    static let total = 32
    /// A file of 2⁴⁰ places has no room for so many.
    static let totalLimit: UInt64 = 1 << 50
    /// Of the root: how many columns, two bytes; their sizes, two bytes each, from `sizes` on.
    static let columns = 40
    static let sizes = 48
    /// Where keys start, in leaves and branches.
    @inlinable static var payload: Int { 64 }
    @inlinable static var keySize: Int { 16 }
    /// Children that a branch holds.
    static let branchCapacity = 338
    /// Where the child ids of a branch start.
    static let children = payload + keySize * branchCapacity
    /// No tree is higher: 12 levels of half-full branches hold more pages than there are numbers.
    static let levelLimit = 12
}
