// Holding everything derived against the log: the log is read from its first frame, the state that
// it describes is worked out in memory, and every index must say the same, no more and no less.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

extension Store {
    /// Counts and sizes now.
    package func statistics() throws(MnemeError) -> Statistics {
        try opening.check()
        let reader = reader()
        let state = reader.state
        var records: [String: Int] = [:]
        for collection in state.catalog.visibleCollections {
            records[collection.schema.name] = state.roots.counts[collection.number] ?? 0
        }
        var edges: [String: Int] = [:]
        for type in state.catalog.edgeTypes {
            edges[type.type.name] = state.roots.counts[type.number] ?? 0
        }
        do throws(StoreError) {
            try reader.subtractExpired(from: &records, &edges)
        } catch {
            throw MnemeError(error)
        }
        try opening.check()
        let usage = pages.usage
        return Statistics(
            sequence: state.sequence,
            records: records,
            edges: edges,
            owners: Int(state.roots.nextOwner) - 1,
            logBytes: log.fileBytes,
            pageBytes: usage.fileBytes,
            freePageBytes: usage.freeBytes,
            residentPageBytes: usage.residentBytes,
            textRuns: state.runs.count,
            oldestSnapshotMicroseconds: newest.ages.age.map { Int($0) },
            upkeepFailure: upkeepFailure?.message,
            damage: damage,
            indexes: indexBuilds(state),
            archived: state.roots.archivedFigures,
            vectors: try vectorCounts(reader, records)
        )
    }

    /// How many records have a vector, of the fields that not all of so many records have.
    private func vectorCounts(
        _ reader: StateReader,
        _ records: [String: Int]
    ) throws(MnemeError) -> [String: Int] {
        let roots = reader.state.roots
        var counts: [String: Int] = [:]
        for collection in reader.state.catalog.visibleCollections {
            for vector in collection.vectors where roots.vectors[vector.number] != nil {
                let count: Int
                do throws(StoreError) {
                    let index = try reader.vectorIndex(vector)
                    count = try onPages { () throws(PageError) in
                        try index.tree.count(in: reader.view)
                    }
                } catch {
                    throw MnemeError(error)
                }
                guard count < records[collection.schema.name] ?? 0 else { continue }
                counts["\(collection.schema.name).\(vector.name)"] = count
            }
        }
        return counts
    }

    private static func finding(_ segment: LostSegment) -> String {
        let name =
            "\(LogFile.label(segment.number)) of the log (log/\(LogFile.name(segment.number)))"
        return segment.hasFile
            ? "\(name) has lost its header: what it holds is read by its places alone, and a "
                + "rebuild is refused"
            : "\(name) is missing: what it holds is read as long as the store stays open, and no "
                + "longer"
    }

    /// Holds every index against the log, and reads every frame and every durable page.
    ///
    /// - Parameter progress: called now and then.
    /// - Returns: what was compared and what does not agree.
    /// - Throws: when the log itself cannot be read.
    package func verify(
        progress: VerifyWatch = { _, _, _ in }
    ) throws(MnemeError) -> Verification {
        try snapshot().reading { reader throws(StoreError) in
            var census = Census()
            // Until it is complete a cold segment only repeats what the others say.
            let cold = reader.state.roots.cold.filter(\.isComplete)
                .compactMap { log.coldRun($0.number) }
            // A backup and a rebuild read what stands behind the last commit too.
            var damagedEnd: LogError?
            do throws(LogScanError<StoreError>) {
                try log.forEachBatch(
                    through: reader.sequence,
                    cold: cold,
                    behind: { damagedEnd = $0 }
                ) { batch throws(StoreError) in
                    try census.take(batch)
                    progress(.read, census.frames, 0)
                }
            } catch {
                switch error {
                case .log(let error): throw everythingDamaged(error)
                case .body(let error): throw error
                }
            }
            let lost = try onLog { () throws(LogError) in try log.lostSegments(beside: cold) }
            var comparison = Comparison(census: census, reader: reader.withoutCache)
            var verification = try comparison.run(progress)
            verification.findings.insert(contentsOf: lost.map(Self.finding), at: 0)
            if let damagedEnd {
                let finding = MnemeError(everythingDamaged(damagedEnd)).message
                verification.findings.insert(finding, at: 0)
            }
            verification.findings += scrubPages { progress(.pages, $0, $1) }
            return verification
        }
    }

