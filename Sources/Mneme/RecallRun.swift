// One recall: the arms ask the snapshot, the pure half decides.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

struct RecallRun {
    private(set) var recall: Recall
    /// The signals as they were asked for, those among them that were switched off since.
    private let wished: Set<Signal>
    /// The filter as it was given, without what it says of records that are put aside.
    let given: Filter?
    let snapshot: Snapshot
    let embedder: StaticEmbedder?
    let collection: CollectionEntry
    let scope: OwnerScope
    /// How the signals become one score.
    let fusion: RecallFusion
    /// Whose clocks say which days are asked for.
    let zone: ZoneClock
    /// What the question names by another name than records do.
    let aliases: RecallAliases
    /// The question with the other names of what it names.
    let asked: String
    private var candidates: [UInt64: Candidate] = [:]
    /// What words propose where they do not speak for it themselves.
    private var neighbours: [UInt64] = []
    private var running: Set<Signal> = []
    private var questions: [(signal: Signal, field: String, vector: [Float])] = []
    private var bestWords = 0.0
    private var isExact = true

    /// Candidates of each arm.
    private static let depth = 100
    /// The same, where each is looked at with its neighbours.
    private static let depthAround = 40
    /// Limits beyond this bring no more candidates.
    private static let greatestLimit = 1 << 20
    /// How many of the best candidates the graph starts from; how many records it may bring, and
    /// one walk may reach; after how many in all no further walk begins.
    static let seeds = 10
    static let reachLimit = 200
    static let stepLimit = 10_000
    /// How much of its strength an edge passes on.
    static let passedOn = 0.5
    /// How many of what was left out are named.
    static let leftOutLimit = 10

    init(_ recall: Recall, _ snapshot: Snapshot, _ embedder: StaticEmbedder?) throws(MnemeError) {
        self.snapshot = snapshot
        self.embedder = embedder
        collection = try snapshot.catalog.collection(recall.collection)
        scope = try snapshot.scope(of: recall.owner, collection)
        try RecallCheck.check(recall)
        wished = recall.signals
        let whole = try recall.completed(by: collection.schema)
        self.recall = whole
        fusion = whole.fusion ?? .weighted
        zone = if let name = whole.zone { try ZoneClock(name) } else { .utc }
        aliases = try RecallAliases(whole, collection.schema.recall?.aliases, snapshot)
        asked = aliases.asked(whole.question)
        if let filter = whole.filter {
            given = try collection.checked(filter)
        } else {
            given = Filter?.none
        }
        if let filter = try collection.filter(whole.filter, seeing: whole.sight) {
            self.recall.filter = try collection.checked(filter)
        }
    }

    mutating func run() throws(MnemeError) -> Recalled {
        if case .nobody = scope { return answer([], []) }
        if let answer = try recallAlong() { return answer }
        try askVectors()
        try askWords()
        let proposed = Set(candidates.keys).union(neighbours)
        if let answer = try recallAround(proposed.sorted()) { return answer }
        try fillCosines()
        let walks = try askGraph()
        let scored = fusion.fused(try score())
        return try pack(scored, walks)
    }

    private var depth: Int {
        let least = looksAround ? Self.depthAround : Self.depth
        return max(least, min(recall.limit, Self.greatestLimit) * 2)
    }

    // MARK: Arms

    private mutating func askVectors() throws(MnemeError) {
        if recall.signals.contains(.vector) {
            for (field, vector) in recall.vectors.sorted(by: { $0.key < $1.key }) {
                questions.append((.vector, field, vector))
            }
        }
        if recall.signals.contains(.meaning), let vector = try meaning() {
            questions.append((.meaning, MemoryLayout.meaning, vector))
        }
        for question in questions {
            running.insert(question.signal)
            let answer = try snapshot.nearestRecords(
                Near(question.field, question.vector),
                collection,
                scope,
                limit: depth,
                filter: recall.filter
            )
            isExact = isExact && answer.isExact
            for (rank, hit) in answer.hits.enumerated() {
                note(hit.ordinal, question.signal, Double(hit.score), rank: rank + 1)
            }
        }
    }

