// Prepared walks. All of it looks at the newest state, as a snapshot taken for one question would.

internal import MnemeBase
internal import MnemeGraph
package import MnemeModel
internal import MnemePages

extension Store {
    /// Makes a walk ready to be taken from any record of a collection.
    ///
    /// - Throws: as `Snapshot.walk`; `.badRequest` where it has starts.
    package func prepare(
        _ walk: Walk,
        from collection: String
    ) throws(MnemeError) -> PreparedWalk {
        guard walk.from.isEmpty else {
            throw MnemeError(
                .badRequest,
                "a walk that is prepared begins at the key that is given when it is asked, and "
                    + "this one names \(walk.from[0]); leave \"from\" empty"
            )
        }
        let checked = try PreparedWalk.check(walk, collection, reader())
        return PreparedWalk(walk, from: collection, checked)
    }

    /// How many records a prepared walk reaches from the record of a key; nil when that is not
    /// there.
    ///
    /// - Throws: `.wrongType` of a key that no record of the collection has; `.corrupt`, `.disk`.
    /// - Complexity: as `GraphCopy.count`; nothing is allocated once the lists are known.
    package func count(_ walk: PreparedWalk, from key: Key) throws(MnemeError) -> Int? {
        brake.waitToRead()
        let state = newest.state
        defer { withExtendedLifetime(state) {} }
        // The desks are those of the opening.
        let reader = reader(of: state, during: opening)
        let checked = try walk.checked(reader)
        guard key.coerced(to: checked.collection.schema.key) == key else {
            return try count(walk, from: try checked.collection.coerced(key))
        }
        var rules = checked.rules
        if let past = checked.past, let asked = walk.walk.knownAt {
            rules.instant = try past.instant(asked, now: reader.visibility.instant)
        }
        return try reading { [rules] () throws(StoreError) in
            try reader.walking(rules) { (desk, source, judge) throws(StoreError) -> Int? in
                let start = try reader.start(
                    key,
                    checked.collection,
                    rules.sight,
                    desk,
                    at: rules.instant
                )
                guard let start, try reader.isTrue(start, rules) else { return nil }
                let bounds = WalkBounds(hops: walk.walk.hops, limit: walk.walk.limit)
                return try onPages { () throws(PageError) in
                    try desk.copy.count(from: start, checked.choice, bounds, source, judge).count
                }
            }
        }
    }
}

extension StateReader {
    /// The record of a key, where a walk may begin at it.
    fileprivate func start(
        _ key: Key,
        _ collection: CollectionEntry,
        _ sight: Sight,
        _ desk: WalkDesk,
        at instant: Microseconds?
    ) throws(StoreError) -> UInt64? {
        if let instant { return try start(key, collection, sight, desk, known: instant) }
        if !state.catalog.hasMarks, let known = desk.keys.ordinal(collection.number, key),
            try visibleEntry(known) != nil
        {
            return known
        }
        guard let found = try version(collection, key, sight) else { return nil }
        desk.keys.note(collection.number, key, found.ordinal)
        return found.ordinal
    }

    /// The same at an earlier instant.
    private func start(
        _ key: Key,
        _ collection: CollectionEntry,
        _ sight: Sight,
        _ desk: WalkDesk,
        known instant: Microseconds
    ) throws(StoreError) -> UInt64? {
        if let known = desk.keys.ordinal(collection.number, key),
            let entry = try livingEntry(known)
        {
            return try sees(entry, at: instant, sight) ? known : nil
        }
        guard let found = try version(collection, key, at: instant, sight) else { return nil }
        desk.keys.note(collection.number, key, found)
        return found
    }
}
