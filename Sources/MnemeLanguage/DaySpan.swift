// Weeks, months, seasons and holidays as days of the calendar. Weeks begin on Monday.

internal import MnemeModel

/// Days in a row: the first, and the one behind the last.
struct DaySpan: Hashable {
    var first: Day
    var end: Day

    init(_ first: Day, _ end: Day) {
        self.first = first
        self.end = end
    }

    init(_ day: Day) {
        first = day
        end = day.plus(1)
    }

    var count: Int { end.distance(from: first) }

    func contains(_ day: Day) -> Bool { first <= day && day < end }

    /// The days from a day to this, 0 inside.
    func distance(to day: Day) -> Int {
        if day < first { return first.distance(from: day) }
        return day < end ? 0 : day.distance(from: end) + 1
    }

    static func week(of day: Day) -> DaySpan {
        let monday = day.plus(1 - day.weekday)
        return DaySpan(monday, monday.plus(7))
    }

    /// Saturday and Sunday of the week of a day.
    static func weekend(of day: Day) -> DaySpan {
        let monday = day.plus(1 - day.weekday)
        return DaySpan(monday.plus(5), monday.plus(7))
    }

    static func month(_ year: Int, _ month: Int) -> DaySpan {
        DaySpan(Day.first(year: year, month: month), Day.first(year: year, month: month + 1))
    }

    static func years(_ year: Int, _ count: Int = 1) -> DaySpan {
        DaySpan(Day.first(year: year, month: 1), Day.first(year: year + count, month: 1))
    }

    /// A season that begins in a year; winter in its December.
    static func season(_ year: Int, _ season: Season) -> DaySpan {
        let month =
            switch season {
            case .none, .spring: 3
            case .summer: 6
            case .autumn: 9
            case .winter: 12
            }
        return DaySpan(
            Day.first(year: year, month: month),
            Day.first(year: year, month: month + 3)
        )
    }

    /// A holiday of a year; nil where the year has none.
    static func holiday(_ year: Int, _ holiday: Holiday) -> DaySpan? {
        switch holiday {
        case .fixed(let month, let day):
            return Day(year: year, month: month, day: day).map { DaySpan($0) }
        case .weekday(let month, let week, let weekday):
            return DaySpan(Self.weekday(weekday, week, of: .month(year, month)))
        case .easter(let days): return DaySpan(easter(year).plus(days))
        }
    }

    /// The `week`-th such weekday of a span, the last one for 5 and more.
    static func weekday(_ weekday: Int, _ week: Int, of span: DaySpan) -> Day {
        var day = span.first.plus((weekday - span.first.weekday + 7) % 7 + (week - 1) * 7)
        while day >= span.end, day > span.first { day = day.plus(-7) }
        return day
    }

    /// The calendar stretch of a unit around a day.
    static func unit(_ unit: DateUnit, of day: Day) -> DaySpan {
        let (year, month, _) = day.civil
        return switch unit {
        case .week: .week(of: day)
        case .weekend: .weekend(of: day)
        case .fortnight: DaySpan(week(of: day).first, week(of: day).end.plus(7))
        case .month: .month(year, month)
        case .quarter:
            DaySpan(
                Day.first(year: year, month: (month - 1) / 3 * 3 + 1),
                Day.first(year: year, month: (month - 1) / 3 * 3 + 4)
            )
        case .year: .years(year)
        case .decade: .years(year / 10 * 10, 10)
        case .century: .years(year / 100 * 100, 100)
        default: DaySpan(day)
        }
    }

    /// A day so many units later.
    static func shifted(_ day: Day, _ count: Int, _ unit: DateUnit) -> Day {
        switch unit {
        case .none, .second, .minute, .hour: day
        case .day: day.plus(count)
        case .week, .weekend: day.plus(count * 7)
        case .fortnight: day.plus(count * 14)
        case .month: day.plus(months: count)
        case .quarter: day.plus(months: count * 3)
        case .year: day.plus(months: count * 12)
        case .decade: day.plus(months: count * 120)
        case .century: day.plus(months: count * 1200)
        }
    }

    /// About how many days a unit has.
    static func days(_ unit: DateUnit) -> Int {
        switch unit {
        case .none, .second, .minute, .hour: 0
        case .day: 1
        case .weekend: 2
        case .week: 7
        case .fortnight: 14
        case .month: 30
        case .quarter: 91
        case .year: 365
        case .decade: 3652
        case .century: 36_524
        }
    }

    /// Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
    static func easter(_ year: Int) -> Day {
        let (a, b, c) = (year % 19, year / 100, year % 100)
        let (d, e) = (b / 4, b % 4)
        let f = (b + 8) / 25
        let g = (b - f + 1) / 3
        let h = (19 * a + b - d - g + 15) % 30
        let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7
        let m = (a + 11 * h + 22 * l) / 451
        let sum = h + l - 7 * m + 114
        return Day.first(year: year, month: sum / 31).plus(sum % 31)
    }
}