    /// The question's vector, weighted by how rare its words are among the owner's memories.
    private func meaning() throws(MnemeError) -> [Float]? {
        guard let embedder, !recall.question.isEmpty,
            MemoryLayout.isEmbedded(collection.schema, by: embedder),
            recall.vectors[MemoryLayout.meaning] == nil
        else { return nil }
        let statistics = try QuestionStatistics(
            asked,
            collection.schema.roles.text,
            snapshot,
            collection,
            scope
        )
        return embedder.embedQuestion(asked, statistics: statistics)
    }

    private mutating func askWords() throws(MnemeError) {
        let isAsked = recall.signals.contains(.text)
        guard isAsked || looksAround, !recall.question.isEmpty,
            let field = collection.schema.roles.text,
            collection.texts.contains(where: { $0.name == field })
        else { return }
        let hits = try snapshot.matchingRecords(
            Match(field, asked),
            collection,
            scope,
            limit: depth * 2,
            filter: recall.filter
        )
        guard isAsked else {
            // Something has to propose what is looked at with its neighbours.
            neighbours = hits.prefix(depth).map(\.ordinal)
            return
        }
        running.insert(.text)
        bestWords = hits.first.map { Double($0.score) } ?? 0
        for (rank, hit) in hits.enumerated() {
            // What only the words found, far down, is no candidate of its own.
            if rank < depth || candidates[hit.ordinal] != nil {
                note(hit.ordinal, .text, Double(hit.score), rank: rank + 1)
            }
        }
    }

    private mutating func note(_ ordinal: UInt64, _ signal: Signal, _ raw: Double, rank: Int) {
        var candidate = candidates[ordinal] ?? Candidate(ordinal)
        if candidate.raw[signal].map({ $0 < raw }) ?? true {
            candidate.raw[signal] = raw
            candidate.rank[signal] = rank
        }
        candidates[ordinal] = candidate
    }

    /// Every candidate gets its cosine, whichever arm found it.
    private mutating func fillCosines() throws(MnemeError) {
        for question in questions {
            let missing = candidates.values.filter { $0.raw[question.signal] == nil }
                .map(\.ordinal).sorted()
            let scores = try snapshot.scores(
                missing,
                field: question.field,
                question.vector,
                collection
            )
            for (ordinal, score) in zip(missing, scores) {
                if let score { candidates[ordinal]?.raw[question.signal] = Double(score) }
            }
        }
    }

    /// Walks from each of the best candidates and from what was given.
    ///
    /// Whoever is reached gets a share of the relevance of where the walk began, from the walk that
    /// gives most. The best candidates reach each other too: what is linked and found makes each
    /// other stronger.
    private mutating func askGraph() throws(MnemeError) -> [ReachedRecords] {
        guard recall.signals.contains(.graph), recall.hops > 0 else { return [] }
        var starts: [(ordinal: UInt64, strength: Double)] = []
        let known = try givenStarts()
        let given = Set(known)
        for ordinal in known { starts.append((ordinal, 1)) }
        for best in try score().prefix(Self.seeds) where !given.contains(best.candidate.ordinal) {
            starts.append((best.candidate.ordinal, Fusion.relevance(best)))
        }
        if !starts.isEmpty { running.insert(.graph) }
        var walks: [ReachedRecords] = []
        var (steps, brought) = (0, 0)
        for start in starts where steps < Self.stepLimit {
            let walk = try snapshot.reachRecords(
                from: [start.ordinal],
                hops: recall.hops,
                limit: Self.reachLimit,
                recall.sight.onTheWay
            )
            steps += walk.records.count
            for (step, record) in walk.records.enumerated() {
                if candidates[record.ordinal] == nil {
                    // What was given is asked about, not looked for.
                    guard brought < Self.reachLimit, !given.contains(record.ordinal),
                        try snapshot.isIn(record.ordinal, collection, scope, recall.filter)
                    else { continue }
                    brought += 1
                }
                var share = start.strength
                for _ in 0..<record.hops { share *= Self.passedOn }
                candidates[record.ordinal, default: Candidate(record.ordinal)]
                    .reach(hops: record.hops, strength: min(share, 1), by: (walks.count, step))
            }
            walks.append(walk)
        }
        rankReached()
        try fillCosines()
        return walks
    }