    /// What is said of a log that does not read back: the first place, and all others.
    private func everythingDamaged(_ error: LogError) -> StoreError {
        guard case .corrupt = error else { return .log(error) }
        scrubLog()
        let first = MnemeError(error)
        let places = log.damage.prefix(20).map(Self.line)
        guard !places.isEmpty else { return .log(error) }
        let more = log.damage.count > places.count ? " and more" : ""
        return .refused(
            MnemeError(
                first.code,
                first.message + ". What is damaged: " + places.joined(separator: "; ") + more,
                cause: first.cause
            )
        )
    }
}

extension StateReader {
    /// Takes what has expired and was not swept yet off the counts: records and the edges that
    /// touch them.
    fileprivate func subtractExpired(
        from records: inout [String: Int],
        _ edges: inout [String: Int]
    ) throws(StoreError) {
        var touching: Set<UInt64> = []
        for ordinal in try over(limit: .max) {
            guard let entry = try entry(ordinal),
                let collection = state.catalog.collection(number: entry.collection),
                !collection.isHidden
            else { continue }
            // What was dropped is not counted, and may have the name of what is.
            let isCounted = !state.catalog.isLeaving(collection.number)
            if isCounted { records[collection.schema.name]? -= 1 }
            try onPages { () throws(PageError) in
                for side in [EdgeSide.out, .arriving] {
                    try state.adjacency.forEach(of: ordinal, side, in: view) { neighbour in
                        guard touching.insert(neighbour.edge).inserted,
                            let type = state.catalog.edgeType(number: neighbour.type),
                            !state.catalog.isLeaving(type.number)
                        else { return }
                        edges[type.type.name, default: 0] -= 1
                    }
                }
            }
        }
    }
}

/// Holds a state against a census.
private struct Comparison {
    let census: Census
    let reader: StateReader
    private var findings: [String] = []
    private var treeKeys = 0
    private var vectorEntries: [UInt16: Int] = [:]
    private var edges = 0
    /// Living records by collection and edges by type.
    private var counts: [UInt16: Int] = [:]
    /// What owners have.
    private var usage: [UsageKey: UsageAmount] = [:]

    init(census: Census, reader: StateReader) {
        self.census = census
        self.reader = reader
    }

    mutating func run(_ progress: VerifyWatch) throws(StoreError) -> Verification {
        let living = census.living.sorted { $0.key < $1.key }
        for (index, (ordinal, version)) in living.enumerated() {
            if index % 256 == 0 { progress(.compare, index, living.count) }
            try compare(ordinal, version)
            if findings.count > 100 { break }
        }
        for ordinal in census.dead.sorted() {
            let entry = try reader.entry(ordinal)
            if let entry, entry.death == OrdinalEntry.forever {
                note("ordinal \(ordinal) was deleted, and the ordinal table has it alive")
            }
        }
        for (path, number) in census.owners { try compare(owner: path, number) }
        if census.forks != reader.state.roots.forks {
            note("the state says otherwise than the log of the restores that it comes from")
        }
        for ordinal in reader.state.roots.withdrawn where census.living[ordinal] == nil {
            note("ordinal \(ordinal) was withdrawn and deleted, and the state still has it")
        }
        if findings.count <= 100 { try compareTotals() }
        try checkStructures()
        return Verification(
            frames: census.frames,
            records: census.living.count - edges,
            edges: edges,
            findings: findings
        )
    }

    private mutating func note(_ finding: String) { findings.append(finding) }

