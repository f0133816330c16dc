// Amounts of time: how many of which unit, and what they say: ago, ahead, or how long.

internal import MnemeModel

/// So many of a unit.
struct DateAmount {
    /// The least and the most; both in the unit.
    var low: Int
    var high: Int
    var unit: DateUnit
    /// The token behind it.
    var next: Int
    /// Half a unit more.
    var hasHalf = false
    /// An article made it one: a week.
    var isArticle = false
    /// There was no number: weeks ago.
    var isPluralAlone = false
    /// An age or another measure follows: five years old.
    var isAge = false
    var isAbout = false

    /// Whether it fits where a number of days is wanted.
    var isBound: Bool { high <= 10_000 && !isAge }
    /// Whether it is shorter than a day.
    var isClock: Bool { unit == .second || unit == .minute || unit == .hour }
    var isVague: Bool { isAbout || isPluralAlone || low != high }
    /// About how many days it has.
    var days: Int {
        let base = DaySpan.days(unit)
        return high * base + (hasHalf ? base / 2 : 0)
    }

    /// The days that so much before a day is: half a unit around it.
    func span(behind day: Day) -> DaySpan {
        DaySpan(
            around(shift(day, -high, hasHalf ? -1 : 0)).first,
            around(shift(day, -low, hasHalf ? -1 : 0)).end
        )
    }

    /// The days that so much behind a day is.
    func span(ahead day: Day) -> DaySpan {
        DaySpan(
            around(shift(day, low, hasHalf ? 1 : 0)).first,
            around(shift(day, high, hasHalf ? 1 : 0)).end
        )
    }

    private func shift(_ day: Day, _ count: Int, _ half: Int) -> Day {
        let whole = DaySpan.shifted(day, count, unit)
        if half == 0 { return whole }
        return unit == .year
            ? whole.plus(months: 6 * half)
            : whole.plus(DaySpan.days(unit) / 2 * half)
    }

    private func around(_ day: Day) -> DaySpan {
        switch unit {
        case .weekend: .weekend(of: day)
        case .week, .fortnight: DaySpan(day.plus(-3), day.plus(4))
        case .month: DaySpan(day.plus(-15), day.plus(16))
        case .quarter: DaySpan(day.plus(-45), day.plus(46))
        case .year: DaySpan(day.plus(months: -6), day.plus(months: 6))
        case .decade, .century: DaySpan(day.plus(months: -60), day.plus(months: 60))
        default: DaySpan(day)
        }
    }
}

extension DateGrammar {
    /// An amount at a token; nil where none is written there.
    func amount(_ start: Int) -> DateAmount? {
        var index = start
        var isAbout = false
        if role(index) == .about {
            isAbout = true
            index += 1
        }
        guard var found = count(index) else { return nil }
        index = found.next
        if let second = range(index, from: found) {
            found.high = second.high
            index = second.next
        }
        // "Two and a half years".
        if role(index) == .and, let half = halfBehind(index + 1) {
            found.hasHalf = true
            index = half
        }
        if isMark(index, "-"), !tokens[index].flags.contains(.gap) { index += 1 }
        index = skipping(index, .of)
        let sense = sense(index)
        guard sense.unit != .none else { return nil }
        // "A second" and "one second" alike; but the second of "a second chance" has no number.
        if found.isArticle, sense.ordinal != 0 { return nil }
        if found.isArticle, sense.isPlural, found.high == 1 { return nil }
        found.unit = sense.unit
        found.isAbout = isAbout
        index += 1
        // "A year and a half".
        if role(index) == .and, let half = halfBehind(index + 1), sense.unit != .second {
            found.hasHalf = true
            index = half
        }
        if found.hasHalf, found.high == 0, found.unit == .year {
            (found.low, found.high, found.unit, found.hasHalf) = (6, 6, .month, false)
        }
        let dash = isMark(index, "-") ? index + 1 : index
        if role(dash) == .old {
            found.isAge = true
            index = dash + 1
        }
        found.next = index
        return found
    }

    /// A number in digits or words, or an article; the unit is filled in later.
    private func count(_ index: Int) -> DateAmount? {
        if let token = number(index) {
            guard token.value <= 10_000, !token.flags.contains(.ordinal),
                !token.flags.contains(.plural)
            else { return nil }
            // "2.5 hours" is two to three of them.
            if isMark(index + 1, "."), let part = number(index + 2),
                !tokens[index + 1].flags.contains(.gap), !part.flags.contains(.gap)
            {
                let value = Int(token.value)
                return DateAmount(low: value, high: value + 1, unit: .none, next: index + 3)
            }
            let value = Int(token.value)
            return DateAmount(low: value, high: value, unit: .none, next: index + 1)
        }
        let sense = sense(index)
        if sense.role == .half {
            let next = sense.marks.contains(.article) ? index + 1 : halfArticle(index + 1)
            var amount = DateAmount(low: 0, high: 0, unit: .none, next: next)
            amount.hasHalf = true
            return amount
        }
        guard sense.low != 0 else {
            guard sense.unit != .none, sense.isPlural else { return nil }
            var amount = DateAmount(low: 2, high: 9, unit: .none, next: index)
            amount.isPluralAlone = true
            return amount
        }
        var amount = DateAmount(
            low: Int(sense.low),
            high: Int(sense.high),
            unit: .none,
            next: index + 1
        )
        if sense.marks.contains(.article) {
            amount.isArticle = true
            // "A few", "a couple of", "a hundred".
            let after = self.sense(index + 1)
            if after.low != 0 {
                (amount.low, amount.high) = (Int(after.low), Int(after.high))
                amount.next = index + 2
                amount.isArticle = false
            } else if after.role == .half {
                amount.hasHalf = true
                (amount.low, amount.high) = (0, 0)
                amount.next = index + 2
            }
        } else if sense.low >= 20, sense.low % 10 == 0, sense.low < 100 {
            // "Twenty-one".
            let dash = isMark(amount.next, "-") ? amount.next + 1 : amount.next
            let after = self.sense(dash)
            if (1...9).contains(after.low), after.low == after.high,
                !after.marks.contains(.article)
            {
                amount.low += Int(after.low)
                amount.high = amount.low
                amount.next = dash + 1
            }
        }
        return amount
    }

