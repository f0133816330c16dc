// Which edges a walk follows, as it is asked for, and made ready to be asked of every entry of a
// list.

/// Which edges a walk follows.
package struct EdgeChoice: Sendable {
    /// Only these types, all when nil; sorted.
    package var types: [UInt16]?
    /// Along edges.
    package var goesOut: Bool
    /// Against edges.
    package var goesIn: Bool
    /// Types that are followed both ways whatever the direction, where they are chosen; sorted.
    package var bothWays: [UInt16]

    /// A choice of its parts.
    package init(
        types: [UInt16]?,
        goesOut: Bool,
        goesIn: Bool,
        bothWays: [UInt16] = []
    ) {
        self.types = types?.sorted()
        self.goesOut = goesOut
        self.goesIn = goesIn
        self.bothWays = bothWays.sorted()
    }

    /// The types that are followed on a side of a record, all when nil.
    package func types(on side: EdgeSide) -> [UInt16]? {
        if side == .out ? goesOut : goesIn { return types }
        guard let types else { return bothWays }
        return bothWays.isEmpty ? [] : types.filter { bothWays.contains($0) }
    }

    /// Whether edges of a type are followed on a side of a record.
    package func follows(_ type: UInt16, on side: EdgeSide) -> Bool {
        types(on: side)?.contains(type) ?? true
    }
}

/// A choice as lists are held against it.
package struct ReadyChoice: Sendable {
    let out: TypeSet
    let arriving: TypeSet

    /// Makes a choice ready.
    package init(_ choice: EdgeChoice) {
        out = TypeSet(choice.types(on: .out))
        arriving = TypeSet(choice.types(on: .arriving))
    }

    private init(out: TypeSet, arriving: TypeSet) {
        self.out = out
        self.arriving = arriving
    }

    /// The same edges the other way round.
    var reversed: ReadyChoice { ReadyChoice(out: arriving, arriving: out) }

    @inline(__always)
    func types(on side: EdgeSide) -> TypeSet { side == .out ? out : arriving }
}

/// Some types of edges, or all.
struct TypeSet: Sendable {
    let isAll: Bool
    let isEmpty: Bool
    /// Those below 64 as bits.
    private let low: UInt64
    /// The others, sorted.
    private let high: [UInt16]

    /// Of the numbers of types; all when nil.
    init(_ types: [UInt16]?) {
        isAll = types == nil
        isEmpty = types?.isEmpty ?? false
        low = (types ?? []).reduce(0) { $1 < 64 ? $0 | 1 << UInt64($1) : $0 }
        high = (types ?? []).filter { $0 >= 64 }
    }

    @inline(__always)
    func contains(_ type: UInt16) -> Bool {
        if isAll { return true }
        return type < 64 ? low >> UInt64(type) & 1 != 0 : high.contains(type)
    }
}
