// Making events of frames. A put says all of itself; a delete says which version it ended, and only
// that has the key; an edge names its ends by ordinals, whose keys stand in any of their versions.
// What it takes to tell a commit and is gone makes the commit one that cannot be told.
//
// A commit that has more to tell than an answer holds is told in parts, so that no commit keeps
// anybody from those behind it, and what an answer takes is bounded.

internal import MnemeLog
internal import MnemeModel
internal import MnemePages

/// Reads the events of one answer.
struct WatchReading {
    /// An answer takes no further commit once it has so many bytes, or its frames packed and
    /// unpacked have.
    private static let mostBytes = 4 << 20
    /// The most bytes of an event but for what it tells, and of an edge's ends.
    private static let eventBytes = 128
    private static let endBytes = 256 + StoreKeys.textKeyLimit

    /// An event of which the ends of an edge may not be known yet.
    private enum Draft {
        case known(Watched.What)
        case edge(PlainColumns, EdgeTypeEntry, fields: [String: Value]?, isErased: Bool)
    }

    private struct Line {
        var sequence: UInt64
        var draft: Draft
    }

    /// What of a commit an answer takes.
    private struct Part {
        var lines: [Line] = []
        /// Up to which sequence that is: the commit's where it is all of it.
        var next: UInt64
        /// Right behind that.
        var end: LogPlace
    }

    private struct Page {
        var commit: UInt64
        var time: Int64
        var lines: [Line]

        /// The ends of its edges of which no name is known.
        func namelessEnds(_ names: [UInt64: Reference?]) -> [UInt64] {
            lines.flatMap { line -> [UInt64] in
                guard case .edge(let columns, _, _, _) = line.draft else { return [] }
                return [columns.from, columns.to].filter { names[$0] == nil }
            }
        }
    }

    private let state: StateReader
    private let stretch: LogStretch
    private let filter: WatchFilter
    private let limit: Int
    private let partBytes: Int
    private var pages: [Page] = []
    private var count = 0
    private var byteCount = 0
    /// The records of ordinals; nil of those whose collection is not there any more.
    private var names: [UInt64: Reference?] = [:]

    /// `partBytes`: a commit with more than this to tell is told in parts.
    init(
        _ state: StateReader,
        _ stretch: LogStretch,
        _ filter: WatchFilter,
        limit: Int,
        partBytes: Int
    ) {
        self.partBytes = partBytes
        self.state = state
        self.stretch = stretch
        self.filter = filter
        self.limit = limit
    }

    private var catalog: Catalog { state.state.catalog }

    /// The events behind a sequence, up to another one.
    ///
    /// - Throws: `.refused` with `horizonPassed` where the first commit that has any cannot be
    ///   told; then all of them were read, to find behind which the rest can.
    mutating func read(
        _ after: UInt64,
        through end: UInt64,
        _ places: WatchPlaces
    ) throws(StoreError) -> Watched {
        if after < stretch.horizon { throw try horizonPassed(after, stretch.horizon, end) }
        var next = after
        var place: LogPlace?
        var lost: UInt64?
        try forEachBatch(after, through: end, from: places.place(behind: after)) {
            (reading, batch) throws(StoreError) -> Bool in
            guard let part = try reading.part(of: batch, behind: after) else {
                // What was met before it is told first.
                if reading.pages.isEmpty { lost = batch.commit }
                return false
            }
            let lines = part.lines
            if !lines.isEmpty {
                reading.pages.append(Page(commit: batch.commit, time: batch.time, lines: lines))
                reading.count += lines.count
            }
            (next, place) = (part.next, part.end)
            return next == batch.commit && reading.count < reading.limit
                && reading.byteCount < Self.mostBytes
        }
        if let lost { throw try horizonPassed(after, lost, end) }
        if let place { places.note(place, behind: next) }
        let nameless = Set(pages.flatMap { $0.namelessEnds(names) })
        if !nameless.isEmpty { _ = try findNames(nameless, after) }
        var events: [Watched.Event] = []
        events.reserveCapacity(count)
        for (index, page) in pages.enumerated() {
            if add(page, to: &events) { continue }
            if index == 0 { throw try horizonPassed(after, page.commit, end) }
            next = pages[index - 1].commit
            break
        }
        return Watched(events: events, next: next, sequence: end)
    }