    /// The second number of "two or three" and "3-4".
    private func range(_ index: Int, from first: DateAmount) -> DateAmount? {
        guard !first.isPluralAlone, !first.isArticle,
            role(index) == .to || role(index) == .or || isMark(index, "-")
        else { return nil }
        guard let second = count(index + 1), second.high > first.low, !second.isPluralAlone,
            !second.isArticle
        else { return nil }
        return second
    }

    private func halfArticle(_ index: Int) -> Int {
        sense(index).marks.contains(.article) ? index + 1 : index
    }

    /// Behind "a half", "half".
    private func halfBehind(_ index: Int) -> Int? {
        let next = halfArticle(index)
        return role(next) == .half ? next + 1 : nil
    }

    /// What an amount at a token says.
    func amountHit(_ index: Int, leads: Bool) -> DateHit? {
        guard let amount = amount(index) else { return nil }
        if amount.isAge || !amount.isBound {
            var hit = DateHit(DaySpan(today), amount.next)
            hit.isNoDate = true
            return hit
        }
        switch role(amount.next) {
        case .ago: return hit(amount, amount.span(behind: today), next: amount.next + 1)
        case .fromNow: return hit(amount, amount.span(ahead: today), next: amount.next + 1)
        case .before, .agoBefore, .after:
            if let hit = beside(amount) { return hit }
        case .lastingAfter: return duration(amount, next: amount.next + 1)
        default: break
        }
        // "A week" or "one day" alone lasts nothing, and "30 minutes a day" is a frequency.
        if amount.isPluralAlone { return nil }
        if amount.high == 1, number(index) == nil {
            guard index > 0, sense(index - 1).unit != .none || role(index - 1) == .times else {
                return nil
            }
            var hit = DateHit(DaySpan(today), amount.next)
            hit.isNoDate = true
            return hit
        }
        return duration(amount, next: amount.next)
    }

    /// Two weeks before 9 June, three days after Christmas.
    private func beside(_ amount: DateAmount) -> DateHit? {
        guard !amount.isPluralAlone, var found = plain(amount.next + 1, leads: true),
            !found.isNoDate, found.kind == .absolute || found.kind == .relative
        else { return nil }
        let (first, last) = (found.span.first, found.span.end.plus(-1))
        found.span =
            meansBefore(amount.next)
            ? DaySpan(amount.span(behind: first).first, amount.span(behind: last).end)
            : DaySpan(amount.span(ahead: first).first, amount.span(ahead: last).end)
        found.isVague = found.isVague || amount.isVague
        return found
    }

    /// For two weeks; for Christmas.
    func lasting(_ index: Int) -> DateHit? {
        let start = skipping(index + 1, .the, .past, .last, .about, .all)
        if var amount = amount(start), amount.isBound {
            if start > index + 1 { amount.isAbout = amount.isAbout || role(index + 1) == .about }
            return duration(amount, next: amount.next)
        }
        return plain(index + 1, leads: true)
    }

    /// All week, the whole summer.
    func whole(_ index: Int) -> DateHit? {
        let next = skipping(index + 1, .the)
        let unit = sense(next).unit
        guard unit != .none, !sense(next).isPlural else {
            return sense(next).season != .none ? plain(next, leads: true) : nil
        }
        return duration(
            DateAmount(low: 1, high: 1, unit: unit, next: next + 1),
            next: next + 1
        )
    }

    /// Vor zwei Wochen; vor Weihnachten.
    func amountBefore(_ index: Int) -> DateHit? {
        if let amount = amount(index + 1), amount.isBound {
            return hit(amount, amount.span(behind: today), next: amount.next)
        }
        guard let beside = plain(index + 1, leads: true), beside.kind != .duration,
            !beside.isNoDate
        else { return nil }
        return before(beside)
    }

    /// Within two weeks, within the last year.
    func within(_ index: Int) -> DateHit? {
        if let amount = amount(index + 1), amount.isBound {
            return hit(
                amount,
                DaySpan(today, amount.span(ahead: today).end),
                next: amount.next
            )
        }
        return plain(index + 1, leads: true)
    }

    func duration(_ amount: DateAmount, next: Int) -> DateHit {
        let first = amount.isClock ? today : today.plus(1 - max(amount.days, 1))
        var hit = DateHit(DaySpan(first, today.plus(1)), next, .duration)
        hit.isVague = amount.isVague
        return hit
    }

    private func hit(_ amount: DateAmount, _ span: DaySpan, next: Int) -> DateHit {
        var hit = DateHit(span, next)
        hit.isVague = amount.isVague
        return hit
    }
}
