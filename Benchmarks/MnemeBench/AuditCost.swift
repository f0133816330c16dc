// What it costs that a store keeps who asked it for what: commits of one record and gets by key,
// with the audit off and in three settings, in turns, over one store in one run.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Commits and gets under each setting of the audit.
struct AuditCost {
    /// What is kept.
    enum Kept: String, CaseIterable {
        case nothing
        /// Changes and failures.
        case writes
        /// The same, and one of a hundred gets.
        case sampled
        /// Everything; no row is dropped, so that the commits of rows are in the time of the gets.
        case all

        var setting: AuditSetting {
            switch self {
            case .nothing: AuditSetting()
            case .writes: AuditSetting(AuditRule(writes: true, failures: true))
            case .sampled:
                AuditSetting(
                    AuditRule(writes: true, reads: true, failures: true, sample: 100),
                    strict: true
                )
            case .all:
                AuditSetting(
                    AuditRule(writes: true, reads: true, failures: true),
                    strict: true
                )
            }
        }
    }

    let memory: Memory
    let maker: StoreRecords
    let durability: Durability
    /// How many records there are, all of which may be read.
    let count: Int
    /// Commits and gets of each turn.
    let each: Int

    /// Measures every setting, as often as there are turns, and returns a line for each.
    ///
    /// `first`: the number of the next record to be made.
    func measure(turns: Int, from first: Int) throws -> [[(String, Figure)]] {
        var commits: [Kept: [Double]] = [:]
        var gets: [Kept: [Double]] = [:]
        var rows: [Kept: Int] = [:]
        var next = first
        // The first turn warms up.
        for turn in 0...turns {
            for kept in Kept.allCases {
                let before = try memory.audit(kept.setting).rows
                let changes = (next..<next + each).map { maker.put($0) }
                next += each
                let committing = try Ticks.seconds {
                    for change in changes { _ = try memory.commit([change], durability) }
                }
                let asked = (0..<each).map { number in
                    Reference(
                        StoreRecords.collection,
                        StoreRecords.key((turn * each + number) &* 7919 % count)
                    )
                }
                let reading = try Ticks.seconds {
                    for reference in asked {
                        guard try memory.get(reference) != nil else {
                            throw Failure("A record is missing. The store is wrong.")
                        }
                    }
                }
                let made = try memory.audit().rows - before
                guard isRight(made, kept) else {
                    throw Failure("\(made) rows were kept of \(kept). The store is wrong.")
                }
                rows[kept] = made
                if turn == 0 { continue }
                commits[kept, default: []].append(Double(each) / committing)
                gets[kept, default: []].append(Double(each) / reading)
            }
        }
        try memory.audit(AuditSetting())
        return Kept.allCases.map { kept in
            let (commit, get) = (median(commits[kept] ?? []), median(gets[kept] ?? []))
            return [
                ("event", .word("audit")), ("kept", .word(kept.rawValue)),
                ("rows", .count(rows[kept] ?? 0)), ("commitsPerSecond", .rate(commit)),
                ("commitsOverNothing", .share(commit / max(median(commits[.nothing] ?? []), 1))),
                ("getsPerSecond", .rate(get)),
                ("getsOverNothing", .share(get / max(median(gets[.nothing] ?? []), 1))),
                ("durability", .word(durability.rawValue)),
            ]
        }
    }

    /// Whether so many rows may have been kept; of one of a hundred it is chance.
    private func isRight(_ made: Int, _ kept: Kept) -> Bool {
        switch kept {
        case .nothing: made == 0
        case .writes: made == each
        case .sampled: (each...2 * each).contains(made)
        // Whoever asks for the rows is not kept before he has them.
        case .all: made == 2 * each
        }
    }
}
