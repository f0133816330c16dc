// What both ways of a recall share of what it may ask for: where the graph is asked from, what says
// the same twice, and what is over.

internal import MnemeModel
internal import MnemeRecall
internal import MnemeStore

extension RecallRun {
    /// So many records are named that are over.
    static let passedLimit = 5

    /// Where the graph is asked from besides what is found: what was given, and what the question
    /// names.
    func givenStarts() throws(MnemeError) -> [UInt64] {
        var starts: [UInt64] = []
        for key in recall.around {
            let reference = Reference(recall.collection, key)
            if let ordinal = try snapshot.ordinal(reference, recall.sight.onTheWay),
                !starts.contains(ordinal)
            {
                starts.append(ordinal)
            }
        }
        return starts + aliases.entities.filter { !starts.contains($0) }
    }

    /// Records of a timeline that are over and say much of the question.
    func passed(_ timeline: Timeline) throws(MnemeError) -> [Recalled.LeftOut] {
        if timeline.passedRecords.isEmpty { return [] }
        var leftOut: [Recalled.LeftOut] = []
        for (record, share) in timeline.passed(try askedWords(timeline)) {
            if leftOut.count == Self.passedLimit { break }
            let reference = try snapshot.passed(record.ordinal, collection, scope, given)
            guard let reference else { continue }
            leftOut.append(
                Recalled.LeftOut(
                    reference: reference,
                    score: Double(share),
                    reason: record.isExpired ? .expired : .superseded
                )
            )
        }
        return leftOut
    }

    /// The words that are looked for along a timeline.
    func askedWords(_ timeline: Timeline) throws(MnemeError) -> [AskedWord] {
        let words = try snapshot.askedWords(asked)
        if aliases.said.isEmpty { return words }
        let said = try snapshot.askedWords(aliases.said.joined(separator: " "))
        return timeline.without(aliases.names.isEmpty ? [] : said, words)
    }
}

/// What the memories of an answer say, so that none says the same as one before it.
struct SaidTexts {
    private struct Said: Hashable {
        let owner: Value
        let speaker: Value
        let text: String
    }

    private let roles: Roles
    private var said: Set<Said> = []
    /// What was asked about last.
    private var last: Said?

    init(_ roles: Roles) { self.roles = roles }

    /// Whether a record says what one before it does, but for case and spaces: of the same owner,
    /// and by the same speaker.
    mutating func repeats(_ record: Record) -> Bool {
        last = nil
        guard let text = record[roles.text].text, !text.isEmpty else { return false }
        let one = Said(
            owner: record[roles.owner],
            speaker: record[roles.speaker],
            text: Resemblance.folded(text)
        )
        last = one
        return said.contains(one)
    }

    /// Keeps what was asked about last.
    mutating func keep() {
        if let last { said.insert(last) }
    }
}

extension Record {
    /// Whether what it says was true up to an instant at the latest.
    func isOver(at instant: Instant, _ roles: Roles) -> Bool {
        if case .instant(let end) = self[roles.validTo] { end <= instant } else { false }
    }
}
