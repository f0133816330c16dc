// Nodes that a walk may go on from, the best first: a heap, as there may be many more of them than
// the walk has results.

/// Keys of nodes, as a beam has them.
struct GraphHeap {
    private var keys: [UInt64] = []

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// Forgets all, and keeps the memory.
    mutating func removeAll() { keys.removeAll(keepingCapacity: true) }

    /// Adds a key.
    ///
    /// - Complexity: O(log count).
    mutating func push(_ key: UInt64) {
        keys.append(key)
        var place = keys.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard keys[parent] < key else { break }
            keys[place] = keys[parent]
            place = parent
        }
        keys[place] = key
    }

    /// Takes the greatest key; nil where there is none.
    ///
    /// - Complexity: O(log count).
    mutating func pop() -> UInt64? {
        guard let last = keys.popLast() else { return nil }
        guard let best = keys.first else { return last }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] > keys[child] { child += 1 }
            guard keys[child] > last else { break }
            keys[place] = keys[child]
            place = child
        }
        keys[place] = last
        return best
    }
}
