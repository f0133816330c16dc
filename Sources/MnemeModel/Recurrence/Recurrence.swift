// What comes again: every so many hours, days, weeks, months or years, by the clocks of a zone.
// formats/operations.md#recurrence

/// A rule by which something comes again.
///
/// Its occurrences stand at the time of day of `start` by the clocks of `zone`, but of hourly
/// ones, which are so many hours of 3,600 seconds apart. A time that clocks skip is as much later
/// as they skip; of one that they show twice it is the first.
public struct Recurrence: Hashable, Sendable {
    /// The period of which there is one step after another.
    public var every: Unit
    /// How many periods one step is, 1…1,000; the first one is that of `start`.
    public var interval: Int
    /// On these days of the week: of each week, month or listed month of a year.
    public var weekdays: [Weekday]
    /// Which of the `weekdays` of a month is meant: 1 for the first up to 5, −1 for the last; nil
    /// for each of them.
    public var week: Int?
    /// On these days of the month, 1…31, or −1…−31 counted from its end.
    public var days: [Int]
    /// Of a year: in these months, 1…12; that of `start` where there are none.
    public var months: [Int]
    /// Whose clocks are meant: `UTC`, `±hh:mm`, or a name such as `Europe/Berlin`.
    public var zone: String
    /// Nothing comes before this instant, and steps are counted from it; where it is nil, the
    /// instant that the event is scheduled at.
    public var start: Instant?
    /// Nothing comes after this instant.
    public var until: Instant?
    /// It comes so many times in all, 1…10,000, from `start` on.
    public var count: Int?
    /// What becomes of a day that a month does not have.
    public var shortMonth: ShortMonth
    /// What becomes of occurrences that nobody claimed in time.
    public var catchUp: CatchUp

    /// A rule; see the properties.
    public init(
        every: Unit,
        interval: Int = 1,
        weekdays: [Weekday] = [],
        week: Int? = nil,
        days: [Int] = [],
        months: [Int] = [],
        zone: String = "UTC",
        start: Instant? = nil,
        until: Instant? = nil,
        count: Int? = nil,
        shortMonth: ShortMonth = .last,
        catchUp: CatchUp = .once
    ) {
        self.every = every
        self.interval = interval
        self.weekdays = weekdays
        self.week = week
        self.days = days
        self.months = months
        self.zone = zone
        self.start = start
        self.until = until
        self.count = count
        self.shortMonth = shortMonth
        self.catchUp = catchUp
    }

    /// A period.
    public enum Unit: String, Sendable, CaseIterable {
        case hour, day, week, month, year

        /// How a rule of it alone is called.
        package var word: String { self == .day ? "daily" : rawValue + "ly" }
    }

    /// A day of the week.
    public enum Weekday: String, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday

        /// From 1 for Monday to 7 for Sunday.
        var number: Int {
            switch self {
            case .monday: 1
            case .tuesday: 2
            case .wednesday: 3
            case .thursday: 4
            case .friday: 5
            case .saturday: 6
            case .sunday: 7
            }
        }
    }

    /// What becomes of a day that a month does not have.
    public enum ShortMonth: String, Sendable, CaseIterable {
        /// It is the month's last: of the 31st the 30th, of the 29 February the 28th.
        case last
        /// There is none in that month.
        case skip
    }

    /// What becomes of occurrences that nobody claimed in time.
    public enum CatchUp: String, Sendable, CaseIterable {
        /// The earliest of them comes, and the others do not.
        case once
        /// Each of them comes, one after another.
        case each
    }
}
