// What is put aside, what records were, what owners have, and who did what: each against what the
// oracle remembers.

internal import MnemeBase
internal import MnemeModel
internal import MnemeStore

extension Audit {
    /// Everything that is kept beside records that are seen; `state`: with what is put aside.
    func checkLives(_ state: ExpectedState) throws(HarnessFailure) {
        try checkAside(state)
        try checkHistories(state)
        try checkPasts(state)
        try checkUsage(state)
        try checkAuditRows(state)
    }

    /// Who asks for what is put aside too sees all.
    private func checkAside(_ state: ExpectedState) throws(HarnessFailure) {
        for collection in state.schema.collections {
            let aside = state.records(in: collection.name).filter { key, record in
                state.isAside(Reference(collection.name, key), record)
            }
            if aside.isEmpty { continue }
            for (key, _) in aside {
                try each { () throws(HarnessFailure) in
                    let reference = Reference(collection.name, key)
                    let found = try ask("read \(reference)") { () throws(MnemeError) in
                        try snapshot.record(reference)
                    }
                    if found != nil {
                        throw HarnessFailure("\(reference) is seen, and was put aside")
                    }
                }
            }
            try each { () throws(HarnessFailure) in
                var find = Find(collection.name, limit: limit(state))
                find.sight = try ask("everything of \(collection.name)") {
                    () throws(MnemeError) in try snapshot.everything(of: collection.name)
                }
                let wanted = state.records(in: collection.name).map { key, record in
                    Record(Reference(collection.name, key), fields: record.fields)
                }
                try expect(
                    "all of \(collection.name) with what is put aside",
                    rows(find).map(\.record),
                    wanted
                )
            }
        }
    }

    /// Histories are complete and in order.
    private func checkHistories(_ state: ExpectedState) throws(HarnessFailure) {
        for collection in state.schema.collections {
            guard let rule = collection.history else { continue }
            for number in 0..<40 {
                let key: Key =
                    collection.key == .int ? .int(Int64(number) - 4) : .text("key\(number)")
                let reference = Reference(collection.name, key)
                let events = state.lives.histories[reference] ?? []
                try each { () throws(HarnessFailure) in
                    try check(events, of: reference, rule)
                }
            }
        }
    }

    private func check(
        _ events: [Lives.Event],
        of reference: Reference,
        _ rule: HistoryRule
    ) throws(HarnessFailure) {
        let what = "history of \(reference)"
        let history = try ask(what) { () throws(MnemeError) in
            try snapshot.history(VersionQuestion(reference, limit: 10_000, records: true))
        }
        let told = history.versions
        let kept = min(events.count, rule.versions ?? .max)
        guard rule.versions == nil ? told.count == kept : told.count >= kept else {
            throw HarnessFailure("\(what): \(told.count) versions, expected \(kept)")
        }
        for (version, (index, event)) in zip(told, events.enumerated().reversed().prefix(kept)) {
            let fields = version.record?.fields
            guard version.number == UInt64(index + 1), version.kind == event.kind,
                version.at.microseconds == event.at, fields == event.fields
            else {
                throw HarnessFailure(
                    "\(what): version \(version.number), \(version.kind) at \(version.at), "
                        + "\(fields.map { HarnessFailure.shown($0) } ?? "gone"); expected "
                        + "\(index + 1), \(event.kind) at \(event.at), "
                        + "\(event.fields.map { HarnessFailure.shown($0) } ?? "gone")"
                )
            }
        }
    }

    /// Walks of the instants at which edges came and went lead to what they joined then.
    private func checkPasts(_ state: ExpectedState) throws(HarnessFailure) {
        for (type, begin) in state.lives.pasts.sorted(by: { $0.key < $1.key }) {
            let ties = state.lives.ties.values.filter { $0.type == type }
            let times = Set(ties.flatMap { [$0.linked, $0.ended] } + [begin, now])
            // The newest of them, and when the history began.
            let asked = times.filter { (begin...now).contains($0) }.sorted().suffix(4) + [begin]
            let starts = state.records.filter { _, record in
                ties.contains { $0.joins(record.ordinal) }
            }.keys.sorted { $0.description < $1.description }
            for start in starts {
                for instant in asked {
                    try each { () throws(HarnessFailure) in
                        try checkPast(state, start, type, at: instant)
                    }
                }
            }
        }
    }

