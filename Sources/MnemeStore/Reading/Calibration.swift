// How wide a beam has to be for a recall: what was measured of a field, and the choice from it.
//
// A sample says less than it seems to: what was missed of it is taken for more by as much as chance
// may have hidden. And records stand for questions badly: a record is linked by a walk from its own
// place, so that walks find what is near to it sooner than what is near to a question from outside.
// Beams that were measured by records are therefore taken wider by a factor. Questions in turn may
// all be alike, and easy: a beam that was measured by them is no narrower than records need.

internal import MnemeBase
internal import MnemeVectors

/// What was measured of the walks of a field.
struct Calibration: Equatable, Sendable {
    /// A beam, and what it found.
    struct Point: Equatable, Sendable {
        let beam: Int
        /// How many of the nearest it found, over all questions.
        var found = 0
        /// How long its walks took, all together.
        var microseconds = 0
    }

    /// The beams, ascending.
    var points: [Point]
    /// How many questions were asked.
    var asked = 0
    /// How many there were to be found, over all questions.
    var wanted = 0
    /// Whether the questions were such as somebody had asked; stored vectors else.
    var areQuestions: Bool
    /// How many changes the graph had seen by then in this opening.
    var changes: Int
    /// Of one by questions: what was measured by records before it.
    var records = Records()
    /// How many questions had been noted of the field by then, and how many times it was measured
    /// by questions.
    var noted = 0
    var rounds = 0
    /// When it was done, on the monotonic clock, and how long it took.
    var ended: Microseconds = 0
    var duration: Microseconds = 0

    /// What records told.
    struct Records: Equatable, Sendable {
        var points: [Point] = []
        var wanted = 0
    }

    /// How many neighbours each question has: a recall is one of so many.
    static let neighbours = 10
    /// So many questions are asked, and with fewer of them nothing is said.
    static let sample = 200
    static let leastSample = 20
    /// So many questions that somebody asked are a better sample than stored vectors.
    static let enoughQuestions = 100
    /// How much wider a beam has to be for a question from outside than for a stored vector.
    ///
    /// Measured on WordNet's glosses: formats/vector-graph.md#recall.
    static let outside = 4.0
    /// Chance may have hidden so many times the square root of what was missed.
    private static let doubt = 2.0

    /// The least beam that is measured to find as much, with the margins that the head of this
    /// file speaks of; nil where none is.
    ///
    /// - Precondition: `recall` is below 1.
    func beam(for recall: Double) -> Int? {
        guard asked >= Self.leastSample, wanted > 0,
            let beam = Self.least(of: points, wanted, for: recall)
        else { return nil }
        guard areQuestions else { return Int(Double(beam) * Self.outside) }
        if records.wanted == 0 { return beam }
        return Self.least(of: records.points, records.wanted, for: recall).map { max(beam, $0) }
    }

    private static func least(of points: [Point], _ wanted: Int, for recall: Double) -> Int? {
        let budget = (1 - recall) * Double(wanted)
        for point in points {
            let missed = Double(wanted - point.found)
            if missed + doubt * (missed + 1).squareRoot() <= budget { return point.beam }
        }
        return nil
    }

    /// The beam for so many hits where nothing is said of it; nil where everything is to be
    /// scanned, and where too little was asked to tell.
    func usualBeam(_ count: Int) -> Int? {
        beam(for: Self.usualRecall).map {
            Int(Double($0) * max(1, Double(count) / Double(Self.neighbours)))
        }
    }

    /// What a search finds that says nothing of it, as far as was measured.
    private static let usualRecall = 0.95

    /// Whether there are new questions enough to measure by: at first some; then as many as are
    /// remembered, when so much time has passed that measuring takes little of it.
    ///
    /// What is asked may become another thing at any moment, so no number of questions makes the
    /// next measurement rarer.
    func gains(by count: Int, noted: Int, at elapsed: Microseconds) -> Bool {
        guard count >= Self.enoughQuestions else { return false }
        return rounds == 0
            || noted - self.noted >= RecallBook.questionLimit
                && elapsed - ended >= duration * Self.rest
    }

    /// How many times as long as measuring takes there is none.
    private static let rest: Microseconds = 20

    /// The beam for a recall as long as nothing was measured, some three times as wide as questions
    /// to WordNet's glosses need; nil where everything is to be scanned.
    static func usualBeam(for recall: Double) -> Int? {
        for (reached, beam) in usual where recall <= reached { return beam }
        return nil
    }

    private static let usual: [(recall: Double, beam: Int)] = [
        (0.8, 48), (0.9, 64), (0.95, 96), (0.98, 192), (0.99, 256), (0.995, 384), (0.999, 1024),
    ]
}

/// How a search goes that is to find so much.
enum RecallWay: Equatable, Sendable {
    /// Everything is compared in full precision.
    case exact
    /// All codes are scanned.
    case scan(RecallGround)
    /// A walk.
    case walk(beam: Int, RecallGround)
}

/// By what a way was chosen.
enum RecallGround: Equatable, Sendable {
    /// There is no graph, or the owners asked for are scanned.
    case noGraph
    /// What was measured of the field.
    case measured
    /// Nothing was measured yet.
    case usual
}

extension RecallBook {
    /// How a search of a field for so many hits goes that is to find so much, over so many nodes.
    ///
    /// What was measured is the recall of the 10 nearest: for more of them a beam is as much wider.
    func way(to recall: Double, _ count: Int, of field: UInt16, over nodes: Int) -> RecallWay {
        if recall >= 1 { return .exact }
        guard nodes > 0 else { return .scan(.noGraph) }
        let calibration = calibration(of: field)
        let ground: RecallGround = calibration == nil ? .usual : .measured
        let chosen = calibration.map { $0.beam(for: recall) } ?? Calibration.usualBeam(for: recall)
        guard let chosen else { return .scan(ground) }
        let wide = Double(chosen) * max(1, Double(count) / Double(Calibration.neighbours))
        guard wide < Double(WalkChoice.scan) else { return .scan(ground) }
        let beam = max(Int(wide), count)
        return walks(beam: beam, over: nodes) ? .walk(beam: beam, ground) : .scan(ground)
    }
}
