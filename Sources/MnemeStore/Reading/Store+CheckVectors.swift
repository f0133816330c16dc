// How much of what is truly nearest the searches of vector fields find: asked of the store as
// anybody asks it, and held against a comparison with every vector. The last questions of a field
// are asked again, of which nothing but figures is answered; where there are too few, vectors of
// its records are, each without its own record.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeVectors

extension Store {
    /// Measures the searches of vector fields.
    ///
    /// Each question is asked of the newest state. `progress` is called with how many of how many
    /// questions are answered.
    ///
    /// - Throws: `.unknownCollection`, `.unknownEdgeType`, `.unknownField`; `.badRequest` for a
    ///   recall or a number of questions out of its bounds; `.closed`, `.cancelled`; `.corrupt`,
    ///   `.disk`.
    /// - Complexity: O(questions · vectors · dimension).
    package func checkVectors(
        _ question: VectorQuestion,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws(MnemeError) -> VectorsChecked {
        let snapshot = snapshot()
        var checks = try snapshot.reading { state throws(StoreError) in
            try state.vectorChecks(question)
        }
        let total = checks.reduce(0) { $0 + $1.left.count }
        var done = 0
        var sequence = snapshot.sequence
        for place in checks.indices {
            // The first comes last.
            while let next = checks[place].left.popLast() {
                let newest = self.snapshot()
                try newest.reading { state throws(StoreError) in
                    try state.checkWanted()
                    try state.ask(next, &checks[place], clock)
                }
                sequence = newest.sequence
                done += 1
                progress(done, total)
            }
        }
        return VectorsChecked(fields: checks.compactMap(\.outcome), sequence: sequence)
    }
}

/// The check of one field.
private struct FieldCheck {
    /// A question, or the record whose vector is one.
    enum Subject {
        case question([Float])
        case record(UInt64)
    }

    /// What one way came to.
    struct Tally {
        var beam: Int?
        var found = 0
        var times: [Int] = []

        func way(of wanted: Int) -> VectorsChecked.Way {
            let sorted = times.sorted()
            return VectorsChecked.Way(
                beam: beam,
                recall: wanted == 0 ? 1 : Double(found) / Double(wanted),
                microseconds: sorted.isEmpty ? 0 : Double(sorted[sorted.count / 2])
            )
        }
    }

    /// The collection, or the type of edges.
    let collection: String
    let isOfEdges: Bool
    let entry: VectorEntry
    /// The number of the field in records or edges.
    let number: UInt16
    let vectors: Int
    let nodes: Int
    let fresh: Int
    let gone: Int
    let asked: VectorsChecked.Asked
    let recall: Double?
    /// What is to be asked still.
    var left: [Subject]
    /// What is in use; walks by their beams; the scan.
    var tallies: [Tally]
    var wanted = 0
    var sample = 0

    /// What was found out; nil where nothing could be asked.
    var outcome: VectorsChecked.Field? {
        guard sample > 0, let inUse = tallies.first else { return nil }
        return VectorsChecked.Field(
            collection: collection,
            isOfEdges: isOfEdges,
            name: entry.name,
            vectors: vectors,
            nodes: nodes,
            fresh: fresh,
            gone: gone,
            asked: asked,
            sample: sample,
            inUse: inUse.way(of: wanted),
            ways: tallies.dropFirst().map { $0.way(of: wanted) },
            wanted: recall
        )
    }
}

extension StateReader {
    /// Up to so many vectors are compared in full with a question; of more, so many of the best by
    /// their codes.
    private static let comparedInFull = 200_000
    private static let comparedElse = 2_000

    /// What is to be checked of the fields that are asked about.
    fileprivate func vectorChecks(
        _ question: VectorQuestion
    ) throws(StoreError) -> [FieldCheck] {
        if let recall = question.recall {
            try Near.check(recall: recall, of: "\"vectors.check\"")
        }
        guard VectorQuestion.samples.contains(question.sample) else {
            throw .refused(
                MnemeError(
                    .badRequest,
                    "the sample of \"vectors.check\" is \(question.sample); give 1 to "
                        + "\(VectorQuestion.samples.upperBound) questions, or leave it out"
                )
            )
        }
        let catalog = state.catalog
        var collections = question.edges == nil ? catalog.visibleCollections : []
        var types = question.collection == nil ? catalog.edgeTypes.compactMap(\.searched) : []
        do throws(MnemeError) {
            if let name = question.collection { collections = [try catalog.readable(name)] }
            if let name = question.edges {
                types = try catalog.edgeType(name).searched.map { [$0] } ?? []
            }
            if let field = question.field {
                try (collections + types).expect(vector: field, question)
            }
        } catch {
            throw .refused(error)
        }
        var checks: [FieldCheck] = []
        for (place, collection) in (collections + types).enumerated() {
            for entry in collection.vectors where question.field ?? entry.name == entry.name {
                let isOfEdges = place >= collections.count
                checks.append(try check(entry, collection, isOfEdges: isOfEdges, question))
            }
        }
        return checks.sorted { ($0.collection, $0.entry.name) < ($1.collection, $1.entry.name) }
    }