    private mutating func compare(owner path: String, _ number: UInt32) throws(StoreError) {
        treeKeys += 2
        let state = reader.state
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.owner(path), in: reader.view)
        }
        if found != UInt64(number) { note("owner \(path) is not in the tree under its number") }
    }

    private mutating func compare(
        _ ordinal: UInt64,
        _ version: Census.Version
    )
        throws(StoreError)
    {
        guard let entry = try reader.entry(ordinal) else {
            note("ordinal \(ordinal) is in the log, and not in the ordinal table")
            return
        }
        var isThere = entry.place == version.place.bits
        if !isThere { isThere = try isCopy(entry) }
        if !isThere || entry.birth != version.birth || entry.death != OrdinalEntry.forever {
            note("the ordinal table says otherwise of \(ordinal) than the log")
            return
        }
        counts[entry.collection, default: 0] += 1
        try countUsage(ordinal, entry)
        if version.isEdge {
            edges += 1
            try compareEdge(ordinal, entry)
        } else {
            try compareRecord(ordinal, entry)
        }
    }

    /// Whether a place is that of a copy, in a cold segment that is not complete yet.
    private func isCopy(_ entry: OrdinalEntry) throws(StoreError) -> Bool {
        let place = LogPlace(bits: entry.place)
        guard SegmentNumber.isCold(place.segment) else { return false }
        let frame = try onLog { () throws(LogError) in try reader.log.frame(at: place) }
        return frame.sequence == entry.birth
    }

    private mutating func compareEdge(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    )
        throws(StoreError)
    {
        let frame = try reader.frame(entry)
        let columns = try FrameDecoder().edge(frame).columns
        for (node, side, other) in [
            (columns.from, EdgeSide.out, columns.to), (columns.to, .arriving, columns.from),
        ] {
            let found = try onPages { () throws(PageError) in
                try reader.state.adjacency.neighbour(
                    of: node,
                    side,
                    type: columns.kind,
                    edge: ordinal,
                    in: reader.view
                )
            }
            if found?.node != other {
                note("edge \(ordinal) is missing in the adjacency of \(node)")
            }
            if census.living[node] == nil {
                note("edge \(ordinal) hangs on \(node), which is gone")
            }
        }
        let type = reader.state.catalog.edgeType(number: columns.kind)
        if let pair = EdgePair(type, from: columns.from, to: columns.to) {
            treeKeys += 1
            if try value(under: pair.key) != ordinal {
                note("edge \(ordinal) is not the one of its type between what it joins")
            }
        }
        guard let type, let indexed = type.indexed else { return }
        let fields = try FrameDecoder().indexedFields(frame, type)
        for prefix in StoreKeys.prefixes(indexed, fields) {
            let key = StoreKeys.key(prefix.bytes, ordinal)
            let found = try value(under: key)
            if found == nil, reader.state.roots.mayLack(key, ordinal) { continue }
            treeKeys += 1
            if found != ordinal { note("edge \(ordinal) lacks a key of an index of its type") }
        }
    }

    private mutating func compareRecord(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    )
        throws(StoreError)
    {
        let record = try reader.stored(ordinal)
        let state = reader.state
        guard let collection = state.catalog.collection(number: entry.collection) else {
            note("ordinal \(ordinal) belongs to no collection")
            return
        }
        let isWithdrawn = state.roots.withdrawn.contains(ordinal)
        let expiresAt = isWithdrawn ? OrdinalEntry.withdrawn : record.expiresAt
        if entry.owner != record.owner || entry.expiresAt != expiresAt {
            note("the ordinal table has another owner or expiry of \(ordinal) than the log")
        }
        var keys = StoreKeys.indexes(collection, record, ordinal)
        keys.append(StoreKeys.record(collection.number, record.key))
        for key in keys {
            let found = try onTree { () throws(TreeError) in
                try state.tree.value64(key, in: reader.view)
            }
            if found == nil, state.roots.mayLack(key, ordinal) { continue }
            treeKeys += 1
            if found != ordinal {
                note("\(collection.schema.name)/\(record.key) lacks an index key")
            }
        }
        try compareReferences(ordinal, record, collection, until: expiresAt)
        try compareVectors(ordinal, record, collection)
        try compareText(ordinal, entry, record, collection)
    }

    /// The number under a key of the tree.
    private func value(under key: [UInt8]) throws(StoreError) -> UInt64? {
        let state = reader.state
        return try onTree { () throws(TreeError) in try state.tree.value64(key, in: reader.view) }
    }

    /// What a record names has to be there, and to lead to it; one that has expired names nothing.
    private mutating func compareReferences(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry,
        until expiresAt: Int64
    ) throws(StoreError) {
        for reference in collection.references {
            for name in reference.names(in: record) {
                treeKeys += 1
                let prefix = reference.prefix(name, collection: collection.number)
                if try value(under: StoreKeys.key(prefix, ordinal)) != ordinal {
                    note(
                        "\(collection.schema.name)/\(record.key) lacks an entry of its reference "
                            + "\"\(reference.rule.name)\""
                    )
                }
                guard expiresAt > reader.visibility.instant,
                    !reader.state.catalog.isLeaving(collection.number)
                else { continue }
                if try reader.holder(of: name, reference) == nil {
                    note(
                        "\(collection.schema.name)/\(record.key) names \(name.shown) of "
                            + "\"\(reference.rule.to)\" by its reference "
                            + "\"\(reference.rule.name)\", which is not there"
                    )
                }
            }
        }
    }

    private mutating func compareVectors(
        _ ordinal: UInt64,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        // Of a field that was dropped the frame has one still.
        for vector in record.vectors where collection.fieldNames[vector.field] != nil {
            guard let entry = collection.vector(numbered: vector.field),
                reader.state.roots.vectors[entry.number] != nil
            else {
                note("a vector of \(ordinal) has no index")
                continue
            }
            vectorEntries[entry.number, default: 0] += 1
            let index = try reader.vectorIndex(entry)
            let address = try onPages { () throws(PageError) in
                try index.address(owner: record.owner, ordinal: ordinal, in: reader.view)
            }
            let bytes = address.flatMap { address in
                Self.row(address, vector.bytes.count, of: ordinal, reader)
            }
            if bytes != vector.bytes { note("the vector index has another vector of \(ordinal)") }
        }
    }

    /// The bytes of a row at an address; those of an encrypted log are deciphered.
    private static func row(
        _ address: UInt64,
        _ count: Int,
        of ordinal: UInt64,
        _ reader: StateReader
    ) -> [UInt8]? {
        let (segment, offset) = (VectorAddress.segment(address), VectorAddress.offset(address))
        guard reader.log.isEncrypted else {
            return try? reader.log.mapping(of: segment)?.copy(at: offset, count: count)
        }
        guard let entry = (try? OrdinalTable.entry(ordinal, in: reader.view)) ?? nil else {
            return nil
        }
        let place = LogPlace(bits: entry.place)
        guard place.segment == segment, let frame = try? reader.log.frame(at: place),
            frame.vectorOffset <= offset
        else { return nil }
        let first = offset - frame.vectorOffset
        guard first + count <= frame.content.vectors.count else { return nil }
        return Array(frame.content.vectors[first..<(first + count)])
    }

    private mutating func compareText(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry,
        _ record: StoredRecord,
        _ collection: CollectionEntry
    ) throws(StoreError) {
        for text in collection.texts {
            guard let number = collection.fieldNumbers[text.name],
                let words = record[number].text,
                reader.state.roots.building[text.number]?.mayLack(entry.birth) != true
            else { continue }
            // What is damaged is noted by `checkStructures`.
            let runs = reader.state.runs.filter { $0.births.contains(entry.birth) }
                .compactMap { try? $0.run }
            let stems = (try? Analyzers.shared.stems(words)) ?? []
            for stem in Set(stems) {
                let isThere = runs.contains { run in
                    guard
                        var cursor = run.postings(
                            field: text.number,
                            stem: stem,
                            owner: record.owner
                        )
                    else { return false }
                    guard
                        let local = run.local(
                            owner: record.owner,
                            ordinal: ordinal,
                            birth: entry.birth
                        )
                    else { return false }
                    cursor.seek(local)
                    return cursor.local == local
                }
                if !isThere {
                    note("the text index lacks a word of \(collection.schema.name)/\(record.key)")
                    return
                }
            }
        }
    }

    private mutating func compareTotals() throws(StoreError) {
        try compareUsage()
        let state = reader.state
        for (index, collection) in state.roots.leaving {
            treeKeys += try reader.entryCount(ofIndex: index, collection)
        }
        let keys = try onTree { () throws(TreeError) in try state.tree.count(in: reader.view) }
        if keys != treeKeys { note("the tree has \(keys) keys, the log makes \(treeKeys)") }
        let entries = try onPages { () throws(PageError) in
            try state.adjacency.tree.count(in: reader.view)
        }
        if entries != edges * 2 {
            note("the adjacency has \(entries) entries, the log makes \(edges * 2)")
        }
        for (number, count) in state.roots.counts where count != counts[number] ?? 0 {
            note("\(count) are counted of number \(number), the log makes \(counts[number] ?? 0)")
        }
        for (_, entry, _) in state.vectorHeads {
            let index = try reader.vectorIndex(entry)
            let count = try onPages { () throws(PageError) in
                try index.tree.count(in: reader.view)
            }
            let expected = vectorEntries[entry.number] ?? 0
            if count != expected {
                note(
                    "vector index \(entry.name) has \(count) entries, the log makes "
                        + "\(expected)"
                )
            }
        }
    }

    /// A search asks nothing of documents as long as none is counted dead.
    private mutating func compareDeadDocuments() throws(StoreError) {
        var dead = 0
        let (catalog, leaving) = (reader.state.catalog, reader.state.roots.leaving)
        var found: Set<UInt64> = []
        for stored in reader.state.runs {
            guard let run = try? stored.run else { continue }
            for field in run.fields
            where catalog.droppedTexts.contains(field) && leaving[field] == nil {
                note("the text index has words of number \(field), which is not searched any more")
            }
            for local in 0..<UInt32(clamping: run.documentCount) {
                let entry = try reader.entry(run.ordinal(local))
                let isAlive =
                    entry?.birth == run.birth(local)
                    && entry?.death == OrdinalEntry.forever
                if !isAlive { dead += 1 }
                if isAlive, !found.insert(run.ordinal(local)).inserted {
                    note("ordinal \(run.ordinal(local)) has two documents in the text index")
                }
                if !stored.births.contains(run.birth(local)) {
                    note("ordinal \(run.ordinal(local)) has a document in a run of other times")
                }
            }
        }
        // Where words came or went without their records' puts nobody counts them.
        if catalog.hasLooseTexts { return }
        let counted = reader.state.roots.deadDocuments
        if counted != dead { note("\(counted) documents are counted dead, \(dead) are") }
    }

    private mutating func countUsage(
        _ ordinal: UInt64,
        _ entry: OrdinalEntry
    ) throws(StoreError) {
        let state = reader.state
        guard state.catalog.counted.contains(entry.collection),
            !state.roots.mayLackUsage(entry.collection, ordinal)
        else { return }
        let frame = try reader.frame(entry)
        let bytes = try frame.content.usageBytes(at: frame.place)
        usage[UsageKey(entry.collection, entry.owner), default: .zero] +=
            UsageAmount(count: 1, bytes: bytes)
    }

    /// What owners have has to be what is there of theirs.
    private mutating func compareUsage() throws(StoreError) {
        let state = reader.state
        treeKeys += usage.count
        for (key, amount) in usage {
            let found = try onTree { () throws(TreeError) in
                try state.tree.value(key.bytes, in: reader.view)
            }
            let told: UsageAmount
            if let found { told = try UsageAmount(found) } else { told = .zero }
            guard told != amount else { continue }
            let name = state.catalog.name(of: key.number) ?? "number \(key.number)"
            note(
                "owner \(key.owner) is told to have \(told.count) of \(name) in \(told.bytes) "
                    + "bytes, the log makes \(amount.count) in \(amount.bytes)"
            )
        }
    }

    /// Holds a vector index against itself: its trees, and its graph where it has one.
    private mutating func checkVectors(_ name: String, _ field: VectorEntry, _ head: PageID) {
        let root = reader.state.root
        do throws(StoreError) {
            let found = try onPages { () throws(PageError) -> [String] in
                let index = try VectorIndex.open(field.coder, head, in: root.view)
                try index.checkStructure(root)
                return try index.findings(in: root)
            }
            for finding in found { note("vector index \(name): \(finding)") }
        } catch {
            note("vector index \(name): \(MnemeError(error))")
        }
    }

    private mutating func checkStructures() throws(StoreError) {
        try compareDeadDocuments()
        let state = reader.state
        do throws(StoreError) {
            try onTree { () throws(TreeError) in try state.tree.checkStructure(reader.view) }
            try onPages { () throws(PageError) in
                try state.adjacency.tree.checkStructure(reader.view)
            }
        } catch {
            note("\(MnemeError(error))")
        }
        for (name, field, head) in state.vectorHeads { checkVectors(name, field, head) }
        for (index, stored) in state.runs.enumerated() {
            do throws(StoreError) {
                let run = try stored.run
                do throws(TextError) { try run.verify() } catch {
                    note("text run \(index) is damaged: \(error)")
                }
            } catch {
                note("text run \(index) is damaged: \(MnemeError(error))")
            }
        }
    }
}
