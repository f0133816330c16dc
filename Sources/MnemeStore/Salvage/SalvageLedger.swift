// What the whole frames of a damaged log add up to: the newest version of every record and every
// edge that no readable frame ends, and the schemas. Frames count from the beginning of the log up
// to what was durable once; behind that, whole batches count as long as nothing is missing, as they
// do when a store is opened.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// A record by the numbers of its collection and its key.
struct SalvagedName: Hashable {
    let collection: UInt16
    let key: Key
}

/// The newest whole version of a record.
struct SalvagedRecord {
    let place: LogPlace
    let birth: UInt64
    let name: SalvagedName
    let expiresAt: Int64
}

/// A whole link of an edge.
struct SalvagedEdge {
    let place: LogPlace
    let birth: UInt64
    let type: UInt16
    let from: UInt64
    let to: UInt64
}

/// What the frames read so far add up to.
struct SalvageLedger {
    /// The living, by ordinal.
    private(set) var records: [UInt64: SalvagedRecord] = [:]
    private(set) var edges: [UInt64: SalvagedEdge] = [:]
    /// Records and edges that a readable frame ends, or whose key is another record's since.
    private(set) var ended: Set<UInt64> = []
    /// Records that a readable frame says must not come back.
    private(set) var erased: Set<UInt64> = []
    /// Schemas by the version of the catalog that they make.
    private(set) var schemas: [UInt32: Definition] = [:]
    /// Births of records and edges that may have been ended by what a compaction left out.
    private(set) var unsure: Set<UInt64> = []
    /// The highest version of the catalog that any frame was written under.
    private(set) var newestSchema: UInt32 = 0
    /// Numbers that were given, by keys and summaries.
    private(set) var numbers = SalvageNumbers()
    private(set) var frames = 0
    private(set) var losses: [LogLoss] = []
    private(set) var brokenBatches: [SalvageReport.BrokenBatch] = []
    private(set) var unreadable: [SalvageLeftOut] = []
    /// Frames behind what was durable that nobody was told of.
    private(set) var unfinished = 0
    /// Whether the last frame that counts is a close.
    private(set) var endsWithClose = false
    /// Everything up to here was durable once.
    private(set) var durable: UInt64
    private var ordinalOf: [SalvagedName: UInt64] = [:]
    /// What stands behind what is known to have been durable.
    private var waiting: [SurveyEvent] = []
    private var batch: (first: UInt64, last: UInt64, count: Int)?

    /// A ledger of a log of which everything up to `durable` is known to have been durable.
    init(durable: UInt64) { self.durable = durable }

    /// Takes what a survey met, in its order.
    mutating func take(_ event: SurveyEvent) {
        waiting.append(event)
        guard case .end(let end) = event else {
            if event.sequence <= durable { takeDurable() }
            return
        }
        durable = max(durable, end.durable)
        takeDurable()
    }

    private mutating func takeDurable() {
        let count = waiting.firstIndex { $0.sequence > durable } ?? waiting.count
        for event in waiting.prefix(count) { apply(event) }
        waiting.removeFirst(count)
    }

    /// Judges what stands behind the end of what was durable.
    ///
    /// `end`: where the last whole frame ends.
    mutating func finish(at end: LogPosition) {
        if end.sequence <= durable {
            losses.append(
                LogLoss(
                    segments: end.place.segment...end.place.segment,
                    bytes: nil,
                    sequences: end.sequence..<(durable + 1),
                    reason: "the log's end is missing: it had come to sequence \(durable)"
                )
            )
        }
        var start = 0
        scan: for (index, event) in waiting.enumerated() {
            switch event {
            case .frame, .cold, .newer: break
            case .lost: break scan
            case .end(let end):
                guard end.count == nil || end.count == index - start else { break scan }
                for whole in waiting[start...index] { apply(whole) }
                start = index + 1
            }
        }
        for event in waiting[start...] {
            switch event {
            case .frame, .cold, .newer: unfinished += 1
            case .end: break
            case .lost(let loss): losses.append(loss)
            }
        }
        waiting = []
        endBatch(nil)
    }

    private mutating func apply(_ event: SurveyEvent) {
        if case .end(let end) = event {
            endsWithClose = end.count == nil
        } else {
            endsWithClose = false
        }
        switch event {
        case .lost(let loss): losses.append(loss)
        case .end(let end): endBatch(end)
        case .newer(let place, let sequence, let what):
            extendBatch(sequence)
            leave("a frame", "it has \(what), which a newer program wrote", place, sequence)
        case .frame(let frame):
            frames += 1
            extendBatch(frame.sequence)
            newestSchema = max(newestSchema, frame.content.schemaVersion)
            apply(frame)
        case .cold(let frame, let what): apply(frame, what)
        }
    }

