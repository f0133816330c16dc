// What is counted from the day of the text: last, this and next; yesterday; the week before; and
// parts of such stretches.

internal import MnemeModel

extension DateGrammar {
    /// Last week, this morning, next Friday, the past two weeks.
    func turned(_ index: Int) -> DateHit? {
        var role = role(index)
        var next = index + 1
        // This past weekend, this coming Friday.
        if role == .this, [.last, .past, .next].contains(self.role(next)) {
            role = self.role(next) == .past ? .last : self.role(next)
            next += 1
        }
        let sense = sense(next)
        if role == .past, sense.unit != .none, !sense.isPlural {
            return rolling(
                DateAmount(low: 1, high: 1, unit: sense.unit, next: next + 1),
                isAhead: false
            )
        }
        if role != .this, let amount = amount(next), !amount.isArticle, amount.isBound,
            amount.high > 1 || amount.low == 0
        {
            return rolling(amount, isAhead: role == .next)
        }
        let direction: DateDirection = role == .next ? .next : role == .this ? .this : .last
        if sense.weekday != 0, !sense.isPlural {
            if role == .last, let hit = nthOf(index, 1, isLast: true) { return hit }
            let asked = direction == .this && self.direction(index) == .past ? .last : direction
            return weekday(next, asked)
        }
        if sense.month != 0 { return month(next, leads: true, direction) }
        if sense.unit != .none, !sense.isPlural {
            if role == .last, let hit = nthOf(index, 1, isLast: true) { return hit }
            return unit(sense.unit, direction, next)
        }
        if sense.season != .none { return season(next, leads: true, direction) }
        if sense.holiday != 0 { return holiday(next, leads: true, direction) }
        if sense.part != .none {
            switch role {
            case .this: return DateHit(DaySpan(today), next + 1)
            case .last where sense.part == .night || sense.part == .evening:
                return DateHit(DaySpan(today.plus(-1)), next + 1)
            default: return nil
            }
        }
        return nil
    }

    /// The past two weeks, the next few days: with today.
    private func rolling(_ amount: DateAmount, isAhead: Bool) -> DateHit? {
        guard amount.days > 0 || amount.isClock || amount.hasHalf else { return nil }
        let span =
            isAhead
            ? DaySpan(today, DaySpan.shifted(today, amount.high, amount.unit).plus(1))
            : DaySpan(DaySpan.shifted(today, -amount.high, amount.unit), today.plus(1))
        var hit = DateHit(span, amount.next)
        hit.isVague = amount.isVague
        return hit
    }

    /// Last week, this month, next year.
    private func unit(_ unit: DateUnit, _ direction: DateDirection, _ index: Int) -> DateHit? {
        let offset = direction == .last ? -1 : direction == .next ? 1 : 0
        switch unit {
        case .none, .second, .minute, .hour: return nil
        case .day: return nil
        case .weekend: return DateHit(weekend(direction, index), index + 1)
        default:
            let day = DaySpan.shifted(DaySpan.unit(unit, of: today).first, offset, unit)
            var span = DaySpan.unit(unit, of: day)
            if unit == .fortnight { span = DaySpan(day, day.plus(14)) }
            return DateHit(span, index + 1)
        }
    }

    /// The weekend that a direction asks for; from Saturday on, this one is the one that is.
    private func weekend(_ direction: DateDirection, _ index: Int) -> DaySpan {
        let here = DaySpan.weekend(of: today)
        let isNow = here.contains(today)
        switch direction {
        case .last: return DaySpan(here.first.plus(-7), here.end.plus(-7))
        case .next: return isNow ? DaySpan(here.first.plus(7), here.end.plus(7)) : here
        case .this:
            // What is told of the past on a Monday is the weekend before.
            if !isNow, self.direction(index) == .past {
                return DaySpan(here.first.plus(-7), here.end.plus(-7))
            }
            return here
        case .past: return isNow ? here : DaySpan(here.first.plus(-7), here.end.plus(-7))
        case .future: return here
        case .nearest:
            return isNow || today.weekday >= 3
                ? here : DaySpan(here.first.plus(-7), here.end.plus(-7))
        }
    }

    /// Yesterday, yesterday evening, tomorrow morning.
    func dayWord(_ index: Int) -> DateHit? {
        guard let offset = sense(index).dayOffset else { return nil }
        let next = sense(index + 1).part != .none ? index + 2 : index + 1
        return DateHit(DaySpan(today.plus(Int(offset))), next)
    }

    /// The week before last, the day after tomorrow, the week of 9 June, the weekend.
    func unit(_ index: Int) -> DateHit? {
        let sense = sense(index)
        guard !sense.isPlural else { return nil }
        switch role(index + 1) {
        case .before where role(index + 2) == .last && self.sense(index + 3).unit == .none:
            return twice(sense.unit, -2, index + 3)
        case .after where role(index + 2) == .next && self.sense(index + 3).unit == .none:
            return twice(sense.unit, 2, index + 3)
        case .before, .after, .agoBefore:
            let isBefore = meansBefore(index + 1)
            guard var hit = plain(index + 2, leads: true), !hit.isNoDate, hit.kind != .duration
            else { return nil }
            let size = DaySpan.days(sense.unit)
            guard size > 0 else { return nil }
            if sense.unit == .weekend {
                let day = isBefore ? hit.span.first.plus(-1) : hit.span.end
                var weekend = DaySpan.weekend(of: day)
                if isBefore, weekend.end > hit.span.first {
                    weekend = DaySpan(weekend.first.plus(-7), weekend.end.plus(-7))
                }
                if !isBefore, weekend.first < hit.span.end {
                    weekend = DaySpan(weekend.first.plus(7), weekend.end.plus(7))
                }
                hit.span = weekend
            } else if isBefore {
                hit.span = DaySpan(
                    DaySpan.shifted(hit.span.first, -1, sense.unit),
                    hit.span.first
                )
            } else {
                hit.span = DaySpan(hit.span.end, DaySpan.shifted(hit.span.end, 1, sense.unit))
            }
            return hit
        case .of, .on:
            guard DaySpan.days(sense.unit) > 1,
                var hit = plain(skipping(index + 2, .the), leads: true), !hit.isNoDate,
                hit.kind != .duration, hit.span.count < DaySpan.days(sense.unit)
            else { break }
            hit.span = DaySpan.unit(sense.unit, of: hit.span.first)
            return hit
        default: break
        }
        // The year 2022; over the weekend.
        if sense.unit == .year, let token = number(index + 1), let year = year(token, index + 1) {
            return DateHit(.years(year), index + 2, .absolute)
        }
        if sense.unit == .weekend, isLed(index) {
            return DateHit(weekend(direction(index), index), index + 1)
        }
        return nil
    }

