// The permit that a request is answered under, as far as it goes. It goes along with the thread
// that works for the request, from the door to the snapshots that it reads and to the batches that
// it hands to the writer, so that nothing in between has to know of it, and nothing goes around it:
// every snapshot takes up the one of its thread, and every batch is sent off with it.
//
// It is made anew for each request: numbers of owners that a transaction gives are its own.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// A permit while a request is answered.
package final class Reach: Sendable {
    /// The one that the thread works under; nil where everything is allowed.
    @TaskLocal package static var current: Reach?

    let permit: Permit
    /// Its owners as they stand in keys, and what stands in the keys of those below; nil for all.
    private let owners: [(own: [UInt8], below: [UInt8])]?
    /// What was found out about numbers of owners.
    private let known = Mutex<[UInt32: Bool]>([:])

    /// What a permit reaches.
    init(_ permit: Permit) {
        self.permit = permit
        owners = permit.owners?.map { owner in
            (own: StoreKeys.owner(owner), below: StoreKeys.owner(owner + "/"))
        }
    }

    /// Itself where there are records that it does not reach; nil where it reaches all.
    var limiting: Reach? { permit.isWhole ? nil : self }

    /// Whether it reaches some owners alone.
    var isOfOwners: Bool { owners != nil }

    /// Whether it reaches records of a collection.
    func reaches(collection name: String) -> Bool {
        permit.collections.map { $0.contains(name) } ?? true
    }

    /// Whether it may reach edges of a type, by the collections that the type joins.
    func reaches(edgesOf type: EdgeType) -> Bool {
        [type.from, type.to].allSatisfy { $0.map(reaches(collection:)) ?? true }
    }

    /// Whether it reaches what is of an owner, by his path; nil is nobody's.
    func reaches(path: String?) -> Bool {
        guard let owners else { return true }
        guard let path else { return false }
        let key = StoreKeys.owner(path)
        return owners.contains { $0.own == key || key.starts(with: $0.below) }
    }

    /// Whether it reaches what is of an owner, by his number; `path` is asked once for each.
    func reaches(
        owner number: UInt32,
        _ path: () throws(StoreError) -> String?
    ) throws(StoreError) -> Bool {
        guard owners != nil else { return true }
        if number == 0 { return false }
        if let known = known.withLock({ $0[number] }) { return known }
        let isReached = reaches(path: try path())
        known.withLock { $0[number] = isReached }
        return isReached
    }

    /// Whether it reaches a version, by what the version says of its owner.
    func reaches(_ record: StoredRecord, _ collection: CollectionEntry) -> Bool {
        guard reaches(collection: collection.schema.name) else { return false }
        guard let number = collection.ownerNumber, case .text(let path) = record[number] else {
            return reaches(path: nil)
        }
        return reaches(path: path)
    }
}
