// Arithmetic of the proleptic Gregorian calendar on days: after Howard Hinnant's "chrono-compatible
// low-level date algorithms", as in Instant.swift.

extension Day {
    /// The first and the last day that this arithmetic answers with: of the years 1 to 9999.
    package static let earliest = Day(number: -719_162)
    /// 9999-12-31.
    package static let latest = Day(number: 2_932_896)

    /// A day of the calendar; nil where there is none, and outside the years 1 to 9999.
    ///
    /// - Complexity: O(1).
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.count(year: year, month: month)
        else { return nil }
        self = Self.first(year: year, month: month).plus(day - 1)
    }

    /// The first day of a month; of months beyond the twelfth, or below the first, that of the
    /// month so far from January.
    ///
    /// Years outside of 1 to 9999 are brought to the nearest of them.
    package static func first(year: Int, month: Int) -> Day {
        let months = year &* 12 &+ month &- 1
        let bounded = Swift.min(Swift.max(months, 12), 9999 * 12 + 11)
        return Day(number: Int32(number(bounded / 12, bounded % 12 + 1)))
    }

    /// How many days a month has.
    package static func count(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Whether a year has a 29 February.
    package static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The day of the week, from 1 for Monday to 7 for Sunday.
    package var weekday: Int {
        // The first of January 1970 was a Thursday.
        ((Int(number) + 3) % 7 + 7) % 7 + 1
    }

    /// So many days later, within the years 1 to 9999.
    package func plus(_ days: Int) -> Day {
        let sum = Int(number) + Swift.min(Swift.max(days, -4_000_000), 4_000_000)
        let bounded = Swift.min(
            Swift.max(sum, Int(Self.earliest.number)),
            Int(Self.latest.number)
        )
        return Day(number: Int32(bounded))
    }

    /// So many months later, on the same day of the month or the last that the month has.
    package func plus(months: Int) -> Day {
        let (year, month, day) = civil
        let start = Day.first(
            year: year,
            month: month + Swift.min(Swift.max(months, -120_000), 120_000)
        )
        let (newYear, newMonth, _) = start.civil
        return start.plus(Swift.min(day, Day.count(year: newYear, month: newMonth)) - 1)
    }

    /// The days from another one to this one.
    package func distance(from other: Day) -> Int { Int(number) - Int(other.number) }

    /// The days from 1970 to the first of a month.
    private static func number(_ year: Int, _ month: Int) -> Int {
        let shifted = year - (month <= 2 ? 1 : 0)
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
