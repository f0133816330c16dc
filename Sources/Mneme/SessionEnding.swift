// What becomes of a session's entries when it ends, and the episode that it leaves. Pure but for
// reading the entries; the changes are committed with the end itself, all or none.
//
// Flushed, working entries become episodic and are of the layer session no more. Otherwise what
// goes with the session, its working entries and those of the layer session alone, ends so many
// seconds after it as the session's terms say, unless it ends earlier or is pinned. The layers
// project, global and temporal are none of a session's business.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

struct SessionEnding {
    /// Patches of the entries that were working and become episodic, each under the condition that
    /// the entry is as it was seen.
    private(set) var flushed: [Change] = []
    /// Patches of the entries that end with the session.
    private(set) var expiring: [Change] = []
    /// All patches.
    var changes: [Change] { flushed + expiring }
    private let session: Session
    private var count: Int64 = 0
    private var lanes: Set<String> = []
    private var agents: Set<String> = []
    private var tokens: Int64?
    private var times: ClosedRange<Instant>?

    /// The fields of entries that are looked at.
    private static let fields: [Projection] = [
        "kind", "lane", "agent", "tokens", "time", "layers", "pinned",
    ]

    /// Looks at the entries of a session that has ended.
    ///
    /// - Complexity: O(entries).
    init(_ session: Session, flushes: Bool, _ snapshot: Snapshot) throws(MnemeError) {
        self.session = session
        let end = session.endOfWhatGoes
        guard flushes || end != nil else { return }
        let find = Find(
            MemoryLayout.memories,
            owner: session.owner,
            where: .and([.eq("owner", .text(session.owner)), .eq("session", .text(session.id))]),
            order: [Order("position")],
            limit: Int.max / 2,
            select: Self.fields
        )
        for row in try snapshot.find(find).rows {
            note(row.record)
            try settle(row.record, flushes, end, snapshot)
        }
    }

    private mutating func note(_ entry: Record) {
        count += 1
        lanes.insert(entry["lane"].text ?? EntryTraits.mainLane)
        if let agent = entry["agent"].text { agents.insert(agent) }
        if let own = entry["tokens"].int {
            let (sum, isOver) = (tokens ?? 0).addingReportingOverflow(max(0, own))
            tokens = isOver ? .max : sum
        }
        if case .instant(let time) = entry["time"] {
            let known = times ?? time...time
            times = min(known.lowerBound, time)...max(known.upperBound, time)
        }
    }

    private mutating func settle(
        _ entry: Record,
        _ flushes: Bool,
        _ end: Instant?,
        _ snapshot: Snapshot
    ) throws(MnemeError) {
        let isWorking = entry["kind"] == .text(MemoryKind.working.rawValue)
        let key = entry.reference.key
        if flushes, isWorking {
            var edits: [Edit] = [
                .set(FieldPath("kind"), .text(MemoryKind.episodic.rawValue))
            ]
            if case .array(let layers) = entry["layers"] {
                let rest = layers.filter { $0 != .text(MemoryLayout.sessionLayer) }
                edits.append(
                    rest.isEmpty
                        ? .unset(FieldPath("layers")) : .set(FieldPath("layers"), .array(rest))
                )
            }
            let condition = Filter.and([
                .eq("kind", .text(MemoryKind.working.rawValue)), .eq("layers", entry["layers"]),
            ])
            flushed.append(.patch(Patch(MemoryLayout.memories, key, edits, if: condition)))
            return
        }
        let isOfSession = entry["layers"] == .array([.text(MemoryLayout.sessionLayer)])
        guard let end, isWorking || isOfSession, entry["pinned"] != .bool(true) else { return }
        if let own = try snapshot.expiry(of: entry.reference), own <= end { return }
        expiring.append(.patch(Patch(MemoryLayout.memories, key, expiry: .at(end))))
    }

    /// The episode: what the session was about, how long it took and how much was in it.
    ///
    /// Entries whose times all lie within the session took as long as it; entries of another time,
    /// told afterwards, took from the first of them to the last.
    func episode(_ embedder: StaticEmbedder?) -> Change {
        var start = session.startedAt
        var end = session.endedAt ?? session.lastAt
        if let times, times.lowerBound < start || times.upperBound > end {
            (start, end) = (times.lowerBound, times.upperBound)
        }
        let (length, isOver) = end.microseconds.subtractingReportingOverflow(start.microseconds)
        var fields: [String: Value] = [
            "owner": .text(session.owner), "entryCount": .int(count),
            "laneCount": .int(Int64(lanes.count)), "startedAt": .instant(start),
            "endedAt": .instant(end),
            "durationSeconds": .float(Double(isOver ? .max : max(0, length)) / 1_000_000),
        ]
        if let tokens { fields["tokens"] = .int(tokens) }
        if let parent = session.terms.parent { fields["parent"] = .text(parent) }
        if !session.terms.data.isNull { fields["data"] = session.terms.data }
        let everybody = session.terms.agent.map { agents.union([$0]) } ?? agents
        if !everybody.isEmpty {
            fields["agents"] = .array(everybody.sorted().map { .text($0) })
        }
        if let summary = session.summary {
            fields["text"] = .text(summary)
            if let vector = embedder?.embed(summary) {
                fields[MemoryLayout.meaning] = .vector(vector)
            }
        }
        return .put(
            Put(MemoryLayout.episodes, .text(session.id), fields, mode: .replaceOwned)
        )
    }
}

extension Session {
    /// From when on what goes with it is not there any more; nil where that stays.
    fileprivate var endOfWhatGoes: Instant? {
        guard let seconds = terms.secondsAfterEnd, let endedAt else { return nil }
        let (span, isOver) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000)
        let (end, isOverToo) = endedAt.microseconds.addingReportingOverflow(span)
        return isOver || isOverToo ? nil : Instant(microseconds: end)
    }
}

extension Session {
    /// A session that has ended, with what the commit of its end came to: first the entries that it
    /// flushed and the episode, where there is one, then its record; last what was remembered with
    /// its links and the changes that were given.
    func ended(_ closing: SessionClosing, _ committed: Committed) -> Session {
        var session = self
        session.evicted = committed.evicted
        session.isRepeated = committed.isRepeated
        let outcomes = committed.outcomes
        if closing.flushes {
            let episode = Reference(MemoryLayout.episodes, .text(id))
            session.flushed = outcomes.firstIndex { $0.putReference == episode }.map(Int64.init)
        }
        let links = closing.facts.reduce(0) { $0 + $1.links.count }
        let given = closing.facts.count + links + closing.changes.count
        session.facts = outcomes.dropFirst(max(0, outcomes.count - given))
            .prefix(closing.facts.count).compactMap { $0.putReference?.key }
        return session
    }
}