    private func checkPast(
        _ state: ExpectedState,
        _ start: Reference,
        _ type: String,
        at instant: Microseconds
    ) throws(HarnessFailure) {
        var walk = Walk(
            from: [start],
            types: [type],
            direction: .both,
            hops: 2,
            limit: limit(state) + state.lives.ties.count
        ).known(at: Instant(microseconds: instant))
        walk.sight = Sight(deleted: .include, archived: .include)
        let what = "walk from \(start) at \(instant)"
        let walked = try ask(what) { () throws(MnemeError) in try snapshot.walk(walk) }
        let wanted = state.reached(from: start, over: type, hops: 2, at: instant)
        try expect(what, walked.stops.map(\.reference), wanted)
    }

    /// What owners have is what there is.
    private func checkUsage(_ state: ExpectedState) throws(HarnessFailure) {
        let names =
            state.schema.collections.filter(\.isCounted).map(\.name)
            + state.schema.edgeTypes.filter(\.countsUsage).map(\.name)
        if names.isEmpty { return }
        for owner in [String?.none] + HarnessSchema.owners.map(Optional.some) {
            try each { () throws(HarnessFailure) in
                let what = "usage of \(owner ?? "all")"
                let usage: Usage
                do throws(MnemeError) {
                    usage = try snapshot.usage(UsageQuestion(owner: owner, of: names))
                } catch {
                    // What was there before is being counted.
                    if error.code == .busy { return }
                    return try ask(what) { () throws(MnemeError) in throw error }
                }
                for collection in state.schema.collections where collection.isCounted {
                    let count = state.records(in: collection.name).count {
                        Self.belongs($0.record, to: owner, collection)
                    }
                    let told = usage.collections[collection.name]?.count ?? -1
                    // What has expired counts until it is swept.
                    let isRight =
                        HarnessSchema.lasting.contains(collection.name)
                        ? told == count : told >= count
                    guard isRight else {
                        throw HarnessFailure(
                            "\(what): \(told) of \(collection.name), expected \(count)"
                        )
                    }
                }
                for type in state.schema.edgeTypes where type.countsUsage {
                    let count = state.edges.values.count { edge in
                        guard edge.type == type.name else { return false }
                        guard let owner else { return true }
                        let whose = state.lives.edgeOwners[edge.id]
                        return whose.map { ExpectedState.isBelow($0, owner) } ?? false
                    }
                    let told = usage.edges[type.name]?.count ?? -1
                    guard told == count else {
                        throw HarnessFailure(
                            "\(what): \(told) edges \(type.name), expected \(count)"
                        )
                    }
                }
            }
        }
    }

    /// Each change that the audit keeps has its rows, and no other has any.
    private func checkAuditRows(_ state: ExpectedState) throws(HarnessFailure) {
        try each { () throws(HarnessFailure) in
            let found: Found
            do throws(MnemeError) {
                found = try snapshot.find(
                    Find(AuditTrail.collection, limit: 100_000, select: ["request", "outcome"])
                )
            } catch {
                if error.code == .unknownCollection, state.lives.audited.isEmpty { return }
                return try ask("the audit") { () throws(MnemeError) in throw error }
            }
            var requests: Set<UInt32> = []
            for row in found.rows where row.record["outcome"] == "ok" {
                if case .int(let number) = row.record["request"] {
                    requests.insert(UInt32(truncatingIfNeeded: number))
                }
            }
            try expect("requests in the audit", requests, state.lives.audited)
        }
    }
}