    /// Applies a frame that a compaction has met.
    private mutating func apply(_ frame: Frame, _ what: ColdFrame) {
        let type = frame.content.type
        if type == StoreFrameType.summary { return numbers.take(frame.content) }
        frames += 1
        newestSchema = max(newestSchema, frame.content.schemaVersion)
        if type == StoreFrameType.put || type == StoreFrameType.link {
            if what == .settled { return }
            if what == .unsure { unsure.insert(frame.sequence) }
        }
        apply(frame)
    }

    private mutating func extendBatch(_ sequence: UInt64) {
        let open = batch ?? (sequence, sequence, 0)
        batch = (open.first, sequence, open.count + 1)
    }

    private mutating func endBatch(_ end: SurveyEnd?) {
        defer { batch = nil }
        let count = batch?.count ?? 0
        let isWhole = end.map { $0.count == nil ? count == 0 : $0.count == count } ?? (count == 0)
        guard !isWhole else { return }
        brokenBatches.append(
            SalvageReport.BrokenBatch(
                firstSequence: batch?.first ?? end?.sequence ?? 0,
                lastSequence: batch?.last ?? end?.sequence ?? 0,
                frameCount: count
            )
        )
    }

    private mutating func leave(
        _ what: String,
        _ reason: String,
        _ place: LogPlace,
        _ sequence: UInt64
    ) {
        unreadable.append(
            SalvageLeftOut(what: what, reason: reason, place: place, sequence: sequence)
        )
    }

    private mutating func apply(_ frame: Frame) {
        let content = frame.content
        switch content.type {
        case StoreFrameType.schema:
            guard let plain = FrameBody.plain(content, limit: FrameDecoder.bodyLimit),
                let schema = try? SchemaCoding.decode(plain)
            else { return leaveMalformed(frame, "a schema") }
            schemas[content.schemaVersion] = schema
        // The salvaged store has an identity of its own.
        case StoreFrameType.owner, StoreFrameType.fork: break
        case StoreFrameType.put:
            guard let columns = try? PutColumns(content.columns) else {
                return leaveMalformed(frame, "a record")
            }
            put(columns, frame)
        case StoreFrameType.delete, StoreFrameType.narrowErase, StoreFrameType.erase,
            StoreFrameType.unlink, StoreFrameType.eraseEdge, StoreFrameType.link:
            guard let columns = try? PlainColumns(content.columns) else {
                return leaveMalformed(frame, "a change")
            }
            if content.type == StoreFrameType.link {
                edges[columns.ordinal] = SalvagedEdge(
                    place: frame.place,
                    birth: frame.sequence,
                    type: columns.kind,
                    from: columns.from,
                    to: columns.to
                )
            } else {
                let isErase = StoreFrameType.isErase(content.type)
                if isErase || content.type == StoreFrameType.eraseEdge {
                    erased.insert(columns.ordinal)
                }
                end(columns.ordinal)
            }
        case StoreFrameType.withdrawal:
            guard let withdrawal = WithdrawalContent(content) else {
                return leaveMalformed(frame, "a delete of many records")
            }
            for ordinal in withdrawal.ordinals { end(ordinal) }
        default:
            let reason = "it has type \(content.type), which a newer program wrote"
            leave("a frame", reason, frame.place, frame.sequence)
        }
    }

    private mutating func leaveMalformed(_ frame: Frame, _ what: String) {
        leave(what, "its frame is whole but makes no sense", frame.place, frame.sequence)
    }

    private mutating func put(_ columns: PutColumns, _ frame: Frame) {
        let name = SalvagedName(collection: columns.collection, key: columns.key)
        numbers.take(name)
        // Whoever has the key now took it when the record before had been deleted.
        if let before = ordinalOf[name], before != columns.ordinal { end(before) }
        ordinalOf[name] = columns.ordinal
        ended.remove(columns.ordinal)
        records[columns.ordinal] = SalvagedRecord(
            place: frame.place,
            birth: frame.sequence,
            name: name,
            expiresAt: columns.expiresAt
        )
    }

    /// Ends a record or an edge.
    mutating func end(_ ordinal: UInt64) {
        ended.insert(ordinal)
        edges[ordinal] = nil
        if let record = records.removeValue(forKey: ordinal), ordinalOf[record.name] == ordinal {
            ordinalOf[record.name] = nil
        }
    }
}

/// Something that cannot be brought out.
struct SalvageLeftOut {
    var what: String
    var reason: String
    let place: LogPlace
    let sequence: UInt64

    var reported: SalvageReport.LeftOut {
        SalvageReport.LeftOut(
            what: what,
            reason: reason,
            file: "log/" + LogFile.name(place.segment),
            offset: place.offset,
            sequence: sequence
        )
    }
}

extension SurveyEvent {
    /// Of a frame its sequence; of a loss the first that is missing, or that of the next frame.
    var sequence: UInt64 {
        switch self {
        case .frame(let frame): frame.sequence
        case .cold(let frame, _): frame.sequence
        case .newer(_, let sequence, _): sequence
        case .end(let end): end.sequence
        case .lost(let loss): loss.sequences.lowerBound
        }
    }
}
