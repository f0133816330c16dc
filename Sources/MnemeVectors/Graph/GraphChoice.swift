// Which way a search goes, by what each would cost: the number of codes that it scores, of tests
// that it makes and of rows that it reads, each with what it takes. Counts come from the caller,
// from the tree of codes and from how walks go; the times from measurements on one core.
//
// To fit them anew: `mneme-bench vectors --mode costs` measures the time of a scanned and a
// gathered code, of a score on a walk, of a test and of a row in full precision; `--base` and
// `--queries` give it vectors of one's own. The numbers below are of codes of 192 bytes (384
// components) on a Zen 5 core with nothing beside: 81,000 codes are scanned in 300 µs, and a score
// on a walk takes 26 ns. What is not measured apart is estimated from the memory that it waits for.

/// What things take, in nanoseconds.
struct NearestCosts {
    /// All codes together are more than the caches hold.
    let isFar: Bool
    /// A code of a scan.
    let scanned: Double
    /// A code that is looked up by its key.
    let gathered: Double
    /// A score on a walk, with all that belongs to it.
    let walked: Double
    /// To list a record from an index.
    static let listed = 25.0
    /// To look up whose a listed record is, and that it is there.
    static let owned = 30.0
    /// To put a listed record into a set.
    static let member = 12.0
    /// To look whether a record is in the set.
    static let setTest = 8.0
    /// To look whether a record is there.
    static let ordinalTest = 40.0
    /// To hold a filter against a record.
    static let recordTest = 1_200.0
    /// To compare with a row in full precision.
    static let row = 190.0
    /// More bytes of codes than this are far.
    private static let cached = 32 << 20

    /// Of codes of so many bytes, so many of them.
    init(codeByteCount: Int, count: Int) {
        let bytes = Double(codeByteCount)
        isFar = count * codeByteCount > Self.cached
        scanned = (0.6 + 0.016 * bytes) * (isFar ? 1.6 : 1)
        gathered = (80 + 0.05 * bytes) * (isFar ? 1.5 : 1)
        walked = (14 + 0.063 * bytes) * (isFar ? 1.4 : 1)
    }

    static func test(_ test: NearestSelection.Test) -> Double {
        switch test {
        case .none: 0
        case .ordinal: ordinalTest
        case .record: recordTest
        }
    }
}

/// How a search is made.
package struct NearestChoice: Sendable {
    /// A way with what it would cost.
    package struct Candidate: Equatable, Sendable {
        /// The way.
        package let tier: NearestTier
        /// About how many codes it scores.
        package let codes: Int
        /// What it takes, in codes that are scanned in that time.
        package let cost: Double
    }

    /// The way that is gone first.
    package var tier: NearestTier
    /// The way where a walk comes to nothing.
    package var fallback: NearestTier
    /// Whether those that can be listed are put into a set, which a scan tests by.
    package var marks = false
    /// What was compared; empty where nobody asked.
    package var considered: [Candidate] = []
    /// How wide the beam of a walk is, or how many results a walk with a test has.
    var beam = 0
    /// Whether a walk tests on its way, and not at its end.
    var testsOnWay = false
    /// More codes than this are not scored on walks.
    var most = 0

    /// A way without a comparison.
    init(_ tier: NearestTier) {
        self.tier = tier
        fallback = tier
    }
}

/// When to walk, and how wide.
enum GraphChoice {
    /// Where nobody says how wide a beam is to be, at least so wide.
    private static let plainBeam = 128
    /// The widest beam.
    static let widest = 1 << 14
    /// Where a beam is asked for, so many codes may be scored, however few there are.
    static let asked = 4_096
    /// One of so many that a walk found is kept at first.
    static let keptShare = 4

    /// The beam for so many hits, where none is asked for.
    static func beam(for limits: NearestLimits) -> Int {
        max(limits.beam ?? plainBeam, limits.count)
    }

    /// About how many codes are scored with a beam; measured between 16 and 512.
    static func scores(beam: Double) -> Double { 62 * beam.power(0.745) }

    /// Fewer codes than these are scanned in less time than the narrowest walk takes.
    static func leastWorth(_ limits: NearestLimits, _ costs: NearestCosts) -> Double {
        scores(beam: Double(beam(for: limits))) * costs.walked / costs.scanned
    }

    /// How many entries of a scan are tested: those that are among the best of what came before,
    /// where one of so many passes.
    ///
    /// - Precondition: nothing is 0.
    static func tests(kept: Double, passing: Double, of all: Double) -> Double {
        if passing <= kept { return all }
        return min(all, kept * all / passing * (1 + (passing / kept).logarithm))
    }
}

extension Double {
    /// A power of a number that is not negative, near enough for an estimate.
    fileprivate func power(_ exponent: Double) -> Double {
        guard self > 0 else { return 0 }
        let product = exponent * binaryLogarithm
        let whole = product.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (product - whole))
    }

    /// The natural logarithm of a number above 0, near enough for an estimate.
    fileprivate var logarithm: Double { 0.693_147 * binaryLogarithm }

    /// To the line between neighbouring powers of two.
    private var binaryLogarithm: Double { Double(exponent) + (significand - 1) }
}
