// The parts of the page on how long things take, and on what lies around a record.

internal import Mneme
internal import MnemeCommandLine

extension ReportPage {
    /// Histograms of times.
    var times: Section {
        var content = [Self.paragraph(report.latencies.about)]
        for (number, group) in report.latencies.groups.enumerated() {
            var table = MarkupTable(
                group.title,
                ["of", "count", "mean", "p50 ≤", "p90 ≤", "p99 ≤"]
            )
            for line in group.lines {
                let bounds = [0.5, 0.9, 0.99].map { TopLayout.bound(line.times.bound(of: $0)) }
                table.add(
                    [
                        .words(line.name), .number(Figures.count(Int(line.times.count))),
                        .number(line.times.mean.map(Figures.seconds) ?? ""),
                    ] + bounds.map { .number($0) }
                )
            }
            content += [.element("h3", [:], group.title), table.markup]
            content += group.lines.enumerated().flatMap { place, line in
                Self.histogram(line, mark: "times\(number)x\(place)")
            }
        }
        if report.latencies.groups.isEmpty {
            content.append(Self.paragraph("There is nothing to measure yet."))
        }
        return Section(mark: "times", title: "How long things take", content: content)
    }

    private static func histogram(_ line: StoreReport.Times, mark: String) -> [Markup] {
        let filled = line.times.buckets.indices.filter { line.times.buckets[$0].count > 0 }
        guard let first = filled.first, let last = filled.last else { return [] }
        // With a bucket on either side, a single one is seen for what it is.
        let range = max(0, first - 1)...min(line.times.buckets.count - 1, last + 1)
        let buckets = Array(line.times.buckets[range])
        var picture = SeriesPicture(
            "\(line.name): how many took how long",
            mark: mark,
            .columns,
            buckets.map(\.count)
        )
        picture.height = 140
        let step = buckets.count / 9 + 1
        picture.labels = stride(from: 0, to: buckets.count, by: step).map {
            ($0, TopLayout.bound(buckets[$0].bound))
        }
        picture.hints = buckets.map { bucket in
            "≤ \(TopLayout.bound(bucket.bound)): \(Figures.count(Int(bucket.count)))"
        }
        return [
            .element(
                "figure",
                [:],
                [
                    .element("figcaption", [:], picture.title), picture.markup,
                ]
            )
        ]
    }

    /// A record and what lies around it.
    var around: Section {
        var section = Section(mark: "around", title: "Around a record", content: [])
        guard let found = report.neighbourhood else {
            section.content = [
                Self.paragraph(
                    "No record that was looked at has an edge; there is nothing to draw."
                )
            ]
            return section
        }
        let name = "\(found.nodes[0].reference)"
        var records = MarkupTable("Records of the drawing", ["record", "edges away", "says"])
        for node in found.nodes {
            records.add([
                .words("\(node.reference)"), .number(Figures.count(node.hop)), .words(node.words),
            ])
        }
        var edges = MarkupTable("Edges of the drawing", ["from", "type", "to", "number"])
        for edge in found.edges {
            edges.add([
                .words("\(edge.from)"), .words(edge.type), .words("\(edge.to)"),
                .number("\(edge.id)"),
            ])
        }
        let choice =
            found.isChosen
            ? " Nobody said around which record: of the first of the largest collections this is "
                + "the best connected. --around COLLECTION/KEY draws another." : ""
        let more = found.isComplete ? "" : " There are more, which are left out here."
        section.title = "Around \(name)"
        section.content = [
            Self.paragraph(
                "\(Figures.count(found.nodes.count - 1, "record")), on rings by how many edges "
                    + "they are away, and \(Figures.count(found.edges.count, "edge")) between all "
                    + "of these.\(more)\(choice)"
            ),
            NeighbourhoodPicture(found).markup,
            Self.details("The same as tables", [records.markup, edges.markup]),
        ]
        return section
    }
}
