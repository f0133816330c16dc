// The dates of a text, with nothing else of it.

package import MnemeModel

/// Reads what a text says of time.
package enum DateReading {
    /// The days, and durations, that a text names, in its order.
    ///
    /// Weeks begin on Monday; seasons on the first of March, June, September and December. A date
    /// without a year is the nearest that the tense of its sentence allows. `n` units ago are half
    /// a unit around that day; a few are three to six, several three to eight.
    ///
    /// - Parameters:
    ///   - text: What is read.
    ///   - anchor: When the text was written; yesterday is the day before that, by the clocks of
    ///     `zone`.
    ///   - zone: Whose clocks say which day it was.
    ///   - language: The table that it is read with.
    /// - Returns: No more than 64 ranges; none of what stands behind the first 65,536 bytes.
    /// - Complexity: O(bytes).
    package static func ranges(
        in text: String,
        anchor: Instant,
        zone: ZoneClock = .utc,
        language: LanguageTable = .english
    ) -> [DateRange] {
        var grammar = DateGrammar(
            Tokens(text, language),
            language,
            today: zone.day(of: anchor)
        )
        grammar.run()
        return grammar.ranges
    }
}
