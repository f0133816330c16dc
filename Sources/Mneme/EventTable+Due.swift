// Which events of a table are due, for how long they may be leased, and what becomes of their
// fields where they are settled.

internal import MnemeModel
internal import MnemeStore

extension EventTable {
    /// The longest lease in seconds, thirty days.
    private static let longestLease = 2_592_000
    /// How long a lease is where nothing else is asked for.
    static let usualLease = 60

    /// Expects a number of seconds for which an event may be leased.
    static func check(
        _ seconds: Int,
        least: Int,
        of place: String
    ) throws(MnemeError) {
        guard (least...longestLease).contains(seconds) else {
            throw MnemeError(
                .badRequest,
                "\(place).leaseSeconds is \(seconds); give \(least) to \(longestLease)"
            )
        }
    }

    /// What an event's fields become where its status or lease changes.
    ///
    /// The lease of one that is nobody's any more stays, so that the next one is later.
    func edits(_ event: Event, isBack: Bool = false) -> [Edit] {
        var edits: [Edit] = [.set(FieldPath(status), .text(event.status))]
        if let leases, let lease = event.lease {
            edits.append(.set(FieldPath(leases.field), .instant(lease)))
        }
        if isBack { edits.append(.set(FieldPath(trigger), .instant(event.at))) }
        return edits
    }

    /// The records of events that are due at an instant, those that are due first before others.
    func due(
        _ snapshot: Snapshot,
        _ scope: String?,
        _ until: Instant,
        limit: Int
    ) throws(MnemeError) -> [Record] {
        func find(_ word: String, _ field: String) throws(MnemeError) -> [(Instant, Record)] {
            let find = Find(
                collection,
                owner: scope,
                where: .and([
                    .eq(status, .text(word)), .compare(field: field, .lte(.instant(until))),
                ]),
                order: [Order(field)],
                limit: limit
            )
            return try snapshot.find(find).rows.map { row in
                (Self.instant(row.record[field]) ?? until, row.record)
            }
        }
        var found = try find(words.pending, trigger)
        if let leases { found += try find(leases.claimed, leases.field) }
        found.sort { $0.0 < $1.0 }
        return found.prefix(limit).map(\.1)
    }
}
