// `"monthly"`, or `{"every": "month", "days": [31], "zone": "Europe/Berlin"}`; the same as JSON in
// a text, so that a field of text may hold it.

extension Recurrence: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let text) = spelling {
            if text.first == "{" {
                try self.init(spelling: try Value(json: text))
                return
            }
            guard let unit = Unit.allCases.first(where: { $0.word == text }) else {
                throw unknown("recurrence", text, Unit.allCases.map(\.word))
            }
            self.init(every: unit)
            return
        }
        var members = try SpelledMembers(spelling, of: "recurrence")
        self.init(
            every: try members.word("every"),
            interval: try members.optionalInt("interval") ?? 1,
            weekdays: try Self.weekdays(members.value("weekdays")),
            week: try members.optionalInt("week"),
            days: try Self.numbers(members.value("days"), "recurrence.days"),
            months: try Self.numbers(members.value("months"), "recurrence.months"),
            zone: try members.optionalText("zone") ?? "UTC",
            start: try members.optionalInstant("start"),
            until: try members.optionalInstant("until"),
            count: try members.optionalInt("count"),
            shortMonth: try members.optionalWord("shortMonth") ?? .last,
            catchUp: try members.optionalWord("catchUp") ?? .once
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        if self == Recurrence(every: every) { return .text(every.word) }
        var spelling = Spelling()
        spelling.put("every", every)
        spelling.put("interval", interval, unless: 1)
        spelling.put("weekdays", weekdays.map(\.rawValue))
        if let week { spelling.put("week", week) }
        if !days.isEmpty { spelling.put("days", .array(days.map { .int(Int64($0)) })) }
        if !months.isEmpty { spelling.put("months", .array(months.map { .int(Int64($0)) })) }
        if zone != "UTC" { spelling.put("zone", zone) }
        // Texts, as a field of text has to hold them too.
        spelling.put("start", start?.description)
        spelling.put("until", until?.description)
        if let count { spelling.put("count", count) }
        spelling.put("shortMonth", shortMonth, unless: .last)
        spelling.put("catchUp", catchUp, unless: .once)
        return spelling.value
    }

    private static func weekdays(_ value: Value?) throws(MnemeError) -> [Weekday] {
        guard let value else { return [] }
        var weekdays: [Weekday] = []
        for element in try value.spelledArray("recurrence.weekdays") {
            weekdays.append(try element.spelledWord("recurrence.weekdays"))
        }
        return weekdays
    }

    private static func numbers(_ value: Value?, _ place: String) throws(MnemeError) -> [Int] {
        guard let value else { return [] }
        var numbers: [Int] = []
        for element in try value.spelledArray(place) {
            guard let number = element.int else { throw wrong(place, "whole numbers", element) }
            numbers.append(Int(number))
        }
        return numbers
    }
}
