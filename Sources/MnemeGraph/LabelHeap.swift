// The labels of a search that wait to be gone on from.

/// Places of labels, the cheapest on top; of the same cost that with fewer edges, then the older.
struct LabelHeap {
    private struct Entry {
        let place: Int
        let cost: Double
        let hops: Int

        func comesFirst(_ other: Entry) -> Bool {
            if cost != other.cost { return cost < other.cost }
            return hops != other.hops ? hops < other.hops : place < other.place
        }
    }

    private var entries: [Entry] = []

    mutating func push(_ place: Int, cost: Double, hops: Int) {
        entries.append(Entry(place: place, cost: cost, hops: hops))
        var child = entries.count - 1
        while child > 0, entries[child].comesFirst(entries[(child - 1) / 2]) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Int? {
        guard let top = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while 2 * parent + 1 < entries.count {
            var child = 2 * parent + 1
            if child + 1 < entries.count, entries[child + 1].comesFirst(entries[child]) {
                child += 1
            }
            guard entries[child].comesFirst(entries[parent]) else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return top.place
    }
}
