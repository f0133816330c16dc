// How much a store has, for people.

internal import Mneme
internal import MnemeCommandLine

/// Sets counts and sizes in lines.
enum StatisticsLayout {
    /// Counts and, where they are wanted, sizes of files; the types of edges with their counts, the
    /// most frequent one first.
    static func lines(_ statistics: Statistics, withFiles showsFiles: Bool = true) -> [String] {
        var figures = TextTable([("figure", .left), ("value", .right)])
        for (name, count) in statistics.records.sorted(by: { $0.key < $1.key }) {
            figures.add(["records of \(name)", Figures.count(count)])
        }
        for (name, count) in statistics.vectors.sorted(by: { $0.key < $1.key }) {
            figures.add(["of these with \(name)", Figures.count(count)])
        }
        let edges = statistics.edges.values.reduce(0, +)
        figures.add(["edges", Figures.count(edges)])
        figures.add(["owners ever seen", Figures.count(statistics.owners)])
        if showsFiles {
            figures.add(["log", Figures.bytes(statistics.logBytes)])
            figures.add(["page file", Figures.bytes(statistics.pageBytes)])
            figures.add(["unused in the page file", Figures.bytes(statistics.freePageBytes)])
        }
        figures.add(["pages in memory", Figures.bytes(statistics.residentPageBytes)])
        figures.add(["runs of the text index", Figures.count(statistics.textRuns)])
        if let archived = statistics.archived {
            figures.add(["archived records", Figures.count(archived.records)])
            figures.add(["of these in cold segments", Figures.count(archived.coldRecords)])
        }
        if let age = statistics.oldestSnapshotMicroseconds {
            figures.add(["oldest state that is still read", "\(age / 1_000_000) s behind"])
        }
        figures.add(["newest commit", Figures.count(Int(clamping: statistics.sequence))])
        var lines = figures.lines()
        if !statistics.edges.isEmpty {
            let types = statistics.edges.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            let listed = types.map { "\($0.key) \(Figures.count($0.value))" }
            lines += ValueLayout.block(listed.joined(separator: ", "), behind: "edge types: ")
        }
        for build in statistics.indexes {
            let name = "\(build.collection).\(build.name)"
            let (done, all) = (Figures.count(build.done), Figures.count(build.of))
            lines += ValueLayout.block(
                build.failure.map { "\(name), given up: \($0)" } ?? "\(name), \(done) of \(all)",
                behind: "built behind: "
            )
        }
        if let failure = statistics.upkeepFailure {
            lines += ValueLayout.block(failure, behind: "the work behind failed: ")
        }
        for damage in statistics.damage { lines += ValueLayout.block(damage, behind: "✗ ") }
        return lines
    }
}
