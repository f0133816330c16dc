// What the writer needs to look up while it decides: through the editor's state and the log, the
// group that is not written yet included.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Frames by place, for whoever applies changes: the open log, or a log that is being recovered.
protocol FrameSource {
    func frameForWriter(at place: LogPlace) throws(LogError) -> Frame
}

extension Log: FrameSource {
    func frameForWriter(at place: LogPlace) throws(LogError) -> Frame {
        try pendingOrWrittenFrame(at: place)
    }
}

extension LogRecovery: FrameSource {
    func frameForWriter(at place: LogPlace) throws(LogError) -> Frame { try frame(at: place) }
}

/// Look-ups at one state of the editor.
struct WriterReader {
    let view: PageView
    let frames: any FrameSource
    let catalog: Catalog
    /// The group's one instant.
    let instant: Microseconds
    /// What is read and has more bytes, unpacked, is `.long`.
    var mostBytes = Int.max

    /// The same under another catalog: what it defines anew is in what is read.
    func under(_ catalog: Catalog) -> WriterReader {
        WriterReader(
            view: view,
            frames: frames,
            catalog: catalog,
            instant: instant,
            mostBytes: mostBytes
        )
    }

    /// A number that stands under a key.
    func number(_ tree: Tree, _ key: [UInt8]) throws(StoreError) -> UInt64? {
        try onTree { () throws(TreeError) in try tree.value64(key, in: view) }
    }

    /// The number under the first key with a prefix.
    func firstNumber(_ tree: Tree, prefix: [UInt8]) throws(StoreError) -> UInt64? {
        try onTree { () throws(TreeError) in
            var cursor = try tree.cursor(.prefix(prefix), in: view)
            return try cursor.next() ? try cursor.value64 : nil
        }
    }

    /// The first numbers under keys with a prefix.
    func numbers(
        _ tree: Tree,
        prefix: [UInt8],
        atMost limit: Int
    ) throws(StoreError) -> [UInt64] {
        try onTree { () throws(TreeError) in
            var numbers: [UInt64] = []
            var cursor = try tree.cursor(.prefix(prefix), in: view)
            while numbers.count < limit, try cursor.next() { numbers.append(try cursor.value64) }
            return numbers
        }
    }

    func entry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry {
        do throws(PageError) {
            if let entry = try OrdinalTable.entry(ordinal, in: view) { return entry }
        } catch {
            throw .pages(error)
        }
        throw .inconsistent("an index names ordinal \(ordinal), which the table does not have")
    }

    /// Whether an ordinal is that of a record that lives.
    func lives(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard ordinal < OrdinalTable.limit else { return false }
        let entry = try onPages { () throws(PageError) in
            try OrdinalTable.entry(ordinal, in: view)
        }
        return entry.map {
            $0.death == OrdinalEntry.forever && $0.flags & OrdinalFlags.edge == 0
        } ?? false
    }

    /// The name of a record that was erased elsewhere; nil where it is not here.
    func name(
        of erasure: Erasure,
        in identity: LogIdentity
    ) throws(StoreError) -> (collection: CollectionEntry, key: Key)? {
        guard try lives(erasure.ordinal),
            let collection = catalog.collection(number: erasure.collection),
            try entry(erasure.ordinal).collection == erasure.collection
        else { return nil }
        let version = try version(erasure.ordinal)
        let key = version.record.key
        let isIt = version.origin.map { erasure.names(key, $0, in: identity) } ?? false
        return isIt ? (collection, key) : nil
    }

    /// The frame of the version that an entry names.
    private func frame(_ entry: OrdinalEntry) throws(StoreError) -> Frame {
        let frame: Frame
        do throws(LogError) {
            frame = try frames.frameForWriter(at: LogPlace(bits: entry.place))
        } catch {
            throw .log(error)
        }
        try entry.check(frame.sequence)
        if frame.content.byteCount + Int(frame.content.plainCount) > mostBytes { throw .long }
        return frame
    }

    /// The newest version of a record.
    func version(_ ordinal: UInt64) throws(StoreError) -> OldVersion {
        let entry = try entry(ordinal)
        let frame = try frame(entry)
        let (columns, record) = try FrameDecoder(catalog: catalog).record(frame)
        return OldVersion(
            entry: entry,
            record: record,
            frameBytes: frame.content.byteCount,
            origin: VersionOrigin(
                sequence: frame.sequence,
                incarnation: frame.incarnation,
                isFirst: columns.previous == nil
            ),
            time: frame.time,
            usageBytes: frame.content.usageBytes(of: columns.key)
        )
    }

    /// What the version that an entry names is called, and when it was committed, by the columns of
    /// its frame: its fields are not looked at.
    func key(
        of entry: OrdinalEntry
    ) throws(StoreError) -> (key: Key, time: Microseconds, frameBytes: Int) {
        let frame = try frame(entry)
        guard frame.content.type == StoreFrameType.put else { throw .unexpected(frame) }
        guard let columns = try? PutColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        return (columns.key, frame.time, frame.content.byteCount)
    }

    /// Bytes that the frame of a stored record or edge takes.
    func frameBytes(of ordinal: UInt64) throws(StoreError) -> Int {
        try frame(try entry(ordinal)).content.byteCount
    }

    /// What tells a stored edge from those of other branches.
    func edgeOrigin(_ ordinal: UInt64) throws(StoreError) -> EdgeOrigin {
        let frame = try frame(try entry(ordinal))
        return EdgeOrigin(sequence: frame.sequence, incarnation: frame.incarnation)
    }

    /// Whether an edge that lives is the one that was erased elsewhere.
    func holds(_ erasure: EdgeErasure) throws(StoreError) -> Bool {
        guard try isThere(erasure.ordinal) else { return false }
        let entry = try entry(erasure.ordinal)
        guard entry.flags & OrdinalFlags.edge != 0, entry.collection == erasure.type else {
            return false
        }
        let frame = try frame(entry)
        return erasure.names(
            try FrameDecoder().edge(frame).columns,
            EdgeOrigin(sequence: frame.sequence, incarnation: frame.incarnation)
        )
    }

    /// The properties of a stored edge as its frame has them, unpacked, and its vectors.
    func edgeParts(
        _ ordinal: UInt64
    ) throws(StoreError) -> (body: [UInt8], vectors: [StoredVector]) {
        let frame = try frame(try entry(ordinal))
        let decoder = FrameDecoder()
        return (try decoder.edge(frame).body, try decoder.edgeVectors(frame))
    }

    /// Bytes that count of a stored edge for its owner.
    func edgeUsageBytes(_ ordinal: UInt64) throws(StoreError) -> Int {
        let frame = try frame(try entry(ordinal))
        return try frame.content.usageBytes(at: frame.place)
    }

    /// A living edge.
    func edge(_ ordinal: UInt64) throws(StoreError) -> PlannedEdge? {
        let entry: OrdinalEntry?
        do throws(PageError) {
            entry = try OrdinalTable.entry(ordinal, in: view)
        } catch {
            throw .pages(error)
        }
        guard let entry, entry.flags & OrdinalFlags.edge != 0,
            entry.death == OrdinalEntry.forever
        else { return nil }
        let columns = try FrameDecoder().edge(frame(entry)).columns
        return PlannedEdge(
            ordinal: ordinal,
            type: columns.kind,
            from: columns.from,
            to: columns.to,
            owner: entry.owner,
            body: [],
            plainCount: 0
        )
    }
}
