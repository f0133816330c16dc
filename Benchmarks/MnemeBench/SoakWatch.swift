// What a process takes over a long time, and whether it grows.

/// Figures of a process, taken at even intervals.
struct SoakWatch {
    private var samples: [ProcessFiguresNow] = []

    /// So many samples will come.
    init(samples count: Int) { samples.reserveCapacity(count) }

    mutating func add(_ sample: ProcessFiguresNow) { samples.append(sample) }

    /// What grew: its median over the last quarter is more than a tenth above that over the second
    /// quarter, and by more than chance does; nil where nothing did.
    var growth: String? {
        let grown = [
            Self.growth("memory", samples.map(\.anonymousBytes), beyond: 4 << 20),
            Self.growth("threads", samples.map(\.threads), beyond: 2),
            Self.growth("open files", samples.map(\.openFiles), beyond: 8),
        ].compactMap(\.self)
        return grown.isEmpty ? nil : grown.joined(separator: " ")
    }

    /// As above, of one figure; a difference of `beyond` or less is none.
    static func growth(_ name: String, _ figures: [Int], beyond: Int) -> String? {
        let quarter = figures.count / 4
        guard quarter > 0 else { return nil }
        let before = median(figures[quarter..<2 * quarter].map(Double.init))
        let after = median(figures[(figures.count - quarter)...].map(Double.init))
        guard after > before * 1.1, after - before > Double(beyond) else { return nil }
        return "The \(name) grew from \(Int(before)) to \(Int(after))."
    }
}
