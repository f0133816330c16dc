// Recall along sessions: where an owner's records are not too many, each of them is looked at, with
// its neighbours, by every signal. Nothing is proposed first and nothing missed.

internal import MnemeEmbed
internal import MnemeLanguage
internal import MnemeModel
internal import MnemeRecall
internal import MnemeStore

extension RecallRun {
    /// So many records are looked at one by one.
    static let timelineLimit = 4096

    /// The answer, nil where the collection has no list to go along, or too many records.
    mutating func recallAlong() throws(MnemeError) -> Recalled? {
        guard recall.signals.contains(.window), recall.weights?[.window] != 0,
            !recall.question.isEmpty,
            let timeline = try snapshot.timeline(
                collection,
                scope,
                limit: Self.timelineLimit,
                recall.sight
            )
        else { return nil }
        let words = try askedWords(timeline)
        let (strengths, nearness) = try score(words, nil, timeline)
        var scores = strengths
        let walks = try askGraph(timeline, &scores)
        try refine(nearness, &scores)
        return try pack(scores, walks)
    }

    /// What speaks for each record of a timeline, added up.
    ///
    /// `held`: how rare words are; nil where the timeline has all records.
    func score(
        _ words: [AskedWord],
        _ held: HeldWords?,
        _ timeline: Timeline
    ) throws(MnemeError) -> (TimelineScores, [Nearness]) {
        var scores = TimelineScores(timeline, snapshot.instant, fusion: fusion)
        let strengths = TimelineStrengths(words, timeline, held)
        let nearness = try take(strengths, hints(timeline), timeline, into: &scores)
        return (scores, nearness)
    }

    private func hints(_ timeline: Timeline) -> LanguageHints {
        if recall.signals.isDisjoint(with: [.answer, .dated, .time]) {
            return LanguageHints(none: timeline)
        }
        return LanguageHints(
            QuestionReading.read(recall.question, now: snapshot.instant, zone: zone),
            timeline,
            zone: zone
        )
    }

    private func take(
        _ strengths: TimelineStrengths,
        _ hints: LanguageHints,
        _ timeline: Timeline,
        into scores: inout TimelineScores
    ) throws(MnemeError) -> [Nearness] {
        let wanted = recall.signals
        let vectors = wanted.contains(.vector) ? recall.vectors.sorted { $0.key < $1.key } : []
        let weights = recall.weights ?? .standard
        // Where records are as long as articles, neighbours and turns of speech say less of them.
        let length = Double(strengths.lengthiness)
        let scale = recall.weights == nil ? 1 : 0.0
        func weight(_ signal: Signal) -> Double {
            let factor: Double =
                switch signal {
                case .vector: 1 + length
                case .meaning: 1 - length / 2
                case .reply, .previous, .speaker, .answer, .dated, .question, .time: 1 - length
                default: 1
                }
            return weights[signal] * (1 + (factor - 1) * scale)
        }
        func add(_ signal: Signal, _ values: [Float], raw: [Float]? = nil) {
            guard wanted.contains(signal) else { return }
            scores.add(signal, weight(signal), values, raw: raw ?? values)
        }
        var nearness: [Nearness] = []
        // Of several fields the better one counts, which has to be known exactly.
        let isRough = vectors.count == 1 && fusion == .weighted
        for (field, vector) in vectors {
            nearness.append(
                try near(timeline, .vector, field, vector, .ofVectors, isRough: isRough)
            )
        }
        if wanted.contains(.meaning), let vector = meaning(strengths, timeline) {
            let field = MemoryLayout.meaning
            nearness.append(
                try near(
                    timeline,
                    .meaning,
                    field,
                    vector,
                    .ofMeaning,
                    isRough: fusion == .weighted
                )
            )
        }
        for near in nearness {
            scores.add(
                near.signal,
                weight(near.signal),
                near.blended(timeline),
                raw: near.cosines.map { $0.isNaN ? 0 : $0 }
            )
        }
        add(.window, strengths.window)
        if wanted.contains(.text), weights[.text] != 0, let words = try words(timeline) {
            scores.add(.text, weight(.text), words.strengths, raw: words.raw)
        }
        add(.reply, strengths.reply)
        add(.previous, strengths.previous)
        add(.speaker, strengths.speaker)
        add(.answer, hints.answer)
        add(.dated, hints.dated)
        add(.question, strengths.question)
        add(.time, hints.time)
        if wanted.contains(.recency) {
            let ordinals = timeline.entries.lazy.map(\.ordinal)
            scores.addRecency(weight(.recency), try snapshot.accesses(of: ordinals))
        }
        if wanted.contains(.importance) { scores.addImportance(weight(.importance)) }
        scores.finish(sharesWeights: recall.weights == nil)
        return nearness
    }

