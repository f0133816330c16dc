// What an open store knows of how well the searches of its vector fields find what is truly
// nearest: what was measured, and what was asked last. It is in memory alone, and begins anew with
// each opening. Nobody who asks waits for it.

internal import MnemeBase
internal import MnemeVectors
internal import Synchronization

/// What is known of the searches of vector fields, by the numbers of these.
final class RecallBook: Sendable {
    /// At most so many questions of a field are remembered, of so many bytes.
    static let questionLimit = 256
    private static let questionBytes = 2 << 20

    /// Whether walks are made as soon as they come to less than all: in a store that is told to
    /// make graphs of few vectors, where a scan would always cost less.
    private let walksFew: Bool
    private let measured = Mutex<[UInt16: Calibration]>([:])
    private let asked = Mutex<[UInt16: Ring]>([:])

    /// The last questions, each once; the oldest of them makes room for the next.
    private struct Ring {
        var vectors: [[Float]] = []
        var next = 0
        /// How many came in.
        var noted = 0
        private var marks: [UInt64] = []
        private var known: Set<UInt64> = []

        var inOrder: [[Float]] { Array(vectors[next...] + vectors[..<next]) }

        /// Differs for different vectors, as good as always.
        private static func mark(_ vector: [Float]) -> UInt64 {
            Checksum.xxh3(ofNumbers: vector)
        }

        mutating func note(_ vector: [Float]) {
            let mark = Self.mark(vector)
            guard known.insert(mark).inserted else { return }
            noted += 1
            let room = RecallBook.questionBytes / max(4 * vector.count, 1)
            let limit = max(8, min(RecallBook.questionLimit, room))
            if vectors.count < limit {
                vectors.append(vector)
                marks.append(mark)
            } else {
                known.remove(marks[next])
                vectors[next] = vector
                marks[next] = mark
                next = (next + 1) % limit
            }
        }
    }

    /// A book of a store that makes graphs of at least so many vectors.
    init(graphLeast: Int) { walksFew = graphLeast < GraphKeeper.usualLeast }

    /// Whether a walk with a beam is to be made over so many nodes.
    func walks(beam: Int, over nodes: Int) -> Bool {
        walksFew
            ? WalkChoice.isMade(beam: beam, over: nodes)
            : WalkChoice.isCheaper(beam: beam, over: nodes)
    }

    /// Remembers what was asked of a field; not where somebody looks at the questions just now.
    func note(_ vector: [Float], of field: UInt16) {
        _ = asked.withLockIfAvailable { $0[field, default: Ring()].note(vector) }
    }

    /// The questions that are remembered of a field, the last one last.
    func questions(of field: UInt16) -> [[Float]] { asked.withLock { $0[field]?.inOrder ?? [] } }

    /// How many questions are remembered of a field.
    func questionCount(of field: UInt16) -> Int {
        asked.withLock { $0[field]?.vectors.count ?? 0 }
    }

    /// How many questions of a field were noted, those that were forgotten since among them.
    func notedCount(of field: UInt16) -> Int { asked.withLock { $0[field]?.noted ?? 0 } }

    /// What was measured of a field; nil as long as nothing was.
    func calibration(of field: UInt16) -> Calibration? { measured.withLock { $0[field] } }

    /// Keeps what was measured of a field.
    func keep(_ calibration: Calibration, of field: UInt16) {
        measured.withLock { $0[field] = calibration }
    }

    /// Forgets fields that are not there any more, or have no graph.
    func keepOnly(_ fields: Set<UInt16>) {
        measured.withLock { known in known = known.filter { fields.contains($0.key) } }
        asked.withLock { known in known = known.filter { fields.contains($0.key) } }
    }
}
