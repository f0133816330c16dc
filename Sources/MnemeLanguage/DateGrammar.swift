// The grammar of expressions of time, over the senses of words: recursive descent, one token of
// look-back for what leads to a date. Nothing here knows a language. Each rule begins at a token
// and answers with what it read, or nil; the longest rules are tried first.

internal import MnemeModel

/// What a rule read.
struct DateHit {
    var span: DaySpan
    /// The token behind it.
    var next: Int
    var kind = DateRange.Kind.relative
    var isVague = false
    var isYearAssumed = false
    /// Nothing that names days: each Monday, twice a week.
    var isNoDate = false
    /// A weekday, of which there is one in each week.
    var isWeekday = false

    init(_ span: DaySpan, _ next: Int, _ kind: DateRange.Kind = .relative) {
        self.span = span
        self.next = next
        self.kind = kind
    }
}

/// Where a date without a year, or a weekday, is looked for.
enum DateDirection {
    /// As the sentence is told: behind, ahead, or unknown.
    case past, future, nearest
    /// As a word says: last May, next May, this May.
    case last, next, this
}

/// Reads the tokens of one text.
struct DateGrammar {
    let tokens: Tokens
    let lexicon: WordLexicon
    let readsDayFirst: Bool
    let hasDottedDays: Bool
    /// The day that the text was written on.
    let today: Day
    private(set) var ranges: [DateRange] = []
    /// Where the expression that is read begins.
    private var origin = 0

    /// No expression has more tokens than this, so that nothing that is repeated for ever keeps a
    /// reader.
    static let mostTokens = 16
    /// No more ranges than this are read of a text.
    static let mostRanges = 64

    init(_ tokens: Tokens, _ table: LanguageTable, today: Day) {
        self.tokens = tokens
        lexicon = table.lexicon
        readsDayFirst = table.readsDayFirst
        hasDottedDays = table.hasDottedDays
        self.today = today
    }

    /// Reads all.
    ///
    /// - Complexity: O(tokens).
    mutating func run() {
        var index = 0
        while index < tokens.count, ranges.count < Self.mostRanges {
            origin = index
            guard mayBegin(index), let hit = expression(index), hit.next > index else {
                index += 1
                continue
            }
            if !hit.isNoDate, hit.span.first < hit.span.end {
                ranges.append(
                    DateRange(
                        first: hit.span.first,
                        end: hit.span.end,
                        text: Int(tokens[index].start)..<Int(tokens[hit.next - 1].end),
                        kind: hit.kind,
                        isVague: hit.isVague,
                        isYearAssumed: hit.isYearAssumed
                    )
                )
            }
            index = hit.next
        }
    }

    @inline(__always)
    private func mayBegin(_ index: Int) -> Bool {
        switch tokens[index].kind {
        case .number: true
        case .mark: false
        case .word: tokens[index].word != 0 && tokens.sense(index).isTemporal
        }
    }

    func sense(_ index: Int) -> WordSense {
        index >= 0 && index < tokens.count && tokens[index].kind == .word
            ? tokens.sense(index) : WordSense()
    }

    func role(_ index: Int) -> DateRole { sense(index).role }

    /// Whether a word means before, however it stands to amounts.
    func meansBefore(_ index: Int) -> Bool {
        role(index) == .before || role(index) == .agoBefore
    }

    func isMark(_ index: Int, _ mark: Unicode.Scalar) -> Bool {
        index >= 0 && index < tokens.count && tokens[index].isMark(mark)
    }

    /// The number token at a place.
    func number(_ index: Int) -> Token? {
        guard index >= 0, index < tokens.count, tokens[index].kind == .number else { return nil }
        return tokens[index]
    }

    /// Behind words that only lead on: the, of, on, a comma.
    func skipping(_ index: Int, _ roles: DateRole..., comma: Bool = false) -> Int {
        var index = index
        if comma, isMark(index, ",") { index += 1 }
        let most = index + 4
        while index < tokens.count, index < most, tokens[index].kind == .word,
            roles.contains(role(index))
        {
            index += 1
        }
        return index
    }

    /// An expression at a token, with what leads to it.
    func expression(_ index: Int) -> DateHit? {
        switch role(index) {
        case .since: since(index)
        case .until: until(index)
        case .before, .after: beside(index)
        case .from, .between: fromTo(index)
        case .every: every(index)
        case .times: frequency(index)
        default: joined(index, leads: isLed(index))
        }
    }

    /// A date, and another up to which it reaches: Monday to Friday, 2016–2018.
    private func joined(_ index: Int, leads: Bool) -> DateHit? {
        guard var hit = plain(index, leads: leads) else { return nil }
        guard !hit.isNoDate, hit.kind != .duration else { return hit }
        if role(hit.next) == .to || (isMark(hit.next, "-") && role(hit.next + 1) != .to),
            let end = plain(hit.next + 1, leads: true), !end.isNoDate, end.kind == hit.kind,
            end.span.first.distance(from: hit.span.first) < 7400,
            let both = spanning(hit, end)
        {
            hit = both
        }
        return hit
    }

