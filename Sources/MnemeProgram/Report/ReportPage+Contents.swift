// The parts of the page on what is in a store: collections, edges, indexes and owners.

internal import Mneme
internal import MnemeCommandLine
internal import MnemeStore

extension ReportPage {
    /// What is defined, and how much there is of each.
    var collections: Section {
        let (statistics, schema) = (report.statistics, report.schema)
        let most = max(1, statistics.records.values.max() ?? 0)
        var records = MarkupTable(
            "Collections",
            ["collection", "records", "fields", "indexes", "searched", "vectors"]
        )
        for collection in schema.collections.sorted(by: { $0.name < $1.name }) {
            let count = statistics.records[collection.name] ?? 0
            let vectors = collection.fields.filter {
                if case .vector = $0.type { true } else { false }
            }
            records.add([
                .words(collection.name),
                .bar(Double(count) / Double(most), Figures.count(count)),
                .number(Figures.count(collection.fields.count)),
                .number(Figures.count(collection.indexes.count)),
                .words(
                    collection.fields.filter(\.isSearchable).map(\.name).joined(separator: ", ")
                ),
                .words(vectors.map(\.name).joined(separator: ", ")),
            ])
        }
        let mostEdges = max(1, statistics.edges.values.max() ?? 0)
        var edges = MarkupTable("Types of edges", ["type", "edges", "from", "to", "properties"])
        for type in schema.edgeTypes.sorted(by: { $0.name < $1.name }) {
            let count = statistics.edges[type.name] ?? 0
            edges.add([
                .words(type.name),
                .bar(Double(count) / Double(mostEdges), Figures.count(count)),
                .words(type.from ?? "any"), .words(type.to ?? "any"),
                .words(type.fields.map(\.name).joined(separator: ", ")),
            ])
        }
        return Section(
            mark: "collections",
            title: "Collections and edges",
            content: [
                records.isEmpty ? Self.paragraph("No collection is defined.") : records.markup,
                edges.isEmpty ? Self.paragraph("No type of edges is defined.") : edges.markup,
            ]
        )
    }

    /// What indexes cost.
    var indexes: Section {
        var section = Section(mark: "indexes", title: "Indexes and their cost", content: [])
        guard let files = report.files else {
            section.content = [Self.filesOnly]
            return section
        }
        let most = max(1, files.costs.map(\.byteCount).max() ?? 0)
        var table = MarkupTable(
            "Indexes, those that take most first",
            ["index", "kind", "entries", "bytes", "an entry"]
        )
        for cost in files.costs.sorted(by: { ($1.byteCount, $0.name) < ($0.byteCount, $1.name) }) {
            let each = Double(cost.byteCount) / Double(max(1, cost.entries))
            table.add([
                .words(Self.name(of: cost)), .words(Self.kind(of: cost)),
                .number(Figures.count(cost.entries)),
                .bar(Double(cost.byteCount) / Double(most), Figures.bytes(cost.byteCount)),
                .number(Figures.decimal(each, digits: 1)),
            ])
        }
        var pages = MarkupTable("Pages of the page file", ["of", "pages", "bytes"])
        for (space, count) in files.pages {
            pages.add([
                .words(Self.pages(of: space)), .number(Figures.count(count)),
                .number(Figures.bytes(count * 8192)),
            ])
        }
        section.content = [
            Self.paragraph(
                "Bytes of entries, keys and values together, as they are before pages share the "
                    + "beginnings of keys, leave room for more and are packed. The vectors "
                    + "themselves stand in the log with their records."
            ),
            table.markup, pages.markup,
        ]
        return section
    }

    private static func name(of cost: IndexCost) -> String {
        guard cost.name.isEmpty else { return cost.name }
        return switch cost.kind {
        case .words: "all searched fields"
        case .adjacency: "all edges"
        default: "the store's own"
        }
    }

    private static func kind(of cost: IndexCost) -> String {
        switch cost.kind {
        case .keys: "keys (B-tree)"
        case .fields: "fields (B-tree)"
        case .usage: "usage by owner (B-tree)"
        case .own: "owners, expiries, histories (B-tree)"
        case .vectors: "codes of vectors"
        case .words: "words (runs of postings)"
        case .adjacency: "edges by their ends"
        }
    }

    private static func pages(of space: String) -> String {
        switch space {
        case "tree": "trees: keys, indexes, codes, edges"
        case "ordinals": "the table of ordinals"
        case "arrays": "graphs of vectors"
        default: space
        }
    }

    /// Who has most.
    var owners: Section {
        let owners = report.owners
        let hasBytes = owners.lines.contains { $0.bytes != nil }
        let sizes = owners.lines.map { $0.bytes ?? $0.records }
        let most = Double(max(1, sizes.max() ?? 0))
        var table = MarkupTable(
            hasBytes ? "Owners with most bytes" : "Owners with most records",
            ["owner", "records", hasBytes ? "bytes, with those below" : "share of the largest"]
        )
        for (line, size) in zip(owners.lines, sizes) {
            let shown =
                line.bytes.map { Figures.bytes($0) }
                ?? Figures.decimal(Double(size) / most * 100, digits: 0) + " %"
            table.add([
                .words(line.path), .number(Figures.count(line.records)),
                .bar(Double(size) / most, shown),
            ])
        }
        var content: [Markup] = table.isEmpty ? [] : [table.markup]
        if owners.hasMore {
            content.append(
                Self.paragraph("These are those with the most records; there are more owners.")
            )
        }
        if let remark = owners.remark { content.append(Self.paragraph(remark)) }
        return Section(mark: "owners", title: "Owners by size", content: content)
    }
}
