// What holds in a zone after its last known change: the TZ text of POSIX at the end of a TZif file,
// with the extensions of RFC 8536, section 3.3.1: hours from -167 to 167.

/// A standard distance from UTC, and the part of each year that has another one.
struct ZoneRule: Hashable, Sendable {
    /// The distance of standard time in seconds, east of Greenwich above 0.
    let standard: Int32
    /// The other part of the year; nil where there is none.
    let summer: Summer?

    /// A part of the year with a distance of its own.
    struct Summer: Hashable, Sendable {
        let distance: Int32
        let begin: Date
        let end: Date
    }

    /// A day of each year, and the seconds from its midnight, by the clocks that hold before.
    struct Date: Hashable, Sendable {
        let day: DayRule
        let seconds: Int64
    }

    /// Which day of a year.
    enum DayRule: Hashable, Sendable {
        /// From 1 to 365; there is no 29 February.
        case julian(Int)
        /// From 0 to 365.
        case ordinal(Int)
        /// The `week`-th such weekday of the month, 5 for the last one; 0 is Sunday.
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// The rule of a text such as `CET-1CEST,M3.5.0,M10.5.0/3`; nil where it is none.
    init?(_ text: ArraySlice<UInt8>) {
        var scanner = Scanner(rest: text)
        guard scanner.takeName(), let west = scanner.distance(most: 24) else { return nil }
        standard = Int32(-west)
        if scanner.rest.isEmpty {
            summer = nil
            return
        }
        guard scanner.takeName() else { return nil }
        var distance = -west + 3600
        if scanner.rest.first != UInt8(ascii: ",") {
            guard let west = scanner.distance(most: 24) else { return nil }
            distance = -west
        }
        guard scanner.take(","), let begin = scanner.date(), scanner.take(","),
            let end = scanner.date(), scanner.rest.isEmpty
        else { return nil }
        summer = Summer(distance: Int32(distance), begin: begin, end: end)
    }

    /// The distance at an instant, in seconds.
    func distance(at seconds: Int64) -> Int32 {
        guard let summer else { return standard }
        let (local, isOut) = seconds.addingReportingOverflow(Int64(standard))
        let year = isOut ? 0 : Self.year(of: local)
        // Hours beyond a day may put a change into another year than the day it counts from.
        var newest: (time: Int64, isSummer: Bool)?
        for year in (year - 1)...(year + 1) {
            let begin = summer.begin.time(in: year) - Int64(standard)
            let end = summer.end.time(in: year) - Int64(summer.distance)
            // Where one part ends as the other begins, the one that begins holds.
            for (time, isSummer) in [(end, false), (begin, true)] where time <= seconds {
                if newest.map({ time >= $0.time }) ?? true { newest = (time, isSummer) }
            }
        }
        return newest?.isSummer ?? false ? summer.distance : standard
    }

    private static func year(of local: Int64) -> Int {
        let (quotient, remainder) = local.quotientAndRemainder(dividingBy: 86_400)
        let number = remainder < 0 ? quotient - 1 : quotient
        return Day(number: Int32(clamping: number)).civil.year
    }
}

extension ZoneRule.Date {
    /// Its moment in a year by the clocks that hold before, in seconds since 1970.
    fileprivate func time(in year: Int) -> Int64 { Int64(dayNumber(in: year)) * 86_400 + seconds }

    private func dayNumber(in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        switch day {
        case .julian(let number):
            return Self.number(year, 1, 1) + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .ordinal(let number): return Self.number(year, 1, 1) + number
        case .weekday(let month, let week, let weekday):
            let first = Self.number(year, month, 1)
            // The first of January 1970 was a Thursday.
            let firstWeekday = ((first + 4) % 7 + 7) % 7
            let next = month == 12 ? Self.number(year + 1, 1, 1) : Self.number(year, month + 1, 1)
            var number = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
            while number >= next { number -= 7 }
            return number
        }
    }

    /// The days from 1970 to a day of the calendar.
    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = year - (month <= 2 ? 1 : 0)
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads the parts of a rule's text.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(truncatingIfNeeded: mark.value) else { return false }
        rest.removeFirst()
        return true
    }

    /// A name of three letters or more, or one between `<` and `>`.
    mutating func takeName() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            let count = rest.distance(from: rest.startIndex, to: end)
            rest = rest[(end + 1)...]
            return count >= 3
        }
        let letters = rest.prefix { (65...90).contains($0) || (97...122).contains($0) }
        rest.removeFirst(letters.count)
        return letters.count >= 3
    }

    /// A whole number up to a limit.
    mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest.removeFirst(digits.count)
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return range.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func distance(most hours: Int) -> Int? {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let hour = number(0...hours) else { return nil }
        var seconds = hour * 3600
        for unit in [60, 1] where take(":") {
            guard let part = number(0...59) else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    /// `Jn`, `n` or `Mm.w.d`, and then `/time` or nothing, which is two o'clock.
    mutating func date() -> ZoneRule.Date? {
        guard let day = day() else { return nil }
        guard take("/") else { return ZoneRule.Date(day: day, seconds: 7200) }
        guard let seconds = distance(most: 167) else { return nil }
        return ZoneRule.Date(day: day, seconds: Int64(seconds))
    }

    private mutating func day() -> ZoneRule.DayRule? {
        if take("J") { return number(1...365).map { .julian($0) } }
        guard take("M") else { return number(0...365).map { .ordinal($0) } }
        guard let month = number(1...12), take("."), let week = number(1...5), take("."),
            let weekday = number(0...6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }
}
