// What is asked of a transaction: each answer is noted, before it is given, as far as others could
// change it.

internal import MnemeBase
package import MnemeModel

extension StoreTransaction {
    /// What is defined, as it was when the transaction began.
    package func schema() throws(MnemeError) -> Schema {
        try using { (_, branch) throws(MnemeError) in snapshot(branch).describedSchema }
    }

    /// Reads records; nil in the place of those that are not there.
    ///
    /// - Throws: as `Snapshot.record`; `.noTransaction`, `.snapshotTooOld`.
    package func get(
        _ references: [Reference],
        versions: Bool = false,
        _ sight: Sight = Sight()
    ) throws(MnemeError) -> [Record?] {
        try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            var records: [Record?] = []
            records.reserveCapacity(references.count)
            for reference in references {
                let (name, collection) = try Self.name(of: reference, branch)
                if !state.determined.contains(name) {
                    state.reads.note(record: name, of: collection)
                } else if state.numbered.contains(collection.number) {
                    state.reads.note(allOf: collection)
                }
                records.append(
                    versions
                        ? try snapshot.versionedRecord(reference, sight)
                        : try snapshot.record(reference, sight)
                )
            }
            return records
        }
    }

    /// Reads records with their versions, or those that were true at an instant; nil in the place
    /// of others.
    ///
    /// - Throws: as the other; `.badRequest` where what was known earlier is asked for.
    package func get(_ get: Get) throws(MnemeError) -> [Record?] {
        try Self.refuse(get.knownAt)
        var records = try self.get(get.references, versions: get.hasVersions, get.sight)
        guard let instant = get.asOf else { return records }
        try using { (_, branch) throws(MnemeError) in
            try snapshot(branch).keepTrue(&records, of: get.references, at: instant)
        }
        return records
    }

    /// A transaction sees one commit.
    private static func refuse(_ knownAt: Instant?) throws(MnemeError) {
        guard knownAt != nil else { return }
        throw MnemeError(
            .badRequest,
            "a transaction sees the commit that it began at and its own changes, and nothing that "
                + "was known earlier; ask with \"knownAt\" outside of it"
        )
    }

    /// Searches one collection, or the edges of one type.
    ///
    /// - Throws: as `Snapshot.find`; `.noTransaction`, `.snapshotTooOld`.
    package func find(_ asked: Find) throws(MnemeError) -> Found {
        try Self.refuse(asked.knownAt)
        return try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            try note(asked, snapshot, &state, branch)
            return try snapshot.find(asked)
        }
    }

    /// Counts records or edges.
    ///
    /// - Throws: as `Snapshot.count`; `.noTransaction`, `.snapshotTooOld`.
    package func count(_ asked: Count) throws(MnemeError) -> Counted {
        try Self.refuse(asked.knownAt)
        return try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            try note(asked.rows, snapshot, &state, branch)
            return try snapshot.count(asked)
        }
    }

    /// Notes that the answer to a question was read.
    ///
    /// What edges are found depends on any edge.
    private func note(
        _ asked: Find,
        _ snapshot: Snapshot,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        guard asked.edges == nil else { return state.reads.noteAllEdges() }
        let collection = try branch.catalog.collection(asked.collection)
        state.reads.note(try snapshot.checked(asked, collection), collection)
        note(made: collection, &state)
    }

    /// Notes what the transaction has made of records of a collection that a question is about, as
    /// far as that depends on others.
    func note(made collection: CollectionEntry, _ state: inout State) {
        let number = collection.number
        if state.numbered.contains(number) || state.followed.contains(number) {
            state.reads.note(allOf: collection)
        }
        for name in state.derived[number] ?? [] { state.reads.note(record: name, of: collection) }
    }

    /// Notes that edges were followed: where a record that follows another stays, so do its edges.
    func noteFollowed(_ state: inout State, _ branch: Branch) {
        for number in state.followed {
            if let collection = branch.catalog.collection(number: number) {
                state.reads.note(allOf: collection)
            }
        }
    }

    /// Follows edges.
    ///
    /// - Throws: as `Snapshot.walk`; `.noTransaction`, `.snapshotTooOld`.
    package func walk(_ walk: Walk) throws(MnemeError) -> Walked {
        try walking(walk.from, walk.types, walk) { (snapshot) throws(MnemeError) in
            try snapshot.walk(walk)
        }
    }

    /// Finds a shortest path.
    ///
    /// - Throws: as `Snapshot.path`; `.noTransaction`, `.snapshotTooOld`.
    package func path(_ path: Path) throws(MnemeError) -> [Edge]? {
        try walking([path.from, path.to], path.types, path) { (snapshot) throws(MnemeError) in
            try snapshot.path(path)
        }
    }

    /// Finds all shortest paths, or the cheapest.
    ///
    /// - Throws: as `Snapshot.paths`; `.noTransaction`, `.snapshotTooOld`.
    package func paths(_ paths: Paths) throws(MnemeError) -> FoundPaths {
        try walking([paths.from, paths.to], paths.types, paths) { (snapshot) throws(MnemeError) in
            try snapshot.paths(paths)
        }
    }

    /// Notes that records were held against what a walk may come to, or tell of.
    private func note(
        nodesOf question: some GraphQuestion,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        for choice in (question.through ?? []) + (question.only ?? []) {
            let collection = try branch.catalog.collection(choice.collection)
            guard let filter = choice.filter else { continue }
            let find = Find(
                collection.schema.name,
                where: try collection.checked(filter),
                limit: .max
            )
            state.reads.note(find, collection)
            note(made: collection, &state)
        }
        guard let asOf = question.asOf else { return }
        for collection in branch.catalog.visibleCollections
        where collection.schema.roles.hasValidity {
            let filter = try collection.checked(try collection.validity(at: asOf))
            state.reads.note(
                Find(collection.schema.name, where: filter, limit: .max),
                collection
            )
            note(made: collection, &state)
        }
    }

    private func walking<Answer: Sendable>(
        _ starts: [Reference],
        _ types: [String]?,
        _ question: some GraphQuestion,
        _ body: (Snapshot) throws(MnemeError) -> Answer
    ) throws(MnemeError) -> Answer {
        try Self.refuse(question.knownAt)
        return try using { (state, branch) throws(MnemeError) in
            let snapshot = snapshot(branch)
            try note(nodesOf: question, &state, branch)
            var numbers: [UInt16]?
            if let types {
                var found: [UInt16] = []
                for type in types { found.append(try branch.catalog.edgeType(type).number) }
                numbers = found
            }
            var nodes: Set<UInt64> = []
            for start in starts {
                let (name, collection) = try Self.name(of: start, branch)
                if !state.determined.contains(name) {
                    // Of what may be put aside its marks are read.
                    if collection.marks != nil {
                        state.reads.note(record: name, of: collection)
                    } else {
                        state.reads.note(existence: name, of: collection)
                    }
                }
                if let ordinal = try snapshot.ordinal(start) { nodes.insert(ordinal) }
            }
            noteFollowed(&state, branch)
            _ = branch.trace.take()
            let answer: Result<Answer, MnemeError>
            do throws(MnemeError) {
                answer = .success(try body(snapshot))
            } catch {
                answer = .failure(error)
            }
            nodes.formUnion(branch.trace.take())
            state.reads.note(nodes: nodes.filter { $0 < branch.firstOrdinal }, numbers)
            for node in nodes where node >= branch.firstOrdinal {
                try note(own: node, snapshot, &state, branch)
            }
            return try answer.get()
        }
    }

    /// Notes that a walk looked at a record that the transaction has made.
    ///
    /// Others may give its number to something else; but where they put a record of its key, that
    /// one has its edges at the commit, and they may link it.
    private func note(
        own node: UInt64,
        _ snapshot: Snapshot,
        _ state: inout State,
        _ branch: Branch
    ) throws(MnemeError) {
        let reference = try snapshot.reading { reader throws(StoreError) -> Reference? in
            guard try reader.visibleEntry(node) != nil else { return Reference?.none }
            return try reader.reference(node)
        }
        guard let reference else { return }
        let (name, collection) = try Self.name(of: reference, branch)
        state.reads.note(existence: name, of: collection)
    }
}
