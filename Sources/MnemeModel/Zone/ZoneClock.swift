// What the clocks of a zone show, and which instant it is when they show something.
// formats/expressions.md#zones

/// The clocks of one time zone.
///
/// Where clocks skip a time, that time is the one as much later as they skip; where they show a
/// time twice, it is the first.
package struct ZoneClock: Sendable {
    /// As the zone was given: `UTC`, `±hh:mm`, or a name such as `Europe/Berlin`.
    package let name: String
    /// The distance of one that never changes, in microseconds.
    private let fixed: Int64
    /// The table of one that does.
    private let table: ZoneTable?

    /// Clocks of coordinated universal time.
    package static let utc = ZoneClock()

    private static let day: Int64 = 86_400_000_000

    private init() {
        name = "UTC"
        fixed = 0
        table = nil
    }

    /// The clocks of a zone.
    ///
    /// - Throws: `.unknownZone`.
    package init(_ name: String) throws(MnemeError) {
        self.name = name
        if let distance = ZoneOffset.microseconds(name) {
            fixed = distance
            table = nil
            return
        }
        guard let table = Zones.shared[name] else {
            try Zones.shared.check(name)
            throw MnemeError(.unknownZone, "there is no time zone \(quoted(name))")
        }
        fixed = 0
        self.table = table
    }

    /// How far the clocks are from UTC at an instant, in microseconds, east of Greenwich above 0.
    ///
    /// - Complexity: O(log *n*) in the changes of the zone.
    package func distance(at instant: Instant) -> Int64 {
        guard let table else { return fixed }
        return Int64(table.distance(at: Self.floor(instant.microseconds, 1_000_000))) * 1_000_000
    }

    /// What the clocks show: the day, and the microseconds since its midnight.
    package func local(_ instant: Instant) -> (day: Day, time: Int64) {
        let (sum, isOut) = instant.microseconds.addingReportingOverflow(distance(at: instant))
        let local = isOut ? instant.microseconds : sum
        let number = Self.floor(local, Self.day)
        return (
            Day(number: Int32(clamping: number)), local &- number &* Self.day
        )
    }

    /// The day that the clocks show.
    package func day(of instant: Instant) -> Day { local(instant).day }

    /// When the clocks show a time of a day, given in microseconds since midnight.
    ///
    /// A time that they skip is as much later as they skip; of one that they show twice it is the
    /// first.
    package func instant(of day: Day, time: Int64 = 0) -> Instant {
        let local = Int64(day.number) * Self.day + time
        guard table != nil else { return Instant(microseconds: local - fixed) }
        // No zone is a day or more from UTC, and none changes twice within two days.
        let before = distance(at: Instant(microseconds: local - Self.day))
        let after = distance(at: Instant(microseconds: local + Self.day))
        let first = Instant(microseconds: local - before)
        if before == after || distance(at: first) == before { return first }
        let second = Instant(microseconds: local - after)
        return distance(at: second) == after ? second : first
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
