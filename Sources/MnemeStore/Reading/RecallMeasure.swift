// How much of what is truly nearest a search finds, and how long it takes: one question, asked in
// several ways of one state.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A question whose answers are held against each other.
struct RecallQuestion: Sendable {
    let vector: [Float]
    /// The record whose vector it is, which is no answer; nil where somebody asked it.
    let own: UInt64?
    /// Its owner's number.
    var owner: UInt32 = 0
}

/// What came of a question.
struct RecallMeasure {
    /// How many are truly nearest: as many as were asked for, or there are.
    var wanted = 0
    /// How many of them each way found, how long it took, and whether it was a walk.
    var ways: [(found: Int, microseconds: Int, isWalk: Bool)] = []
    /// Whether the question is the vector of a record that it might have found.
    var isStored = false

    /// A score that says so differs by no more from that of the question with itself.
    fileprivate static let same: Float = 1e-6
}

extension StateReader {
    /// Asks a question in several ways, and holds the answers against the true one.
    ///
    /// Where several are equally near, each counts as one of the nearest. `truth` is how that is
    /// found out. What nobody sees any more is not answered.
    ///
    /// - Throws: what reading pages and rows throws.
    func measure(
        _ question: RecallQuestion,
        _ entry: VectorEntry,
        _ index: VectorIndex,
        truth: NearestLimits,
        ways: [NearestLimits],
        _ clock: SteadyClock
    ) throws(StoreError) -> RecallMeasure {
        let source = MappedVectors(
            log: log,
            view: view,
            rowBytes: entry.coder.shape.rowByteCount
        )
        let mayHide = self.mayHide
        var failure: StoreError?
        var measure = RecallMeasure()
        do throws(VectorIndexError) {
            let query = try Self.prepare(question.vector, entry)
            var least: Float?
            // A record is found by way of itself, and a question from outside is not.
            let avoided = try node(of: question, index)
            for limits in [truth] + ways {
                let start = clock.elapsed()
                let choice = try index.choice(
                    limits,
                    in: .all,
                    of: NearestSelection(mayHide ? .ordinal : .none),
                    view: view
                )
                let answer = try index.nearest(
                    to: query,
                    in: .all,
                    limits: limits,
                    by: choice,
                    without: avoided,
                    view: view,
                    source: source
                ) { ordinal in
                    if ordinal == question.own { return false }
                    guard mayHide else { return true }
                    do throws(StoreError) {
                        return try visibleEntry(ordinal) != nil
                    } catch {
                        failure = failure ?? error
                        return false
                    }
                }
                let time = Int(clock.elapsed() - start)
                guard let known = least else {
                    guard let last = answer.hits.last else { return measure }
                    measure.wanted = answer.hits.count
                    least = last.score
                    let own = query.ownScore
                    measure.isStored = answer.hits.contains {
                        ($0.score - own).magnitude <= RecallMeasure.same * query.squaredLength
                    }
                    continue
                }
                let found = answer.hits.count { $0.score >= known }
                measure.ways.append((found, time, answer.tier != .scan))
            }
        } catch {
            throw source.failure ?? StoreError(error)
        }
        if let failure { throw failure }
        return measure
    }

    private func node(
        of question: RecallQuestion,
        _ index: VectorIndex
    ) throws(VectorIndexError) -> UInt32? {
        guard let own = question.own else { return nil }
        do throws(PageError) {
            return try index.node(of: own, owner: question.owner, in: view)
        } catch {
            throw .pages(error)
        }
    }

    /// The vector of a record or an edge as a question; nil where it is not there any more.
    func question(
        _ ordinal: UInt64,
        field: UInt16
    ) throws(StoreError) -> RecallQuestion? {
        guard let entry = try visibleEntry(ordinal) else { return nil }
        let isEdge = entry.flags & OrdinalFlags.edge != 0
        let vectors =
            isEdge
            ? try FrameDecoder().edgeVectors(try frame(entry)) : try stored(ordinal).vectors
        guard let vector = vectors.first(where: { $0.field == field }) else { return nil }
        return RecallQuestion(vector: vector.components, own: ordinal, owner: entry.owner)
    }
}
