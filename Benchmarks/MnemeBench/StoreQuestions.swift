// The questions of the store benchmark: by key, by an index, whole records and parts of them.
// Fields are copied out of what the store lends into a row of the caller's, as the peers do.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Asks a store.
struct StoreQuestions: Sendable {
    /// A kind of question.
    enum Kind: String, CaseIterable {
        case get
        case getMetadata
        case newest50ids
        case newest50
        case compound50
        /// As `get`, in values with a dictionary of them, as other doors answer.
        case getValues
    }

    let memory: Memory
    let maker: StoreRecords
    /// How many records are asked about.
    let recordCount: Int
    private let whole: RecordShape
    private let metadata: RecordShape
    private let newestIDs: PreparedFind
    private let newest: PreparedFind
    /// By type.
    private let important: [PreparedFind]

    /// Questions to a store that has the records.
    init(memory: Memory, maker: StoreRecords, recordCount: Int) throws(MnemeError) {
        self.memory = memory
        self.maker = maker
        self.recordCount = recordCount
        whole = try memory.shape(StoreRecords.collection, StoreRow.fields)
        metadata = try memory.shape(StoreRecords.collection, Array(StoreRow.fields.dropLast()))
        var find = Find(
            StoreRecords.collection,
            order: [Order("created", descending: true)],
            limit: StoreAnswers.limit,
            select: .fields(StoreRow.fields)
        )
        newest = try memory.prepare(find)
        newestIDs = newest
        find.order = [Order("importance")]
        var important: [PreparedFind] = []
        for type in 0..<StoreRecords.typeCount {
            find.filter = .and([
                .eq("type", .text("type\(type)")), .compare(field: "importance", .gt(.float(0.5))),
            ])
            important.append(try memory.prepare(find))
        }
        self.important = important
    }

    /// Measures one kind of question on one thread.
    ///
    /// - Throws: `Failure` where an answer is wrong.
    func measure(
        _ kind: Kind,
        count: Int,
        _ passes: Passes,
        _ answers: StoreAnswers
    ) throws -> [(String, Figure)] {
        let chance = SeededRandomness(seed: 99)
        let asked = (0..<count).map { _ in Asked(chance.below(recordCount)) }
        var digest = AnswerDigest()
        var rows = 0
        let answer = StoreAnswer()
        for question in asked {
            try ask(kind, question, answer)
            rows += answer.count
            try digest.take(
                answer.keys(alone: kind == .newest50ids),
                of: wanted(kind, question.number, answers),
                "\(kind.rawValue) of \(question.number)"
            )
            try check(kind, answer)
        }
        let figures = try passes.measure(questions: count) { try ask(kind, asked[$0], answer) }
        return [("event", .word(kind.rawValue))] + figures.named
            + [
                ("rowsPerQuery", .share(Double(rows) / Double(count))),
                ("answers", .word(digest.text)),
            ]
    }

    /// What is asked about, with everything made ready that the peers have ready.
    private struct Asked {
        let number: Int
        let key: Key
        let owner: String
        let type: Int

        init(_ number: Int) {
            self.number = number
            key = StoreRecords.key(number)
            owner = StoreRecords.owner(number)
            type = number / StoreRecords.ownerCount % StoreRecords.typeCount
        }
    }

    private func wanted(_ kind: Kind, _ number: Int, _ answers: StoreAnswers) -> [Int] {
        let owner = number % StoreRecords.ownerCount
        let type = number / StoreRecords.ownerCount % StoreRecords.typeCount
        return switch kind {
        case .get, .getMetadata, .getValues: [number]
        case .newest50ids, .newest50: answers.newest(owner: owner)
        case .compound50: answers.compound(owner: owner, type: type)
        }
    }

    /// Holds the rows of an answer against what was put, as far as it was asked for.
    private func check(_ kind: Kind, _ answer: StoreAnswer) throws(Failure) {
        if kind == .newest50ids { return }
        for row in answer.rows[..<answer.count] {
            let number = Int((row.created - 1_700_000_000_000_000) / 1_000_003)
            guard row.holds(maker.fields(number), withText: kind != .getMetadata) else {
                throw Failure("Record \(number) is not as it was put. The store is wrong.")
            }
        }
    }

    // MARK: Asking

    private func ask(_ kind: Kind, _ asked: Asked, _ answer: StoreAnswer) throws(MnemeError) {
        answer.count = 0
        switch kind {
        case .get:
            if let view = try memory.view(asked.key, whole) { answer.take(view, withText: true) }
        case .getMetadata:
            if let view = try memory.view(asked.key, metadata) {
                answer.take(view, withText: false)
            }
        case .newest50ids:
            answer.count = try memory.copyKeys(newestIDs, owner: asked.owner, to: &answer.ids)
        case .newest50:
            for view in try memory.views(newest, owner: asked.owner) {
                answer.take(view, withText: true)
            }
        case .compound50:
            for view in try memory.views(important[asked.type], owner: asked.owner) {
                answer.take(view, withText: true)
            }
        case .getValues:
            let reference = Reference(StoreRecords.collection, asked.key)
            if let record = try memory.get(reference) { answer.take(record) }
        }
    }
}
