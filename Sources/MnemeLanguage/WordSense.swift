// What a word of a language's table can mean to the readers of this room. A word may have several
// senses at once ("second" is an ordinal and a unit, "may" a month and no month): each has a field
// of its own, and the grammar asks for the one that fits where the word stands.

/// A stretch of the calendar or the clock.
enum DateUnit: UInt8, CaseIterable {
    case none, second, minute, hour, day, week, weekend, fortnight, month, quarter, year, decade
    case century
}

/// What a word does in an expression of time.
enum DateRole: UInt8, CaseIterable {
    case none
    /// The one before: last week. `past` is the stretch that ends now: the past week.
    case last, past, this, next
    /// The other day.
    case other
    /// Behind an amount (two weeks ago), and before one (vor zwei Wochen).
    case ago, agoBefore
    /// Behind an amount: three days from now.
    case fromNow
    /// Before an amount, or a date: in three days, in May. `on` stands for the others that lead to
    /// a date and mean nothing else.
    case `in`, on
    case since, until, before, after, from, to, between, and, of, the
    /// Before an amount that lasts, or behind one: for two weeks, zwei Wochen lang.
    case lasting, lastingAfter
    /// Within two weeks.
    case within
    /// Each Monday, twice a week: no date.
    case every, times
    case early, middle, late, begin, end
    /// Earlier this month, later this week.
    case earlier, later
    case half, all, about, old, or
}

/// A part of a day.
enum DayPart: UInt8, CaseIterable {
    case none, morning, noon, afternoon, evening, night
}

/// A season, as meteorology cuts it.
enum Season: UInt8, CaseIterable {
    case none, spring, summer, autumn, winter
}

/// A day of each year that has a name.
enum Holiday: Hashable {
    /// The same day of a month each year.
    case fixed(month: Int, day: Int)
    /// The `week`-th such weekday of a month, 5 for the last one.
    case weekday(month: Int, week: Int, weekday: Int)
    /// So many days after Easter Sunday.
    case easter(Int)
}

/// Marks of a word that are no date.
struct WordMarks: OptionSet, Hashable {
    let rawValue: UInt32

    /// Carries grammar, not topic.
    static let stop = WordMarks(rawValue: 1 << 0)
    /// Someone of a family.
    static let kin = WordMarks(rawValue: 1 << 1)
    /// Leads to a reason.
    static let reason = WordMarks(rawValue: 1 << 2)
    /// I, me, our.
    static let firstPerson = WordMarks(rawValue: 1 << 3)
    /// A place that has no name of its own: beach, school.
    static let place = WordMarks(rawValue: 1 << 4)
    /// Leads to a place: in, at, near.
    static let placeLead = WordMarks(rawValue: 1 << 5)
    /// Stands before a name: Dr.
    static let title = WordMarks(rawValue: 1 << 6)
    /// Says that what is told lies behind, or ahead.
    static let past = WordMarks(rawValue: 1 << 7)
    static let future = WordMarks(rawValue: 1 << 8)
    /// A date only where more than the word says so: may, march, sun.
    static let ambiguous = WordMarks(rawValue: 1 << 9)
    /// Some phrase begins with it.
    static let startsPhrase = WordMarks(rawValue: 1 << 10)
    /// A point behind it ends no sentence.
    static let abbreviation = WordMarks(rawValue: 1 << 11)
    /// Written with a capital though it is nobody's name.
    static let noName = WordMarks(rawValue: 1 << 12)
    /// A question that begins with it is answered with yes or no.
    static let auxiliary = WordMarks(rawValue: 1 << 13)
    /// Questions by what answers them.
    static let askWhen = WordMarks(rawValue: 1 << 14)
    static let askNumber = WordMarks(rawValue: 1 << 15)
    static let askDuration = WordMarks(rawValue: 1 << 16)
    static let askPlace = WordMarks(rawValue: 1 << 17)
    static let askPerson = WordMarks(rawValue: 1 << 18)
    static let askReason = WordMarks(rawValue: 1 << 19)
    static let askOther = WordMarks(rawValue: 1 << 20)
    /// Says how many, though it is no number: dozens, twice.
    static let amount = WordMarks(rawValue: 1 << 21)
    /// May stand inside a title in small letters: of, the.
    static let inTitle = WordMarks(rawValue: 1 << 22)
    /// Denies: not, never.
    static let negation = WordMarks(rawValue: 1 << 23)
    /// An amount of one that is an article as well: a, ein.
    static let article = WordMarks(rawValue: 1 << 24)
    /// An amount that is not exact: a few.
    static let vague = WordMarks(rawValue: 1 << 25)
    /// Opens a turn, and may be followed by whom it is said to.
    static let greeting = WordMarks(rawValue: 1 << 26)

    /// All that ask.
    static let ask: WordMarks = [
        .askWhen, .askNumber, .askDuration, .askPlace, .askPerson, .askReason, .askOther,
    ]
}

/// All that a word can mean.
struct WordSense: Hashable {
    var unit = DateUnit.none
    /// Whether the unit is named in the plural.
    var isPlural = false
    var role = DateRole.none
    var part = DayPart.none
    var season = Season.none
    /// 1 to 12, 0 for none.
    var month: UInt8 = 0
    /// 1 for Monday to 7 for Sunday, 0 for none.
    var weekday: UInt8 = 0
    /// 1 to 31, 0 for none.
    var ordinal: UInt8 = 0
    /// Its holiday among those of the table, counted from 1; 0 for none.
    var holiday: UInt8 = 0
    /// Days from today; nil for none.
    var dayOffset: Int8?
    /// The least and the most of an amount, 0 for none.
    var low: Int16 = 0
    var high: Int16 = 0
    var marks: WordMarks = []

    /// Whether an expression of time could begin with it.
    var isTemporal: Bool {
        unit != .none || role != .none || season != .none || month != 0 || weekday != 0
            || ordinal != 0 || holiday != 0 || dayOffset != nil || low != 0
    }
}
