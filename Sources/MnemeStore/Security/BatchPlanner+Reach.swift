// What a change may be of under a permit. A record that it does not reach is not there for what
// names it; a put of such a record, or under the key of one, is refused. What follows by references
// follows whatever it is: that is the schema's rule, and no act of the asker's.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
    /// The ordinal of a record that is there for whoever makes the changes.
    mutating func named(_ collection: UInt16, _ key: Key) throws(StoreError) -> UInt64? {
        guard let ordinal = try ordinal(of: collection, key), try reaches(ordinal) else {
            return nil
        }
        return ordinal
    }

    /// Whether a record that is there is within reach.
    func reaches(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard let reach else { return true }
        let entry: OrdinalEntry
        if let known = versions[ordinal]?.entry {
            entry = known
        } else {
            entry = try reader.entry(ordinal)
        }
        guard let collection = catalog.collection(number: entry.collection) else { return false }
        if collection.isHidden { return true }
        guard reach.reaches(collection: collection.schema.name) else { return false }
        return try reaches(owner: entry.owner)
    }

    /// Refuses a put of what is not within reach.
    ///
    /// - Throws: `.refused` with `forbidden`.
    func checkReach(_ collection: CollectionEntry, owner: UInt32) throws(StoreError) {
        guard let reach, !collection.isHidden else { return }
        let name = collection.schema.name
        guard reach.reaches(collection: name) else {
            throw .refused(reach.permit.unreached(collection: name))
        }
        guard try reaches(owner: owner) else {
            throw refused(
                .forbidden,
                "permit \"\(reach.permit.name)\" reaches the records of some owners alone, and a "
                    + "record of collection \"\(name)\" would be of another one, or of nobody; "
                    + "give an owner of the permit"
            )
        }
    }

    /// Refuses a put under the key of a record that is not within reach.
    ///
    /// - Throws: `.refused` with `duplicate`, which says nothing of whose it is.
    func checkReach(
        ofStanding ordinal: UInt64,
        _ key: Key,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        if try reaches(ordinal) { return }
        throw refused(
            .duplicate,
            "key \(key) of collection \"\(collection.schema.name)\" is taken by a record that may "
                + "not be replaced here; use another key, or give none to have one generated"
        )
    }

    /// A record for messages: what is not within reach is not named.
    func shown(_ ordinal: UInt64, _ collection: CollectionEntry, _ key: Key) -> String {
        let isReached = (try? reaches(ordinal)) ?? false
        return isReached ? "\(collection.schema.name)/\(key)" : "a record that is not seen here"
    }

    private func reaches(owner number: UInt32) throws(StoreError) -> Bool {
        guard let reach else { return true }
        // Where the batch is refused, the number may become somebody else's.
        if let made = newOwners[number] { return reach.reaches(path: made) }
        return try reach.reaches(owner: number) { () throws(StoreError) in
            let bytes = try onTree { () throws(TreeError) in
                try tree.value(StoreKeys.ownerName(number), in: reader.view)
            }
            return bytes.flatMap { String(validating: $0, as: UTF8.self) }
        }
    }
}
