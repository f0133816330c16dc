// Sessions, their entries and what they left, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets sessions in lines.
enum SessionLayout {
    /// What a session is, and what was done with it.
    static func lines(_ session: Session) -> [String] {
        var head = "Session \(session.id) of \(session.owner)"
        if session.isNew {
            head += ": started."
        } else {
            head += session.endedAt == nil ? ": going on." : ": ended."
        }
        var rows: [(String, String)] = []
        if let old = session.replaced { rows.append(("ended", "\(old), which had been idle")) }
        if let parent = session.terms.parent { rows.append(("goes on from", parent)) }
        if let agent = session.terms.agent { rows.append(("agent", agent)) }
        rows.append(("from", session.startedAt.description))
        rows.append((session.endedAt == nil ? "last entry" : "to", last(session).description))
        rows.append(("entries", Figures.count(Int(session.entryCount))))
        if let seconds = session.terms.secondsAfterEnd {
            rows.append(("kept", Figures.count(seconds, "second") + " after its end"))
        }
        if let summary = session.summary { rows.append(("summary", summary)) }
        if !session.terms.data.isNull { rows.append(("data", session.terms.data.json())) }
        if let flushed = session.flushed {
            rows.append(("flushed", Figures.count(Int(flushed), "entry", "entries")))
        }
        if let episode = session.episode { rows.append(("episode", episode.description)) }
        if !session.facts.isEmpty {
            rows.append(("facts", session.facts.map(\.description).joined(separator: ", ")))
        }
        let again = session.isRepeated ? ["It had been done before, under this --once."] : []
        return [head] + members(rows) + again + session.evicted.map { "\($0) gave way to it." }
    }

    private static func last(_ session: Session) -> Instant { session.endedAt ?? session.lastAt }

    /// A line or more for each member, under each other.
    static func members(_ rows: [(String, String)]) -> [String] {
        let longest = rows.map(\.0.count).max() ?? 0
        return rows.flatMap { name, text in
            ValueLayout.block(text, behind: "  \(name)\(TextFlow.blanks(longest - name.count))  ")
        }
    }

    /// The entries that fit, and what was recalled beside them.
    static func lines(_ context: SessionContext) -> [String] {
        var lines: [String] = []
        if context.leftOut > 0 {
            lines.append("(\(Figures.count(context.leftOut, "entry", "entries")) before these)")
        }
        lines += context.entries.flatMap { entry($0) }
        if context.entries.isEmpty { lines.append("No entry fits, or there is none.") }
        if !context.recalled.isEmpty {
            lines += ["", "Recalled beside them:"]
            lines += context.recalled.flatMap { item in
                ValueLayout.block(
                    "\(item.record.reference.key)  \(shown(item.record))",
                    behind: "  \(Figures.decimal(item.score, digits: 3))  "
                )
            }
        }
        return lines + ["", "\(Figures.count(context.tokens, "token")) in all."]
    }

    /// A session as it was.
    static func lines(_ rehydrated: Rehydrated) -> [String] {
        var lines = rehydrated.session.map { self.lines($0) } ?? []
        let lanes = rehydrated.lanes.sorted { $0.key < $1.key }
        lines += members([
            ("lanes", lanes.map { "\($0.key) \(Figures.count($0.value))" }.joined(separator: ", "))
        ])
        if rehydrated.missing > 0 {
            let missing = Figures.count(Int(rehydrated.missing), "entry", "entries")
            lines.append("  \(missing) forgotten or expired")
        }
        if !rehydrated.entries.isEmpty { lines.append("") }
        lines += rehydrated.entries.flatMap { entry($0) }
        if let next = rehydrated.next {
            lines.append("There are more: ask again with --after \(next).")
        }
        return lines
    }

    /// What sessions left, as they were found.
    static func episodes(_ found: Found, isScored: Bool) -> [String] {
        guard !found.rows.isEmpty else {
            return ["There is no such episode. A session leaves one where session end has --flush."]
        }
        var lines = found.rows.flatMap { row in
            ValueLayout.lines(
                row.record,
                note: isScored ? Figures.decimal(Double(row.score), digits: 3) : "",
                limit: ValueLayout.textLimit
            )
        }
        if let next = found.next {
            lines.append("There may be more: ask again with --after \(next).")
        }
        return lines
    }

    /// An entry: where it stands, who said it, in which lane, and what.
    private static func entry(_ record: Record) -> [String] {
        var start = record["position"].int.map { "\($0)" } ?? ""
        start = TextFlow.blanks(5 - start.count) + start + "  "
        if let lane = record["lane"].text { start += "[\(lane)] " }
        if let speaker = record["speaker"].text { start += "\(speaker): " }
        return ValueLayout.block(shown(record), behind: start)
    }

    private static func shown(_ record: Record) -> String {
        record["text"].text ?? ValueLayout.line(.map(record.fields))
    }
}
