// What an expression of time says: days, and where in the text it stands.

package import MnemeModel

/// A stretch of days that a text names, from its first day up to before its end.
package struct DateRange: Hashable, Sendable {
    /// How it was said.
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// By the calendar: 8 May 2023, in May, in 2022.
        case absolute
        /// From the day it was said on: yesterday, last week, in three days.
        case relative
        /// From a date up to the day it was said on: since 2016.
        case since
        /// From the day it was said on up to the end of a date, or that date where it lies behind:
        /// until Friday.
        case until
        /// Everything before a date, from the year 1 on.
        case before
        /// Everything behind a date, up to the year 9999.
        case after
        /// How long something lasts: for two weeks. Its days are those that end with the day it
        /// was said on; `amount` of them.
        case duration
    }

    /// The first day.
    package var first: Day
    /// The day behind the last.
    package var end: Day
    /// Its bytes in the text, UTF-8.
    package var text: Range<Int>
    package var kind: Kind
    /// Whether it was said with a word such as few or about.
    package var isVague: Bool
    /// Whether the text does not name the year, and the nearest one that fits was taken.
    package var isYearAssumed: Bool

    /// How many days it has.
    package var dayCount: Int { end.distance(from: first) }

    /// Whether it says when, and not how long.
    package var isDate: Bool { kind != .duration }

    /// A range of days.
    package init(
        first: Day,
        end: Day,
        text: Range<Int>,
        kind: Kind,
        isVague: Bool = false,
        isYearAssumed: Bool = false
    ) {
        self.first = first
        self.end = end
        self.text = text
        self.kind = kind
        self.isVague = isVague
        self.isYearAssumed = isYearAssumed
    }

    /// Whether a day is one of it.
    package func contains(_ day: Day) -> Bool { first <= day && day < end }

    /// From the beginning of its first day to the end of its last, by the clocks of a zone.
    package func instants(in zone: ZoneClock) -> Range<Instant> {
        let start = zone.instant(of: first)
        return start..<max(start, zone.instant(of: end))
    }

    /// How well another range, or a single day, answers a question for this one: 0 where they have
    /// no day in common, 1 where they are the same, and less the more they differ in length.
    ///
    /// overlap ÷ shorter · (shorter ÷ longer)^¼. Where either has no year, every year is tried.
    ///
    /// - Complexity: O(1).
    package func agreement(with other: DateRange) -> Float {
        guard isYearAssumed || other.isYearAssumed else {
            return Self.agreement(first, end, other.first, other.end)
        }
        // The one without a year is brought to the years around the other.
        let (fixed, moving) = isYearAssumed ? (other, self) : (self, other)
        let year = moving.first.civil.year
        let (low, high) = (fixed.first.civil.year, fixed.end.plus(-1).civil.year)
        var best: Float = 0
        for target in [low - 1, low, low + 1, high, high + 1] {
            let first = moving.first.plus(months: (target - year) * 12)
            let end = first.plus(moving.dayCount)
            best = max(best, Self.agreement(fixed.first, fixed.end, first, end))
        }
        return best
    }

    /// How well a day answers a question for this range.
    package func agreement(with day: Day) -> Float {
        agreement(
            with: DateRange(first: day, end: day.plus(1), text: 0..<0, kind: .absolute)
        )
    }

    private static func agreement(
        _ first: Day,
        _ end: Day,
        _ other: Day,
        _ otherEnd: Day
    )
        -> Float
    {
        let overlap = min(end, otherEnd).distance(from: max(first, other))
        guard overlap > 0 else { return 0 }
        let (one, two) = (end.distance(from: first), otherEnd.distance(from: other))
        let (shorter, longer) = (Float(min(one, two)), Float(max(one, two)))
        return Float(overlap) / shorter * (shorter / longer).squareRoot().squareRoot()
    }
}
