// The scan tier: every code is scored, one kernel call a block; the best are scored again at full
// precision. Filters are asked only about entries that would enter.

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
    /// So many rows at most are asked for at once: who has to decipher them, holds no more.
    private static let rowsTogether = 4_096
    /// Below this many entries the codes are likely near, and making the caches ready costs 5 %.
    private static let far = 1_024

    private let limits: NearestLimits
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
        self.limits = limits
        candidates = Candidates(capacity: max(limits.rescored, 1))
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
        while done < block.count {
            let count = min(Self.part, block.count - done)
            let passed = unsafe withUnsafePointer(to: query.codeQuery) { codeQuery in
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
                guard score > candidates.threshold else { continue }
                let index = unsafe done + Int(indices[place])
                let ordinal = unsafe block.ordinals[index * block.ordinalStride]
                if accept(ordinal) {
                    candidates.insert(
                        score: score,
                        ordinal: ordinal,
                        address: unsafe block.addresses[index]
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
        unsafe withUnsafePointer(to: query.codeQuery) { codeQuery in
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
            guard score > candidates.threshold, accept(ordinal) else { continue }
            candidates.insert(
                score: score,
                ordinal: ordinal,
                address: unsafe codes.addresses[place]
            )
        }
    }

    /// Takes in what was found elsewhere, where it is good enough.
    mutating func offer(score: Float, ordinal: UInt64, address: UInt64) {
        guard score > candidates.threshold else { return }
        candidates.insert(score: score, ordinal: ordinal, address: address)
    }

    /// Scores the candidates at full precision and returns the best.
    ///
    /// - Throws: what the source throws, and `.unreadable` for a row that has no score.
    @usableFromInline package consuming func finish(
        for query: borrowing PreparedQuery,
        from source: some VectorSource
    ) throws(VectorError) -> NearestAnswer {
        let count = candidates.count
        var hits: [NearestHit] = []
        if count > 0, limits.count > 0 {
            let most = min(count, Self.rowsTogether)
            let room = AlignedBytes(byteCount: most * 12 + count * 4, zeroed: false)
            let rows = unsafe room.part(at: 0, of: UnsafeRawPointer.self)
            let norms = unsafe room.part(at: most * 8, of: Float.self)
            let exact = unsafe room.part(at: most * 12, of: Float.self)
            var done = 0
            while done < count {
                let part = min(most, count - done)
                let addresses = unsafe UnsafeBufferPointer(
                    start: candidates.addresses + done,
                    count: part
                )
                try unsafe source.resolve(addresses, of: candidates.ordinals + done, into: rows)
                unsafe query.score(rows: rows, count: part, into: exact + done, norms: norms)
                done += part
            }
            for slot in 0..<count where unsafe exact[slot].isNaN {
                throw .unreadable(address: unsafe candidates.addresses[slot])
            }
            hits = unsafe best(of: exact, count: count)
        }
        return NearestAnswer(
            hits: hits,
            scannedCount: scannedCount,
            isExact: tier != .walk && (count < candidates.capacity || scannedCount <= count),
            tier: tier
        )
    }

    private func best(of exact: UnsafeMutablePointer<Float>, count: Int) -> [NearestHit] {
        let wanted = min(limits.count, count)
        if wanted > 1024 {
            var all: [NearestHit] = []
            all.reserveCapacity(count)
            for slot in 0..<count {
                all.append(
                    unsafe NearestHit(ordinal: candidates.ordinals[slot], score: exact[slot])
                )
            }
            all.sort(by: Self.isBetter)
            return Array(all.prefix(wanted))
        }
        return unsafe [NearestHit](unsafeUninitializedCapacity: wanted) { sorted, filled in
            guard let base = sorted.baseAddress else { return }
            for slot in 0..<count {
                let hit = unsafe NearestHit(
                    ordinal: candidates.ordinals[slot],
                    score: exact[slot]
                )
                var place = filled
                while place > 0, unsafe Self.isBetter(hit, base[place - 1]) { place -= 1 }
                guard place < wanted else { continue }
                let last = min(filled, wanted - 1)
                unsafe (base + place + 1).update(from: base + place, count: last - place)
                unsafe base[place] = hit
                filled = last + 1
            }
        }
    }

    private static func isBetter(_ one: NearestHit, _ other: NearestHit) -> Bool {
        one.score > other.score || (one.score == other.score && one.ordinal < other.ordinal)
    }
}

/// Searches blocks by scanning them.
///
/// `accept` says whether an ordinal may be a hit; it is called only for entries that would enter,
/// so that an expensive test costs little. When `accept` turns none away, min(k, entries) hits come
/// back.
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
