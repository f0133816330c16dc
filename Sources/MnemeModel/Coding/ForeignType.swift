// Types of Foundation, which this room does without, that have kinds of values of their own here.

/// A type that is known by its name.
enum ForeignType {
    /// `Foundation.Date`, which is coded as its seconds since the beginning of 2001.
    case date
    /// `Foundation.Data`, which is coded as an array of its bytes.
    case data

    init?(_ type: any Any.Type) {
        // Nothing else is looked at by name: what has members is no such type.
        switch String(reflecting: type) {
        case "Foundation.Date", "FoundationEssentials.Date": self = .date
        case "Foundation.Data", "FoundationEssentials.Data": self = .data
        default: return nil
        }
    }
}

extension Instant {
    /// Seconds between the beginnings of 1970 and 2001.
    private static let reference = 978_307_200.0

    /// So many seconds after the beginning of 2001; nil beyond all instants.
    init?(_ seconds: Double) {
        let microseconds = ((seconds + Self.reference) * 1_000_000).rounded()
        guard let exact = Int64(exactly: microseconds) else { return nil }
        self.init(microseconds: exact)
    }

    /// Seconds after the beginning of 2001.
    var referenceSeconds: Double { Double(microseconds) / 1_000_000 - Self.reference }
}
