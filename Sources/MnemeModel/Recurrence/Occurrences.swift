// When a rule comes. Periods are numbered from that of the start, so that the next occurrence after
// any instant is found at its number, without going along those before. Only a count goes along
// them, as days of the calendar, once for each rule.

/// The occurrences of a rule, in ascending order.
package struct Occurrences: Sendable {
    private let rule: Recurrence
    private let clock: ZoneClock
    /// Nothing comes before.
    package let start: Instant
    private let startDay: Day
    /// Microseconds since midnight by the zone's clocks.
    private let time: Int64
    /// The number of the start's period among all of its kind.
    private let origin: Int
    /// The last day on which it comes, of a rule with a count.
    private var lastDay: Day?

    private static let hour: Int64 = 3_600_000_000
    /// The years in which a rule may start; with the last of them all of them end.
    private static let years = 3...9998
    /// The last day on which anything comes.
    private static let end = Day.latest.plus(-365)

    /// The occurrences of a rule that starts where it says itself, else at an instant.
    ///
    /// - Throws: `.badRequest` for a rule that means nothing or never comes, `.unknownZone`.
    /// - Complexity: O(count), and O(4,800) for one that never comes.
    package init(_ rule: Recurrence, from instant: Instant) throws(MnemeError) {
        try rule.check()
        self.rule = rule
        clock = try ZoneClock(rule.zone)
        start = rule.start ?? instant
        (startDay, time) = clock.local(start)
        // Room at both ends, for zones and for the search of what comes next.
        guard Self.years.contains(startDay.civil.year) else {
            throw rule.refused(
                "start is \(start); give an instant of the years \(Self.years.lowerBound) to "
                    + "\(Self.years.upperBound)"
            )
        }
        origin = Self.number(startDay, rule.every)
        if rule.every == .hour { return }
        guard first != nil else {
            if let until = rule.until, until < start {
                throw rule.refused("until, \(until), is before it starts, \(start)")
            }
            throw rule.refused(
                "every names days of which none comes from \(start) to the end of the year "
                    + "\(Self.years.upperBound); give others, or an earlier start"
            )
        }
        if let count = rule.count { lastDay = day(number: count) }
    }

    /// The first occurrence; nil where the rule ends before.
    package var first: Instant? { next(after: Instant(microseconds: start.microseconds - 1)) }

    /// The first occurrence after an instant; nil when there is none any more.
    ///
    /// - Complexity: O(1) in the occurrences before; at most 4,800 periods are looked at, where
    ///   most of them do not have the days that are named.
    package func next(after instant: Instant) -> Instant? {
        let next = rule.every == .hour ? nextHour(instant) : nextDay(instant)
        guard let next, next <= rule.until ?? next else { return nil }
        return next
    }

    private func nextHour(_ instant: Instant) -> Instant? {
        if instant < start { return start }
        let step = Int64(rule.interval) * Self.hour
        let (past, isOut) = instant.microseconds.subtractingReportingOverflow(start.microseconds)
        guard !isOut else { return nil }
        let steps = past / step + 1
        if let count = rule.count, steps >= count { return nil }
        let (sum, isOver) = start.microseconds.addingReportingOverflow(steps &* step)
        let next = Instant(microseconds: sum)
        return isOver || next.day > Self.end ? nil : next
    }

    private func nextDay(_ instant: Instant) -> Instant? {
        // No change of clocks brings a time of day further away than a day.
        let from = max(startDay, clock.day(of: instant).plus(-2))
        let first = (Self.number(from, rule.every) - origin) / rule.interval
        for period in first..<(first + Recurrence.mostPeriods) {
            guard let days = days(of: period) else { return nil }
            for day in days where day >= startDay {
                if let lastDay, day > lastDay { return nil }
                let next = day == startDay ? start : clock.instant(of: day, time: time)
                if next > instant, next >= start { return next }
            }
        }
        return nil
    }

    /// The day of the occurrence of a number, counted from 1.
    private func day(number: Int) -> Day? {
        var left = number
        var period = 0
        while let days = days(of: period) {
            for day in days where day >= startDay {
                left -= 1
                if left == 0 { return day }
            }
            period += 1
        }
        return nil
    }

    // MARK: The days of a period

    /// The days of a period on which it comes, in order; nil where the calendar ends.
    private func days(of period: Int) -> [Day]? {
        let number = origin + period * rule.interval
        switch rule.every {
        case .hour: return nil
        case .day: return Self.day(number).map { [$0] }
        case .week:
            let monday = number * 7 - 3
            let weekdays =
                rule.weekdays.isEmpty
                ? [startDay.weekday] : Set(rule.weekdays.map(\.number)).sorted()
            var days: [Day] = []
            for weekday in weekdays {
                // The calendar ends within a week.
                guard let day = Self.day(monday + weekday - 1) else { break }
                days.append(day)
            }
            return days.isEmpty ? nil : days
        case .month: return days(ofMonth: number)
        case .year:
            let months = rule.months.isEmpty ? [startDay.civil.month] : Set(rule.months).sorted()
            var days: [Day] = []
            for month in months {
                guard let more = self.days(ofMonth: number * 12 + month - 1) else { return nil }
                days += more
            }
            return days
        }
    }

    /// The days of a month, counted from the year 0, in order.
    private func days(ofMonth number: Int) -> [Day]? {
        let (year, month) = (number / 12, number % 12 + 1)
        guard year <= Self.years.upperBound, let first = Day(year: year, month: month, day: 1)
        else { return nil }
        let length = Day.count(year: year, month: month)
        return numbers(length, first.weekday).map { first.plus($0 - 1) }
    }

    /// The days of a month of a length that begins on a weekday, by their numbers.
    private func numbers(_ length: Int, _ firstWeekday: Int) -> [Int] {
        var numbers: Set<Int> = []
        for weekday in rule.weekdays {
            var all: [Int] = []
            var day = 1 + (weekday.number - firstWeekday + 7) % 7
            while day <= length {
                all.append(day)
                day += 7
            }
            guard let week = rule.week else {
                numbers.formUnion(all)
                continue
            }
            let place = week > 0 ? week - 1 : all.count + week
            if all.indices.contains(place) { numbers.insert(all[place]) }
        }
        guard rule.weekdays.isEmpty else { return numbers.sorted() }
        for day in rule.days.isEmpty ? [startDay.civil.day] : rule.days {
            let number = day > 0 ? day : length + 1 + day
            if (1...length).contains(number) {
                numbers.insert(number)
            } else if rule.shortMonth == .last {
                numbers.insert(min(max(number, 1), length))
            }
        }
        return numbers.sorted()
    }

    /// The day of a number since 1970; nil outside of the years 1 to 9998.
    private static func day(_ number: Int) -> Day? {
        let range = Int(Day.earliest.number)...Int(end.number)
        return range.contains(number) ? Day(number: Int32(number)) : nil
    }

    /// The number of the period that a day is in, among all of its kind.
    private static func number(_ day: Day, _ unit: Recurrence.Unit) -> Int {
        let (year, month, _) = day.civil
        switch unit {
        case .hour, .day: return Int(day.number)
        case .week:
            // The first of January 1970 was a Thursday.
            let days = Int(day.number) + 3
            return (days >= 0 ? days : days - 6) / 7
        case .month: return year * 12 + month - 1
        case .year: return year
        }
    }
}