    /// From one date up to the end of another; nil where it lies before.
    ///
    /// A date without a year has that of the other.
    func spanning(_ first: DateHit, _ end: DateHit) -> DateHit? {
        var hit = first
        var last = end.span
        if hit.isYearAssumed, !end.isYearAssumed {
            let years = last.first.civil.year - hit.span.first.civil.year
            let start = hit.span.first.plus(months: 12 * years)
            hit.span.first = start < last.end ? start : start.plus(months: -12)
            hit.isYearAssumed = false
        } else if end.isYearAssumed, last.end <= hit.span.first {
            last.end = last.end.plus(months: 12)
        } else if end.isWeekday, last.end <= hit.span.first {
            last.end = last.end.plus(7)
        }
        guard last.end > hit.span.first else { return nil }
        hit.span.end = last.end
        hit.next = end.next
        hit.isVague = hit.isVague || end.isVague
        return hit
    }

    /// Whether the word before leads to a date: in, on, during, of.
    func isLed(_ index: Int) -> Bool {
        var index = index - 1
        if role(index) == .the { index -= 1 }
        switch role(index) {
        case .in, .on, .since, .until, .before, .after, .from, .to, .between, .of, .about, .within,
            .early, .middle, .late, .begin, .end, .lasting:
            return true
        default: return false
        }
    }

    /// A date or an amount without what leads to it.
    func plain(_ index: Int, leads: Bool) -> DateHit? {
        guard index < tokens.count, index - origin < Self.mostTokens else { return nil }
        if let token = number(index) { return numeric(index, token, leads: leads) }
        guard tokens[index].kind == .word, tokens[index].word != 0 else { return nil }
        let sense = tokens.sense(index)
        switch sense.role {
        case .the: return article(index, leads: leads)
        case .last, .past, .this, .next:
            // "Second" of "next second" and the like fall through to nothing.
            return turned(index) ?? amountHit(index, leads: leads)
        case .early, .middle, .late, .begin, .end: return partOf(index)
        case .earlier, .later: return cut(index)
        case .in, .on: return led(index)
        case .within: return within(index)
        case .agoBefore: return amountBefore(index)
        case .lasting: return lasting(index)
        case .all: return whole(index)
        case .about, .half:
            if let hit = amountHit(index, leads: leads) { return hit }
            guard sense.role == .about, var hit = plain(index + 1, leads: true) else { return nil }
            hit.isVague = true
            return hit
        default: break
        }
        if sense.dayOffset != nil { return dayWord(index) }
        if sense.weekday != 0, let hit = weekday(index) { return hit }
        if sense.month != 0, let hit = month(index, leads: leads) { return hit }
        if sense.holiday != 0, let hit = holiday(index, leads: leads) { return hit }
        if sense.ordinal != 0, let hit = ordinal(index, leads: leads) { return hit }
        if sense.season != .none, let hit = season(index, leads: leads) { return hit }
        if let hit = amountHit(index, leads: leads) { return hit }
        if sense.unit != .none { return unit(index) }
        return nil
    }

    /// Behind an article.
    private func article(_ index: Int, leads: Bool) -> DateHit? {
        let next = index + 1
        if role(next) == .other, sense(next + 1).unit != .none {
            // The other day: within the units before.
            let unit = sense(next + 1).unit
            let days = max(DaySpan.days(unit), 1)
            var hit = DateHit(DaySpan(today.plus(-7 * days), today), next + 2)
            hit.isVague = true
            return days <= 31 ? hit : nil
        }
        guard next < tokens.count else { return nil }
        if let token = number(next) {
            return numeric(next, token, leads: leads, hasArticle: true)
        }
        if role(next) == .the { return nil }
        return plain(next, leads: leads)
    }

    /// Behind in, on and their like: an amount is ahead, or of what is told of the past lasts;
    /// anything else is a date.
    private func led(_ index: Int) -> DateHit? {
        if role(index) == .in, let amount = amount(skipping(index + 1, .about)),
            amount.isBound, !amount.isPluralAlone
        {
            let unit = amount.unit
            if DaySpan.days(unit) > 0 || amount.isClock {
                // "I had not seen her in a week" and "they built it in a week" say how long.
                if direction(index) == .past { return duration(amount, next: amount.next) }
                var hit = DateHit(amount.span(ahead: today), amount.next)
                hit.isVague = amount.isVague
                return hit
            }
        }
        return plain(role(index + 1) == .of ? index + 2 : index + 1, leads: true)
    }

    /// Each Monday, every two weeks: no date.
    private func every(_ index: Int) -> DateHit? {
        var next = index + 1
        if role(next) == .other { next += 1 }
        if let amount = amount(next) {
            next = amount.next
        } else if sense(next).unit != .none || sense(next).weekday != 0
            || sense(next).season != .none
            || sense(next).month != 0 || sense(next).holiday != 0
        {
            next += 1
        } else {
            return nil
        }
        var hit = DateHit(DaySpan(today), next)
        hit.isNoDate = true
        return hit
    }

    /// Twice a week: no date.
    private func frequency(_ index: Int) -> DateHit? {
        let lead = skipping(index + 1, .in, .every)
        let next = skipping(lead, .the)
        var end: Int?
        if sense(next).unit != .none, !sense(next).isPlural, next > index + 1 {
            end = next + 1
        } else if let amount = amount(next), amount.isArticle || lead > index + 1 {
            end = amount.next
        }
        guard let end else { return nil }
        var hit = DateHit(DaySpan(today), end)
        hit.isNoDate = true
        return hit
    }
}
