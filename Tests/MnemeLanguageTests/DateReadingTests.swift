import MnemeModel
import Testing

@testable import MnemeLanguage

/// What is read of texts that were written on a Monday, 8 May 2023.
@Suite struct DateReadingTests {
    static let anchor = Instant("2023-05-08T13:56:00Z") ?? Instant(microseconds: 0)

    /// A reading as text: days with the last one of each, the kind where it is no plain date.
    static func spelled(
        _ text: String,
        _ language: LanguageTable,
        _ anchor: Instant = anchor
    )
        -> String
    {
        let ranges = DateReading.ranges(in: text, anchor: anchor, language: language)
        return ranges.map { range in
            let last = range.end.plus(-1)
            var word = range.first == last ? "\(range.first)" : "\(range.first)…\(last)"
            switch range.kind {
            case .absolute, .relative: break
            case .duration: word = "\(range.dayCount) days"
            case .before: word = "before \(range.end)"
            case .after: word = "after \(range.end == .latest ? range.first.plus(-1) : last)"
            case .since, .until: word = "\(range.kind) \(word)"
            }
            return (range.isVague ? "~" : "") + word + (range.isYearAssumed ? "?" : "")
        }.joined(separator: ", ")
    }

    @Test(arguments: [
        ("on 8 May 2023 we met", "2023-05-08"), ("May 8th, 2023", "2023-05-08"),
        ("May 8, 2023 was fine", "2023-05-08"), ("the 8th of May, 2021", "2021-05-08"),
        ("2023-02-28", "2023-02-28"), ("2023-02-30", ""), ("at 2023-05-08T13:56:00Z", "2023-05-08"),
        ("05/08/2023", "2023-05-08"), ("25/08/2023", "2023-08-25"), ("13/13/2023", ""),
        ("8.5.2023", "2023-05-08"), ("12/24/22", "2022-12-24"),
        ("2022-07", "2022-07-01…2022-07-31"),
        ("May 2022", "2022-05-01…2022-05-31"), ("in June of 2021", "2021-06-01…2021-06-30"),
        ("in 2022", "2022-01-01…2022-12-31"), ("the year 1999", "1999-01-01…1999-12-31"),
        ("2000 people came", ""), ("I have 2023 stamps", ""),
        ("in the 90s", "1990-01-01…1999-12-31"),
        ("the 1980s", "1980-01-01…1989-12-31"), ("on the 3rd", "2023-05-03?"),
        ("the 3rd floor", ""), ("on the 3rd floor", ""), ("the 3rd of June", "2023-06-03?"),
        ("Friday, 5 May 2023", "2023-05-05"), ("Friday the 12th", "2023-05-12?"),
        ("May 8–10, 2023", "2023-05-08…2023-05-10"), ("8-10 May 2023", "2023-05-08…2023-05-10"),
        ("early May 2022", "~2022-05-01…2022-05-11"), ("the end of 2022", "~2022-09-01…2022-12-31"),
        ("mid-June 2022", "~2022-06-11…2022-06-20"), ("Christmas 2022", "2022-12-25"),
        ("Thanksgiving 2022", "2022-11-24"), ("Easter 2023", "2023-04-09"),
        ("on New Year's Eve 2021", "2021-12-31"), ("summer 2022", "2022-06-01…2022-08-31"),
        ("the winter of 2021", "2021-12-01…2022-02-28"),
        ("the first week of June 2022", "2022-06-01…2022-06-07"),
        ("the last Friday of June 2022", "2022-06-24"),
        ("the second Sunday in May 2022", "2022-05-08"),
        ("29 February 2023", "2023-02-01…2023-02-28"), ("29 February 2024", "2024-02-29"),
        ("the first of May 2020", "2020-05-01"),
    ])
    func absolute(text: String, wanted: String) {
        #expect(Self.spelled(text, .english) == wanted, "\(text)")
    }

