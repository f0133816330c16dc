// Events, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets events in a table.
enum EventLayout {
    /// A row for each event; columns that none of them has are left out.
    static func lines(_ response: Response) -> [String] {
        guard case .events(let events) = response else { return [] }
        guard !events.events.isEmpty else { return ["No event is due."] }
        let hasLease = events.events.contains { $0.lease != nil }
        let hasNext = events.events.contains { $0.next != nil }
        var columns: [(String, TextTable.Alignment)] = [
            ("event", .left), ("at", .left), ("status", .left),
        ]
        if hasLease { columns.append(("lease", .left)) }
        if hasNext { columns.append(("next", .left)) }
        var table = TextTable(columns + [("payload", .left)])
        for event in events.events {
            var cells = [
                event.reference.description.shown, event.at.description, event.status.shown,
            ]
            if hasLease { cells.append(event.lease?.description ?? "") }
            if hasNext { cells.append(event.next?.description ?? "") }
            table.add(cells + [event.payload.isNull ? "" : event.payload.json().shown])
        }
        var lines = table.lines()
        lines += events.events.compactMap { event in
            event.problem.map { "\(event.reference): \($0)" }
        }
        if events.hasMore { lines.append("There may be more: give a larger --limit.") }
        return lines
    }
}
