// What becomes the record of an event that is scheduled. Pure.

internal import MnemeModel

/// What becomes the record of an event that is scheduled.
struct SchedulePlan {
    private let schedule: Schedule
    private let table: EventTable

    init(_ schedule: Schedule, _ table: EventTable) {
        self.schedule = schedule
        self.table = table
    }

    /// The event, whose key may not be known yet, and its fields.
    func make() throws(MnemeError) -> (Event, [String: Value]) {
        var fields = schedule.fields
        var event = Event(
            Reference(schedule.collection, schedule.key ?? .int(0)),
            owner: schedule.owner,
            status: table.words.pending,
            at: schedule.at,
            payload: schedule.payload
        )
        func put(_ value: Value, _ field: String?, _ role: String) throws(MnemeError) {
            guard !value.isNull else { return }
            guard let field else {
                throw MnemeError(
                    .badRequest,
                    "collection \"\(schedule.collection)\" has no field with the role \(role), so "
                        + "that an event there has none; leave it out, or define the role"
                )
            }
            guard fields.updateValue(value, forKey: field) == nil else {
                throw MnemeError(
                    .badRequest,
                    "event.schedule.fields has \"\(field)\", which is the event's \(role); give it "
                        + "once"
                )
            }
        }
        if let rule = schedule.recurrence {
            event.recurrence = try settle(rule, &event.at)
            try put(stored(event.recurrence ?? rule), table.recurrence?.name, "recurrence")
        }
        try put(schedule.owner.map { .text($0) } ?? .null, table.owner, "owner")
        try put(schedule.payload, table.payload, "payload")
        try put(.instant(event.at), table.trigger, "triggerAt")
        try put(.text(event.status), table.status, "status")
        return (event, fields)
    }

    /// The rule with its start, and its first occurrence from `instant` on.
    private func settle(
        _ rule: Recurrence,
        _ instant: inout Instant
    ) throws(MnemeError) -> Recurrence {
        let all = try Occurrences(rule, from: instant)
        let (before, isOut) = instant.microseconds.subtractingReportingOverflow(1)
        guard let first = isOut ? all.first : all.next(after: Instant(microseconds: before)) else {
            throw MnemeError(
                .badRequest,
                "the recurrence has ended before \(instant); give a later end, or an earlier at"
            )
        }
        instant = first
        var settled = rule
        settled.start = all.start
        return settled
    }

    /// The rule as the table's field takes it.
    private func stored(_ rule: Recurrence) throws(MnemeError) -> Value {
        switch table.recurrence?.type {
        case .text: return .text(rule.json())
        case .oneOf:
            // A field of words has no room for more.
            var plain = rule
            plain.start = nil
            guard case .text(let word) = plain.spelling else {
                throw MnemeError(
                    .badRequest,
                    "the recurrence of \"\(schedule.collection)\" is a field of words, which has "
                        + "no room for more than one such as monthly; give such a word"
                )
            }
            return .text(word)
        default: return rule.spelling
        }
    }
}