    private func twice(_ unit: DateUnit, _ offset: Int, _ next: Int) -> DateHit? {
        guard DaySpan.days(unit) > 1 else { return nil }
        let here =
            unit == .weekend && DaySpan.weekend(of: today).contains(today)
            ? today : DaySpan.unit(unit, of: today).first
        return DateHit(
            DaySpan.unit(unit, of: DaySpan.shifted(here, offset, unit)),
            next
        )
    }

    /// Early May, the end of the year, mid-2022.
    func partOf(_ index: Int) -> DateHit? {
        let role = role(index)
        var next = index + 1
        if isMark(next, "-") { next += 1 }
        next = skipping(next, .of, .in, .the)
        var found = plain(next, leads: true)
        // The end of the week is that of this week.
        if found == nil, sense(next).unit != .none, !sense(next).isPlural, next > index + 1 {
            found = unit(sense(next).unit, .this, next)
        }
        guard var hit = found, !hit.isNoDate, hit.kind != .duration, hit.span.count >= 5 else {
            return nil
        }
        let third = (hit.span.count + 2) / 3
        switch role {
        case .early, .begin: hit.span.end = hit.span.first.plus(third)
        case .late, .end: hit.span.first = hit.span.end.plus(-third)
        default:
            hit.span = DaySpan(hit.span.first.plus(third), hit.span.end.plus(-third))
        }
        hit.isVague = true
        return hit
    }

    /// Earlier this month, later this week.
    func cut(_ index: Int) -> DateHit? {
        let next = skipping(index + 1, .in, .on, .the)
        guard role(next) == .this, var hit = turned(next), hit.span.contains(today) else {
            // Later in May says no more than in May.
            return next > index + 1 ? plain(next, leads: true) : nil
        }
        if role(index) == .earlier {
            hit.span.end = today.plus(1)
        } else {
            hit.span.first = today
        }
        return hit
    }

    // MARK: Spans

    /// Since 2016; seit drei Jahren.
    func since(_ index: Int) -> DateHit? {
        if let amount = amount(index + 1), amount.isBound, !amount.isClock {
            var hit = DateHit(
                DaySpan(amount.span(behind: today).first, today.plus(1)),
                amount.next,
                .since
            )
            hit.isVague = amount.isVague
            if role(amount.next) == .ago { hit.next += 1 }
            return hit
        }
        guard var hit = plain(index + 1, leads: true), !hit.isNoDate, hit.kind != .duration else {
            return nil
        }
        if hit.isYearAssumed, hit.span.first > today {
            hit.span.first = hit.span.first.plus(months: -12)
        }
        hit.span.end = max(today.plus(1), hit.span.first.plus(1))
        hit.kind = .since
        hit.isYearAssumed = false
        return hit
    }

    /// Until Friday, by next month.
    func until(_ index: Int) -> DateHit? {
        guard var hit = plain(index + 1, leads: true), !hit.isNoDate, hit.kind != .duration else {
            return nil
        }
        if hit.span.end <= today, direction(index) != .past {
            // What is to come until then has its end ahead.
            let (first, end) = (hit.span.first, hit.span.end)
            if hit.isWeekday { hit.span = DaySpan(first.plus(7), end.plus(7)) }
            if hit.isYearAssumed {
                hit.span = DaySpan(first.plus(months: 12), end.plus(months: 12))
            }
        }
        if hit.span.first > today {
            hit.span.first = today
            hit.isYearAssumed = false
        }
        hit.kind = .until
        return hit
    }

    /// Before 2020, after Christmas.
    func beside(_ index: Int) -> DateHit? {
        guard var hit = plain(index + 1, leads: true), !hit.isNoDate, hit.kind != .duration else {
            return nil
        }
        if role(index) == .before { return before(hit) }
        hit.span = DaySpan(hit.span.end, Day.latest)
        hit.kind = .after
        hit.isYearAssumed = false
        return hit
    }

    func before(_ beside: DateHit) -> DateHit {
        var hit = beside
        hit.span = DaySpan(Day.earliest, beside.span.first)
        hit.kind = .before
        hit.isYearAssumed = false
        return hit
    }

    /// From May to July, between 2016 and 2018.
    func fromTo(_ index: Int) -> DateHit? {
        guard let hit = plain(index + 1, leads: true), !hit.isNoDate, hit.kind != .duration else {
            return nil
        }
        let next = hit.next
        if role(next) == .to || role(next) == .until || role(next) == .and || isMark(next, "-"),
            let end = plain(next + 1, leads: true), !end.isNoDate, end.kind != .duration
        {
            return spanning(hit, end) ?? hit
        }
        return hit
    }
}
