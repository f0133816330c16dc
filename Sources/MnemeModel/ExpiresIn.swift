// Ends that are said as so many seconds from now: the store makes instants of them by its own clock
// when it makes the change ready.

/// Seconds from now to the end of a record's time.
package enum ExpiresIn {
    /// The least and the most: a second, and about 3,170 years.
    package static let seconds = 1...100_000_000_000

    /// The instant so many seconds after another.
    ///
    /// `place`: of the seconds, for the message.
    /// - Throws: `.badRequest` for fewer or more than there may be.
    package static func end(
        after seconds: Int,
        from now: Instant,
        _ place: String
    ) throws(MnemeError) -> Instant {
        guard Self.seconds.contains(seconds) else {
            throw MnemeError(
                .badRequest,
                "\(place) is \(seconds), and an end lies 1 to 100,000,000,000 seconds from now; "
                    + "give another number, or delete the record"
            )
        }
        let (end, isOut) = now.microseconds.addingReportingOverflow(Int64(seconds) * 1_000_000)
        guard !isOut else {
            throw MnemeError(
                .badRequest,
                "\(place) is \(seconds), which leads beyond the last instant there is; give fewer"
            )
        }
        return Instant(microseconds: end)
    }
}
