// What a request speaks of, gathered record by record.

/// Subjects, each once for its collection, effect and owner.
struct AuditTally {
    private struct Name: Hashable {
        let collection: String?
        let edge: String?
        let effect: AuditEffect
        let owner: String?
    }

    /// The subjects in the order in which they came.
    private(set) var all: [AuditSubject] = []
    private var places: [Name: Int] = [:]
    /// The keys of a subject of which each is to be there once.
    private var known: [Int: Set<String>] = [:]

    /// Adds a record or an edge to that of its collection, effect and owner.
    ///
    /// `unlessThere`: only if none with this key was added so before.
    ///
    /// - Complexity: O(bytes of the names).
    mutating func add(
        _ collection: String?,
        edge: String? = nil,
        _ effect: AuditEffect,
        _ key: String?,
        owner: String? = nil,
        unlessThere isOnce: Bool = false
    ) {
        let name = Name(collection: collection, edge: edge, effect: effect, owner: owner)
        let place: Int
        if let known = places[name] {
            place = known
        } else {
            place = all.count
            places[name] = place
            all.append(AuditSubject(collection, edge: edge, effect, records: 0, owner: owner))
        }
        if isOnce, let key, !known[place, default: []].insert(key).inserted { return }
        all[place].records += 1
        if let key { all[place].keys.append(key) }
    }

    /// Adds a subject of which no records are told.
    mutating func add(_ subject: AuditSubject) { all.append(subject) }
}
