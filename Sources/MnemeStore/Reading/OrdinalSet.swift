// Ordinals that others are held against, one by one: few of them in a table of their own, where one
// look or two say whether one is among them; many as a bitmap.

internal import MnemeBase

/// A set of ordinals that does not change.
struct OrdinalSet {
    /// No more stand in a table.
    private static let tableLimit = 1 << 14

    /// The ordinals, each plus one, at places that follow from them.
    ///
    /// At most half full; empty where there is a bitmap.
    private let table: [UInt64]
    private let bitmap: IDBitmap

    /// Those of a list, in which one may stand more than once.
    ///
    /// - Complexity: O(*n*), and O(*n* log *n*) for many that are not in order.
    init(_ ordinals: [UInt64]) {
        guard ordinals.count <= Self.tableLimit else {
            table = []
            bitmap = IDBitmap(sorted: ordinals.isAscending ? ordinals : ordinals.sorted())
            return
        }
        var size = 16
        while size < 2 * ordinals.count { size *= 2 }
        var table = [UInt64](repeating: 0, count: size)
        for ordinal in ordinals {
            var place = Self.place(ordinal) & (size - 1)
            while table[place] != 0, table[place] != ordinal &+ 1 {
                place = (place + 1) & (size - 1)
            }
            table[place] = ordinal &+ 1
        }
        self.table = table
        bitmap = IDBitmap()
    }

    /// Whether an ordinal is among them.
    ///
    /// - Complexity: O(1) of few, O(log *n*) of many.
    @inline(__always)
    func contains(_ ordinal: UInt64) -> Bool {
        let mask = table.count - 1
        guard mask >= 0 else { return bitmap.contains(ordinal) }
        var place = Self.place(ordinal) & mask
        while table[place] != 0 {
            if table[place] == ordinal &+ 1 { return true }
            place = (place + 1) & mask
        }
        return false
    }

    @inline(__always)
    private static func place(_ ordinal: UInt64) -> Int {
        Int(truncatingIfNeeded: (ordinal &* 0x9e37_79b9_7f4a_7c15) >> 40)
    }
}

extension [UInt64] {
    fileprivate var isAscending: Bool {
        for index in indices.dropFirst() where self[index] < self[index - 1] { return false }
        return true
    }
}
