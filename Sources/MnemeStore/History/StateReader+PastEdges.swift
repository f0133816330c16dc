// Walks of earlier instants: from when on what is known, which records were there, and edges that
// are not there any more.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Since when it is kept which edges there were, of all types that a walk follows.
struct PastBound: Sendable {
    /// From this instant on everything is known.
    var begin: Microseconds
    /// For how many days what has ended is kept; for good when nil.
    var days: Int?

    /// The instant of a walk that asks for one, as far as it has come.
    ///
    /// - Throws: `.noHistory`, which names the earliest instant.
    func instant(_ asked: Instant, now: Microseconds) throws(MnemeError) -> Microseconds {
        let instant = min(asked.microseconds, now)
        var earliest = begin
        if let days { earliest = max(earliest, now - Int64(days) * 86_400_000_000) }
        guard instant < earliest else { return instant }
        throw MnemeError(
            .noHistory,
            "which edges there were at \(Instant(microseconds: instant)) is not kept any more, or "
                + "was not yet; the earliest instant to ask for is "
                + "\(Instant(microseconds: earliest))"
        )
    }
}

extension StateReader {
    /// Since when it is kept which edges there were of some types, all when nil.
    ///
    /// - Throws: `.refused` with `.noHistory` where one of them keeps no history.
    func pastBound(_ types: [UInt16]?) throws(StoreError) -> PastBound {
        var bound = PastBound(begin: .min, days: nil)
        for entry in state.catalog.edgeTypes where types?.contains(entry.number) ?? true {
            guard let rows = state.catalog.pasts[entry.number] else {
                throw .refused(
                    MnemeError(
                        .noHistory,
                        "edges \"\(entry.type.name)\" keep no history; define the type again with "
                            + "\"history\": {}, and it does from then on, or name the types to "
                            + "follow in \"types\""
                    )
                )
            }
            let marker = try onTree { () throws(TreeError) in
                let key = StoreKeys.record(rows.number, PastField.marker)
                return try state.tree.value64(key, in: view)
            }
            guard let marker, case .instant(let begin) = try stored(marker)[PastField.ended] else {
                throw .inconsistent("edges \"\(entry.type.name)\" have a history without a start")
            }
            bound.begin = max(bound.begin, begin.microseconds)
            if let days = entry.type.history?.days { bound.days = min(bound.days ?? days, days) }
        }
        return bound
    }

    /// The instant of which a walk asks; nil where it asks of what is there.
    ///
    /// - Throws: `.refused` with `.noHistory`.
    func instant(_ asked: Instant?, _ types: [UInt16]?) throws(StoreError) -> Microseconds? {
        guard let asked else { return nil }
        let bound = try pastBound(types)
        do throws(MnemeError) {
            return try bound.instant(asked, now: visibility.instant)
        } catch {
            throw .refused(error)
        }
    }

    /// What the table has of an ordinal that lives, its time over or not.
    func livingEntry(_ ordinal: UInt64) throws(StoreError) -> OrdinalEntry? {
        // In a branch that is more than the sequence of the state.
        let shown = visibility.sequence
        guard let entry = try entry(ordinal), entry.birth <= shown, shown < entry.death,
            !state.catalog.isLeaving(entry.collection), try reaches(entry)
        else { return nil }
        return entry
    }

    /// Whether a record that lives was there at an instant and is seen.
    ///
    /// - Throws: `.refused` with `.noHistory` where it is not known whether it was put aside then.
    func sees(
        _ entry: OrdinalEntry,
        at instant: Microseconds,
        _ sight: Sight
    ) throws(StoreError) -> Bool {
        guard instant < entry.expiresAt else { return false }
        guard let collection = state.catalog.collection(number: entry.collection),
            collection.marks != nil, sight != .everything
        else { return sight.deleted != .only && sight.archived != .only }
        if try frame(entry).time <= instant { return try sees(entry, collection, sight) }
        var reader = reader(keeps: true)
        try reader.open(entry)
        return try saw(try reader.key(), of: collection, at: instant, sight)
    }

    private func saw(
        _ key: Key,
        of collection: CollectionEntry,
        at instant: Microseconds,
        _ sight: Sight
    ) throws(StoreError) -> Bool {
        let known = try known(key, at: instant, collection)
        return known.map { collection.sees($0, sight) } ?? false
    }

    /// Whether a walk of an earlier instant may take a step along an edge that was there.
    ///
    /// An edge is there as long as both its records are, so that one that is gone since was there
    /// then.
    func sees(
        _ step: EdgeStep,
        at instant: Microseconds,
        _ sight: Sight,
        _ row: inout StepRow
    ) throws(StoreError) -> Bool {
        if let entry = try livingEntry(step.node) {
            guard try reachesPast(of: step, &row) else { return false }
            return try sees(entry, at: instant, sight)
        }
        // Of a record that is gone it is not known any more whose it was.
        if reach != nil { return false }
        let isPlain = sight.deleted != .only && sight.archived != .only
        // Nobody comes to what was dropped, whatever was asked to be seen besides.
        if state.catalog.leaving.isEmpty, !state.catalog.hasMarks || sight == .everything {
            return isPlain
        }
        guard let name = try row.past(of: step, self)?.name(of: step.node),
            let collection = state.catalog.collection(number: name.collection),
            !state.catalog.isLeaving(name.collection)
        else { return false }
        guard collection.marks != nil, sight != .everything else { return isPlain }
        return try saw(name.key, of: collection, at: instant, sight)
    }

    /// The record of a key that lives, if it was there at an instant and is seen.
    func version(
        _ collection: CollectionEntry,
        _ key: Key,
        at instant: Microseconds,
        _ sight: Sight
    ) throws(StoreError) -> UInt64? {
        let found = try onTree { () throws(TreeError) in
            try state.tree.value64(StoreKeys.record(collection.number, key), in: view)
        }
        guard let found, let entry = try livingEntry(found),
            try sees(entry, at: instant, sight)
        else { return nil }
        return found
    }
}

extension Snapshot {
    /// Where a walk begins, or a path ends.
    ///
    /// - Throws: `.notFound` of a record that is not there, or was not, or was not true.
    func start(_ reference: Reference, _ rules: StepRules) throws(MnemeError) -> UInt64 {
        let found = try there(reference, rules)
        let isTrue = try reading { state throws(StoreError) in try state.isTrue(found, rules) }
        if isTrue { return found }
        throw MnemeError(
            .notFound,
            "\(reference) was not true at the instant of \"asOf\"; a walk begins and a path ends "
                + "at a record that was"
        )
    }

    private func there(
        _ reference: Reference,
        _ rules: StepRules
    ) throws(MnemeError) -> UInt64 {
        guard let instant = rules.instant else {
            if let found = try ordinal(reference, rules.sight) { return found }
            throw notThere(reference)
        }
        let collection = try catalog.readable(reference.collection)
        let key = try collection.coerced(reference.key)
        let found = try reading { state throws(StoreError) in
            try state.version(collection, key, at: instant, rules.sight)
        }
        if let found { return found }
        throw MnemeError(
            .notFound,
            "\(reference) was not there at \(Instant(microseconds: instant)), or is not any more; "
                + "a walk of an earlier instant begins and a path ends at a record that is there "
                + "still"
        )
    }
}