    /// What is answered where a commit cannot be told: it names the last such commit.
    private mutating func horizonPassed(
        _ after: UInt64,
        _ first: UInt64,
        _ end: UInt64
    ) throws(StoreError) -> StoreError {
        var lost = first
        // The last commit that names an end of an edge by an ordinal of which no name is known.
        var wanting: [UInt64: UInt64] = [:]
        if first < end {
            try forEachBatch(first, through: end) {
                (reading, batch) throws(StoreError) -> Bool in
                var next: UInt64 = 0
                while next < batch.commit {
                    guard let part = try reading.part(of: batch, behind: next) else {
                        lost = batch.commit
                        return true
                    }
                    next = part.next
                    let page = Page(commit: batch.commit, time: batch.time, lines: part.lines)
                    for ordinal in page.namelessEnds(reading.names) {
                        wanting[ordinal] = batch.commit
                    }
                }
                return true
            }
        }
        for ordinal in try findNames(Set(wanting.keys), first) {
            lost = max(lost, wanting[ordinal] ?? 0)
        }
        return .horizonPassed(after, lost)
    }

    /// Goes through the commits behind a sequence, up to another one, until `body` says false.
    private mutating func forEachBatch(
        _ sequence: UInt64,
        through end: UInt64,
        from start: LogPlace? = nil,
        _ body: (inout WatchReading, StretchBatch) throws(StoreError) -> Bool
    ) throws(StoreError) {
        do throws(LogScanError<StoreError>) {
            let stretch = stretch
            try stretch.forEachBatch(after: sequence, from: start, through: end) {
                (batch) throws(StoreError) -> Bool in
                try body(&self, batch)
            }
        } catch {
            switch error {
            case .log(let error): throw .log(error)
            case .body(let error): throw error
            }
        }
    }

    // MARK: Frames

    /// What of a commit behind a sequence an answer takes, at least one line where there is one;
    /// nil where it cannot be told.
    private mutating func part(
        of batch: StretchBatch,
        behind sequence: UInt64
    ) throws(StoreError) -> Part? {
        var part = Part(next: batch.commit, end: batch.end)
        var toldBytes = 0
        for frame in batch.frames where frame.sequence > sequence {
            guard toldBytes <= partBytes else {
                (part.next, part.end) = (frame.sequence - 1, frame.place)
                return part
            }
            let frameBytes = frame.content.byteCount + Int(frame.content.plainCount)
            let draft: Draft?
            switch frame.content.type {
            case StoreFrameType.put:
                let result = try put(frame)
                guard case .told(let told) = result else { return nil }
                draft = told
            case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase:
                let result = try end(frame)
                guard case .told(let told) = result else { return nil }
                draft = told
            case StoreFrameType.link, StoreFrameType.unlink, StoreFrameType.eraseEdge:
                draft = try edge(frame)
            case StoreFrameType.schema: draft = try definition(frame)
            // What is withdrawn is told as it is taken out, as what has expired.
            case StoreFrameType.owner, StoreFrameType.fork, StoreFrameType.withdrawal: draft = nil
            default: throw .unexpected(frame)
            }
            var bytes = 0
            if let draft {
                part.lines.append(Line(sequence: frame.sequence, draft: draft))
                bytes = mostBytes(of: draft, frameBytes)
            }
            toldBytes += bytes
            byteCount += max(frameBytes, bytes)
        }
        return part
    }

