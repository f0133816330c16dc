// A response is an object of one member, what it is: `{"found": {…}}`.

extension Response: Spelled {
    /// The words for what comes back.
    static let words = [
        "done", "schema", "committed", "records", "found", "walked", "path", "paths",
        "session", "remembered",
        "recalled", "forgotten", "statistics", "verified", "vectorsChecked", "backedUp", "began",
        "counted",
        "claimed", "history", "audited", "watched", "usage", "purged", "matched",
        "deletedWhere", "context", "rehydrated", "touched", "provenance", "candidates", "events",
        "scalars", "graphJob",
    ]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        let (word, content) = try spelling.spelledChoice("A response", Response.words)
        switch word {
        case "done":
            try SpelledMembers(content, of: word).finish()
            self = .done
        case "schema": self = .schema(try Schema(spelling: content))
        case "committed": self = .committed(try Committed(spelling: content))
        case "records":
            var records: [Record?] = []
            for value in try content.spelledArray(word) {
                records.append(value.isNull ? nil : try Record(spelling: value))
            }
            self = .records(records)
        case "found": self = .found(try Found(spelling: content))
        case "walked": self = .walked(try Walked(spelling: content))
        case "paths": self = .paths(try FoundPaths(spelling: content))
        case "path":
            self = .path(content.isNull ? nil : try content.spelledNouns(word))
        case "session": self = .session(try Session(spelling: content))
        case "remembered": self = .remembered(try Remembered(spelling: content))
        case "recalled": self = .recalled(try Recalled(spelling: content))
        case "forgotten": self = .forgotten(try Forgotten(spelling: content))
        case "statistics": self = .statistics(try Statistics(spelling: content))
        case "verified": self = .verified(try Verification(spelling: content))
        case "backedUp": self = .backedUp(try BackupSummary(spelling: content))
        case "began":
            var members = try SpelledMembers(content, of: word)
            self = .began(
                transaction: try members.unsigned("transaction"),
                sequence: try members.unsigned("sequence")
            )
            try members.finish()
        case "counted": self = .counted(try Counted(spelling: content))
        case "claimed": self = .claimed(try Claimed(spelling: content))
        case "matched": self = .matched(try Matched(spelling: content))
        case "history": self = .history(try History(spelling: content))
        case "audited": self = .audited(try AuditStatus(spelling: content))
        case "watched": self = .watched(try Watched(spelling: content))
        case "usage": self = .usage(try Usage(spelling: content))
        case "purged": self = .purged(try Purged(spelling: content))
        case "deletedWhere": self = .deletedWhere(try DeletedWhere(spelling: content))
        case "vectorsChecked": self = .vectorsChecked(try VectorsChecked(spelling: content))
        case "context": self = .context(try SessionContext(spelling: content))
        case "rehydrated": self = .rehydrated(try Rehydrated(spelling: content))
        case "graphJob": self = .graphJob(try GraphJobs(spelling: content))
        case "touched": self = .touched(try Touched(spelling: content))
        case "provenance": self = .provenance(try Provenance(spelling: content))
        case "candidates": self = .candidates(try Candidates(spelling: content))
        case "events": self = .events(try Events(spelling: content))
        case "scalars": self = .scalars(try Scalars(spelling: content))
        default: throw unknown("response", word, Response.words)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .done: .word("done", [:])
        case .schema(let schema): .word("schema", schema.spelling)
        case .committed(let committed): .word("committed", committed.spelling)
        case .records(let records):
            .word("records", .array(records.map { $0?.spelling ?? .null }))
        case .found(let found): .word("found", found.spelling)
        case .walked(let walked): .word("walked", walked.spelling)
        case .paths(let paths): .word("paths", paths.spelling)
        case .path(let edges): .word("path", edges?.spelling ?? .null)
        case .session(let session): .word("session", session.spelling)
        case .remembered(let remembered): .word("remembered", remembered.spelling)
        case .claimed(let claimed): .word("claimed", claimed.spelling)
        case .recalled(let recalled): .word("recalled", recalled.spelling)
        case .forgotten(let forgotten): .word("forgotten", forgotten.spelling)
        case .statistics(let statistics): .word("statistics", statistics.spelling)
        case .verified(let verification): .word("verified", verification.spelling)
        case .backedUp(let backup): .word("backedUp", backup.spelling)
        case .began(let id, let sequence):
            .word("began", ["transaction": Value(id), "sequence": Value(sequence)])
        case .counted(let counted): .word("counted", counted.spelling)
        case .matched(let matched): .word("matched", matched.spelling)
        case .history(let history): .word("history", history.spelling)
        case .audited(let status): .word("audited", status.spelling)
        case .watched(let watched): .word("watched", watched.spelling)
        case .usage(let usage): .word("usage", usage.spelling)
        case .purged(let purged): .word("purged", purged.spelling)
        case .deletedWhere(let deleted): .word("deletedWhere", deleted.spelling)
        case .vectorsChecked(let checked): .word("vectorsChecked", checked.spelling)
        case .context(let context): .word("context", context.spelling)
        case .rehydrated(let rehydrated): .word("rehydrated", rehydrated.spelling)
        case .graphJob(let jobs): .word("graphJob", jobs.spelling)
        case .touched(let touched): .word("touched", touched.spelling)
        case .provenance(let provenance): .word("provenance", provenance.spelling)
        case .candidates(let candidates): .word("candidates", candidates.spelling)
        case .events(let events): .word("events", events.spelling)
        case .scalars(let scalars): .word("scalars", scalars.spelling)
        }
    }
}
