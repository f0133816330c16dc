// The scan tier: every code is scored, one kernel call a block; the best are scored again at full
// precision (`Rescoring.swift`). Filters are asked only about entries that would enter.

internal import CKernels

/// One search under way.
///
/// Feed it blocks, then finish it.
///
/// SAFETY: the outputs of the kernel lie in `memory` and have room for a part of a block and the
/// slack that the kernel asks for.
@safe @usableFromInline package struct ScanSearch: ~Copyable {
    private static let part = 256
    private static let slack = 16
    /// Below this many entries the codes are likely near, and making the caches ready costs 5 %.
    private static let far = 1_024

    private let limits: NearestLimits
    /// What the round before came to; nil in the first one.
    private let deeper: DeeperRound?
    /// Scores from here on do not come in.
    private let ceiling: Float
    private var candidates: Candidates
    private var scannedCount = 0
    /// Which tier it says that it is of.
    var tier = NearestTier.scan
    private let memory: AlignedBytes
    private let scores: UnsafeMutablePointer<Float>
    private let indices: UnsafeMutablePointer<UInt32>
    /// Read once: a global's access in the loop costs more than the call.
    private let kernels: mneme_vector_kernels

    /// A search that has seen nothing.
    @usableFromInline package init(limits: NearestLimits) {
        self.init(limits: limits, after: nil)
    }

    /// One that goes on behind another round.
    init(limits: NearestLimits, after deeper: DeeperRound?) {
        self.limits = limits
        self.deeper = deeper
        ceiling = deeper?.ceiling ?? .infinity
        candidates = Candidates(
            capacity: max(limits.kept, 1),
            above: deeper?.floor ?? -.infinity
        )
        let room = (Self.part + Self.slack) * 4
        memory = AlignedBytes(byteCount: 2 * room, zeroed: false)
        unsafe scores = memory.part(at: 0, of: Float.self)
        unsafe indices = memory.part(at: room, of: UInt32.self)
        unsafe kernels = Kernels.chosen
    }

    /// Scores a block.
    ///
    /// `accept` is called with the ordinals of entries that would enter; `next` is the block that
    /// will follow, if known, and makes the caches ready.
    ///
    /// - Complexity: O(entries · dimension); about 2 ns an entry at 384 dimensions.
    @usableFromInline package mutating func scan(
        _ block: CodeBlock,
        before next: CodeBlock? = nil,
        for query: borrowing PreparedQuery,
        accept: (UInt64) -> Bool
    ) {
        var done = 0
        scannedCount += block.count
        let next = scannedCount > Self.far ? next : nil
        next?.prefetchFactors()
        let hopeful = unsafe query.hopeful(limits.sureness)
        while done < block.count {
            let count = min(Self.part, block.count - done)
            let passed = unsafe withUnsafePointer(to: hopeful.query) { codeQuery in
                unsafe kernels.codes_scan(
                    codeQuery,
                    block.codes + done * query.shape.codeByteCount,
                    block.scales + done,
                    block.biases + done,
                    count,
                    candidates.threshold,
                    done == 0 ? next?.codes : nil,
                    scores,
                    indices
                )
            }
            for place in 0..<passed {
                let score = unsafe scores[place]
                guard score > candidates.threshold, score < ceiling else { continue }
                let index = unsafe done + Int(indices[place])
                let ordinal = unsafe block.ordinals[index * block.ordinalStride]
                if accept(ordinal) {
                    candidates.insert(
                        score: score,
                        ordinal: ordinal,
                        address: unsafe block.addresses[index],
                        margin: unsafe hopeful.margin * block.scales[index]
                    )
                }
            }
            done += count
        }
    }

    /// Notes that so many codes were scored on a walk: there may be better ones that it did not
    /// come to.
    mutating func walked(past count: Int) {
        scannedCount += count
        tier = .walk
    }

    /// Scores entries that stand anywhere; otherwise as `scan`.
    mutating func gather(
        _ codes: borrowing GatheredCodes,
        for query: borrowing PreparedQuery,
        accept: (UInt64) -> Bool
    ) {
        scannedCount += codes.count
        let hopeful = unsafe query.hopeful(limits.sureness)
        unsafe withUnsafePointer(to: hopeful.query) { codeQuery in
            unsafe kernels.codes_score_pointers(
                codeQuery,
                codes.codes,
                codes.scales,
                codes.biases,
                codes.count,
                scores
            )
        }
        for place in 0..<codes.count {
            let score = unsafe scores[place]
            let ordinal = unsafe codes.ordinals[place]
            guard score > candidates.threshold, score < ceiling, accept(ordinal) else { continue }
            candidates.insert(
                score: score,
                ordinal: ordinal,
                address: unsafe codes.addresses[place],
                margin: unsafe hopeful.margin * codes.scales[place]
            )
        }
    }

    /// Takes in what was found elsewhere by the hopeful query, where it is good enough; `margin`:
    /// how much of its score is hope.
    mutating func offer(score: Float, ordinal: UInt64, address: UInt64, margin: Float) {
        guard score > candidates.threshold else { return }
        candidates.insert(score: score, ordinal: ordinal, address: address, margin: margin)
    }

    /// Scores the candidates at full precision, as far as need be, and returns the best.
    ///
    /// - Throws: what the source throws, and `.unreadable` for a row that has no score.
    @usableFromInline package consuming func finish(
        for query: borrowing PreparedQuery,
        from source: some VectorSource
    ) throws(VectorError) -> NearestAnswer {
        candidates.putInOrder()
        let count = candidates.count
        let isWhole =
            tier != .walk && deeper == nil && (count < candidates.capacity || scannedCount <= count)
        var rescoring = Rescoring(candidates, limits, isWhole: isWhole, after: deeper)
        if limits.count > 0 { try rescoring.run(query, source) }
        return NearestAnswer(
            hits: rescoring.hits,
            scannedCount: scannedCount,
            isExact: isWhole,
            tier: tier,
            deeper: rescoring.deeper(query)
        )
    }
}

/// Searches blocks by scanning them.
///
/// `accept` says whether an ordinal may be a hit; it is called only for entries that would enter,
/// so that an expensive test costs little. When `accept` turns none away, min(k, entries) hits come
/// back. There is one round alone.
///
/// - Throws: what `source` throws.
@inlinable
package func scanNearest(
    to query: borrowing PreparedQuery,
    in blocks: inout some IteratorProtocol<CodeBlock>,
    from source: some VectorSource,
    limits: NearestLimits,
    accept: (UInt64) -> Bool
) throws(VectorError) -> NearestAnswer {
    var search = ScanSearch(limits: limits)
    var block = blocks.next()
    while let current = block {
        block = blocks.next()
        search.scan(current, before: block, for: query, accept: accept)
    }
    return try search.finish(for: query, from: source)
}
