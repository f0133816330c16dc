// The second half of a search: the best by code are scored from their rows, best first, and how far
// the codes were off says how far down to go. Where codes tell vectors apart that is little more
// than what was asked for; where they do not, as of vectors far away from the origin or close to
// each other, it is more, and in the end everything.

internal import CKernels

/// Scores candidates at full precision, some at a time.
///
/// SAFETY: the columns lie in `memory`, with room for every candidate in the first ones and for one
/// part in the others; no place beyond `count` is used.
@safe
struct Rescoring: ~Copyable {
    /// So many rows at most are asked for at once: who has to decipher them, holds no more.
    private static let rowsTogether = 4_096
    /// From fewer rows nothing is concluded.
    private static let least = 12
    /// Of so many candidates it is told whether they are copies of one.
    private static let many = 1_024

    private let limits: NearestLimits
    private let count: Int
    /// Whether nobody was left out of the candidates.
    private let isWhole: Bool
    /// How many were scored.
    private(set) var done = 0
    /// The best of them, best first.
    private(set) var hits: [NearestHit] = []
    /// The sum of the squares of what the codes' scores were off.
    private var squares = 0.0
    /// The greatest margin of a candidate; 0 under cosine.
    private var widest: Float = 0
    /// How many of the last ones have the same score by code and at full precision.
    private var copies = 0
    private var last: (byCode: Float, exact: Float) = (.nan, .nan)

    private let memory: AlignedBytes
    private let earlier: DeeperRound?
    private let addresses: UnsafeMutablePointer<UInt64>
    private let ordinals: UnsafeMutablePointer<UInt64>
    private let rows: UnsafeMutablePointer<UnsafeRawPointer>
    private let byCode: UnsafeMutablePointer<Float>
    private let margins: UnsafeMutablePointer<Float>
    private let exact: UnsafeMutablePointer<Float>
    private let norms: UnsafeMutablePointer<Float>

    /// Of these candidates; nothing is scored yet.
    ///
    /// `isWhole`: whether there were no others; `earlier`: what the round before left.
    init(
        _ candidates: borrowing Candidates,
        _ limits: NearestLimits,
        isWhole: Bool,
        after earlier: DeeperRound?
    ) {
        self.limits = limits
        self.isWhole = isWhole
        self.earlier = earlier
        count = candidates.count
        let part = min(count, Self.rowsTogether)
        memory = AlignedBytes(byteCount: count * 24 + part * 16, zeroed: false)
        unsafe addresses = memory.part(at: 0, of: UInt64.self)
        unsafe ordinals = memory.part(at: count * 8, of: UInt64.self)
        unsafe rows = memory.part(at: count * 16, of: UnsafeRawPointer.self)
        unsafe byCode = memory.part(at: count * 16 + part * 8, of: Float.self)
        unsafe margins = memory.part(at: count * 20 + part * 8, of: Float.self)
        unsafe exact = memory.part(at: count * 24 + part * 8, of: Float.self)
        unsafe norms = memory.part(at: count * 24 + part * 12, of: Float.self)
        for place in 0..<count {
            let (score, slot) = candidates.entry(place)
            unsafe byCode[place] = score
            unsafe addresses[place] = candidates.addresses[slot]
            unsafe ordinals[place] = candidates.ordinals[slot]
            unsafe margins[place] = candidates.margins[slot]
            widest = unsafe max(widest, margins[place])
        }
        hits.reserveCapacity(min(limits.count, count + (earlier?.hits.count ?? 0)) + 1)
        hits += earlier?.hits ?? []
    }

    /// Scores from the best on, as far down as somebody may be among the nearest.
    ///
    /// - Throws: what the source throws, and `.unreadable` for a row that has no score.
    mutating func run(
        _ query: borrowing PreparedQuery,
        _ source: some VectorSource
    ) throws(VectorError) {
        let step = max(4, limits.count / 4)
        var end = max(Self.least, limits.count + step)
        while done < count {
            if isWhole { end = count }
            try score(min(count - done, end - done, Self.rowsTogether), query, source)
            if !isWhole, done < count, unsafe byCode[done] < bound(query) { return }
            // Who has come far has further to go.
            if done >= end { end = done + max(step, done / 2) }
        }
    }

    /// What scores less by its code and margin is not among the nearest, as far as can be told.
    ///
    /// The best by code may be so by chance, and off by less than others: no less is taken than
    /// what codes are off by as a rule.
    private func bound(_ query: borrowing PreparedQuery) -> Float {
        guard let last = hits.last, hits.count == limits.count, done > 0 else { return -.infinity }
        let deviation = Float((squares / Double(done)).squareRoot())
        // In deviations that were added already.
        let bound =
            widest > 0
            ? last.score - max(0, limits.sureness * deviation - 1) * widest
            : last.score - limits.sureness * max(deviation, query.unitDeviation)
        return bound.isNaN ? -.infinity : bound
    }

    /// How to look for who was left out and may be among the nearest; nil where nobody was.
    ///
    /// Where half of many candidates are copies of one vector, those of them that were left out are
    /// as near as these, and need not be looked at.
    func deeper(_ query: borrowing PreparedQuery) -> DeeperRound? {
        guard !isWhole, done == count, count > 0 else { return nil }
        let bound = bound(query)
        if last.byCode < bound { return nil }
        let isCopied = count >= Self.many && copies > max(count / 2, limits.count)
        return DeeperRound(
            floor: bound,
            ceiling: isCopied ? last.byCode : earlier?.ceiling,
            hits: isCopied ? hits : earlier?.hits ?? []
        )
    }

    private mutating func score(
        _ part: Int,
        _ query: borrowing PreparedQuery,
        _ source: some VectorSource
    ) throws(VectorError) {
        let addresses = unsafe UnsafeBufferPointer(start: self.addresses + done, count: part)
        try unsafe source.resolve(addresses, of: ordinals + done, into: rows)
        unsafe query.score(rows: rows, count: part, into: exact, norms: norms)
        for place in 0..<part {
            let score = unsafe exact[place]
            if score.isNaN { throw .unreadable(address: unsafe addresses[place]) }
            let byCode = unsafe byCode[done + place]
            let margin = unsafe margins[done + place]
            var error = Double(score - (byCode - margin))
            // In margins, where there are any: who has none has no length, and is not off.
            if widest > 0 { error /= Double(max(margin, widest * 1e-6)) }
            squares += error * error
            copies = last == (byCode, score) ? copies + 1 : 1
            last = (byCode, score)
            take(NearestHit(ordinal: unsafe ordinals[done + place], score: score))
        }
        done += part
    }

    /// Puts a hit where it belongs; the worst leaves when there is no room.
    private mutating func take(_ hit: NearestHit) {
        if hits.count == limits.count {
            guard let last = hits.last, Self.isBetter(hit, last) else { return }
            hits.removeLast()
        }
        var (low, high) = (0, hits.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.isBetter(hits[middle], hit) { low = middle + 1 } else { high = middle }
        }
        hits.insert(hit, at: low)
    }

    private static func isBetter(_ one: NearestHit, _ other: NearestHit) -> Bool {
        one.score > other.score || (one.score == other.score && one.ordinal < other.ordinal)
    }
}
