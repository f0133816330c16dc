// Points in time and days, written as RFC 3339 writes them. Calendar arithmetic after Howard
// Hinnant's "chrono-compatible low-level date algorithms".

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
public struct Instant: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64

    /// From microseconds since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) { self.microseconds = microseconds }

    /// From text such as `2023-05-08T13:56:00Z`, `2023-05-08 13:56:00.25+02:00` or a plain date.
    ///
    /// Nil when it is none or names a moment that does not exist. Without an offset UTC is meant.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let day = Day(&scanner) else { return nil }
        var total = Int64(day.number) * 86_400_000_000
        if !scanner.isAtEnd {
            guard scanner.take("T") || scanner.take("t") || scanner.take(" ") else { return nil }
            guard let time = scanner.timeOfDay() else { return nil }
            total += time
            if !scanner.isAtEnd {
                guard let offset = scanner.zone() else { return nil }
                total -= offset
            }
        }
        guard scanner.isAtEnd else { return nil }
        microseconds = total
    }

    /// The day in UTC.
    public var day: Day {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        return Day(number: Int32(truncatingIfNeeded: remainder < 0 ? quotient - 1 : quotient))
    }

    /// Earlier before later.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Instant: CustomStringConvertible {
    /// As RFC 3339, in UTC.
    public var description: String {
        // Not `microseconds - start of the day`: the first day starts before the first instant.
        let remainder = microseconds % 86_400_000_000
        let rest = remainder < 0 ? remainder + 86_400_000_000 : remainder
        let seconds = rest / 1_000_000
        let fraction = rest % 1_000_000
        var text = "\(day)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        if fraction != 0 {
            var digits = String(fraction)
            digits = String(repeating: "0", count: 6 - digits.count) + digits
            while digits.hasSuffix("0") { digits.removeLast() }
            text += "." + digits
        }
        return text + "Z"
    }
}

/// A day of the calendar, without a time zone.
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let number: Int32

    /// From days since 1970-01-01.
    public init(number: Int32) { self.number = number }

    /// From text such as `2024-02-29`; nil when there is no such day.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let day = Day(&scanner), scanner.isAtEnd else { return nil }
        self = day
    }

    init?(_ scanner: inout DigitScanner) {
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), (1...12).contains(month), day >= 1
        else { return nil }
        let shifted = year - (month <= 2 ? 1 : 0)
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = Int32(era * 146_097 + dayOfEra - 719_468)
        guard civil == (year, month, day) else { return nil }
    }

    /// Year, month and day of the month.
    public var civil: (year: Int, month: Int, day: Int) {
        let shifted = Int(number) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    /// Earlier before later.
    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }
}

extension Day: CustomStringConvertible {
    /// As RFC 3339.
    public var description: String {
        let (year, month, day) = civil
        let digits = String(year)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "\(padded)-\(two(Int64(month)))-\(two(Int64(day)))"
    }
}

private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

/// Reads digits and marks from text.
struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(truncatingIfNeeded: mark.value) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let byte = rest.first, (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
            rest.removeFirst()
        }
        return value
    }

    /// `hh:mm[:ss[.ffffff]]` in microseconds.
    mutating func timeOfDay() -> Int64? {
        guard let hour = number(digits: 2), hour < 24, take(":"), let minute = number(digits: 2),
            minute < 60
        else { return nil }
        var total = Int64(hour * 3600 + minute * 60) * 1_000_000
        guard take(":") else { return total }
        guard let second = number(digits: 2), second < 60 else { return nil }
        total += Int64(second) * 1_000_000
        guard take(".") else { return total }
        var unit: Int64 = 100_000
        var hasDigits = false
        while let digit = number(digits: 1) {
            total += Int64(digit) * unit
            unit /= 10
            hasDigits = true
        }
        return hasDigits ? total : nil
    }

    /// `Z` or `±hh:mm` in microseconds.
    mutating func zone() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hour = number(digits: 2), hour < 24 else { return nil }
        _ = take(":")
        guard let minute = number(digits: 2), minute < 60 else { return nil }
        return sign * Int64(hour * 3600 + minute * 60) * 1_000_000
    }
}
