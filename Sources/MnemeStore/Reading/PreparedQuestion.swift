// Questions that are asked often, of one owner after another: checked once, and planned once for
// each owner as long as neither the schema nor who the owners are changes. As long as nothing at
// all changes, it is known where the answer stands.

package import MnemeModel
internal import MnemeTree
internal import Synchronization

/// A plain question that is ready to be asked.
///
/// For any thread.
package final class PreparedQuestion: Sendable {
    /// How an owner's records are come by.
    enum Way: Sendable {
        /// There is no such owner.
        case nobody
        /// All entries of a range, in their order.
        case range(TreeRange, isReversed: Bool)
        /// By the entries that a plan leads to, as far as they pass.
        case plan(PreparedPlan)
    }

    /// The question without an owner, its filter's values as the fields keep them.
    let find: Find
    /// What views of its records have.
    package let shape: RecordShape
    private let known = Mutex(KnownOwners())

    init(_ find: Find, _ shape: RecordShape) {
        self.find = find
        self.shape = shape
    }

    /// Where the answer for an owner stands in a state, nil when that is not known.
    func spots(of owner: String, _ state: StoreState) -> AnswerSpots? {
        let hash = KnownOwners.hash(owner)
        return known.withLock { $0.spots(owner, hash, state.number) }
    }

    /// The way to an owner's records in a state.
    func way(to owner: String, _ state: StoreState) -> Way? {
        // Which indexes are ready changes without the schema.
        guard state.roots.building.isEmpty else { return nil }
        let hash = KnownOwners.hash(owner)
        return known.withLock { known in
            guard known.catalogVersion == state.catalog.version,
                known.nextOwner == state.roots.nextOwner
            else { return nil }
            let way = known.way(owner, hash)
            if case .plan(let plan)? = way, plan.isOutdated(in: state) { return nil }
            return way
        }
    }

    /// Remembers a way; an older state than the last one's leaves nothing.
    func note(_ way: Way, to owner: String, _ state: StoreState) {
        guard state.roots.building.isEmpty else { return }
        let hash = KnownOwners.hash(owner)
        known.withLock { known in
            let (version, next) = (state.catalog.version, state.roots.nextOwner)
            guard version >= known.catalogVersion, next >= known.nextOwner else { return }
            if version > known.catalogVersion || next > known.nextOwner || known.isFull {
                known = KnownOwners(catalogVersion: version, nextOwner: next)
            }
            known.note(way, owner, hash)
        }
    }

    /// Remembers where the answer for an owner stands in a state.
    ///
    /// Nothing of it may change but with the state: no record of it expires.
    func note(_ spots: AnswerSpots, of owner: String, _ state: StoreState) {
        let hash = KnownOwners.hash(owner)
        known.withLock { $0.note(spots, owner, hash, state.number) }
    }
}

/// A plan for an owner with what goes with it.
///
/// It stays right as long as neither the schema nor who the owners are changes, and good as long as
/// the collection is about as large.
final class PreparedPlan: Sendable {
    let way: FindWay
    /// What the plan leaves to be held.
    let held: HeldFilter?
    let keys: SortKeys
    private let collection: UInt16
    /// How many records the collection had.
    private let count: Int

    init(_ way: FindWay, _ find: Find, _ collection: CollectionEntry, _ state: StoreState) {
        self.way = way
        held = way.plan.held.map { HeldFilter($0, collection) }
        keys = SortKeys(find.order, collection)
        self.collection = collection.number
        count = state.roots.counts[collection.number] ?? 0
    }

    /// Whether the collection has grown or shrunk by so much that another plan may be better.
    func isOutdated(in state: StoreState) -> Bool {
        let now = state.roots.counts[collection] ?? 0
        return max(now, count) - min(now, count) > 64 + count / 4
    }
}

/// Where the entries stand that answer a question, leaf by leaf.
struct AnswerSpots: Sendable {
    /// Of no more leaves.
    private static let limit = 4

    private var spots = InlineArray<4, TreeSpot>(repeating: .none)
    private(set) var count = 0
    /// False when there were more than can be remembered.
    private(set) var areAll = true

    subscript(_ index: Int) -> TreeSpot { spots[index] }

    mutating func append(_ spot: TreeSpot) {
        guard count < Self.limit else { return areAll = false }
        spots[count] = spot
        count += 1
    }
}

/// What is known of owners: a table with open addressing, at most half full.
private struct KnownOwners {
    /// No more are remembered.
    private static let limit = 4096

    private struct Slot {
        /// 0 where nothing is.
        var hash: UInt64 = 0
        /// The number of the state that the spots are good in, 0 for none.
        var state: UInt64 = 0
        var owner = ""
        var spots = AnswerSpots()
        var way = PreparedQuestion.Way.nobody
    }

    var catalogVersion: UInt32 = 0
    var nextOwner: UInt32 = 0
    private var count = 0
    private var slots: [Slot] = []

    init(catalogVersion: UInt32 = 0, nextOwner: UInt32 = 0) {
        self.catalogVersion = catalogVersion
        self.nextOwner = nextOwner
    }

    var isFull: Bool { count >= Self.limit }

    /// Never 0.
    static func hash(_ owner: String) -> UInt64 { owner.plainHash(seed: 0) | 1 << 63 }

    func spots(_ owner: String, _ hash: UInt64, _ state: UInt64) -> AnswerSpots? {
        guard let index = find(owner, hash), slots[index].state == state else { return nil }
        return slots[index].spots
    }

    func way(_ owner: String, _ hash: UInt64) -> PreparedQuestion.Way? {
        find(owner, hash).map { slots[$0].way }
    }

    mutating func note(_ way: PreparedQuestion.Way, _ owner: String, _ hash: UInt64) {
        if let index = find(owner, hash) { return slots[index].way = way }
        if 2 * (count + 1) > slots.count { grow() }
        let index = free(hash)
        slots[index].hash = hash
        slots[index].owner = owner
        slots[index].way = way
        count += 1
    }

    /// Of an owner who is known.
    mutating func note(_ spots: AnswerSpots, _ owner: String, _ hash: UInt64, _ state: UInt64) {
        guard let index = find(owner, hash) else { return }
        slots[index].spots = spots
        slots[index].state = state
    }

    @inline(__always)
    private func find(_ owner: String, _ hash: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[index].hash != 0 {
            if slots[index].hash == hash, slots[index].owner == owner { return index }
            index = (index + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The first place for a hash where nothing is.
    private func free(_ hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[index].hash != 0 { index = (index + 1) & (slots.count - 1) }
        return index
    }

    private mutating func grow() {
        let before = slots
        slots = [Slot](repeating: Slot(), count: max(16, 2 * before.count))
        for slot in before where slot.hash != 0 { slots[free(slot.hash)] = slot }
    }
}
