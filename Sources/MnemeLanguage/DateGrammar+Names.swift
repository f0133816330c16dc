// Dates that have a name: months, weekdays, seasons, holidays, and the n-th of them.

internal import MnemeModel

extension DateGrammar {
    /// May 8, 2023; May 8–10; May 2023; in May.
    func month(_ index: Int, leads: Bool, _ asked: DateDirection? = nil) -> DateHit? {
        let sense = sense(index)
        let month = Int(sense.month)
        var next = index + 1
        if sense.marks.contains(.abbreviation), isMark(next, ".") { next += 1 }
        if let (year, behind) = yearBehind(next) {
            return DateHit(.month(year, month), behind, .absolute)
        }
        let start = skipping(next, .the)
        if let token = number(start), (1...31).contains(token.value), token.digits <= 2,
            self.sense(start + 1).unit == .none, !hasDottedDays
        {
            var behind = start + 1
            var last: Int?
            if isMark(behind, "-") || role(behind) == .to, let second = number(behind + 1),
                (1...31).contains(second.value), second.digits <= 2
            {
                last = Int(second.value)
                behind += 2
            }
            if let hit = monthDay(month, Int(token.value), last, index, behind) { return hit }
        }
        if !hasDottedDays, self.sense(start).ordinal != 0, start > next || isFree(start + 1),
            let hit = monthDay(month, Int(self.sense(start).ordinal), nil, index, start + 1)
        {
            return hit
        }
        // "May" and "march" alone are a month only where something leads to them.
        if sense.marks.contains(.ambiguous), asked == nil {
            guard tokens[index].flags.contains(.capital), leads else { return nil }
        }
        let found = chosen(asked ?? direction(index)) { .month($0, month) }
        guard let found else { return nil }
        var hit = DateHit(found, next, asked == nil ? .absolute : .relative)
        hit.isYearAssumed = asked == nil
        return hit
    }

    /// Monday, Friday night; Friday, 5 May 2023.
    func weekday(_ index: Int, _ asked: DateDirection? = nil) -> DateHit? {
        let sense = sense(index)
        // Mondays are each Monday.
        if sense.isPlural { return nil }
        if asked == nil, sense.marks.contains(.ambiguous),
            !tokens[index].flags.contains(.capital)
                || !(isMark(index + 1, ".") || isMark(index + 1, ",") || isLed(index))
        {
            return nil
        }
        var next = index + 1
        if sense.marks.contains(.abbreviation), isMark(next, ".") { next += 1 }
        if asked == nil {
            let date = skipping(next, .the, .on, comma: true)
            if let token = number(date) {
                if let hit = numbersOnly(date, token) ?? dayMonth(date, token) { return hit }
                if token.flags.contains(.ordinal), (1...31).contains(token.value), isFree(date + 1),
                    let hit = dayOfMonth(date, Int(token.value))
                {
                    return hit
                }
            } else if self.sense(date).month != 0, number(date + 1) != nil,
                let hit = month(date, leads: false), hit.span.count == 1
            {
                return hit
            }
        }
        let part = self.sense(next).part != .none ? next + 1 : next
        if meansBefore(next) || role(next) == .after,
            let beside = plain(next + 1, leads: true), !beside.isNoDate, beside.kind != .duration
        {
            return weekday(Int(sense.weekday), beside: beside, isBefore: meansBefore(next))
        }
        let day = nearest(weekday: Int(sense.weekday), asked ?? direction(index))
        var hit = DateHit(DaySpan(day), part)
        hit.isWeekday = true
        return hit
    }

    private func weekday(_ weekday: Int, beside: DateHit, isBefore: Bool) -> DateHit {
        var hit = beside
        if isBefore {
            let last = beside.span.first.plus(-1)
            hit.span = DaySpan(last.plus(-((last.weekday - weekday + 7) % 7)))
        } else {
            hit.span = DaySpan(
                beside.span.end.plus((weekday - beside.span.end.weekday + 7) % 7)
            )
        }
        return hit
    }

