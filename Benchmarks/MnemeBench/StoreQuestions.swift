// The questions of the store benchmark: by key, by an index, whole records and parts of them.

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
    }

    let memory: Memory
    let maker: StoreRecords
    /// How many records are asked about.
    let recordCount: Int

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
        let numbers = (0..<count).map { _ in chance.below(recordCount) }
        var digest = AnswerDigest()
        var rows = 0
        for number in numbers {
            let records = try records(kind, number)
            rows += records.count
            try digest.take(
                records.map(\.reference.key),
                of: wanted(kind, number, answers),
                "\(kind.rawValue) of \(number)"
            )
            try check(kind, records.first)
        }
        let figures = try passes.measure(questions: count) { try ask(kind, numbers[$0]) }
        return [("event", .word(kind.rawValue))] + figures.named
            + [
                ("rowsPerQuery", .share(Double(rows) / Double(count))),
                ("answers", .word(digest.text)),
            ]
    }

    private func wanted(_ kind: Kind, _ number: Int, _ answers: StoreAnswers) -> [Int] {
        switch kind {
        case .get, .getMetadata: [number]
        case .newest50ids, .newest50: answers.newest(owner: number % StoreRecords.ownerCount)
        case .compound50:
            answers.compound(owner: number % StoreRecords.ownerCount, type: Self.type(number))
        }
    }

    /// Holds a record's fields against those that were put, as far as they were asked for.
    private func check(_ kind: Kind, _ record: Record?) throws(Failure) {
        guard let record, let number = Self.number(record) else { return }
        var fields = maker.fields(number)
        switch kind {
        case .newest50ids: return
        case .getMetadata: (fields["text"], fields["owner"]) = (nil, nil)
        default: break
        }
        guard record.fields == fields else {
            throw Failure("Record \(number) is not as it was put. The store is wrong.")
        }
    }

    private static func number(_ record: Record) -> Int? {
        guard case .instant(let created) = record["created"] else { return nil }
        return Int((created.microseconds - 1_700_000_000_000_000) / 1_000_003)
    }

    // MARK: Asking

    private func ask(_ kind: Kind, _ number: Int) throws {
        switch kind {
        case .get: _ = try memory.get(Self.reference(number))
        case .getMetadata, .newest50ids, .newest50, .compound50:
            _ = try memory.find(find(kind, number))
        }
    }

    private func records(_ kind: Kind, _ number: Int) throws -> [Record] {
        guard kind == .get else { return try memory.find(find(kind, number)).rows.map(\.record) }
        return [try memory.get(Self.reference(number))].compactMap { $0 }
    }

    private static func reference(_ number: Int) -> Reference {
        Reference(StoreRecords.collection, StoreRecords.key(number))
    }

    private static func type(_ number: Int) -> Int {
        number / StoreRecords.ownerCount % StoreRecords.typeCount
    }

    private func find(_ kind: Kind, _ number: Int) -> Find {
        switch kind {
        case .get, .getMetadata:
            Find(
                StoreRecords.collection,
                owner: StoreRecords.owner(StoreRecords.facts(number).owner),
                where: .eq("created", .instant(StoreRecords.created(number))),
                limit: 1,
                select: ["type", "created", "importance", "session", "tag", "metadata"]
            )
        case .newest50ids, .newest50:
            Find(
                StoreRecords.collection,
                owner: StoreRecords.owner(number),
                order: [Order("created", descending: true)],
                limit: StoreAnswers.limit,
                select: kind == .newest50ids ? [] : nil
            )
        case .compound50:
            Find(
                StoreRecords.collection,
                owner: StoreRecords.owner(number),
                where: .and([
                    .eq("type", .text("type\(Self.type(number))")),
                    .compare(field: "importance", .gt(.float(0.5))),
                ]),
                order: [Order("importance")],
                limit: StoreAnswers.limit
            )
        }
    }
}
