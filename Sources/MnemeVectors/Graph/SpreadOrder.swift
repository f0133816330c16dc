// The order in which nodes of a graph are numbered before it is built: what is put one after the
// other is often alike, and a graph that grows along it is worse.

/// All numbers below a count in an order in which neighbours are far from each other.
struct SpreadOrder {
    private let count: UInt64
    private let step: UInt64

    init(_ count: Int) {
        self.count = UInt64(max(count, 1))
        // Near the golden section, and without a common divisor.
        var step = max(1, UInt64(Double(self.count) * 0.618_034))
        while Self.divisor(step, self.count) != 1 { step += 1 }
        self.step = step
    }

    subscript(place: Int) -> UInt32 { UInt32(UInt64(place) * step % count) }

    private static func divisor(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var (a, b) = (one, other)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
