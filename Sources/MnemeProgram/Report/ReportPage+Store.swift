// The parts of the page on the whole store: how much it has, how it grew, what its files hold.

internal import Mneme
internal import MnemeCommandLine
internal import MnemeStore

extension ReportPage {
    private var statistics: Statistics { report.statistics }

    /// How much there is.
    var store: Section {
        let records = statistics.records.values.reduce(0, +)
        let edges = statistics.edges.values.reduce(0, +)
        var facts = [
            ("records", Figures.count(records)), ("edges", Figures.count(edges)),
            ("owners ever seen", Figures.count(statistics.owners)),
            ("newest commit", Figures.count(Int(clamping: statistics.sequence))),
            ("log", Figures.bytes(statistics.logBytes)),
            ("page file", Figures.bytes(statistics.pageBytes)),
            ("unused in the page file", Figures.bytes(statistics.freePageBytes)),
            ("pages in memory", Figures.bytes(statistics.residentPageBytes)),
            ("runs of the text index", Figures.count(statistics.textRuns)),
        ]
        if let version = report.files?.logVersion { facts.append(("format of the log", version)) }
        if let archived = statistics.archived {
            facts.append(("archived records", Figures.count(archived.records)))
        }
        if let age = statistics.oldestSnapshotMicroseconds {
            facts.append(("oldest state still read", Figures.seconds(Double(age) / 1e6)))
        }
        let troubles =
            statistics.damage
            + [statistics.upkeepFailure].compactMap { $0 }.map { "The work behind failed: \($0)" }
            + statistics.indexes.map { build in
                "The index \(build.collection).\(build.name) "
                    + (build.failure.map { "was given up: \($0)" }
                        ?? "has \(Figures.count(build.done)) of \(Figures.count(build.of)).")
            }
        let told = troubles.map { Markup.element("p", ["class": "bad"], "✗ \($0)") }
        let well = [
            Self.paragraph("Nothing that was read is damaged, and the work behind goes on.")
        ]
        return Section(
            mark: "store",
            title: "The store",
            content: [Self.facts(facts)] + (told.isEmpty ? well : told)
        )
    }

    /// What stands in the log, by time.
    var growth: Section {
        var section = Section(mark: "growth", title: "Growth", content: [])
        guard let growth = report.files?.growth else {
            section.content = [Self.filesOnly]
            return section
        }
        let (steps, total) = (growth.steps, growth.total)
        let width = Double(growth.width) / 1e6
        section.content = [
            Self.paragraph(
                "What stands in the log, by the time at which it was committed: "
                    + "\(Self.words(total)). What compaction has taken out is not seen here."
            )
        ]
        guard let first = steps.first, let last = steps.last else {
            section.content.append(Self.paragraph("Nothing of it has a time."))
            return section
        }
        var sum = growth.timeless.byteCount
        let risen = steps.map { step -> Double in
            sum += step.step.byteCount
            return Double(sum)
        }
        let ends =
            [(0, "\(first.start)")]
            + (steps.count > 1
                ? [(steps.count - 1, "\(last.start)")] : [])
        var bytes = SeriesPicture("Bytes of the log over time", mark: "bytes", .rise, risen)
        bytes.labels = ends
        bytes.shown = { Figures.bytes(Int($0)) }
        var changes = SeriesPicture(
            "Changes in each \(Figures.seconds(width))",
            mark: "changes",
            .columns,
            steps.map { Double($0.step.changes) }
        )
        changes.labels = ends
        changes.hints = steps.map { "\($0.start): \(Self.words($0.step))" }
        var table = MarkupTable(
            "Each \(Figures.seconds(width)) in which something was committed",
            ["from", "commits", "puts", "deletes", "links", "unlinks", "bytes"]
        )
        for (start, step) in steps where step.byteCount > 0 {
            let counts = [step.commits, step.puts, step.deletes, step.links, step.unlinks]
            table.add(
                [.words("\(start)")] + counts.map { .number(Figures.count($0)) }
                    + [.number(Figures.bytes(step.byteCount))]
            )
        }
        section.content += [
            .element("h3", [:], bytes.title), bytes.markup,
            .element("h3", [:], changes.title), changes.markup,
            Self.details("The same as a table", [table.markup]),
        ]
        return section
    }

    /// What was committed, in words.
    private static func words(_ step: LogGrowth.Step) -> String {
        [
            Figures.count(step.commits, "commit"), Figures.count(step.puts, "put"),
            Figures.count(step.deletes, "delete"), Figures.count(step.links, "link"),
            Figures.count(step.unlinks, "unlink"), Figures.bytes(step.byteCount),
        ].joined(separator: ", ")
    }

    /// The files of the log, and how much of each is needed.
    var segments: Section {
        var section = Section(mark: "segments", title: "Segments of the log", content: [])
        guard let files = report.files else {
            section.content = [Self.filesOnly]
            return section
        }
        let all = files.segments.reduce(0) { $0 + $1.byteCount }
        let dead = files.segments.reduce(0) { $0 + $1.deadBytes }
        var table = MarkupTable(
            "Segments, and the share of each that is needed",
            ["file", "kind", "bytes", "not needed", "live share"]
        )
        for segment in files.segments {
            table.add([
                .words(segment.name), .words(segment.isCold ? "compacted" : "as written"),
                .number(Figures.bytes(segment.byteCount)),
                .number(Figures.bytes(segment.deadBytes)),
                .bar(segment.live, Figures.decimal(segment.live * 100, digits: 1) + " %"),
            ])
        }
        section.content = [
            Self.paragraph(
                "\(Figures.count(files.segments.count, "segment")) with \(Figures.bytes(all)), of "
                    + "which \(Figures.bytes(dead)) are known not to be needed any more. Upkeep "
                    + "writes those again that hold too much of it; mneme compact does at once."
            ),
            table.markup,
        ]
        return section
    }
}

extension LogGrowth.Step {
    /// Versions and ends of records and edges.
    fileprivate var changes: Int { puts + deletes + links + unlinks }
}
