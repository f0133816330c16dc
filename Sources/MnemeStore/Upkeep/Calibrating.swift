// The thread of the graphs measures how much walks find, when it has nothing else to do: after a
// graph was made or the store was opened, when a quarter of its nodes have changed, and when enough
// was asked from outside to be measured by. One question at a time is asked, of the newest state,
// so that nothing is held, nobody is held up, and a store that closes waits for one question alone.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeVectors
internal import Synchronization

/// A measurement of a field's walks under way.
struct CalibrationWork {
    /// The number of the field.
    let field: UInt16
    /// What is to be asked still.
    var questions: [[Float]]
    /// Or the records whose vectors are.
    var records: [UInt64]
    /// What was measured so far.
    var calibration: Calibration
    /// When it began, on the monotonic clock.
    let begun: Microseconds
}

extension Store {
    /// Measures the walks of all graphs that it is due for.
    ///
    /// - Throws: what reading pages and rows throws.
    package func settleCalibrations() throws(MnemeError) {
        do throws(StoreError) {
            while try calibrateGraphs() {}
        } catch {
            throw MnemeError(error)
        }
    }

    /// What was measured of a field: how many questions, and whether somebody had asked them; nil
    /// as long as nothing was.
    func calibration(_ collection: String, _ field: String) throws(MnemeError) -> Calibration? {
        let entry = try newest.state.catalog.collection(collection).vector(field)
        return opening.recalls.calibration(of: entry.number)
    }

    /// Asks one question of those by which the walks of a field are measured.
    ///
    /// - Returns: whether there was one to ask.
    /// - Throws: what reading pages and rows throws; what was being measured begins anew then.
    func calibrateGraphs() throws(StoreError) -> Bool {
        try graphs.withLock { work throws(StoreError) in
            if opening.isOver || upkeepState.withLock({ $0.isStopping }) { return false }
            var next = work.calibrating
            work.calibrating = nil
            if next == nil { next = try dueCalibration(work.keepers.mapValues { $0.changeCount }) }
            guard var calibrating = next else { return false }
            let isLeft = try measure(&calibrating)
            if isLeft {
                work.calibrating = calibrating
            } else {
                let known = opening.recalls.calibration(of: calibrating.field)
                var outcome = calibrating.outcome(known)
                outcome.ended = clock.elapsed()
                outcome.duration = outcome.ended - calibrating.begun
                opening.recalls.keep(outcome, of: calibrating.field)
            }
            return true
        }
    }

    /// What is to be measured next; `changed`: how many changes each graph has seen.
    private func dueCalibration(_ changed: [UInt16: Int]) throws(StoreError) -> CalibrationWork? {
        let recalls = opening.recalls
        let state = newest.state
        let view = state.view
        recalls.keepOnly(Set(state.roots.vectors.keys))
        for (_, field, head) in state.vectorHeads {
            let index = try onPages { () throws(PageError) in
                try VectorIndex.open(field.coder, head, in: view)
            }
            guard index.nodeCount > 0 else { continue }
            let known = recalls.calibration(of: field.number)
            let changes = changed[field.number] ?? 0
            let noted = recalls.notedCount(of: field.number)
            var due = CalibrationWork(
                field: field.number,
                questions: [],
                records: [],
                calibration: Calibration(
                    points: WalkChoice.beams(over: Int(index.nodeCount)).map {
                        Calibration.Point(beam: $0)
                    },
                    areQuestions: false,
                    changes: changes
                ),
                begun: clock.elapsed()
            )
            if let known, (changes - known.changes).magnitude <= UInt(index.nodeCount) / 4 {
                let asked = recalls.questions(of: field.number)
                guard known.gains(by: asked.count, noted: noted, at: due.begun) else { continue }
                due.questions = Array(asked.suffix(Calibration.sample))
                due.calibration.goOn(from: known, noted: noted)
            } else {
                due.records = try onPages { () throws(PageError) in
                    try index.sample(Calibration.sample, in: view)
                }
            }
            return due
        }
        return nil
    }

    /// Asks the next question; whether there are more.
    private func measure(_ work: inout CalibrationWork) throws(StoreError) -> Bool {
        let state = newest.state
        let reader = reader(of: state)
        guard
            let (entry, collection) = state.vectorField(work.field),
            let question = try work.next(reader, collection.fieldNumbers[entry.name] ?? 0)
        else { return work.endsHere() }
        let index = try reader.vectorIndex(entry)
        guard index.nodeCount > 0 else { return false }
        let truth = NearestLimits(
            count: Calibration.neighbours,
            sureness: NearestLimits.greatSureness,
            beam: WalkChoice.scan
        )
        let measured = try reader.measure(
            question,
            entry,
            index,
            truth: truth,
            ways: work.calibration.points.map {
                NearestLimits(count: Calibration.neighbours, beam: $0.beam)
            },
            clock
        )
        // Who asks by a record's own vector asks as a record does.
        if question.own != nil || !measured.isStored { work.take(measured) }
        return work.isLeft
    }
}

extension Calibration {
    /// Becomes one by questions, behind another one.
    fileprivate mutating func goOn(from known: Calibration, noted: Int) {
        areQuestions = true
        changes = known.changes
        records =
            known.areQuestions
            ? known.records : Records(points: known.points, wanted: known.wanted)
        self.noted = noted
        rounds = known.rounds + 1
    }
}

extension CalibrationWork {
    /// What it came to; the one before it, where there were hardly any questions among what was
    /// asked.
    fileprivate func outcome(_ known: Calibration?) -> Calibration {
        guard calibration.areQuestions, calibration.asked < Calibration.leastSample,
            var known
        else { return calibration }
        (known.noted, known.rounds) = (calibration.noted, calibration.rounds)
        return known
    }

    /// Whether there is a question left.
    var isLeft: Bool { !questions.isEmpty || !records.isEmpty }

    /// The next question of those that can be asked; nil behind the last.
    fileprivate mutating func next(
        _ reader: StateReader,
        _ field: UInt16
    ) throws(StoreError) -> RecallQuestion? {
        if let vector = questions.popLast() { return RecallQuestion(vector: vector, own: nil) }
        while let ordinal = records.popLast() {
            if let question = try reader.question(ordinal, field: field) { return question }
        }
        return nil
    }

    /// The field went, or no record is left.
    fileprivate mutating func endsHere() -> Bool {
        (questions, records) = ([], [])
        return false
    }

    /// Adds what came of a question.
    fileprivate mutating func take(_ measure: RecallMeasure) {
        guard measure.ways.count == calibration.points.count else { return }
        calibration.asked += 1
        calibration.wanted += measure.wanted
        for (place, way) in measure.ways.enumerated() {
            calibration.points[place].found += way.found
            calibration.points[place].microseconds += way.microseconds
        }
        // What finds everything for so many questions has others four times as wide as it beside
        // it at the most.
        guard calibration.asked == Calibration.leastSample,
            let whole = calibration.points.first(where: { $0.found == calibration.wanted })
        else { return }
        calibration.points.removeAll { $0.beam > 4 * whole.beam }
    }
}

extension StoreState {
    /// The vector field of a number, and its collection; nil where it is not there any more.
    func vectorField(_ number: UInt16) -> (entry: VectorEntry, collection: CollectionEntry)? {
        for collection in catalog.everySearched where roots.vectors[number] != nil {
            if let entry = collection.vectors.first(where: { $0.number == number }) {
                return (entry, collection)
            }
        }
        return nil
    }
}
