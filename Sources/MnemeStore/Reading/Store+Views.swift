// Reading without making values: views of records by key and by prepared questions, and keys alone.
// All of it looks at the newest state, as a snapshot taken for one question would.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Store {
    /// A collection and some of its fields, for views; all but vectors when `fields` is nil.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badRequest` for a vector.
    package func shape(_ name: String, _ fields: [String]?) throws(MnemeError) -> RecordShape {
        let collection = try newest.state.catalog.collection(name)
        let isVector = { (field: String) in collection.vectors.contains { $0.name == field } }
        let chosen = fields ?? collection.schema.fields.map(\.name).filter { !isVector($0) }
        var numbers: [UInt16] = []
        for field in chosen {
            guard !isVector(field) else {
                throw MnemeError(
                    .badRequest,
                    "views have no vectors, and field \"\(field)\" is one; get the record instead"
                )
            }
            numbers.append(try collection.fieldNumber(field))
        }
        return RecordShape(
            collection: name,
            number: collection.number,
            key: collection.schema.key,
            fields: chosen,
            numbers: numbers
        )
    }

    /// The record of a key as it stands in memory, nil when it is not there.
    ///
    /// - Throws: `.wrongType` of a key that no such record has; `.corrupt`, `.disk`.
    /// - Complexity: O(log records), and O(bytes) where it was not read lately.
    package func view(_ key: Key, _ shape: RecordShape) throws(MnemeError) -> RecordView? {
        guard let key = key.coerced(to: shape.key) else {
            throw MnemeError(
                .wrongType,
                "keys of collection \"\(shape.collection)\" are of type \(shape.key), and "
                    + "\(quoted(key.description)) is not; give another key"
            )
        }
        brake.waitToRead()
        let state = newest.state
        // What it leases must stay until the log was read.
        defer { withExtendedLifetime(state) {} }
        return try reading { () throws(StoreError) in
            let name = StoreKeys.record(shape.collectionNumber, key)
            let ordinal = try onTree { () throws(TreeError) in
                try state.tree.value64(name, in: state.view)
            }
            guard let ordinal, let entry = try livingEntry(ordinal, state) else { return nil }
            return RecordView(try bytes(entry), shape)
        }
    }

    /// Makes a plain question ready; its owner is given when it is asked.
    ///
    /// - Throws: as `find`; `.badRequest` where it asks for nearness or words.
    package func prepare(_ find: Find) throws(MnemeError) -> PreparedQuestion {
        guard find.near == nil, find.match == nil else {
            throw MnemeError(
                .badRequest,
                "a question for nearness or words cannot be prepared; ask it with find"
            )
        }
        let snapshot = snapshot()
        let collection = try snapshot.catalog.collection(find.collection)
        let checked = try snapshot.checked(find, collection)
        return PreparedQuestion(checked, try shape(find.collection, find.select))
    }

    /// The records that a prepared question finds, as they stand in memory.
    ///
    /// - Throws: as `find`.
    package func views(
        _ question: PreparedQuestion,
        owner: String?
    ) throws(MnemeError) -> [RecordView] {
        var views: [RecordView] = []
        views.reserveCapacity(min(question.find.limit, 1024))
        brake.waitToRead()
        let state = newest.state
        defer { withExtendedLifetime(state) {} }
        let shape = question.shape
        switch try way(question, owner, state) {
        case .nobody: break
        case .range(let range, let isReversed):
            try walk(range, isReversed, question.find, state) { (cursor) throws(StoreError) in
                let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
                views.append(RecordView(try bytes(try entry(ordinal, state)), shape))
            }
        case .answer:
            try answer(question, owner, state) { (_, entry) throws(StoreError) in
                views.append(RecordView(try bytes(entry), shape))
            }
        }
        return views
    }

    /// Hands out the keys of the records that a prepared question finds, in its order.
    ///
    /// - Returns: how many they were.
    /// - Throws: as `find`.
    /// - Complexity: O(log entries + rows) where the index that answers has the keys with it.
    package func forEachKey(
        _ question: PreparedQuestion,
        owner: String?,
        _ body: (Key) -> Void
    ) throws(MnemeError) -> Int {
        var count = 0
        brake.waitToRead()
        let state = newest.state
        defer { withExtendedLifetime(state) {} }
        let type = question.shape.key
        switch try way(question, owner, state) {
        case .nobody: break
        case .range(let range, let isReversed):
            try walk(range, isReversed, question.find, state) { (cursor) throws(StoreError) in
                body(try key(of: cursor, type, state))
                count += 1
            }
        case .answer:
            try answer(question, owner, state) { (key, _) throws(StoreError) in
                body(key)
                count += 1
            }
        }
        return count
    }

    // MARK: Inside the room

    /// A state now, for reading.
    func reader(of state: StoreState) -> StateReader {
        StateReader(
            state: state,
            log: log,
            cache: records,
            visibility: Visibility(sequence: state.sequence, instant: clock.now())
        )
    }

    /// The version that an entry names, unpacked.
    fileprivate func bytes(_ entry: OrdinalEntry) throws(StoreError) -> RecordBytes {
        if let known = records.find(entry.place, sequence: entry.birth) { return known }
        var reader = RecordReader(log, records, keeps: true)
        try reader.open(entry)
        return try reader.bytes()
    }

    /// The entry of a record that is there now.
    fileprivate func livingEntry(
        _ ordinal: UInt64,
        _ state: StoreState
    ) throws(StoreError) -> OrdinalEntry? {
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: state.view)
        }
        guard let entry = found, entry.death > state.sequence else { return nil }
        if entry.expiresAt != OrdinalEntry.never, entry.expiresAt <= clock.now() { return nil }
        return entry
    }

    private func reading<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(MnemeError) -> Result {
        try opening.check()
        let result: Result
        do throws(StoreError) { result = try body() } catch { throw MnemeError(error) }
        try opening.check()
        return result
    }

    /// How an owner's records are come by in a state.
    private func way(
        _ question: PreparedQuestion,
        _ owner: String?,
        _ state: StoreState
    ) throws(MnemeError) -> PreparedQuestion.Way {
        if let owner, let way = question.way(to: owner, state) { return way }
        let collection = try state.catalog.collection(question.find.collection)
        try collection.check(owner: owner)
        let reader = reader(of: state)
        let way = try reading { () throws(StoreError) -> PreparedQuestion.Way in
            let scope = try reader.scope(owner)
            if case .nobody = scope { return .nobody }
            let path = try reader.singleOwnerPath(owner, scope)
            let plan = FindPlan(question.find, collection, ownerPath: path)
            guard plan.isOrdered, plan.isFiltered, owner == nil || plan.isOwned else {
                return .answer
            }
            return .range(plan.range, isReversed: plan.isReversed)
        }
        if let owner { question.note(way, to: owner, state) }
        return way
    }

    /// Goes through the entries of an index that a question means.
    @inline(__always)
    private func walk(
        _ range: TreeRange,
        _ isReversed: Bool,
        _ find: Find,
        _ state: StoreState,
        _ body: (inout TreeCursor) throws(StoreError) -> Void
    ) throws(MnemeError) {
        try reading { () throws(StoreError) in
            var cursor = try onTree { () throws(TreeError) in
                try state.tree.cursor(range, reversed: isReversed, in: state.view)
            }
            var passed = 0
            let (reach, offset) = (find.reach, find.offset)
            let mayExpire = state.roots.hasExpiring
            while passed < reach, try onTree({ () throws(TreeError) in try cursor.next() }) {
                // The tree has the records that are there, and those that expired just now.
                if mayExpire {
                    let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
                    if try livingEntry(ordinal, state) == nil { continue }
                }
                passed += 1
                if passed > offset { try body(&cursor) }
            }
        }
    }

    /// Goes through what `find` answers.
    private func answer(
        _ question: PreparedQuestion,
        _ owner: String?,
        _ state: StoreState,
        _ body: (Key, OrdinalEntry) throws(StoreError) -> Void
    ) throws(MnemeError) {
        var asked = question.find
        (asked.owner, asked.select) = (owner, [])
        let reader = reader(of: state)
        let collection = try state.catalog.collection(asked.collection)
        try reading { () throws(StoreError) in
            for row in try reader.find(asked, collection).rows {
                let key = row.record.reference.key
                guard let (_, entry) = try reader.version(collection, key) else { continue }
                try body(key, entry)
            }
        }
    }

    /// The entry of a record that an index names.
    private func entry(_ ordinal: UInt64, _ state: StoreState) throws(StoreError) -> OrdinalEntry {
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: state.view)
        }
        if let found { return found }
        throw .inconsistent("an index names ordinal \(ordinal), which is no record")
    }

    /// The key of the record that the cursor is on, which the index may have with it.
    @inline(__always)
    private func key(
        of cursor: borrowing TreeCursor,
        _ type: KeyType,
        _ state: StoreState
    ) throws(StoreError) -> Key {
        do throws(TreeError) {
            let words = try cursor.words
            switch type {
            case .uuid where words.byteCount == 24:
                return .uuid(UniqueID(high: words.1, low: words.2))
            case .int where words.byteCount == 16: return .int(Int64(bitPattern: words.1))
            case .text where words.byteCount > 8:
                let bytes = Array(try cursor.value.dropFirst(8))
                if let text = String(validating: bytes, as: UTF8.self) { return .text(text) }
            default: break
            }
        } catch {
            throw StoreError(error)
        }
        let ordinal = try onTree { () throws(TreeError) in try cursor.value64 }
        return try bytes(try entry(ordinal, state)).key
    }
}
