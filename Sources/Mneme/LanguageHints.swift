// What the words of a language tell of a question and of records: whether a record has what is
// asked for, and whether it is of the days that are asked for. A language is a table
// (`MnemeLanguage`); without one there are no such hints, and nothing else changes. Pure.

internal import MnemeLanguage
internal import MnemeModel
internal import MnemeRecall

/// Hints for the records of a timeline: of each signal [records].
struct LanguageHints {
    /// Whether the record has what the question waits for: a date, a number, a place.
    private(set) var answer: [Float]
    /// Whether it names a day.
    private(set) var dated: [Float]
    /// How well its day, or one it names, agrees with one asked for.
    private(set) var time: [Float]

    /// No hints at all.
    init(none timeline: Timeline) {
        answer = [Float](repeating: 0, count: timeline.count)
        (dated, time) = (answer, answer)
    }

    /// `zone`: whose clocks say of which day a record is.
    ///
    /// - Complexity: O(records · days asked for).
    init(_ question: QuestionReading, _ timeline: Timeline, zone: ZoneClock = .utc) {
        answer = [Float](repeating: 0, count: timeline.count)
        (dated, time) = (answer, answer)
        let ranges = question.ranges.filter(\.isDate)
        for (index, entry) in timeline.entries.enumerated() {
            let traits = TextTraits(rawValue: entry.traits)
            if question.kinds.areMet(by: traits) { answer[index] = 1 }
            if traits.contains(.hasDate) { dated[index] = 1 }
            for range in ranges {
                time[index] = max(time[index], entry.agreement(with: range, zone))
            }
        }
    }
}

extension Timeline.Entry {
    /// How well its own day, or the best of those it names, agrees with days asked for.
    fileprivate func agreement(with range: DateRange, _ zone: ZoneClock) -> Float {
        var best: Float = 0
        if let time { best = range.agreement(with: zone.day(of: time)) }
        for days in dates {
            let named = DateRange(
                first: Day(number: days.first),
                end: Day(number: days.end),
                text: 0..<0,
                kind: .absolute
            )
            best = max(best, range.agreement(with: named))
        }
        return best
    }
}