    /// Places in the graph's list: the strongest first.
    private mutating func rankReached() {
        let reached = candidates.values.filter { $0.step != nil }.sorted { left, right in
            let strengths = (left.strength[.graph] ?? 0, right.strength[.graph] ?? 0)
            return strengths.0 != strengths.1
                ? strengths.0 > strengths.1 : left.ordinal < right.ordinal
        }
        for (place, candidate) in reached.enumerated() {
            candidates[candidate.ordinal]?.rank[.graph] = place + 1
        }
    }

    // MARK: Scores

    private mutating func score() throws(MnemeError) -> [Scored] {
        try fillPriors()
        let fusion = Fusion(
            recall.weights ?? .ofCandidates,
            running: running.union(priors),
            isGiven: recall.weights != nil
        )
        let scored = candidates.values.map { candidate in
            Scored(candidate, fusion.parts(candidate) { strength($0, $1, candidate) })
        }
        // Places are sorted, not what stands there: a candidate is much to move.
        let places = scored.indices.sorted { Scored.isBetter(scored[$0], scored[$1]) }
        return places.map { scored[$0] }
    }

    private var priors: Set<Signal> {
        recall.signals.intersection([.recency, .importance])
    }

    private func strength(_ signal: Signal, _ raw: Double, _ candidate: Candidate) -> Double {
        switch signal {
        case .vector, .meaning: Strength.cosine(raw)
        case .text: Strength.words(raw, best: bestWords)
        case .graph, .recency: candidate.strength[signal] ?? 0
        case .importance: min(max(raw, 0), 1)
        // These are asked of records along their sessions alone.
        case .window, .reply, .previous, .speaker, .answer, .dated, .question, .time: 0
        }
    }

    /// Reads what recency and importance need of candidates that do not have it yet.
    private mutating func fillPriors() throws(MnemeError) {
        guard !priors.isEmpty else { return }
        let roles = collection.schema.roles
        guard roles.time != nil || roles.importance != nil else { return }
        let fields = PriorFields(roles, collection)
        for ordinal in candidates.keys.sorted() where candidates[ordinal]?.hasPriors == false {
            guard let values = try snapshot.values(ordinal, fields.numbers) else { continue }
            let wanted = priors
            candidates[ordinal]?.setPriors(
                fields.named(values),
                try snapshot.access(of: ordinal),
                now: snapshot.instant,
                wanted
            )
        }
    }

    // MARK: The answer

    private func pack(
        _ scored: [Scored],
        _ walks: [ReachedRecords]
    ) throws(MnemeError)
        -> Recalled
    {
        var packing = Packing(limit: recall.limit, tokens: recall.tokens)
        var items: [Recalled.Item] = []
        var leftOut: [Recalled.LeftOut] = []
        var over: [Recalled.LeftOut] = []
        var said = SaidTexts(collection.schema.roles)
        for one in scored {
            if packing.count >= recall.limit, leftOut.count >= Self.leftOutLimit { break }
            guard
                let record = try snapshot.recordWithoutVectors(
                    one.candidate.ordinal,
                    collection
                )
            else { continue }
            guard record.isTrue(at: snapshot.instant, collection.schema.roles) else {
                if over.count < Self.passedLimit,
                    record.isOver(at: snapshot.instant, collection.schema.roles)
                {
                    over.append(
                        Recalled.LeftOut(
                            reference: record.reference,
                            score: one.score,
                            reason: .superseded
                        )
                    )
                }
                continue
            }
            let size = Packing.tokens(record)
            let isWanted = packing.count < recall.limit
            let repeats = isWanted && recall.distinct && said.repeats(record)
            let reason: Recalled.Reason? =
                isTooFar(one) ? .belowSimilarity : repeats ? .duplicate : packing.take(size)
            if let reason {
                if leftOut.count < Self.leftOutLimit {
                    leftOut.append(
                        Recalled.LeftOut(
                            reference: record.reference,
                            score: one.score,
                            reason: reason
                        )
                    )
                }
                continue
            }
            said.keep()
            items.append(
                Recalled.Item(
                    record: record,
                    score: one.score,
                    parts: one.parts,
                    path: try path(one.candidate, walks),
                    tokens: size
                )
            )
        }
        var recalled = answer(items, leftOut + over)
        if recall.asksForWindows(wished) {
            recalled.notes.append(
                collection.schema.withoutWindows(try snapshot.recallList(of: collection))
            )
        }
        if hasNothingToAsk {
            recalled.notes.append(
                "no words of collection \"\(collection.schema.name)\" are searched, and no vector "
                    + "was given, so nothing was found; define a searchable text with the role text"
            )
        }
        return recalled
    }