    /// The vector of the words that were looked for, weighted by how rare they are.
    private func meaning(_ strengths: TimelineStrengths, _ timeline: Timeline) -> [Float]? {
        guard let embedder, MemoryLayout.isEmbedded(collection.schema, by: embedder),
            recall.vectors[MemoryLayout.meaning] == nil
        else { return nil }
        return embedder.embedQuestion(
            strengths.words.flatMap(\.tokens),
            statistics: HeldTokens(strengths.words, of: strengths.records)
        )
    }

    /// The scores of the words, and their shares of the best; nil where words are not searched.
    private func words(
        _ timeline: Timeline
    ) throws(MnemeError) -> (strengths: [Float], raw: [Float])? {
        guard let field = collection.schema.roles.text else { return nil }
        let hits = try snapshot.matchingRecords(
            Match(field, asked),
            collection,
            scope,
            limit: timeline.count,
            filter: recall.filter
        )
        var raw = [Float](repeating: 0, count: timeline.count)
        for hit in hits {
            if let place = timeline.place(of: hit.ordinal) { raw[place] = hit.score }
        }
        let best = hits.first?.score ?? 0
        return (raw.map { best > 0 ? $0 / best : 0 }, raw)
    }

    /// How near the records are to a vector: by their codes where that is enough to see who is
    /// among the best.
    private func near(
        _ timeline: Timeline,
        _ signal: Signal,
        _ field: String,
        _ vector: [Float],
        _ blend: Blend,
        isRough: Bool
    ) throws(MnemeError) -> Nearness {
        if isRough {
            let rough =
                try snapshot.codeScores(timeline, field: field, vector, collection, scope)
            return Nearness(signal, field, vector, blend, cosines: rough, isRough: true)
        }
        let ordinals = timeline.entries.map(\.ordinal)
        let exact = try snapshot.scores(ordinals, field: field, vector, collection)
        let cosines = exact.map { $0 ?? .nan }
        return Nearness(signal, field, vector, blend, cosines: cosines, isRough: false)
    }

    /// Has the best records' own cosines be exact.
    func refine(
        _ nearness: [Nearness],
        _ scores: inout TimelineScores
    ) throws(MnemeError) {
        let most = min(recall.limit, Self.timelineLimit) + Self.leftOutLimit
        let best = scores.best(most + max(8, most / 2))
        let ordinals = best.map { scores.timeline.entries[$0].ordinal }
        for var near in nearness where near.isRough {
            let exact = try snapshot.scores(
                ordinals,
                field: near.field,
                near.vector,
                collection
            )
            for (index, cosine) in zip(best, exact) { near.cosines[index] = cosine ?? .nan }
            for index in best {
                scores.correct(
                    near.signal,
                    index,
                    near.blend.value(of: index, near.cosines, scores.timeline),
                    raw: near.cosines[index].isNaN ? 0 : near.cosines[index]
                )
            }
        }
    }

    /// Walks from the best and from what was given, as among candidates.
    func askGraph(
        _ timeline: Timeline,
        _ scores: inout TimelineScores
    ) throws(MnemeError) -> [ReachedRecords] {
        guard recall.signals.contains(.graph), recall.hops > 0 else { return [] }
        var starts: [(ordinal: UInt64, strength: Double)] = try givenStarts().map { ($0, 1) }
        let given = starts.count
        for index in scores.best(Self.seeds) {
            let ordinal = timeline.entries[index].ordinal
            guard !starts.prefix(given).contains(where: { $0.ordinal == ordinal }) else { continue }
            starts.append((ordinal, scores.share(index)))
        }
        var walks: [ReachedRecords] = []
        var reached = 0
        var found: [(index: Int, hops: Int, strength: Double, step: (walk: Int, step: Int))] = []
        for start in starts where reached < Self.stepLimit {
            let walk = try snapshot.reachRecords(
                from: [start.ordinal],
                hops: recall.hops,
                limit: Self.reachLimit,
                recall.sight.onTheWay
            )
            if walk.records.isEmpty { continue }
            reached += walk.records.count
            for (step, record) in walk.records.enumerated() {
                guard let index = timeline.place(of: record.ordinal) else { continue }
                var share = start.strength
                for _ in 0..<record.hops { share *= Self.passedOn }
                found.append((index, record.hops, min(share, 1), (walks.count, step)))
            }
            walks.append(walk)
        }
        if !found.isEmpty {
            scores.addReached((recall.weights ?? .standard)[.graph], found)
        }
        return walks
    }

