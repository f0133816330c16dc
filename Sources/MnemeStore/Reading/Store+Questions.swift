// Prepared questions: views of what they find, and keys alone. All of it looks at the newest state,
// as a snapshot taken for one question would.
//
// What an index answers is handed from leaf to leaf as runs of its entries. As long as nobody has
// changed anything since an owner was last asked about, the runs stand where they stood.

package import MnemeModel
internal import MnemePages
internal import MnemeTree

extension Store {
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
        guard find.knownAt == nil, find.budget == nil else {
            throw MnemeError(
                .badRequest,
                "a question for what was known earlier, and one with a budget, cannot be "
                    + "prepared; ask it with find"
            )
        }
        guard find.edges == nil, find.after == nil, !find.isExplained else {
            throw MnemeError(
                .badRequest,
                "a question for edges, one that goes on after another, and one that is to be "
                    + "explained cannot be prepared; ask it with find"
            )
        }
        var names: [String]?
        if let select = find.select {
            var fields: [String] = []
            for part in select {
                guard case .field(let name) = part, !PseudoField.isOne(name) else {
                    throw MnemeError(
                        .badRequest,
                        "views have fields alone, and \(quoted(part.name)) is none; ask with find"
                    )
                }
                fields.append(name)
            }
            names = fields
        }
        let snapshot = snapshot()
        let collection = try snapshot.catalog.readable(find.collection)
        let checked = try snapshot.checked(find, collection)
        return PreparedQuestion(checked, try shape(find.collection, names))
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
        var chunk: [OrdinalEntry] = []
        let plan = try eachRun(question, owner, state) { (run) throws(StoreError) in
            var first = 0
            while first < run.count {
                let part = run.part(from: first, atMost: RowsAhead.limit)
                try fetch(part, state, &chunk)
                for entry in chunk {
                    let version = try bytes(entry, state.catalog)
                    version.fetchPlaces()
                    version.fetchBody()
                    views.append(RecordView(version, shape))
                }
                first += part.count
            }
        }
        if let plan {
            try answer(question, plan, state) { (entry, reader) throws(StoreError) in
                try reader.open(entry)
                views.append(RecordView(try reader.bytes(), shape))
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
        let plan = try eachRun(question, owner, state) { (run) throws(StoreError) in
            for position in 0..<run.count {
                body(try key(of: try run.value(position), type, state))
            }
            count += run.count
        }
        if let plan {
            try answer(question, plan, state) { (entry, reader) throws(StoreError) in
                try reader.open(entry)
                body(try reader.key())
                count += 1
            }
        }
        return count
    }

    /// Puts the keys of the records that a prepared question finds over the first of an array,
    /// which is made longer where it is too short.
    ///
    /// - Returns: how many they are.
    /// - Throws: as `find`; `.wrongType` where the collection's keys are no UUIDs.
    /// - Complexity: as `forEachKey`.
    package func copyKeys(
        _ question: PreparedQuestion,
        owner: String?,
        to target: inout [UniqueID]
    ) throws(MnemeError) -> Int {
        guard question.shape.key == .uuid else {
            throw MnemeError(
                .wrongType,
                "keys of collection \"\(question.shape.collection)\" are of type "
                    + "\(question.shape.key), not UUIDs; use forEachKey"
            )
        }
        var count = 0
        brake.waitToRead()
        let state = newest.state
        defer { withExtendedLifetime(state) {} }
        let plan = try eachRun(question, owner, state) { (run) throws(StoreError) in
            target.lengthen(to: count + run.count)
            try copyKeys(run, to: &target, from: count, state)
            count += run.count
        }
        if let plan {
            try answer(question, plan, state) { (entry, reader) throws(StoreError) in
                try reader.open(entry)
                target.lengthen(to: count + 1)
                target[count] = try reader.key().expectedID
                count += 1
            }
        }
        return count
    }

    // MARK: Inside the room

    /// How an owner's records are come by in a state.
    private func way(
        _ question: PreparedQuestion,
        _ owner: String?,
        _ state: StoreState
    ) throws(MnemeError) -> PreparedQuestion.Way {
        if let owner, let way = question.way(to: owner, state) { return way }
        let collection = try state.catalog.readable(question.find.collection)
        try collection.check(owner: owner)
        let reader = reader(of: state)
        let way = try reading { () throws(StoreError) -> PreparedQuestion.Way in
            let scope = try reader.scope(owner)
            if case .nobody = scope { return .nobody }
            let path = try reader.singleOwnerPath(owner, scope)
            var asked = question.find
            asked.owner = owner
            let plan = try reader.plan(asked, collection, path)
            if let range = plan.onlyRange, owner == nil || plan.isOwned {
                return .range(range, isReversed: plan.isReversed)
            }
            let way = FindWay(plan: plan, scope: scope)
            return .plan(PreparedPlan(way, question.find, collection, state))
        }
        if let owner { question.note(way, to: owner, state) }
        return way
    }

    /// Goes through the entries of an index that a question means, leaf by leaf.
    ///
    /// - Returns: how they are come by where no index has them; nil where they were handed out.
    private func eachRun(
        _ question: PreparedQuestion,
        _ owner: String?,
        _ state: StoreState,
        _ body: (TreeRun) throws(StoreError) -> Void
    ) throws(MnemeError) -> PreparedPlan? {
        if let owner, let spots = question.spots(of: owner, state) {
            try reading { () throws(StoreError) in
                for index in 0..<spots.count {
                    let run = try onTree { () throws(TreeError) in
                        try Tree.run(spots[index], in: state.view)
                    }
                    try body(run)
                }
            }
            return nil
        }
        switch try way(question, owner, state) {
        case .nobody: return nil
        case .plan(let plan): return plan
        case .range(let range, let isReversed):
            let spots = try reading { () throws(StoreError) in
                try walk(range, isReversed, question.find, state, body)
            }
            if let owner, let spots { question.note(spots, of: owner, state) }
            return nil
        }
    }

    /// Goes through the entries of a range that a question means.
    ///
    /// - Returns: where they stand, nil when that is not worth remembering.
    private func walk(
        _ range: TreeRange,
        _ isReversed: Bool,
        _ find: Find,
        _ state: StoreState,
        _ body: (TreeRun) throws(StoreError) -> Void
    ) throws(StoreError) -> AnswerSpots? {
        var cursor = try onTree { () throws(TreeError) in
            try state.tree.cursor(range, reversed: isReversed, in: state.view)
        }
        var spots = AnswerSpots()
        var passed = 0
        let (reach, offset) = (find.reach, find.offset)
        let mayExpire = state.roots.mayHide
        while passed < reach, let run = try onTree({ () throws(TreeError) in try cursor.nextRun() })
        {
            if mayExpire {
                // The tree has the records that are there, and those that expired just now.
                for position in 0..<run.count where passed < reach {
                    let ordinal = try run.value(position).value64
                    if try livingEntry(ordinal, state) == nil { continue }
                    passed += 1
                    if passed > offset { try body(run.part(from: position, atMost: 1)) }
                }
            } else {
                let start = min(run.count, max(0, offset - passed))
                let part = run.part(from: start, atMost: reach - passed - start)
                passed += start + part.count
                guard part.count > 0 else { continue }
                try body(part)
                spots.append(part.spot)
            }
        }
        return mayExpire || !spots.areAll ? nil : spots
    }

    /// Goes through what a plan leads to, as far as it is meant.
    private func answer(
        _ question: PreparedQuestion,
        _ plan: PreparedPlan,
        _ state: StoreState,
        _ body: (OrdinalEntry, inout RecordReader) throws(StoreError) -> Void
    ) throws(MnemeError) {
        let reader = reader(of: state)
        let collection = try state.catalog.readable(question.find.collection)
        try reading { () throws(StoreError) in
            var test = reader.test(plan.way.plan, plan.held, collection)
            _ = try reader.eachRow(question.find, plan.way, plan.keys, &test, body)
        }
    }

    /// Looks up the entries of a run's records, and has what the cache has of them fetched.
    ///
    /// Memory is asked for before any of it is looked at, so that the waits for it overlap.
    private func fetch(
        _ run: TreeRun,
        _ state: StoreState,
        _ entries: inout [OrdinalEntry]
    ) throws(StoreError) {
        entries.removeAll(keepingCapacity: true)
        for position in 0..<run.count {
            OrdinalTable.fetch(try run.value(position).value64, in: state.view)
        }
        for position in 0..<run.count {
            let entry = try entry(try run.value(position).value64, state)
            records.fetchSlots(entry.place)
            entries.append(entry)
        }
        for entry in entries { records.fetch(entry.place) }
    }

    /// The entry of a record that an index names.
    private func entry(_ ordinal: UInt64, _ state: StoreState) throws(StoreError) -> OrdinalEntry {
        let found = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: state.view)
        }
        if let found { return found }
        throw .inconsistent("an index names ordinal \(ordinal), which is no record")
    }

    /// Puts the keys of a run's records, which are UUIDs, over those of an array from `start` on.
    private func copyKeys(
        _ run: TreeRun,
        to target: inout [UniqueID],
        from start: Int,
        _ state: StoreState
    ) throws(StoreError) {
        var keys = target.mutableSpan
        for position in 0..<run.count {
            let value = try run.value(position)
            if let id = value.listedID {
                keys[start + position] = id
            } else {
                keys[start + position] = try key(of: value, .uuid, state).expectedID
            }
        }
    }

    /// The key of the record that an entry is of, which the index may have with it in the entry's
    /// value.
    private func key(
        of value: PageValue,
        _ type: KeyType,
        _ state: StoreState
    ) throws(StoreError) -> Key {
        switch type {
        case .uuid: if let id = value.listedID { return .uuid(id) }
        case .int where value.byteCount == 16: return .int(Int64(bitPattern: value.word(1)))
        case .text where value.byteCount > 8:
            if let text = String(validating: value.bytes.dropFirst(8), as: UTF8.self) {
                return .text(text)
            }
        default: break
        }
        return try bytes(try entry(value.value64, state), state.catalog).key
    }
}

extension TreeRun {
    /// The value of the entry at a position.
    ///
    /// - Throws: `.pages(.corrupt)` when it leaves its page.
    @inline(__always)
    fileprivate func value(_ position: Int) throws(StoreError) -> PageValue {
        guard let value = cells.value(position) else { throw .pages(damage) }
        return value
    }
}

extension PageValue {
    /// The UUID that an owner list has behind the ordinal.
    @inline(__always)
    fileprivate var listedID: UniqueID? {
        byteCount == 24 ? UniqueID(high: word(1), low: word(2)) : nil
    }
}

extension Key {
    /// The UUID that every key of a collection is.
    ///
    /// - Throws: `.inconsistent` when it is no UUID.
    fileprivate var expectedID: UniqueID {
        get throws(StoreError) {
            if case .uuid(let id) = self { return id }
            throw .inconsistent("key \(self) is no UUID")
        }
    }
}

extension [UniqueID] {
    fileprivate mutating func lengthen(to count: Int) {
        guard self.count < count else { return }
        append(contentsOf: repeatElement(UniqueID(high: 0, low: 0), count: count - self.count))
    }
}