    /// The most bytes of an event in an answer.
    private func mostBytes(of draft: Draft, _ frameBytes: Int) -> Int {
        switch draft {
        case .known(.put(let record, _)): Self.eventBytes + record.mostBytes
        case .known(.delete(let gone)), .known(.erase(let gone)): Self.eventBytes + gone.mostBytes
        case .known: Self.eventBytes + 2 * frameBytes
        case .edge(_, _, let fields, _):
            Self.eventBytes + 2 * Self.endBytes + Value.mostBytes(of: fields ?? [:])
        }
    }

    /// What a frame comes to.
    private enum Telling {
        /// This, or nothing.
        case told(Draft?)
        /// What it takes is gone.
        case lost
    }

    private mutating func put(_ frame: Frame) throws(StoreError) -> Telling {
        guard let columns = try? PutColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        let collection = self.collection(columns.collection)
        names[columns.ordinal] = .some(collection.map { Reference($0.schema.name, columns.key) })
        guard let collection, filter.tells(collection: collection.number) else {
            return .told(nil)
        }
        if filter.sees(owner: frame.content.owner) {
            var record = collection.record(try FrameDecoder(catalog: catalog).record(frame).record)
            record.version = frame.sequence
            return .told(.known(.put(record, isNew: columns.previous == nil)))
        }
        // It may have been of an owner who is watched.
        guard let previous = columns.previous else { return .told(nil) }
        guard let old = try version(previous, columns.ordinal) else { return .lost }
        guard filter.sees(owner: old.frame.content.owner) else { return .told(nil) }
        return .told(.known(.delete(Reference(collection.schema.name, columns.key))))
    }

    private mutating func end(_ frame: Frame) throws(StoreError) -> Telling {
        guard let columns = try? PlainColumns(frame.content.columns) else {
            throw .malformed(frame.place)
        }
        guard let collection = collection(columns.kind),
            filter.tells(collection: collection.number), filter.sees(owner: frame.content.owner)
        else { return .told(nil) }
        let reference: Reference
        if case .some(.some(let known)) = names[columns.ordinal] {
            reference = known
        } else {
            guard let previous = columns.previous,
                let old = try version(previous, columns.ordinal)
            else { return .lost }
            reference = Reference(collection.schema.name, old.columns.key)
            names[columns.ordinal] = .some(reference)
        }
        let isErase = StoreFrameType.isErase(frame.content.type)
        return .told(.known(isErase ? .erase(reference) : .delete(reference)))
    }

    private func edge(_ frame: Frame) throws(StoreError) -> Draft? {
        let (columns, body) = try FrameDecoder().edge(frame)
        guard let type = catalog.edgeType(number: columns.kind),
            !catalog.isLeaving(columns.kind), filter.tells(type: columns.kind),
            filter.sees(owner: frame.content.owner),
            try state.reachesEnd(columns.from), try state.reachesEnd(columns.to)
        else { return nil }
        guard frame.content.type == StoreFrameType.link else {
            let isErased = frame.content.type == StoreFrameType.eraseEdge
            return .edge(columns, type, fields: nil, isErased: isErased)
        }
        let fields = body.isEmpty ? [] : try? Value.decodeFields(body)
        guard let fields else { throw .malformed(frame.place) }
        let vectors = try FrameDecoder().edgeVectors(frame)
        return .edge(columns, type, fields: type.named(fields, vectors), isErased: false)
    }

    private func definition(_ frame: Frame) throws(StoreError) -> Draft? {
        guard let plain = FrameBody.plain(frame.content, limit: FrameDecoder.bodyLimit) else {
            throw .malformed(frame.place)
        }
        do throws(MnemeError) {
            switch try SchemaCoding.decode(plain) {
            // What is there now is told to those who do not reach everything by describe alone.
            case _ where state.reach != nil: return nil
            case .drop(let drop): return .known(.drop(drop))
            case .switchVector(let change): return .known(.switchVector(change))
            case .schema(var schema):
                schema.collections.removeAll(where: \.isHidden)
                if schema.collections.isEmpty, schema.edgeTypes.isEmpty { return nil }
                return .known(.define(schema))
            }
        } catch {
            throw .refused(error)
        }
    }

