// The end of a record that has expired and is named by others. More may follow it than a batch
// holds, and nothing may refuse it: then what follows goes first, in as many batches as it takes.

internal import MnemeModel
internal import MnemePages

extension BatchPlanner {
    /// Bytes of the log that the end of a record takes at most.
    var endSize: Int { PlannedDelete.largestFrameSize(forks: roots.forks.count) }

    /// Ends a record that has expired, with all that follows it; where that is too much, a part of
    /// what follows.
    ///
    /// - Returns: whether anything was ended or changed.
    /// - Complexity: O(what follows).
    mutating func expireInParts(_ ordinal: UInt64) throws(StoreError) -> Bool {
        var way = [ordinal]
        var seen: Set<UInt64> = [ordinal]
        var hasChanged = false
        while let last = way.last {
            if dead.contains(last) {
                way.removeLast()
                continue
            }
            guard following.count < Following.sweepLimit else { return hasChanged }
            if try keptEdgesSize(last) == nil {
                let hasEnded = try endEdges(of: last)
                return hasChanged || hasEnded
            }
            if try fits(last) {
                try endExpired(last)
                hasChanged = true
                way.removeLast()
                continue
            }
            let (parts, isStarted, isFull) = try startFollowing(last, &seen)
            hasChanged = hasChanged || isStarted
            if isFull { return hasChanged }
            if parts.isEmpty { way.removeLast() } else { way += parts }
        }
        // What names itself in a great circle has no part that could go first.
        if !hasChanged, following.count == 0, following.byteCount == 0 {
            try endExpired(ordinal)
            hasChanged = true
        }
        return hasChanged
    }

    private mutating func endExpired(_ ordinal: UInt64) throws(StoreError) {
        let entry = try version(ordinal).entry
        guard let collection = catalog.collection(number: entry.collection) else { return }
        following.byteCount += endSize + (try keptEdgesSize(ordinal) ?? 0)
        following.byteCount += try keptSize(ordinal)
        try end(ordinal, collection)
        try follow()
    }

    /// Whether a record and all that follows it fit what is left of the batch.
    private mutating func fits(_ ordinal: UInt64) throws(StoreError) -> Bool {
        var queue = [ordinal]
        var seen: Set<UInt64> = [ordinal]
        var count = following.count
        guard let edgesSize = try keptEdgesSize(ordinal) else { return false }
        var byteCount = following.byteCount + endSize + edgesSize + (try keptSize(ordinal))
        var next = 0
        while next < queue.count {
            let most = Following.sweepLimit - count + 1
            for (referrer, name) in try referrers(of: queue[next]) {
                for one in try recordsNaming(name, referrer, before: 0, atMost: most)
                where seen.insert(one).inserted {
                    count += 1
                    byteCount += referrer.isDeleting ? endSize : try version(one).frameBytes
                    byteCount += try keptSize(one)
                    guard referrer.isDeleting else { continue }
                    guard let edgesSize = try keptEdgesSize(one) else { return false }
                    byteCount += edgesSize
                    queue.append(one)
                }
                guard count <= Following.sweepLimit, byteCount <= following.byteLimit else {
                    return false
                }
            }
            next += 1
        }
        return byteCount <= following.byteLimit
    }

    /// Begins with what follows a record: takes its name out where that is what follows, and says
    /// what is to end before it, and whether the batch is full.
    private mutating func startFollowing(
        _ ordinal: UInt64,
        _ seen: inout Set<UInt64>
    ) throws(StoreError) -> (parts: [UInt64], isStarted: Bool, isFull: Bool) {
        var parts: [UInt64] = []
        var isStarted = false
        let record = try version(ordinal).record
        for (referrer, name) in try referrers(of: ordinal) {
            let most = Following.sweepLimit - following.count
            for one in try recordsNaming(name, referrer, before: 0, atMost: most) {
                if referrer.isDeleting {
                    if parts.count < most, seen.insert(one).inserted { parts.append(one) }
                    continue
                }
                let size = try version(one).frameBytes
                guard following.count < Following.sweepLimit,
                    following.byteCount == 0
                        || following.byteCount + size <= following.byteLimit
                else { return ([], isStarted, true) }
                let fall = Fall(
                    collection: referrer.collection,
                    record: record,
                    overrules: true,
                    step: 0
                )
                try takeOut(name, of: one, referrer, fall)
                following.count += 1
                following.byteCount += size
                isStarted = true
            }
        }
        return (parts, isStarted, false)
    }

    /// The rules by which a record is named, and its names.
    private mutating func referrers(
        of ordinal: UInt64
    ) throws(StoreError) -> [(Referrer, RecordNames)] {
        let version = try version(ordinal)
        var named: [(Referrer, RecordNames)] = []
        for referrer in catalog.referrers[version.entry.collection] ?? [] {
            guard let name = referrer.reference.name(of: version.record) else { continue }
            named.append((referrer, name))
        }
        return named
    }
}
