// One request of every kind, and what two stores answer alike.

import MnemeModel

enum Sample {
    static let day = Instant(microseconds: 1_700_000_000_000_000)

    static let memories = [
        Remember("Ann keeps bees behind the old mill", owner: "ann", key: "bees", time: day),
        Remember("The roof of the mill was mended in May", owner: "ann", key: "roof", time: day),
        Remember("The train to Lyon leaves at nine", owner: "ann", key: "train", time: day),
    ]

    static let link = Link(
        "near",
        from: Reference("memories", "bees"),
        to: Reference("memories", "roof")
    )

    /// Every kind of request; those that write come first and are needed by the others.
    static let requests: [Request] = [
        .define(Schema(collections: [Collection("more", fields: [Field("number", .int)])])),
        .commit(
            [
                .put(Put("things", "one", ["number": 1])),
                .put(Put("more", "two", ["number": 2])),
                .delete(Reference("things", "absent")),
            ],
            .synced
        ),
        .remember(memories),
        .relate([link]),
        .openSession(owner: "ann", idleMinutes: 60),
        .appendToSession(id: "absent", entries: [Remember("Hello", owner: "ann")]),
        .endSession(id: "absent", summary: "nothing"),
        .commit([.put(Put("absent", "one", [:]))], .none),
        .describe,
        .get([Reference("things", "one"), Reference("things", "absent")]),
        .get([Reference("absent", "one")]),
        .find(Find("things", limit: 5)),
        .find(Find("memories", owner: "ann", match: Match("text", "mill"))),
        .walk(Walk(from: [Reference("memories", "bees")])),
        .path(Path(from: Reference("memories", "bees"), to: Reference("memories", "roof"))),
        .paths(Paths(from: Reference("memories", "bees"), to: Reference("memories", "roof"))),
        .recall(Recall("Who keeps beehives?", owner: "ann")),
        .statistics,
        .verify,
        .checkpoint,
        .forget(Forget(keys: ["train"])),
        .forget(Forget(owner: "nobody")),
    ]

    /// What a store says, without what two stores cannot have in common: times and chosen ids.
    static func comparable(_ result: Result<Response, MnemeError>) -> Result<Response, MnemeError> {
        guard case .success(let response) = result else { return result }
        switch response {
        case .session(var session):
            session.id = ""
            session.startedAt = Instant(microseconds: 0)
            session.lastAt = Instant(microseconds: 0)
            return .success(.session(session))
        case .records(let records): return .success(.records(records.map { $0.map(timeless) }))
        case .found(var found):
            found.rows = found.rows.map { row in
                var row = row
                row.record = timeless(row.record)
                return row
            }
            return .success(.found(found))
        case .recalled(var recalled):
            recalled.items = recalled.items.map { item in
                var item = item
                item.record = timeless(item.record)
                item.parts = item.parts.filter { $0.signal != .recency }
                // Recency is a part of it.
                item.score = 0
                return item
            }
            return .success(.recalled(recalled))
        case .statistics(let statistics):
            return .success(
                .statistics(
                    Statistics(
                        sequence: statistics.sequence,
                        records: statistics.records,
                        edges: statistics.edges,
                        owners: statistics.owners,
                        logBytes: 0,
                        pageBytes: 0,
                        freePageBytes: 0,
                        residentPageBytes: 0,
                        textRuns: statistics.textRuns
                    )
                )
            )
        default: return result
        }
    }

    private static func timeless(_ record: Record) -> Record {
        var record = record
        record.fields["time"] = nil
        record.fields["createdAt"] = nil
        return record
    }
}