    func pack(
        _ scores: TimelineScores,
        _ walks: [ReachedRecords]
    ) throws(MnemeError) -> Recalled {
        var packing = Packing(limit: recall.limit, tokens: recall.tokens)
        var items: [Recalled.Item] = []
        var leftOut: [Recalled.LeftOut] = []
        var said = SaidTexts(collection.schema.roles)
        for index in scores.inOrder(atFirst: min(recall.limit, Self.timelineLimit)) {
            if packing.count >= recall.limit, leftOut.count >= Self.leftOutLimit { break }
            let ordinal = scores.timeline.entries[index].ordinal
            if let given, try !snapshot.isIn(ordinal, collection, scope, given) { continue }
            guard let record = try snapshot.recordWithoutVectors(ordinal, collection) else {
                continue
            }
            // What comes too late is not measured.
            let size = packing.count < recall.limit ? Packing.tokens(record) : 0
            let isTooFar = recall.minimumSimilarity.map { scores.bestCosine(index) < $0 } ?? false
            let isWanted = packing.count < recall.limit
            let repeats = isWanted && recall.distinct && said.repeats(record)
            let reason: Recalled.Reason? =
                isTooFar ? .belowSimilarity : repeats ? .duplicate : packing.take(size)
            if let reason {
                if leftOut.count < Self.leftOutLimit {
                    leftOut.append(
                        Recalled.LeftOut(
                            reference: record.reference,
                            score: scores.total[index],
                            reason: reason
                        )
                    )
                }
                continue
            }
            said.keep()
            var path: [Edge] = []
            if let (walk, step) = scores.steps[index] {
                path = try snapshot.path(to: step, in: walks[walk])
            }
            items.append(
                Recalled.Item(
                    record: record,
                    score: scores.total[index],
                    parts: scores.parts(index),
                    path: path,
                    tokens: size
                )
            )
        }
        return answer(items, leftOut + (try passed(scores.timeline)))
    }
}

/// How near the records of a timeline are to a vector.
struct Nearness {
    let signal: Signal
    let field: String
    let vector: [Float]
    let blend: Blend
    /// Of each record alone; not a number where it has no vector.
    var cosines: [Float]
    /// Whether they are those of codes.
    let isRough: Bool

    init(
        _ signal: Signal,
        _ field: String,
        _ vector: [Float],
        _ blend: Blend,
        cosines: [Float],
        isRough: Bool
    ) {
        (self.signal, self.field, self.vector, self.blend) = (signal, field, vector, blend)
        (self.cosines, self.isRough) = (cosines, isRough)
    }

    /// With the neighbours'.
    func blended(_ timeline: Timeline) -> [Float] {
        cosines.indices.map { blend.value(of: $0, cosines, timeline) }
    }
}

extension Blend {
    /// Two neighbours are taken to have a cosine of 0.6.
    fileprivate static let ofVectors = Blend(before: [0.5], after: [0.5], likeness: 0.6)
    fileprivate static let ofMeaning = Blend(
        before: [0.6, 0.36, 0.216, 0.1296],
        after: [0.4, 0.16, 0.064, 0.0256],
        likeness: 0.6
    )
}

/// How many records hold each token of a question's words.
private struct HeldTokens: TokenStatistics {
    let memoryCount: Int
    private let holding: [Token: Int]

    init(_ words: [(tokens: [Token], holding: Int)], of count: Int) {
        memoryCount = count
        var holding: [Token: Int] = [:]
        for word in words {
            for token in word.tokens { holding[token] = max(holding[token] ?? 0, word.holding) }
        }
        self.holding = holding
    }

    func memoriesHolding(_ token: Token) -> Int { holding[token] ?? memoryCount }
}
