// Recurrences: known dates, month ends, leap days and changes of clocks, rules that are refused,
// and random rules against a model that goes along all days, one by one.

import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct RecurrenceTests {
    /// The first occurrences, as they are written in UTC.
    private func first(_ count: Int, _ rule: String, at start: String) throws -> [String] {
        let start = try #require(Instant(start))
        let all = try Occurrences(try Recurrence(json: rule), from: start)
        var found: [String] = []
        var next = all.first
        while let instant = next, found.count < count {
            found.append(instant.description)
            next = all.next(after: instant)
        }
        return found
    }

    /// The same, but for the days alone.
    private func days(_ count: Int, _ rule: String, at start: String) throws -> [String] {
        try first(count, rule, at: start).map { String($0.prefix(10)) }
    }

    private func refusal(_ rule: String, at start: String = "2024-01-31T09:00:00Z") -> MnemeError? {
        do {
            _ = try first(1, rule, at: start)
            return nil
        } catch {
            return error as? MnemeError
        }
    }

    @Test func monthEndsStayMonthEnds() throws {
        #expect(
            try days(5, #""monthly""#, at: "2024-01-31T09:00:00Z")
                == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]
        )
        let skip = #"{"every": "month", "shortMonth": "skip"}"#
        #expect(
            try days(4, skip, at: "2024-01-31T09:00:00Z")
                == ["2024-01-31", "2024-03-31", "2024-05-31", "2024-07-31"]
        )
        let ends = #"{"every": "month", "days": [30, 31, -1, 15]}"#
        #expect(
            try days(5, ends, at: "2023-02-01T00:00:00Z")
                == ["2023-02-15", "2023-02-28", "2023-03-15", "2023-03-30", "2023-03-31"]
        )
    }

    @Test func leapDays() throws {
        #expect(
            try days(5, #""yearly""#, at: "2024-02-29T09:00:00Z")
                == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
        )
        let skip = #"{"every": "year", "shortMonth": "skip"}"#
        // There is no such day in 2100.
        #expect(
            try days(3, skip, at: "2092-02-29T09:00:00Z")
                == ["2092-02-29", "2096-02-29", "2104-02-29"]
        )
    }

    @Test func weekdays() throws {
        let week = #"{"every": "week", "interval": 2, "weekdays": ["friday", "monday"]}"#
        // It starts on a Wednesday; the next week but one has both.
        #expect(
            try days(4, week, at: "2024-05-08T09:00:00Z")
                == ["2024-05-10", "2024-05-20", "2024-05-24", "2024-06-03"]
        )
        let fourth = #"{"every": "year", "months": [11], "weekdays": ["thursday"], "week": 4}"#
        #expect(
            try days(2, fourth, at: "2024-01-01T09:00:00Z") == ["2024-11-28", "2025-11-27"]
        )
        let last = #"{"every": "month", "weekdays": ["sunday"], "week": -1}"#
        #expect(
            try days(2, last, at: "2024-03-01T09:00:00Z") == ["2024-03-31", "2024-04-28"]
        )
        // Months with a fifth one alone have one.
        let fifth = #"{"every": "month", "weekdays": ["monday"], "week": 5}"#
        #expect(
            try days(3, fifth, at: "2024-01-01T09:00:00Z")
                == ["2024-01-29", "2024-04-29", "2024-07-29"]
        )
    }

    @Test func clocksThatChange() throws {
        let daily = #"{"every": "day", "zone": "Europe/Berlin"}"#
        // Half past two is skipped on 31 March, and comes twice on 27 October.
        #expect(
            try first(3, daily, at: "2024-03-30T01:30:00Z")
                == ["2024-03-30T01:30:00Z", "2024-03-31T01:30:00Z", "2024-04-01T00:30:00Z"]
        )
        #expect(
            try first(3, daily, at: "2024-10-26T00:30:00Z")
                == ["2024-10-26T00:30:00Z", "2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"]
        )
        // What starts in the second of the two stays there for that day.
        #expect(
            try first(2, daily, at: "2024-10-27T01:30:00Z")
                == ["2024-10-27T01:30:00Z", "2024-10-28T01:30:00Z"]
        )
        // Hours are of 3,600 seconds, whatever clocks show.
        let hourly = #"{"every": "hour", "zone": "Europe/Berlin"}"#
        #expect(
            try first(3, hourly, at: "2024-03-31T00:30:00Z")
                == ["2024-03-31T00:30:00Z", "2024-03-31T01:30:00Z", "2024-03-31T02:30:00Z"]
        )
        // Samoa had no 30 December: what would have been then is one with the day after.
        #expect(
            try first(3, #"{"every": "day", "zone": "Pacific/Apia"}"#, at: "2011-12-29T20:00:00Z")
                == ["2011-12-29T20:00:00Z", "2011-12-30T20:00:00Z", "2011-12-31T20:00:00Z"]
        )
    }

    @Test func rulesThatEnd() throws {
        #expect(
            try days(9, #"{"every": "week", "count": 3}"#, at: "2024-05-08T09:00:00Z")
                == ["2024-05-08", "2024-05-15", "2024-05-22"]
        )
        let twice = #"{"every": "hour", "count": 2}"#
        #expect(try first(9, twice, at: "2024-05-08T09:00:00Z").count == 2)
        let until = #"{"every": "day", "until": "2024-05-09T09:00:00Z"}"#
        #expect(
            try days(9, until, at: "2024-05-08T09:00:00Z") == ["2024-05-08", "2024-05-09"]
        )
        // The calendar ends with the year 9998.
        let late = try Occurrences(
            Recurrence(every: .year),
            from: try #require(Instant("2024-05-08T09:00:00Z"))
        )
        let last = try #require(Instant("9998-05-08T09:00:00Z"))
        #expect(late.next(after: Instant(microseconds: last.microseconds - 1)) == last)
        #expect(late.next(after: last) == nil)
        #expect(late.next(after: Instant(microseconds: .max)) == nil)
        #expect(late.next(after: Instant(microseconds: .min)) == late.start)
    }

    /// What starts in the last days of the calendar comes up to its end.
    @Test func theCalendarEndsWithTheYear9998() throws {
        for day in ["9998-12-29", "9998-12-30", "9998-12-31"] {
            for rule in ["weekly", "monthly", "yearly"] {
                #expect(try days(9, "\"\(rule)\"", at: "\(day)T09:00:00Z") == [day])
            }
        }
        #expect(
            try days(9, #""daily""#, at: "9998-12-29T09:00:00Z")
                == ["9998-12-29", "9998-12-30", "9998-12-31"]
        )
        #expect(
            try first(9, #""hourly""#, at: "9998-12-31T21:30:00Z")
                == ["9998-12-31T21:30:00Z", "9998-12-31T22:30:00Z", "9998-12-31T23:30:00Z"]
        )
        // Its last week ends on a Thursday.
        let often = #"{"every": "week", "weekdays": ["monday", "thursday", "friday"]}"#
        #expect(
            try days(9, often, at: "9998-12-24T09:00:00Z")
                == ["9998-12-24", "9998-12-25", "9998-12-28", "9998-12-31"]
        )
        for (rule, start, words) in [
            (#""daily""#, "9999-01-01T00:00:00Z", "years 3 to 9998"),
            (#""daily""#, "0002-12-31T23:59:59Z", "years 3 to 9998"),
            (#"{"every": "month", "days": [1]}"#, "9998-12-15T00:00:00Z", "the year 9998"),
            (#"{"every": "week", "weekdays": ["friday"]}"#, "9998-12-31T00:00:00Z", "9998"),
        ] {
            let refused = refusal(rule, at: start)
            #expect(refused?.code == .badRequest, "\(rule) from \(start)")
            #expect(refused?.message.contains(words) == true, "\(String(describing: refused))")
        }
    }

    @Test func rulesThatAreRefused() {
        for rule in [
            #"{"every": "month", "interval": 0}"#, #"{"every": "month", "interval": 1001}"#,
            #"{"every": "month", "days": [0]}"#, #"{"every": "month", "days": [32]}"#,
            #"{"every": "week", "days": [3]}"#, #"{"every": "day", "weekdays": ["monday"]}"#,
            #"{"every": "month", "weekdays": ["monday"], "days": [1]}"#,
            #"{"every": "month", "week": 1}"#, #"{"every": "year", "months": [13]}"#,
            #"{"every": "month", "months": [1]}"#, #"{"every": "day", "count": 0}"#,
            #"{"every": "month", "weekdays": ["monday"], "week": 6}"#,
            #"{"every": "day", "count": 1, "until": "2025-01-01T00:00:00Z"}"#,
            #"{"every": "day", "until": "2023-01-01T00:00:00Z"}"#,
            #"{"every": "year", "months": [2], "days": [30], "shortMonth": "skip"}"#,
            // Every twelfth month is a January, but none has a day 31 from a start in April.
            #"{"every": "month", "interval": 12, "start": "2024-04-01T00:00:00Z", "days": [31], "#
                + #""shortMonth": "skip"}"#,
            #""fortnightly""#, #"{"every": "moon"}"#, #"{"every": "day", "evry": 1}"#,
            #"{"every": "day", "weekdays": ["moonday"]}"#, #""{""#, "7",
            #"{"every": "day", "start": "0001-01-02T00:00:00Z"}"#,
        ] { #expect(refusal(rule)?.code == .badRequest, "\(rule)") }
        #expect(refusal(#"{"every": "day", "zone": "Europe/Atlantis"}"#)?.code == .unknownZone)
    }

    @Test func spellings() throws {
        #expect(try Recurrence(json: #""daily""#) == Recurrence(every: .day))
        let rule = Recurrence(
            every: .month,
            days: [-1],
            zone: "Europe/Berlin",
            start: Instant("2024-01-31T09:00:00Z"),
            catchUp: .each
        )
        #expect(try Recurrence(spelling: .text(rule.json())) == rule)
        #expect(try Recurrence(spelling: rule.spelling) == rule)
    }

    @Test(arguments: 1...300)
    func randomRulesAgreeWithTheModel(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        let rule = RandomRecurrence.rule(random)
        let start = Instant(
            microseconds: Int64(random.below(40 * 365 * 24)) * 3_600_000_000
                + Int64(random.below(3600)) * 1_000_000 + 500_000_000_000_000
        )
        let all: Occurrences
        do {
            all = try Occurrences(rule, from: start)
        } catch {
            // What never comes has no day in the years that the model looks at either.
            #expect(try RandomRecurrence.model(rule, start, days: 5 * 366).isEmpty, "seed \(seed)")
            return
        }
        let model = try RandomRecurrence.model(rule, start, days: 5 * 366)
        var found: [Instant] = []
        var next = all.first
        while let instant = next, found.count < model.count {
            found.append(instant)
            next = all.next(after: instant)
        }
        #expect(found == model, "seed \(seed): \(rule)")
        guard let last = model.last else { return }
        for _ in 0..<40 {
            let span = Int(last.microseconds - start.microseconds) / 1_000_000 + 86_400
            let after = Instant(
                microseconds: start.microseconds - 43_200_000_000
                    + Int64(random.below(span)) * 1_000_000
            )
            guard let expected = model.first(where: { $0 > after }) else { continue }
            #expect(all.next(after: after) == expected, "seed \(seed): \(rule) after \(after)")
        }
    }
}

/// Random rules, and the plain model of what they mean.
private enum RandomRecurrence {
    static func rule(_ random: SeededRandomness) -> Recurrence {
        let zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "+05:45"]
        let units = Recurrence.Unit.allCases.filter { $0 != .hour }
        var rule = Recurrence(
            every: units[random.below(units.count)],
            interval: 1 + random.below(4),
            zone: zones[random.below(zones.count)],
            shortMonth: random.below(2) == 0 ? .last : .skip
        )
        let weekdays = Recurrence.Weekday.allCases.filter { _ in random.below(3) == 0 }
        let isOfMonths = rule.every == .month || rule.every == .year
        switch random.below(3) {
        case 0 where isOfMonths || rule.every == .week:
            rule.weekdays = weekdays
            if isOfMonths, !weekdays.isEmpty, random.below(2) == 0 {
                rule.week = [1, 2, 5, -1, -5][random.below(5)]
            }
        case 1 where isOfMonths:
            rule.days = (0...random.below(3)).map { _ in
                let day = 1 + random.below(31)
                return random.below(3) == 0 ? -day : day
            }
        default: break
        }
        if rule.every == .year, random.below(2) == 0 {
            rule.months = (0...random.below(3)).map { _ in 1 + random.below(12) }
        }
        if random.below(4) == 0 { rule.count = 1 + random.below(30) }
        return rule
    }

    /// Goes along all days from the start, and asks each whether the rule comes on it.
    static func model(_ rule: Recurrence, _ start: Instant, days: Int) throws -> [Instant] {
        let clock = try ZoneClock(rule.zone)
        let (first, time) = clock.local(start)
        var found: [Instant] = []
        var count = 0
        for step in 0..<days {
            let day = first.plus(step)
            guard comes(rule, on: day, from: first) else { continue }
            count += 1
            if let most = rule.count, count > most { break }
            let instant = step == 0 ? start : clock.instant(of: day, time: time)
            if instant != found.last { found.append(instant) }
        }
        return found
    }

    private static func comes(_ rule: Recurrence, on day: Day, from first: Day) -> Bool {
        let (year, month, number) = day.civil
        let (firstYear, firstMonth, firstNumber) = first.civil
        switch rule.every {
        case .hour: return false
        case .day: return day.distance(from: first) % rule.interval == 0
        case .week:
            let weeks = day.plus(1 - day.weekday).distance(from: first.plus(1 - first.weekday)) / 7
            let wanted =
                rule.weekdays.isEmpty ? [first.weekday] : rule.weekdays.map(\.number)
            return weeks % rule.interval == 0 && wanted.contains(day.weekday)
        case .month:
            let months = (year - firstYear) * 12 + month - firstMonth
            guard months % rule.interval == 0 else { return false }
        case .year:
            guard (year - firstYear) % rule.interval == 0,
                (rule.months.isEmpty ? [firstMonth] : rule.months).contains(month)
            else { return false }
        }
        let length = Day.count(year: year, month: month)
        guard rule.weekdays.isEmpty else {
            guard rule.weekdays.map(\.number).contains(day.weekday) else { return false }
            switch rule.week {
            case nil: return true
            case let week? where week > 0: return (number - 1) / 7 + 1 == week
            case let week?: return (length - number) / 7 + 1 == -week
            }
        }
        return (rule.days.isEmpty ? [firstNumber] : rule.days).contains { wanted in
            let place = wanted > 0 ? wanted : length + 1 + wanted
            if rule.shortMonth == .skip { return place == number }
            return min(max(place, 1), length) == number
        }
    }
}
