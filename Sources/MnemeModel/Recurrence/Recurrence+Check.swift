// What a rule has to hold, each refused with what to do. That it comes at all is found out by going
// along its months for as long as the calendar takes to repeat.

extension Recurrence {
    /// The most steps of one interval.
    private static let mostInterval = 1000
    /// The most occurrences that a rule may count.
    private static let mostCount = 10_000
    /// 400 years of months, after which days and weekdays come as they came before.
    static let mostPeriods = 4800

    /// Expects that the rule means something, but for its zone.
    ///
    /// - Throws: `.badRequest`.
    func check() throws(MnemeError) {
        guard (1...Self.mostInterval).contains(interval) else {
            throw refused("interval is \(interval); give 1 to \(Self.mostInterval)")
        }
        if let count, !(1...Self.mostCount).contains(count) {
            throw refused(
                "count is \(count); give 1 to \(Self.mostCount), or an instant as until"
            )
        }
        if count != nil, until != nil {
            throw refused("count and until both say when it ends; give one of them")
        }
        if let start, let until, until < start {
            throw refused("until, \(until), is before it starts, \(start); give a later one")
        }
        for day in days where !(1...31).contains(abs(day)) {
            throw refused("days has \(day); give 1 to 31, or -1 to -31 from the end of the month")
        }
        for month in months where !(1...12).contains(month) {
            throw refused("months has \(month); give 1 for January to 12")
        }
        if let week, week == 0 || abs(week) > 5 {
            throw refused("week is \(week); give 1 to 5, or -1 for the last to -5")
        }
        try checkTogether()
    }

    /// Expects that what is given goes together.
    private func checkTogether() throws(MnemeError) {
        let isOfMonths = every == .month || every == .year
        if !weekdays.isEmpty, !isOfMonths, every != .week {
            throw refused(
                "weekdays are of a week, month or year, not of every \(every.rawValue); for some "
                    + "days of each week give every: week"
            )
        }
        if !days.isEmpty, !isOfMonths {
            throw refused("days are of a month or year; give every: month, or leave them out")
        }
        if !months.isEmpty, every != .year {
            throw refused("months are of a year; give every: year, or leave them out")
        }
        if !days.isEmpty, !weekdays.isEmpty {
            throw refused("days and weekdays both say which days; give one of them")
        }
        if week != nil, weekdays.isEmpty || !isOfMonths {
            throw refused(
                "week says which of the weekdays of a month; give weekdays, with every: month or "
                    + "every: year"
            )
        }
    }

    /// The error for a rule that cannot be.
    func refused(_ what: String) -> MnemeError {
        MnemeError(.badRequest, "recurrence.\(what)")
    }
}
