// How deep a question for what is near looks: as it asks, as its field is defined, or as the store
// thinks right.

internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// How a search for what is near is made.
struct NearPlan {
    let limits: NearestLimits
    /// What a recall that was asked for came to, for people; nil where none was.
    var note: String?
}

extension StateReader {
    /// How the answer to a question is found, at most so many of it.
    ///
    /// - Throws: `.refused` with `badRequest` for a beam or a recall that is out of its bounds, and
    ///   for both at once.
    func plan(
        _ near: Near,
        _ entry: VectorEntry,
        _ index: VectorIndex,
        _ scope: VectorScope,
        limit: Int,
        count: Int
    ) throws(StoreError) -> NearPlan {
        try near.checkDepth()
        // Nobody gets more than there is.
        let most = min(count, NearestLimits.most)
        let limit = min(limit, most)
        if near.isExact { return NearPlan(limits: NearestLimits(count: limit, isExact: true)) }
        guard let recall = near.recall ?? (near.beam == nil ? entry.type.recall : nil) else {
            return NearPlan(
                limits: near.beam.map { NearestLimits(count: limit, beam: $0) }
                    ?? usualLimits(limit, entry)
            )
        }
        let nodes = scope == .all ? Int(index.nodeCount) : 0
        let way =
            opening?.recalls.way(to: recall, limit, of: entry.number, over: nodes)
            ?? (recall >= 1 ? .exact : .scan(.usual))
        return NearPlan(
            limits: way.limits(limit, most, recall: recall),
            note: "for a recall of \(recall) \(way.words(scope))"
        )
    }

    /// How a search goes that says nothing of it: as wide as was measured to be needed, and no
    /// narrower than is usual.
    private func usualLimits(_ limit: Int, _ entry: VectorEntry) -> NearestLimits {
        guard let known = opening?.recalls.calibration(of: entry.number) else {
            return NearestLimits(count: limit)
        }
        let beam = known.usualBeam(limit) ?? WalkChoice.scan
        return beam <= WalkChoice.usualBeam(limit)
            ? NearestLimits(count: limit)
            : NearestLimits(count: limit, beam: beam, isGuess: true)
    }

    /// Remembers a question of all records, by which the walks of its field are measured.
    func note(_ near: Near, _ entry: VectorEntry, _ index: VectorIndex, _ scope: VectorScope) {
        guard scope == .all, index.nodeCount > 0 else { return }
        opening?.recalls.note(near.vector, of: entry.number)
    }
}

extension RecallWay {
    /// Above it nearly nothing may be missed.
    private static let great = 0.999

    /// The limits of a search for so many hits of so many vectors.
    func limits(_ count: Int, _ most: Int, recall: Double) -> NearestLimits {
        switch self {
        case .exact:
            return NearestLimits(count: count, isExact: true)
        case .scan:
            return NearestLimits(
                count: count,
                sureness: recall > Self.great
                    ? NearestLimits.greatSureness : NearestLimits.usualSureness,
                beam: WalkChoice.scan
            )
        case .walk(let beam, let ground):
            return NearestLimits(count: count, beam: beam, isGuess: ground == .usual)
        }
    }

    /// For people.
    fileprivate func words(_ scope: VectorScope) -> String {
        switch self {
        case .exact: "compared in full"
        case .scan(.noGraph) where scope == .all: "by a scan, without a graph"
        case .scan(.noGraph): "by a scan, as asked inside an owner"
        case .scan(.measured): "by a scan, as measured"
        case .scan(.usual): "by a scan, before it was measured"
        case .walk(let beam, .usual): "with a beam of \(beam), before it was measured"
        case .walk(let beam, _): "with a beam of \(beam), as measured"
        }
    }
}

extension Near {
    /// Refuses a beam or a recall out of its bounds, and both at once.
    ///
    /// - Throws: `.refused` with `badRequest`.
    fileprivate func checkDepth() throws(StoreError) {
        if let beam, !(1...Near.widestBeam).contains(beam) {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "the beam of \"near\" is \(beam); give 1 to \(Near.widestBeam), or leave it out"
                )
            )
        }
        guard let recall else { return }
        try Self.check(recall: recall, of: "\"near\"")
        guard beam == nil else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "\"near\" has both a beam and a recall; give the recall that is wanted, by "
                        + "which the store chooses the beam, or the beam itself"
                )
            )
        }
    }

    /// Refuses a recall out of its bounds.
    ///
    /// - Throws: `.refused` with `badRequest`, which names the place.
    static func check(recall: Double, of place: String) throws(StoreError) {
        guard VectorType.recalls.contains(recall) else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "the recall of \(place) is \(recall); give 0.5 to 1, which is everything, or "
                        + "leave it out"
                )
            )
        }
    }
}
