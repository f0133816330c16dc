// Which way a search goes: what a walk costs beside a scan, measured in codes that are scanned.

/// When to walk, and how wide.
enum GraphChoice {
    /// What a score on a walk costs beside one of a scan: its code is not the next one.
    private static let walkedScore = 14.0
    /// Where nobody says how wide a beam is to be, at least so wide.
    private static let plainBeam = 128
    /// The widest beam.
    static let widest = 1 << 14

    /// The beam for so many hits, where none is asked for.
    static func beam(for limits: NearestLimits) -> Int {
        max(limits.beam ?? plainBeam, limits.count)
    }

    /// About how many codes are scored with a beam; measured between 16 and 512.
    static func scores(beam: Int) -> Double { 62 * Double(beam).power(0.745) }

    /// Whether a walk with a beam is to be made over so many codes: where it is asked for, as long
    /// as it does not come to all of them; else where it is cheaper than a scan.
    static func walks(beam: Int, over count: Int, asked: Bool) -> Bool {
        if beam > widest { return false }
        let cost = asked ? 1 : walkedScore
        return scores(beam: beam) * cost < Double(max(count, asked ? 4_096 : 0))
    }
}

extension Double {
    /// A power of a number that is not negative, near enough for an estimate.
    fileprivate func power(_ exponent: Double) -> Double {
        guard self > 0 else { return 0 }
        // 2^(exponent · log2 self), both to the line between neighbouring powers of two.
        let logarithm = Double(self.exponent) + (significand - 1)
        let product = exponent * logarithm
        let whole = product.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (product - whole))
    }
}