    @Test(arguments: [
        ("I went yesterday", "2023-05-07"), ("today", "2023-05-08"), ("tonight!", "2023-05-08"),
        ("this morning", "2023-05-08"), ("last night was fun", "2023-05-07"),
        ("tomorrow evening", "2023-05-09"), ("the day before yesterday", "2023-05-06"),
        ("the day after tomorrow", "2023-05-10"), ("last week", "2023-05-01…2023-05-07"),
        ("last weekend", "2023-05-06…2023-05-07"), ("this past weekend", "2023-05-06…2023-05-07"),
        ("we went away over the weekend", "2023-05-06…2023-05-07"),
        ("next weekend", "2023-05-13…2023-05-14"), ("last month", "2023-04-01…2023-04-30"),
        ("next month", "2023-06-01…2023-06-30"), ("last year", "2022-01-01…2022-12-31"),
        ("this year", "2023-01-01…2023-12-31"), ("last Friday", "2023-05-05"),
        ("last fri", "2023-05-05"),
        ("last Monday", "2023-05-01"), ("next Friday", "2023-05-12"), ("this Friday", "2023-05-12"),
        ("I saw her on Friday", "2023-05-05"), ("I will see her on Friday", "2023-05-12"),
        ("last summer", "2022-06-01…2022-08-31"), ("next summer", "2023-06-01…2023-08-31"),
        ("last May", "2022-05-01…2022-05-31"), ("next January", "2024-01-01…2024-01-31"),
        ("we moved in October", "2022-10-01…2022-10-31?"),
        ("we will move in October", "2023-10-01…2023-10-31?"),
        ("two weeks ago", "2023-04-21…2023-04-27"), ("three days ago", "2023-05-05"),
        ("10 years ago", "2012-11-08…2013-11-07"), ("a year ago", "2021-11-08…2022-11-07"),
        ("a few days ago", "~2023-05-02…2023-05-05"),
        ("a couple of days ago", "~2023-05-05…2023-05-06"),
        ("two or three days ago", "~2023-05-05…2023-05-06"),
        ("years ago", "~2013-11-08…2021-11-07"),
        ("half a year ago", "2022-10-24…2022-11-23"), ("two weekends ago", "2023-04-29…2023-04-30"),
        ("in three days", "2023-05-11"), ("three days from now", "2023-05-11"),
        ("in two hours", "2023-05-08"),
        ("the past two weeks", "2023-04-24…2023-05-08"),
        ("the next three days", "2023-05-08…2023-05-11"),
        ("the other day", "~2023-05-01…2023-05-07"),
        ("the week before last", "2023-04-24…2023-04-30"),
        ("the week before 9 June 2023", "2023-06-02…2023-06-08"),
        ("the week of 9 June 2023", "2023-06-05…2023-06-11"),
        ("the Sunday before 9 June 2023", "2023-06-04"),
        ("the weekend after June 9, 2023", "2023-06-10…2023-06-11"),
        ("two days after Christmas 2022", "2022-12-27"),
        ("earlier this month", "2023-05-01…2023-05-08"),
        ("late last year", "~2022-09-01…2022-12-31"),
        ("the end of the month", "~2023-05-21…2023-05-31"),
        ("last Christmas", "2022-12-25"), ("at Christmas 2020", "2020-12-25"),
    ])
    func relative(text: String, wanted: String) {
        #expect(Self.spelled(text, .english) == wanted, "\(text)")
    }

    @Test(arguments: [
        ("since 2016", "since 2016-01-01…2023-05-08"),
        ("since last week", "since 2023-05-01…2023-05-08"),
        ("until Friday", "until 2023-05-08…2023-05-12"),
        ("by next month", "until 2023-05-08…2023-06-30"),
        ("before 2020", "before 2020-01-01"), ("after June 2022", "after 2022-06-30"),
        ("from 2016 to 2018", "2016-01-01…2018-12-31"),
        ("between May and July 2022", "2022-05-01…2022-07-31"),
        ("from Monday to Friday", "2023-05-08…2023-05-12"),
        ("for two weeks", "14 days"), ("for three years", "1095 days"), ("a 3-day trip", "3 days"),
        ("all week", "7 days"), ("I haven't seen her in a week", "7 days"),
        ("for a year and a half", "547 days"),
        ("it took 2 hours", "1 days"),
        ("for years", "~3285 days"), ("twenty-one days", "21 days"),
        ("two to three weeks", "~21 days"),
    ])
    func spans(text: String, wanted: String) {
        #expect(Self.spelled(text, .english) == wanted, "\(text)")
    }

