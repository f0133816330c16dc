// Requests in flight by id: open addressing, so that a request costs two short probes and no
// allocation. A peer that chooses its ids so that they collide slows down its own connection, by as
// many probes as it may have requests.

/// Entries by id; 0 is no id.
struct RequestTable<Entry: Sendable>: Sendable {
    private var ids: [UInt32]
    private var entries: [Entry?]
    private(set) var count = 0

    init() {
        ids = Array(repeating: 0, count: 16)
        entries = Array(repeating: nil, count: 16)
    }

    /// The entry of an id.
    subscript(id: UInt32) -> Entry? {
        let slot = slot(of: id)
        return ids[slot] == id ? entries[slot] : nil
    }

    /// Changes an entry in place.
    ///
    /// - Precondition: the id is there.
    mutating func update(_ id: UInt32, _ change: (inout Entry) -> Void) {
        let slot = slot(of: id)
        precondition(ids[slot] == id)
        if var entry = entries[slot] {
            change(&entry)
            entries[slot] = entry
        }
    }

    /// Adds an entry.
    ///
    /// - Precondition: the id is not 0 and not there.
    mutating func insert(_ id: UInt32, _ entry: Entry) {
        if (count + 1) * 2 > ids.count { grow() }
        let slot = slot(of: id)
        precondition(id != 0 && ids[slot] == 0)
        ids[slot] = id
        entries[slot] = entry
        count += 1
    }

    /// Takes an entry out; nil where there is none.
    @discardableResult mutating func remove(_ id: UInt32) -> Entry? {
        var hole = slot(of: id)
        guard id != 0, ids[hole] == id else { return nil }
        let entry = entries[hole]
        count -= 1
        // Those behind move up, so that no probe meets a hole before its end.
        let mask = ids.count - 1
        var next = (hole + 1) & mask
        while ids[next] != 0 {
            let home = home(of: ids[next])
            if (next &- home) & mask >= (next &- hole) & mask {
                ids[hole] = ids[next]
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        ids[hole] = 0
        entries[hole] = nil
        return entry
    }

    /// Every id with its entry, in no order.
    var all: [(id: UInt32, entry: Entry)] {
        ids.indices.compactMap { slot in entries[slot].map { (ids[slot], $0) } }
    }

    private func home(of id: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(id) &* 0x9e37_79b9_7f4a_7c15) >> 32) & (ids.count - 1)
    }

    /// Where an id is, or the free slot where it would be.
    private func slot(of id: UInt32) -> Int {
        var slot = home(of: id)
        while ids[slot] != 0, ids[slot] != id { slot = (slot + 1) & (ids.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = all
        ids = Array(repeating: 0, count: ids.count * 2)
        entries = Array(repeating: nil, count: ids.count)
        for (id, entry) in old {
            let slot = slot(of: id)
            ids[slot] = id
            entries[slot] = entry
        }
    }
}
