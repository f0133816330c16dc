// What walks work with: a copy of the part of the graph that was walked lately, and the ordinals of
// keys that walks began at. A desk is lent to one walk at a time; before it is, it forgets what was
// changed since it was lent last, so that it is never behind the state that is asked about.

internal import MnemeGraph
internal import MnemeModel
internal import Synchronization

/// What one walk at a time works with.
final class WalkDesk {
    var copy: GraphCopy
    var keys = KnownKeys()
    /// Decides about the steps of walks to which nothing is hidden.
    let patience = WalkPatience()
    /// Changes before this one are forgotten.
    fileprivate var position: UInt64 = 0

    /// `keepsPast`: for walks of earlier instants, and for no others.
    init(through sequence: UInt64, keepsPast: Bool = false) {
        copy = GraphCopy(through: sequence, keepsPast: keepsPast)
    }
}

/// Has a walk take every step, as long as its answer is wanted.
final class WalkPatience {
    /// Set for as long as a walk lasts.
    private var opening: Opening?
    /// Why the walk ended.
    private(set) var failure: StoreError?
    private(set) var judge = StepJudge(asks: false)

    init() {
        judge = StepJudge(asks: false, goesOn: { [unowned self] in goesOn() })
    }

    func begin(_ opening: Opening?) {
        self.opening = opening
        failure = nil
    }

    func end() { opening = nil }

    private func goesOn() -> Bool {
        do throws(StoreError) {
            try Wanted.check(opening)
            return true
        } catch {
            failure = error
            return false
        }
    }
}

/// The desks of an open store, and what changed of its edges.
///
/// For any thread.
final class WalkDesks: Sendable {
    /// So many are kept while nobody walks.
    private static let most = 4

    /// SAFETY: a desk is either here or with one borrower.
    private struct Shelf: @unchecked Sendable {
        var idle: [WalkDesk] = []
    }

    private let shelf = Mutex(Shelf())
    /// Of desks that know what was there once.
    private let pastShelf = Mutex(Shelf())
    /// The writer notes here.
    let changes = EdgeChanges()

    /// Lends a desk that knows nothing but what holds in the state of a sequence.
    ///
    /// `keepsPast`: and what was there once.
    func borrow(for sequence: UInt64, keepsPast: Bool = false) -> WalkDesk {
        let kept =
            keepsPast
            ? pastShelf.withLock { Borrowed(desk: $0.idle.popLast()) }
            : shelf.withLock { Borrowed(desk: $0.idle.popLast()) }
        if let desk = kept.desk, desk.copy.through <= sequence {
            catchUp(desk, sequence)
            return desk
        } else if kept.desk != nil {
            giveBack(kept)
        }
        let desk = WalkDesk(through: sequence, keepsPast: keepsPast)
        catchUp(desk, sequence)
        return desk
    }

    func giveBack(_ desk: WalkDesk) { giveBack(Borrowed(desk: desk)) }

    private func giveBack(_ borrowed: Borrowed) {
        if borrowed.desk?.copy.keepsPast ?? false {
            pastShelf.withLock { Self.put(borrowed, on: &$0) }
        } else {
            shelf.withLock { Self.put(borrowed, on: &$0) }
        }
    }

    private static func put(_ borrowed: Borrowed, on shelf: inout Shelf) {
        if let desk = borrowed.desk, shelf.idle.count < most { shelf.idle.append(desk) }
    }

    private func catchUp(_ desk: WalkDesk, _ sequence: UInt64) {
        if changes.count != desk.position {
            changes.catchUp(&desk.position, sequence) { node in
                if let node { desk.copy.forget(node) } else { desk.copy.forgetAll() }
            }
        }
        desk.copy.reach(sequence)
        desk.copy.tidy()
    }

    /// SAFETY: as `Shelf`.
    private struct Borrowed: @unchecked Sendable {
        let desk: WalkDesk?
    }
}

/// The nodes whose edges changed last, and when.
///
/// The writer notes each change before the state that shows it is published. For any thread.
final class EdgeChanges: Sendable {
    private struct Change {
        var sequence: UInt64
        var node: UInt64
    }

    /// So many are known; whoever missed more forgets everything.
    private let capacity: Int
    private let last: Mutex<[Change]>
    private let total = Atomic<UInt64>(0)

    init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        last = Mutex([])
    }

    /// How many were ever noted.
    var count: UInt64 { total.load(ordering: .acquiring) }

    /// Notes that an edge between two nodes came or went.
    func note(_ from: UInt64, _ to: UInt64, at sequence: UInt64) {
        last.withLock { last in
            for node in from == to ? [from] : [from, to] {
                let number = total.load(ordering: .relaxed)
                let change = Change(sequence: sequence, node: node)
                if last.count < capacity {
                    last.append(change)
                } else {
                    last[Int(number % UInt64(capacity))] = change
                }
                total.store(number + 1, ordering: .releasing)
            }
        }
    }

    /// Tells the nodes that changed since a position, up to a sequence; nil for all there are.
    ///
    /// What a later commit changed is told when it is asked for: the position stays before it.
    func catchUp(_ position: inout UInt64, _ sequence: UInt64, forget: (UInt64?) -> Void) {
        last.withLock { last in
            let end = total.load(ordering: .relaxed)
            let first = end - UInt64(last.count)
            if position < first {
                forget(nil)
                position = first
            }
            var later: UInt64?
            for number in position..<end {
                let change = last[Int(number % UInt64(capacity))]
                if change.sequence <= sequence {
                    forget(change.node)
                } else if later == nil {
                    later = number
                }
            }
            position = later ?? end
        }
    }
}

/// Ordinals of keys that were asked for lately.
///
/// A key keeps its ordinal as long as its record is there, and no other record has it: what is
/// known here counts when the ordinal is still there.
struct KnownKeys {
    private struct Slot {
        var collection: UInt16 = 0
        /// 0 where nothing is.
        var ordinal: UInt64 = 0
        var key = Key.int(0)
    }

    private static let size = 1 << 13
    private var slots: [Slot] = []

    /// The ordinal that a key had.
    func ordinal(_ collection: UInt16, _ key: Key) -> UInt64? {
        if slots.isEmpty { return nil }
        let place = Self.place(collection, key)
        guard slots[place].ordinal != 0, slots[place].collection == collection,
            slots[place].key == key
        else { return nil }
        return slots[place].ordinal
    }

    /// Notes the ordinal of a key.
    mutating func note(_ collection: UInt16, _ key: Key, _ ordinal: UInt64) {
        if slots.isEmpty { slots = [Slot](repeating: Slot(), count: Self.size) }
        let place = Self.place(collection, key)
        slots[place] = Slot(collection: collection, ordinal: ordinal, key: key)
    }

    private static func place(_ collection: UInt16, _ key: Key) -> Int {
        Int(truncatingIfNeeded: KeyHints.hash(collection, key)) & (size - 1)
    }
}
