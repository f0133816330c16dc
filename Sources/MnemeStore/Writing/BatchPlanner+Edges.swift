// Edges of a batch: what they join has to be there, a unique type joins two records once, and an
// edge of what has expired or was deleted is gone with it.

internal import MnemeModel
internal import MnemePages
internal import MnemeTree

extension BatchPlanner {
    mutating func decide(_ link: PreparedLink) throws(StoreError) {
        let from = try end(link.from, "starts", link)
        let to = try end(link.to, "ends", link)
        if from == to, !link.type.type.allowsLoops {
            throw refused(
                .checkFailed,
                "an edge \"\(link.type.type.name)\" may not end where it starts, and "
                    + "\(link.from) is both; link two records, or define the type with loops"
            )
        }
        let pair = EdgePair(link.type, from: from, to: to)
        var old: PlannedEdge?
        if let pair, let known = try self.edge(of: pair) { old = try replace(known, link) }
        let edge = PlannedEdge(
            ordinal: takeOrdinal(),
            type: link.type.number,
            from: from,
            to: to,
            owner: try owner(of: from),
            body: link.body,
            plainCount: link.plainCount,
            vectors: link.vectors
        )
        edges[edge.ordinal] = edge
        if let pair { pairs[pair] = .some(edge.ordinal) }
        plan.changes.append(.link(edge))
        try tellLink(link, edge, old)
    }

    /// The living edge between two records that are there.
    private func edge(of pair: EdgePair) throws(StoreError) -> UInt64? {
        if let known = pairs[pair] { return known }
        return try reader.number(tree, pair.key)
    }

    /// Gives up an edge for another one between the same records; returns it.
    private mutating func replace(
        _ ordinal: UInt64,
        _ link: PreparedLink
    ) throws(StoreError) -> PlannedEdge {
        guard link.mode == .replace else {
            throw refused(
                .duplicate,
                "edges \"\(link.type.type.name)\" are unique, and number \(ordinal) joins "
                    + "\(link.from) and \(link.to) already; unlink it first, or link with the mode "
                    + "replace"
            )
        }
        guard let edge = try livingEdge(ordinal) else {
            throw .inconsistent("edge \(ordinal) stands between two records, and is not there")
        }
        try end(edge)
        return edge
    }

    /// Ends an edge whose records are there.
    mutating func end(_ edge: PlannedEdge, erases: Bool = false) throws(StoreError) {
        var edge = edge
        // No backup has what the batch itself has linked.
        if erases, edges[edge.ordinal] == nil {
            edge.erasure = try reader.edgeOrigin(edge.ordinal)
        }
        dead.insert(edge.ordinal)
        let type = catalog.edgeType(number: edge.type)
        if let pair = EdgePair(type, from: edge.from, to: edge.to) { pairs[pair] = .some(nil) }
        plan.changes.append(.unlink(edge))
    }

    func livingEdge(_ ordinal: UInt64) throws(StoreError) -> PlannedEdge? {
        if dead.contains(ordinal) { return nil }
        if let edge = edges[ordinal] { return edge }
        return try reader.edge(ordinal)
    }

    private mutating func end(
        _ reference: Reference,
        _ what: String,
        _ link: PreparedLink
    ) throws(StoreError) -> UInt64 {
        let collection: CollectionEntry
        do throws(MnemeError) {
            collection = try catalog.collection(reference.collection)
        } catch {
            throw .refused(error)
        }
        guard let ordinal = try named(collection.number, reference.key) else {
            throw refused(
                .danglingEdge,
                "an edge \"\(link.type.type.name)\" \(what) in \(reference), which is not there; "
                    + "put that record first, or in the same batch before the edge"
            )
        }
        return ordinal
    }

    private func owner(of node: UInt64) throws(StoreError) -> UInt32 {
        if let version = versions[node] { return version.entry.owner }
        return try reader.entry(node).owner
    }

    /// Ends an edge that is there; one that `erases` ends what is kept of it too, where it has
    /// ended before.
    mutating func unlink(_ ordinal: UInt64, erases: Bool = false) throws(StoreError) {
        guard let edge = try livingEdge(ordinal) else {
            // Whose those are by now that one joined which is gone, nobody knows.
            if erases, reach == nil { try erasePast(ofEdge: ordinal) }
            return plan.outcomes.append(.unlinked(false))
        }
        guard try reaches(edge.from), try reaches(edge.to) else {
            return plan.outcomes.append(.unlinked(false))
        }
        for node in [edge.from, edge.to] { try sweep(node) }
        // An edge of what has expired or was deleted is gone with it.
        let isThere = !dead.contains(edge.from) && !dead.contains(edge.to)
        plan.outcomes.append(.unlinked(isThere))
        if isThere {
            try end(edge, erases: erases)
        } else if erases {
            try erasePast(ofEdge: ordinal)
        }
    }

    /// Erases the edge that a frame erased elsewhere, if it is here.
    mutating func eraseAgain(_ erasure: EdgeErasure) throws(StoreError) {
        guard !dead.contains(erasure.ordinal), try reader.holds(erasure) else {
            return plan.outcomes.append(.unlinked(false))
        }
        try unlink(erasure.ordinal, erases: true)
    }

    /// Ends an edge that an earlier change of the batch has made, by the place of its outcome.
    mutating func unlinkMade(_ place: Int) throws(StoreError) {
        guard plan.outcomes.indices.contains(place), let edge = plan.outcomes[place].madeEdge
        else { return plan.outcomes.append(.unlinked(false)) }
        try unlink(edge)
    }

    /// Ends a record if it has expired.
    private mutating func sweep(_ ordinal: UInt64) throws(StoreError) {
        if dead.contains(ordinal) { return }
        var entry = versions[ordinal]?.entry
        if entry == nil { entry = try reader.entry(ordinal) }
        if let entry, entry.expiresAt <= reader.instant,
            let collection = catalog.collection(number: entry.collection)
        {
            try end(ordinal, collection)
        }
    }
}