    /// Whether there is a question, and nothing in the collection that it could be held against.
    private var hasNothingToAsk: Bool {
        if recall.question.isEmpty || !recall.signals.contains(.text) { return false }
        return questions.isEmpty && recall.around.isEmpty
            && !collection.texts.contains { $0.name == collection.schema.roles.text }
    }

    private func isTooFar(_ scored: Scored) -> Bool {
        guard let minimum = recall.minimumSimilarity else { return false }
        let cosines = [Signal.vector, .meaning].compactMap { scored.candidate.raw[$0] }
        return (cosines.max() ?? -1) < minimum
    }

    private func path(
        _ candidate: Candidate,
        _ walks: [ReachedRecords]
    ) throws(MnemeError)
        -> [Edge]
    {
        guard let (walk, step) = candidate.step else { return [] }
        return try snapshot.path(to: step, in: walks[walk])
    }

    func answer(_ items: [Recalled.Item], _ leftOut: [Recalled.LeftOut]) -> Recalled {
        var recalled = Recalled(
            items: items,
            leftOut: leftOut,
            tokens: items.reduce(0) { $0 + $1.tokens },
            isExact: isExact,
            sequence: snapshot.sequence
        )
        recalled.notes = aliases.notes
        return recalled
    }
}

extension Fusion {
    /// What vectors and words gave, without priors.
    static func relevance(_ scored: Scored) -> Double {
        let parts = scored.parts.filter { [.vector, .meaning, .text].contains($0.signal) }
        let weight = parts.reduce(0) { $0 + $1.weight }
        return weight > 0 ? parts.reduce(0) { $0 + $1.value } / weight : 0
    }
}

extension Candidate {
    /// Whether recency and importance were read.
    var hasPriors: Bool { raw[.recency] != nil || raw[.importance] != nil }

    /// Takes a path through the graph if it makes the candidate stronger, or brings it in.
    mutating func reach(hops: Int, strength share: Double, by step: (walk: Int, step: Int)) {
        guard share > strength[.graph] ?? 0 || raw.isEmpty else { return }
        raw[.graph] = Double(hops)
        strength[.graph] = share
        self.step = step
    }

    mutating func setPriors(
        _ value: (PriorFields.Role) -> Value,
        _ access: Access?,
        now: Instant,
        _ wanted: Set<Signal>
    ) {
        func number(_ role: PriorFields.Role) -> Double? {
            value(role).number.flatMap { $0.isFinite ? $0 : nil }
        }
        if wanted.contains(.importance) { raw[.importance] = number(.importance) ?? 0.5 }
        if wanted.contains(.recency) {
            var time: Instant?
            if case .instant(let known) = value(.time) { time = known }
            let recency = Strength.recency(
                since: time,
                now: now,
                access,
                rate: number(.decayRate),
                isPinned: value(.pinned) == .bool(true)
            )
            raw[.recency] = recency.days
            strength[.recency] = recency.strength
        }
    }
}

/// The fields that recency and importance are made of.
struct PriorFields {
    enum Role: Int, CaseIterable {
        case time
        case importance
        case decayRate
        case pinned
    }
    /// The fields' numbers by role; 0, which no field has, for a role that nothing plays.
    let numbers: [UInt16]

    init(_ roles: Roles, _ collection: CollectionEntry) {
        numbers = [roles.time, roles.importance, roles.decayRate, roles.pinned].map { name in
            name.flatMap { collection.fieldNumbers[$0] } ?? 0
        }
    }

    func named(_ values: [Value]) -> (Role) -> Value { { values[$0.rawValue] } }
}