    private func nearest(weekday: Int, _ direction: DateDirection) -> Day {
        let behind = (today.weekday - weekday + 7) % 7
        let ahead = (weekday - today.weekday + 7) % 7
        return switch direction {
        case .last, .past: today.plus(-(behind == 0 ? 7 : behind))
        case .next, .future: today.plus(ahead == 0 ? 7 : ahead)
        case .this: today.plus(ahead)
        case .nearest: behind <= ahead ? today.plus(-behind) : today.plus(ahead)
        }
    }

    /// In the summer, summer 2022.
    func season(_ index: Int, leads: Bool, _ asked: DateDirection? = nil) -> DateHit? {
        let season = sense(index).season
        if let (year, next) = yearBehind(index + 1) {
            return DateHit(.season(year, season), next, .absolute)
        }
        guard asked != nil || leads else { return nil }
        let found = chosen(asked ?? direction(index)) { .season($0, season) }
        guard let found else { return nil }
        var hit = DateHit(found, index + 1, asked == nil ? .absolute : .relative)
        hit.isYearAssumed = asked == nil
        return hit
    }

    /// At Christmas, Halloween 2021.
    func holiday(_ index: Int, leads: Bool, _ asked: DateDirection? = nil) -> DateHit? {
        let place = Int(sense(index).holiday) - 1
        guard lexicon.holidays.indices.contains(place) else { return nil }
        let holiday = lexicon.holidays[place]
        if let (year, next) = yearBehind(index + 1) {
            return DaySpan.holiday(year, holiday).map { DateHit($0, next, .absolute) }
        }
        guard asked != nil || leads else { return nil }
        let found = chosen(asked ?? direction(index)) { DaySpan.holiday($0, holiday) }
        guard let found else { return nil }
        var hit = DateHit(found, index + 1, asked == nil ? .absolute : .relative)
        hit.isYearAssumed = asked == nil
        return hit
    }

    /// The third of May, the first week of May, the second Friday in June.
    func ordinal(_ index: Int, leads: Bool) -> DateHit? {
        let ordinal = Int(sense(index).ordinal)
        let next = skipping(index + 1, .of, .the)
        if self.sense(next).month != 0, next > index + 1 || hasDottedDays {
            return monthDay(Int(self.sense(next).month), ordinal, nil, index, next + 1)
        }
        return nthOf(index, ordinal)
    }

    /// The n-th unit or weekday of a longer stretch.
    func nthOf(_ index: Int, _ ordinal: Int, isLast: Bool = false) -> DateHit? {
        let sense = sense(index + 1)
        guard sense.unit != .none || sense.weekday != 0, !sense.isPlural,
            role(index + 2) == .of || role(index + 2) == .in,
            var hit = plain(skipping(index + 3, .the), leads: true), !hit.isNoDate,
            hit.kind != .duration, ordinal >= 1
        else { return nil }
        let whole = hit.span
        let size = sense.weekday != 0 ? 7 : max(DaySpan.days(sense.unit), 1)
        guard size * 2 <= whole.count else { return nil }
        if sense.weekday != 0 {
            hit.span = DaySpan(
                DaySpan.weekday(Int(sense.weekday), isLast ? 99 : ordinal, of: whole)
            )
        } else if sense.unit == .weekend {
            let saturday = DaySpan.weekday(6, isLast ? 99 : ordinal, of: whole)
            hit.span = DaySpan(saturday, saturday.plus(2))
        } else if isLast {
            hit.span.first = DaySpan.shifted(whole.end, -1, sense.unit)
        } else {
            hit.span = DaySpan(
                DaySpan.shifted(whole.first, ordinal - 1, sense.unit),
                DaySpan.shifted(whole.first, ordinal, sense.unit)
            )
            guard hit.span.first < whole.end else { return nil }
        }
        return hit
    }
}