    /// The collection of a number, nil where it is the store's own, or was dropped.
    private func collection(_ number: UInt16) -> CollectionEntry? {
        guard !catalog.isLeaving(number), let entry = catalog.collection(number: number),
            !entry.schema.isHidden
        else { return nil }
        return entry
    }

    /// The version of a record that stands at a place, nil where that is gone.
    private func version(
        _ place: LogPlace,
        _ ordinal: UInt64
    ) throws(StoreError) -> (frame: Frame, columns: PutColumns)? {
        let frame = try onLog { () throws(LogError) in try stretch.frame(at: place) }
        guard let frame else { return nil }
        guard frame.content.type == StoreFrameType.put,
            let columns = try? PutColumns(frame.content.columns), columns.ordinal == ordinal
        else { throw .malformed(place) }
        return (frame, columns)
    }

    // MARK: Ends of edges

    /// Finds what records were called that lived when an edge behind a sequence came or went.
    ///
    /// - Returns: those of which no name is left.
    private mutating func findNames(
        _ ordinals: Set<UInt64>,
        _ sequence: UInt64
    ) throws(StoreError) -> Set<UInt64> {
        var wanted = ordinals
        for ordinal in ordinals {
            guard let entry = try state.entry(ordinal), entry.flags & OrdinalFlags.edge == 0
            else { continue }
            if try note(ordinal, LogPlace(bits: entry.place), entry.collection) {
                wanted.remove(ordinal)
            }
        }
        if wanted.isEmpty || sequence >= state.sequence { return wanted }
        // They are gone since: what ended them says where their last version stands.
        try forEachBatch(sequence, through: state.sequence) {
            (reading, batch) throws(StoreError) -> Bool in
            for frame in batch.frames where StoreFrameType.endsRecord(frame.content.type) {
                guard let columns = try? PlainColumns(frame.content.columns) else {
                    throw .malformed(frame.place)
                }
                guard wanted.contains(columns.ordinal), let place = columns.previous else {
                    continue
                }
                if try reading.note(columns.ordinal, place, columns.kind) {
                    wanted.remove(columns.ordinal)
                }
            }
            return !wanted.isEmpty
        }
        return wanted
    }

    /// Notes the name of a record by one of its versions; false where that is gone.
    private mutating func note(
        _ ordinal: UInt64,
        _ place: LogPlace,
        _ number: UInt16
    ) throws(StoreError) -> Bool {
        guard let collection = collection(number) else {
            names[ordinal] = .some(nil)
            return true
        }
        guard let version = try version(place, ordinal) else { return false }
        names[ordinal] = .some(Reference(collection.schema.name, version.columns.key))
        return true
    }

    // MARK: Events

    /// Adds the events of a commit; false, and none, where it cannot be told.
    private func add(_ page: Page, to events: inout [Watched.Event]) -> Bool {
        guard page.namelessEnds(names).isEmpty else { return false }
        for line in page.lines {
            let what: Watched.What
            switch line.draft {
            case .known(let known): what = known
            case .edge(let columns, let type, let fields, let isErased):
                // One of a dropped collection went with it.
                guard case .some(.some(let from)) = names[columns.from],
                    case .some(.some(let to)) = names[columns.to]
                else { continue }
                let name = type.type.name
                what =
                    if let fields {
                        .link(
                            Edge(
                                id: columns.ordinal,
                                type: name,
                                from: from,
                                to: to,
                                fields: fields
                            )
                        )
                    } else {
                        .unlink(
                            Watched.Unlinked(
                                id: columns.ordinal,
                                type: name,
                                from: from,
                                to: to,
                                isErased: isErased
                            )
                        )
                    }
            }
            events.append(
                Watched.Event(
                    sequence: line.sequence,
                    commit: page.commit,
                    time: Instant(microseconds: page.time),
                    what: what
                )
            )
        }
        return true
    }
}