    private func check(
        _ entry: VectorEntry,
        _ collection: CollectionEntry,
        isOfEdges: Bool,
        _ question: VectorQuestion
    ) throws(StoreError) -> FieldCheck {
        let index = try vectorIndex(entry)
        let known = opening?.recalls.questions(of: entry.number) ?? []
        let areQuestions = known.count >= Calibration.leastSample
        let nodes = Int(index.nodeCount)
        let beams = nodes > 0 ? WalkChoice.beams(over: nodes) : []
        return try onPages { () throws(PageError) in
            let head = try index.graph(in: view)
            let subjects: [FieldCheck.Subject] =
                try areQuestions
                ? known.suffix(question.sample).map { .question($0) }
                : index.sample(question.sample, in: view).map { .record($0) }
            return FieldCheck(
                collection: collection.schema.name,
                isOfEdges: isOfEdges,
                entry: entry,
                number: collection.fieldNumbers[entry.name] ?? 0,
                vectors: try index.tree.count(in: view),
                nodes: nodes > 0 ? Int(head.used) : 0,
                fresh: try nodes > 0 ? index.freshCount(in: view) : 0,
                gone: try nodes > 0 ? index.goneCount(in: view) : 0,
                asked: areQuestions ? .questions : .records,
                recall: question.recall ?? entry.type.recall,
                left: subjects,
                tallies: [FieldCheck.Tally()] + beams.map { FieldCheck.Tally(beam: $0) }
                    + [FieldCheck.Tally()]
            )
        }
    }

    /// Asks a question in every way, unless field or record went meanwhile.
    fileprivate func ask(
        _ subject: FieldCheck.Subject,
        _ check: inout FieldCheck,
        _ clock: SteadyClock
    ) throws(StoreError) {
        let entry = check.entry
        guard state.roots.vectors[entry.number] != nil else { return }
        let question: RecallQuestion
        switch subject {
        case .question(let vector): question = RecallQuestion(vector: vector, own: nil)
        case .record(let ordinal):
            guard let found = try self.question(ordinal, field: check.number) else { return }
            question = found
        }
        let index = try vectorIndex(entry)
        let count = try onPages { () throws(PageError) in try index.tree.count(in: view) }
        let neighbours = Calibration.neighbours
        let inUse = try plan(
            Near(entry.name, question.vector),
            entry,
            index,
            .all,
            limit: neighbours,
            count: count
        )
        let walks = check.tallies.dropFirst().dropLast().map { tally in
            NearestLimits(count: neighbours, beam: tally.beam)
        }
        let truth =
            count <= Self.comparedInFull
            ? NearestLimits(count: neighbours, isExact: true)
            : NearestLimits(
                count: neighbours,
                kept: Self.comparedElse,
                sureness: NearestLimits.greatSureness,
                beam: WalkChoice.scan
            )
        let measured = try measure(
            question,
            entry,
            index,
            truth: truth,
            ways: [inUse.limits] + walks
                + [NearestLimits(count: neighbours, beam: WalkChoice.scan)],
            clock
        )
        check.sample += 1
        // Beside a vector that is the only one there is nothing to be found.
        guard measured.ways.count == check.tallies.count else { return }
        check.wanted += measured.wanted
        for (place, way) in measured.ways.enumerated() {
            check.tallies[place].found += way.found
            check.tallies[place].times.append(way.microseconds)
        }
        if measured.ways[0].isWalk {
            check.tallies[0].beam = inUse.limits.beam ?? WalkChoice.usualBeam(neighbours)
        } else {
            check.tallies[0].beam = Int?.none
        }
    }
}

extension [CollectionEntry] {
    /// Expects one of them to have a vector field.
    ///
    /// - Throws: `.unknownField` where none has it.
    fileprivate func expect(
        vector field: String,
        _ question: VectorQuestion
    ) throws(MnemeError) {
        if contains(where: { $0.vectors.contains { $0.name == field } }) { return }
        if question.collection != nil, let collection = first { _ = try collection.vector(field) }
        let known = flatMap { collection in
            collection.vectors.map { "\(collection.schema.name).\($0.name)" }
        }
        let who = question.edges.map { "edges \(quoted($0)) have no" } ?? "no collection has a"
        throw MnemeError(
            .unknownField,
            "\(who) vector field \(quoted(field)); the vector fields are: \(listed(known))"
        )
    }
}
