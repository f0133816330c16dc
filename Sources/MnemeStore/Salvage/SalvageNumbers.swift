// Numbers that the damaged store had given: integer keys, and those of fields that are filled with
// the next one. What they were given to may be deleted, and the new store goes on behind them all
// the same. They are told by whole puts, ended ones too, by the summaries of cold segments, and by
// the state of the page file, as far as each can be read.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel

/// The next numbers, by the numbers under which a state has them.
struct SalvageNumbers {
    private(set) var next: [UInt16: Int64] = [:]

    /// None was given.
    init() {}

    /// Numbers below these were given.
    mutating func raise(_ known: [UInt16: Int64]) {
        for (counter, number) in known { raise(counter, to: number) }
    }

    private mutating func raise(_ counter: UInt16, to number: Int64) {
        next[counter] = max(next[counter] ?? 1, number)
    }

    /// Takes the key of a whole put.
    mutating func take(_ name: SalvagedName) {
        guard case .int(let number) = name.key, number < .max else { return }
        raise(name.collection, to: number + 1)
    }

    /// Takes the summary of a cold segment.
    mutating func take(_ summary: FrameContent) {
        guard let summary = SegmentSummary(summary.body) else { return }
        raise(summary.nextKeys)
    }

    /// Takes what every whole put has in fields that are filled with the next number.
    ///
    /// - Complexity: O(bytes of the log) where there are such fields, else O(1).
    mutating func takeFields(of survey: LogSurvey, _ catalog: Catalog) {
        let counted = catalog.visibleCollections.filter { !$0.counters.isEmpty }
        if counted.isEmpty { return }
        let numbers = Set(counted.map(\.number))
        let decoder = FrameDecoder(catalog: catalog)
        var found = self
        _ = survey.walk(progress: { _ in }) { event in
            let frame: Frame
            switch event {
            case .frame(let whole): frame = whole
            case .cold(let whole, _): frame = whole
            case .lost, .newer, .end: return
            }
            guard frame.content.type == StoreFrameType.put,
                let columns = try? PutColumns(frame.content.columns),
                numbers.contains(columns.collection),
                let collection = catalog.collection(number: columns.collection),
                let record = try? decoder.record(frame).record
            else { return }
            for counter in collection.counters {
                guard case .int(let number) = record[counter.field], number < .max else { continue }
                found.raise(counter.number, to: number + 1)
            }
        }
        self = found
    }
}

extension SalvageWriter {
    /// Has the new store go on behind the numbers that were given: a record with the last ones is
    /// put and deleted again, so that its log tells them.
    mutating func goOnBehindNumbers() throws(StoreError) {
        guard let store else { return }
        for collection in judgement.catalog.visibleCollections {
            let name = collection.schema.name
            let state = store.newest.state
            guard !judgement.catalog.isLeaving(collection.number),
                let made = state.catalog.collections.first(where: { $0.schema.name == name })
            else { continue }
            var key: Key?
            if collection.schema.key == .int, let next = judgement.numbers.next[collection.number],
                next > state.roots.nextKeys[made.number] ?? 1
            {
                key = .int(next - 1)
            }
            var fields: [String: Value] = [:]
            for (counter, other) in zip(collection.counters, made.counters) {
                guard let next = judgement.numbers.next[counter.number],
                    next > state.roots.nextKeys[other.number] ?? 1
                else { continue }
                fields[collection.schema.fields[counter.place].name] = .int(next - 1)
            }
            if key == nil, fields.isEmpty { continue }
            for field in collection.schema.fields
            where field.isRequired && fields[field.name] == nil {
                fields[field.name] = field.filling
            }
            let free: Key =
                switch collection.schema.key {
                case .int: .int(state.roots.nextKeys[made.number] ?? 1)
                case .text: .text("salvage-\(store.options.randomness.next())")
                case .uuid:
                    .uuid(
                        UniqueID(
                            high: store.options.randomness.next(),
                            low: store.options.randomness.next()
                        )
                    )
                }
            let last = Put(name, key ?? free, fields)
            do throws(MnemeError) {
                try store.commitUnchecked([.put(last), .delete(Reference(name, last.key ?? free))])
            } catch {
                guard error.code.rawValue < 300 else { throw .refused(error) }
                report.notes.append(
                    "Numbers of deleted records of \(name) may be given again: \(error.message)"
                )
            }
        }
    }
}

extension Field {
    /// Some value that the field takes.
    fileprivate var filling: Value {
        switch type {
        case .bool: .bool(false)
        case .int: .int(0)
        case .float: .float(0)
        case .text: .text(String("salvage".prefix(maximumLength ?? .max)))
        case .bytes: .bytes([])
        case .uuid: .uuid(UniqueID(high: 0, low: 0))
        case .instant: .instant(Instant(microseconds: 0))
        case .date: .date(Day(number: 0))
        case .json: .map([:])
        case .array: .array([])
        case .oneOf(let words): .text(words.first ?? "")
        case .vector(let type): .vector([Float](repeating: 1, count: type.dimension))
        }
    }
}
