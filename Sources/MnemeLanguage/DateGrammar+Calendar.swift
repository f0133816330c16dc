// Dates by the calendar, in numbers; and where the year is looked for when it is not said.

internal import MnemeModel

extension DateGrammar {
    // MARK: Where the year is not said

    /// Whether what is told around a token lies behind or ahead, by the nearest word that says so.
    func direction(_ index: Int) -> DateDirection {
        var place = index - 1
        let lowest = max(0, index - 12)
        while place >= lowest {
            if let found = tense(place) { return found }
            if tokens[place].flags.contains(.startsSentence) { break }
            place -= 1
        }
        place = index + 1
        while place < min(tokens.count, index + 10),
            !tokens[place].flags.contains(.startsSentence)
        {
            if let found = tense(place) { return found }
            place += 1
        }
        return .nearest
    }

    private func tense(_ index: Int) -> DateDirection? {
        guard tokens[index].kind == .word else { return nil }
        let marks = tokens.sense(index).marks
        if marks.contains(.future) { return .future }
        if marks.contains(.past) || tokens[index].flags.contains(.pastSuffix) { return .past }
        return nil
    }

    /// The span of the years around today that a direction asks for.
    func chosen(_ direction: DateDirection, _ make: (Int) -> DaySpan?) -> DaySpan? {
        let year = today.civil.year
        if direction == .this { return make(year) }
        var best: DaySpan?
        for each in (year - 5)...(year + 5) {
            guard let span = make(each) else { continue }
            switch direction {
            case .last: if span.end <= today { best = span }
            case .past: if span.first <= today { best = span }
            case .next: if best == nil, span.first > today { best = span }
            case .future: if best == nil, span.end > today { best = span }
            case .nearest, .this:
                guard let known = best else {
                    best = span
                    continue
                }
                if span.distance(to: today) < known.distance(to: today) { best = span }
            }
        }
        return best
    }

    /// A year behind a month or a season: `, 2023`, `of 2023`, `last year`.
    func yearBehind(_ index: Int) -> (year: Int, next: Int)? {
        let next = skipping(index, .of, .in, .the, comma: true)
        if let token = number(next), let year = year(token, next) { return (year, next + 1) }
        let offset: Int? =
            switch role(next) {
            case .last: -1
            case .this: 0
            case .next: 1
            default: nil
            }
        guard let offset, sense(next + 1).unit == .year, !sense(next + 1).isPlural else {
            return nil
        }
        return (today.civil.year + offset, next + 2)
    }

    /// The year of four digits.
    func year(_ token: Token, _ index: Int) -> Int? {
        guard token.digits == 4, (1000...2999).contains(token.value),
            !token.flags.contains(.ordinal),
            !token.flags.contains(.plural)
        else { return nil }
        // The head of an ISO date is no year of its own.
        if isMark(index + 1, "-"), let next = number(index + 2), next.digits == 2,
            !tokens[index + 1].flags.contains(.gap), isMark(index + 3, "-")
        {
            return nil
        }
        return Int(token.value)
    }

    // MARK: Numbers

    /// What begins with a number.
    func numeric(_ index: Int, _ token: Token, leads: Bool, hasArticle: Bool = false) -> DateHit? {
        if let hit = numbersOnly(index, token) { return hit }
        if let hit = dayMonth(index, token) { return hit }
        if token.flags.contains(.plural) { return decade(index, token, leads: leads || hasArticle) }
        if let hit = amountHit(index, leads: leads) { return hit }
        if leads, let year = year(token, index), (1500...2199).contains(year) {
            return DateHit(.years(year), index + 1, .absolute)
        }
        let isOrdinal =
            token.flags.contains(.ordinal) || (hasDottedDays && isMark(index + 1, "."))
        if isOrdinal, let hit = nthOf(index, Int(token.value)) { return hit }
        // On the 3rd.
        guard token.flags.contains(.ordinal), leads, hasArticle || role(index - 1) == .on,
            (1...31).contains(token.value), isFree(index + 1)
        else { return nil }
        return dayOfMonth(index, Int(token.value))
    }

    /// Whether no noun follows that a number or an ordinal would belong to.
    func isFree(_ index: Int) -> Bool {
        guard index < tokens.count else { return true }
        guard tokens[index].kind == .word else { return tokens[index].kind == .mark }
        return tokens.sense(index).marks.contains(.stop)
    }

    func dayOfMonth(_ index: Int, _ day: Int) -> DateHit? {
        let direction = direction(index)
        let (year, month, _) = today.civil
        var best: Day?
        for offset in -2...2 {
            let first = Day.first(year: year, month: month + offset).civil
            guard let each = Day(year: first.year, month: first.month, day: day) else { continue }
            switch direction {
            case .past, .last: if each <= today { best = each }
            case .future, .next: if best == nil, each >= today { best = each }
            default:
                let isNearer = best.map {
                    abs(each.distance(from: today)) < abs($0.distance(from: today))
                }
                if isNearer ?? true { best = each }
            }
        }
        guard let best else { return nil }
        var hit = DateHit(DaySpan(best), index + 1, .absolute)
        hit.isYearAssumed = true
        return hit
    }

