// What recall reads where a scope has too many records to look at each: those that something
// speaks for, and what stands beside them in their sessions. Format: formats/digests.md.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
package import MnemeRecall
internal import MnemeTree

extension Snapshot {
    /// Records and up to `width` before and behind each in its session, in the order of sessions.
    ///
    /// What is not visible is left out, and what a timeline leaves out. Beside a record there are
    /// its owner's records alone.
    ///
    /// - Returns: nil where the collection has no recall list or it is being built.
    /// - Complexity: O(records · (log of the list + width)).
    package func surroundings(
        of ordinals: [UInt64],
        width: Int,
        _ collection: CollectionEntry,
        _ sight: Sight
    ) throws(MnemeError) -> Timeline? {
        guard let list = collection.recallList else { return nil }
        return try reading { state throws(StoreError) in
            guard state.state.roots.building[list.number] == nil else { return nil }
            var reading = SurroundingsReading(state, sight, ordinals.count * (2 * width + 1))
            for key in try state.listKeys(ordinals, collection, list) {
                try reading.read(key, width: key.session == nil ? 0 : width)
            }
            var timeline = reading.timeline
            timeline.seal()
            return timeline
        }
    }
}

/// Where a record stands in a recall list.
private struct ListKey {
    let ordinal: UInt64
    let bytes: [UInt8]
    /// The records of its session; nil where it has none.
    let session: TreeRange?
}

extension StateReader {
    /// Where records stand in a list, in its order.
    fileprivate func listKeys(
        _ ordinals: [UInt64],
        _ collection: CollectionEntry,
        _ list: RecallList
    ) throws(StoreError) -> [ListKey] {
        let index = collection.indexes[list.place]
        let fields = index.parts.map(\.field)
        var keys: [ListKey] = []
        keys.reserveCapacity(ordinals.count)
        var reader = reader(keeps: true)
        for ordinal in ordinals {
            guard let entry = try visibleEntry(ordinal) else { continue }
            try reader.open(entry)
            var writer = StoreKeys.index(collection, index)
            var session: TreeRange?
            for (part, value) in zip(index.parts, try reader.values(fields)) {
                writer.put(value, part)
                if part.field == list.session, value != .null { session = .prefix(writer.bytes) }
            }
            let bytes = StoreKeys.key(writer.bytes, ordinal)
            keys.append(ListKey(ordinal: ordinal, bytes: bytes, session: session))
        }
        keys.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return keys
    }
}

/// Makes a timeline of records by their places, ascending.
private struct SurroundingsReading {
    private let state: StateReader
    private let sight: Sight
    private(set) var timeline = Timeline()
    private var taken: Set<UInt64> = []

    /// `most`: how many records there may be in all.
    init(_ state: StateReader, _ sight: Sight, _ most: Int) {
        (self.state, self.sight) = (state, sight)
        timeline.reserve(most)
        taken.reserveCapacity(most)
    }

    /// Takes in a record and what is beside it.
    mutating func read(_ key: ListKey, width: Int) throws(StoreError) {
        if !taken.contains(key.ordinal) {
            var before: [(ordinal: UInt64, digest: Digest)] = []
            var isBeside = false
            let range = TreeRange(from: key.session?.lower ?? key.bytes, to: key.bytes)
            try state.forEachListed(range, reversed: true, atMost: width, sight) {
                (ordinal, digest) in
                isBeside = taken.contains(ordinal)
                if !isBeside, let digest { before.append((ordinal, digest)) }
                return !isBeside
            }
            if !isBeside { timeline.breakOff() }
            for one in before.reversed() { take(one.ordinal, one.digest) }
        }
        let range = TreeRange(from: key.bytes, to: key.session?.upper)
        try state.forEachListed(range, reversed: false, atMost: width + 1, sight) {
            (ordinal, digest) in
            if let digest, !taken.contains(ordinal) { take(ordinal, digest) }
            return true
        }
    }

    private mutating func take(_ ordinal: UInt64, _ digest: Digest) {
        taken.insert(ordinal)
        timeline.append(ordinal, digest)
    }
}

extension StateReader {
    /// Reads entries of the list; of those that are not to be seen the digest is nil.
    fileprivate func forEachListed(
        _ range: TreeRange,
        reversed: Bool,
        atMost most: Int,
        _ sight: Sight,
        _ body: (UInt64, Digest?) -> Bool
    ) throws(StoreError) {
        if most == 0 { return }
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, reversed: reversed, in: view)
        }
        var left = most
        let mayHide = state.roots.mayHide
        while let run = try onTree({ () throws(TreeError) in try cursor.nextRun() }) {
            for position in 0..<min(run.count, left) {
                guard let value = run.cells.value(position) else {
                    throw StoreError(TreeError.pages(run.damage))
                }
                let ordinal = value.value64
                var digest = Digest(value.bytes, from: 8)
                if let found = digest, !isShown(found, sight) || !isTrue(found) { digest = nil }
                if mayHide, try visibleEntry(ordinal) == nil { digest = nil }
                if !body(ordinal, digest) { return }
            }
            left -= min(run.count, left)
            if left == 0 { return }
        }
    }
}
