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
    /// What is not visible is left out, and what a timeline leaves out; what is over is kept apart,
    /// as there. Beside a record there are its owner's records alone.
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
                (ordinal, listed) in
                isBeside = taken.contains(ordinal)
                if isBeside { return false }
                switch listed {
                case .seen(let digest): before.append((ordinal, digest))
                case .over(let record): pass(record)
                case .hidden: break
                }
                return true
            }
            if !isBeside { timeline.breakOff() }
            for one in before.reversed() { take(one.ordinal, one.digest) }
        }
        let range = TreeRange(from: key.bytes, to: key.session?.upper)
        try state.forEachListed(range, reversed: false, atMost: width + 1, sight) {
            (ordinal, listed) in
            if taken.contains(ordinal) { return true }
            switch listed {
            case .seen(let digest): take(ordinal, digest)
            case .over(let record): pass(record)
            case .hidden: break
            }
            return true
        }
    }

    private mutating func pass(_ record: PassedRecord) {
        taken.insert(record.ordinal)
        timeline.pass(record)
    }

    private mutating func take(_ ordinal: UInt64, _ digest: Digest) {
        taken.insert(ordinal)
        timeline.append(ordinal, digest)
    }
}

/// What an entry of the list tells of its record.
private enum Listed {
    case seen(Digest)
    /// It is not true any more, or its time is over.
    case over(PassedRecord)
    case hidden
}

extension StateReader {
    /// Reads entries of the list, until the body wants no more.
    fileprivate func forEachListed(
        _ range: TreeRange,
        reversed: Bool,
        atMost most: Int,
        _ sight: Sight,
        _ body: (UInt64, Listed) -> Bool
    ) throws(StoreError) {
        if most == 0 { return }
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, reversed: reversed, in: view)
        }
        var left = most
        let mayHide = self.mayHide
        while let run = try onTree({ () throws(TreeError) in try cursor.nextRun() }) {
            for position in 0..<min(run.count, left) {
                guard let value = run.cells.value(position) else {
                    throw StoreError(TreeError.pages(run.damage))
                }
                let ordinal = value.value64
                var listed = Listed.hidden
                if let digest = Digest(value.bytes, from: 8), isShown(digest, sight) {
                    listed = try self.listed(ordinal, digest, mayHide: mayHide)
                }
                if !body(ordinal, listed) { return }
            }
            left -= min(run.count, left)
            if left == 0 { return }
        }
    }

    /// What the entry of a record tells that is not put aside.
    private func listed(
        _ ordinal: UInt64,
        _ digest: Digest,
        mayHide: Bool
    ) throws(StoreError) -> Listed {
        if mayHide, try visibleEntry(ordinal) == nil {
            return try hasExpired(ordinal)
                ? .over(PassedRecord(ordinal, digest, isExpired: true)) : .hidden
        }
        if isTrue(digest) { return .seen(digest) }
        return isOver(digest) ? .over(PassedRecord(ordinal, digest, isExpired: false)) : .hidden
    }
}