    /// 2023-05-08, 2023-05, 05/08/2023, 8.5.2023, 8.5.
    func numbersOnly(_ index: Int, _ first: Token) -> DateHit? {
        guard index + 2 < tokens.count, tokens[index + 1].kind == .mark,
            !tokens[index + 1].flags.contains(.gap), let second = number(index + 2),
            !second.flags.contains(.gap), second.digits <= 2
        else {
            return nil
        }
        let mark = tokens[index + 1].value
        guard mark == 0x2d || mark == 0x2f || mark == 0x2e else { return nil }
        var third: Token?
        if index + 4 < tokens.count, tokens[index + 3].kind == .mark,
            tokens[index + 3].value == mark, !tokens[index + 3].flags.contains(.gap),
            let token = number(index + 4), !token.flags.contains(.gap)
        {
            third = token
        }
        if first.digits == 4, (1000...2999).contains(first.value) {
            if let third, third.digits <= 2 {
                return day(Int(first.value), Int(second.value), Int(third.value), index + 5)
            }
            guard mark == 0x2d, second.digits == 2, (1...12).contains(second.value), third == nil
            else { return nil }
            return DateHit(
                .month(Int(first.value), Int(second.value)),
                index + 3,
                .absolute
            )
        }
        guard first.digits <= 2 else { return nil }
        guard let third else {
            guard mark == 0x2e, hasDottedDays, isMark(index + 3, "."),
                !tokens[index + 3].flags.contains(.gap)
            else { return nil }
            return yearless(Int(second.value), Int(first.value), index, index + 4)
        }
        var year = Int(third.value)
        if third.digits == 2 {
            year += year + 2000 > today.civil.year + 20 ? 1900 : 2000
        } else if third.digits != 4 {
            return nil
        }
        let (one, two) = (Int(first.value), Int(second.value))
        let isDayFirst = mark == 0x2e || (readsDayFirst ? two <= 12 : one > 12)
        return isDayFirst ? day(year, two, one, index + 5) : day(year, one, two, index + 5)
    }

    private func day(_ year: Int, _ month: Int, _ day: Int, _ next: Int) -> DateHit? {
        guard let day = Day(year: year, month: month, day: day) else { return nil }
        var next = next
        // The time of an ISO instant belongs to it: T13:56:00Z is one word and numbers.
        if next < tokens.count, tokens[next].kind == .word, !tokens[next].flags.contains(.gap) {
            next += 1
        }
        return DateHit(DaySpan(day), next, .absolute)
    }

    /// Days of a month whose name follows: 8 May 2023, the 8th of May, 8–10 May.
    func dayMonth(_ index: Int, _ token: Token) -> DateHit? {
        guard (1...31).contains(token.value), token.digits <= 2 else { return nil }
        var next = index + 1
        if hasDottedDays, isMark(next, ".") { next += 1 }
        var last: Int?
        if isMark(next, "-") || role(next) == .to || role(next) == .and,
            let second = number(next + 1),
            (1...31).contains(second.value), second.digits <= 2
        {
            last = Int(second.value)
            next += 2
            if hasDottedDays, isMark(next, ".") { next += 1 }
        }
        if isMark(next, "-") { next += 1 }
        next = skipping(next, .of, .the)
        let sense = sense(next)
        guard sense.month != 0 else { return nil }
        return monthDay(Int(sense.month), Int(token.value), last, index, next + 1)
    }

    /// A day of a month, or days, with the year behind it or the nearest that fits.
    func monthDay(
        _ month: Int,
        _ day: Int,
        _ last: Int?,
        _ index: Int,
        _ next: Int
    )
        -> DateHit?
    {
        var next = next
        if isMark(next, "."), yearBehind(next + 1) != nil { next += 1 }
        var hit: DateHit
        if let (year, behind) = yearBehind(next) {
            guard let first = Day(year: year, month: month, day: day) else { return nil }
            hit = DateHit(DaySpan(first), behind, .absolute)
        } else {
            guard let found = yearless(month, day, index, next) else { return nil }
            hit = found
        }
        if let last, last > day {
            let (year, month, _) = hit.span.first.civil
            guard let end = Day(year: year, month: month, day: last) else { return nil }
            hit.span.end = end.plus(1)
        }
        return hit
    }

    private func yearless(_ month: Int, _ day: Int, _ index: Int, _ next: Int) -> DateHit? {
        guard
            let span = chosen(
                direction(index),
                { Day(year: $0, month: month, day: day).map { DaySpan($0) } }
            )
        else { return nil }
        var hit = DateHit(span, next, .absolute)
        hit.isYearAssumed = true
        return hit
    }

    /// The 90s, 1990s.
    private func decade(_ index: Int, _ token: Token, leads: Bool) -> DateHit? {
        guard leads || token.digits == 4, token.value % 10 == 0 else { return nil }
        if token.digits == 4, (1000...2999).contains(token.value) {
            let span = token.value % 100 == 0 ? 100 : 10
            return DateHit(.years(Int(token.value), span), index + 1, .absolute)
        }
        guard token.digits == 2, (20...90).contains(token.value) else { return nil }
        let century = Int(token.value) + 2000 > today.civil.year ? 1900 : 2000
        return DateHit(.years(century + Int(token.value), 10), index + 1, .absolute)
    }
}