    @Test(arguments: [
        "I may go", "we march on", "he sat down in the sun", "a second chance", "every Monday",
        "twice a week", "three times a month", "30 minutes a day is not said", "5 years old",
        "Mondays are hard", "one day I will", "the last time", "at last", "next to me",
        "in the past",
        "once upon a time", "per year", "the first book of many", "24/7", "1/2 cup", "9.81",
        "spring to mind", "fall down", "version 1.2.3", "10.0.0.1", "", " ", "?", "the the the",
        "of of of", "in in in in",
        "the week before the week before the week before the week before",
    ])
    func noDates(text: String) {
        let ranges = DateReading.ranges(in: text, anchor: Self.anchor)
        #expect(ranges.allSatisfy { $0.kind == .duration }, "\(text): \(ranges)")
    }

    @Test(arguments: [
        ("am 8. Mai 2023", "2023-05-08"), ("08.05.2023", "2023-05-08"),
        ("am 8.5. war", "2023-05-08?"),
        ("gestern Abend", "2023-05-07"), ("heute Morgen", "2023-05-08"),
        ("übermorgen", "2023-05-10"),
        ("letzte Woche", "2023-05-01…2023-05-07"), ("Letzten Freitag", "2023-05-05"),
        ("vor zwei Wochen", "2023-04-21…2023-04-27"), ("vor drei Tagen", "2023-05-05"),
        ("in drei Tagen", "2023-05-11"), ("im Jahr 2022", "2022-01-01…2022-12-31"),
        ("im Mai 2022", "2022-05-01…2022-05-31"), ("im März 2022", "2022-03-01…2022-03-31"),
        ("seit 2016", "since 2016-01-01…2023-05-08"), ("drei Jahre lang", "1095 days"),
        ("nächstes Wochenende", "2023-05-13…2023-05-14"),
        ("Anfang Juni 2022", "~2022-06-01…2022-06-10"),
        ("an Weihnachten 2021", "2021-12-25"), ("Ostern 2023", "2023-04-09"),
        ("von Mai bis Juli 2022", "2022-05-01…2022-07-31"),
        ("vor einem halben Jahr", "2022-10-24…2022-11-23"), ("jeden Montag", ""), ("vor allem", ""),
    ])
    func german(text: String, wanted: String) {
        #expect(Self.spelled(text, .german) == wanted, "\(text)")
    }

    @Test func aTextOfNoLanguageHasIsoDatesAlone() {
        #expect(Self.spelled("last week, 2023-05-07", .none) == "2023-05-07")
        #expect(Self.spelled("yesterday May 2022", .none) == "")
    }

    @Test func theDayIsThatOfTheZone() throws {
        let late = try #require(Instant("2023-05-08T22:30:00Z"))
        let berlin = try ZoneClock("Europe/Berlin")
        let there = DateReading.ranges(in: "yesterday", anchor: late, zone: berlin)
        #expect(there.first?.first == Day("2023-05-08"))
        let here = DateReading.ranges(in: "yesterday", anchor: late)
        #expect(here.first?.first == Day("2023-05-07"))
        let instants = try #require(there.first).instants(in: berlin)
        #expect(instants.lowerBound == Instant("2023-05-07T22:00:00Z"))
        #expect(instants.upperBound == Instant("2023-05-08T22:00:00Z"))
    }

    @Test func placesAreThoseOfTheText() throws {
        let text = "Çé, we met last week — and “two days ago” again."
        let ranges = DateReading.ranges(in: text, anchor: Self.anchor)
        let words = ranges.map { range in
            String(decoding: Array(text.utf8)[range.text], as: UTF8.self)
        }
        #expect(words == ["last week", "two days ago"])
    }

    @Test func datesWithoutAYearAgreeWithAnyYear() throws {
        let may = try #require(DateReading.ranges(in: "in May", anchor: Self.anchor).first)
        #expect(may.isYearAssumed)
        #expect(may.agreement(with: try #require(Day("2019-05-03"))) > 0)
        #expect(may.agreement(with: try #require(Day("2019-06-03"))) == 0)
        let dated = try #require(DateReading.ranges(in: "in May 2023", anchor: Self.anchor).first)
        #expect(dated.agreement(with: try #require(Day("2019-05-03"))) == 0)
        #expect(dated.agreement(with: dated) == 1)
    }
}
