// A look into the newest state of an open store, down to its bytes: each kind of thing with what it
// means beside what stands there. Nothing is hidden: what is deleted, expired or somebody else's is
// seen as the files have it. It is for the owner of the files alone; no request asks for it.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors

/// Looks into an open store.
package struct StoreInspector: Sendable {
    let store: Store

    /// The inspector of a store.
    package init(_ store: Store) { self.store = store }

    /// Runs a look against the newest state.
    func look(
        _ body: (StateReader, InspectorWords) throws(StoreError) -> Inspection
    ) throws(MnemeError) -> Inspection {
        let snapshot = store.snapshot()
        return try snapshot.reading { reader throws(StoreError) in
            try body(reader, InspectorWords(reader))
        }
    }

    /// Bytes of the log that nobody needs any more, as far as they are known.
    ///
    /// - Throws: as `Snapshot.record`.
    /// - Complexity: O(segments).
    package func deadBytes() throws(MnemeError) -> Int {
        try store.snapshot().reading { reader in
            reader.state.roots.dead.values.reduce(0) { $0 + Int($1.byteCount) }
        }
    }

    // MARK: Pages

    /// What a state is made of: its trees, its vector indexes, its runs, and its pages by space.
    ///
    /// - Throws: as `Snapshot.record`.
    package func overview() throws(MnemeError) -> Inspection {
        try look { reader, words throws(StoreError) in
            let state = reader.state
            var rows: [[Value]] = [
                ["tree", "keys, indexes, owners", .text(PageName.text(state.roots.tree))],
                ["adjacency", "edges by their ends", .text(PageName.text(state.roots.adjacency))],
            ]
            for (name, _, head) in state.vectorHeads {
                rows.append(["vectors", .text(name), .text(PageName.text(head))])
            }
            for (number, run) in state.runs.enumerated() {
                let text = "run \(number): \(run.documentCount) documents born in \(run.births)"
                rows.append(["words", .text(text), .null])
            }
            var inspection = Inspection("the newest state")
            inspection.facts = [
                ("sequence", Value(state.sequence)),
                ("next ordinal", Value(state.roots.nextOrdinal)),
                ("next owner", .int(Int64(state.roots.nextOwner))),
            ]
            for (space, count) in reader.view.pageCounts {
                inspection.facts.append(("pages of space \(space)", .int(Int64(count))))
            }
            inspection.columns = ["kind", "holds", "root"]
            inspection.rows = rows
            return inspection
        }
    }

    /// A page, byte by byte, with at most so many of its entries.
    ///
    /// - Throws: `.badRequest` for what names no page; `.notFound`; as `Snapshot.record`.
    package func page(_ name: String, limit: Int) throws(MnemeError) -> Inspection {
        guard let id = PageName.page(name) else {
            throw MnemeError(
                .badRequest,
                "\(quoted(name)) names no page. Give tree:N, ordinals:N or arrays:N, or the number "
                    + "of a page of a tree."
            )
        }
        let found = try look { reader, words throws(StoreError) in
            guard reader.view.isHeld(id) else { return Inspection("") }
            let page = try onPages { () throws(PageError) in try reader.view.inspect(id) }
            var inspection = Inspection("page \(PageName.text(id))")
            inspection.facts = [("stands", .text(page.standing))]
            if page.isTree {
                inspection.notes = page.treeNotes(limit: limit, key: words.key, value: words.value)
            } else if page.isColumns {
                // Where a leaf has its columns its root alone says; keys stand in any at one place.
                inspection.notes = page.columnNotes(
                    ColumnShape(columns: []),
                    limit: limit,
                    key: { "\($0), \($1)" },
                    value: { _, _ in "" }
                )
            } else if page.kind == OrdinalTable.kind {
                inspection.notes = page.head(kindName: "ordinals")
                inspection.columns = ["ordinal", "what", "birth", "death", "place"]
                for ordinal in OrdinalTable.used(page).prefix(limit) {
                    inspection.rows.append(words.row(ordinal, page))
                }
            } else {
                inspection.notes = page.head(kindName: words.kind(page.kind))
            }
            return inspection
        }
        guard !found.title.isEmpty else {
            throw MnemeError(
                .notFound,
                "There is no page \(PageName.text(id)). inspect page lists the roots of what there "
                    + "is, and inspect tree the nodes of the tree."
            )
        }
        return found
    }

    /// The way to a key of the tree: the nodes from the root down, each with its entries' bounds.
    ///
    /// - Throws: as `Snapshot.record`.
    package func tree(limit: Int) throws(MnemeError) -> Inspection {
        try look { reader, words throws(StoreError) in
            let root = reader.state.roots.tree
            var inspection = Inspection("the tree of keys, indexes and owners")
            inspection.columns = ["page", "level", "entries", "first key"]
            var waiting = [root]
            while !waiting.isEmpty, inspection.rows.count < limit {
                let id = waiting.removeFirst()
                let page = try onPages { () throws(PageError) in try reader.view.inspect(id) }
                let first = page.treeNotes(limit: 2, key: words.key, value: words.value)
                    .first { $0.field == "rest" }
                inspection.rows.append([
                    .text(PageName.text(id)), .int(Int64(page.number(17, UInt8.self))),
                    .int(Int64(page.number(18, UInt16.self))), .text(first?.meaning ?? ""),
                ])
                waiting += page.children
            }
            inspection.facts = [("root", .text(PageName.text(root)))]
            if !waiting.isEmpty {
                inspection.facts.append(("not shown", .text("more pages; raise --limit")))
            }
            return inspection
        }
    }

    // MARK: Things

    /// The entry of an ordinal, byte by byte.
    ///
    /// - Throws: as `Snapshot.record`; `.notFound` where the table has none.
    package func ordinal(_ ordinal: UInt64) throws(MnemeError) -> Inspection {
        let found = try look { reader, words throws(StoreError) in
            guard try reader.entry(ordinal) != nil else { return Inspection("") }
            let id = OrdinalTable.pageID(ordinal)
            let page = try onPages { () throws(PageError) in try reader.view.inspect(id) }
            var inspection = Inspection("ordinal \(ordinal)")
            inspection.facts = [
                ("what", .text(words.what(ordinal))), ("page", .text(PageName.text(id))),
                ("stands", .text(page.standing)),
            ]
            inspection.notes = OrdinalTable.notes(ordinal, page, words.ordinalWords)
            return inspection
        }
        guard !found.title.isEmpty else {
            throw MnemeError(
                .notFound,
                "Ordinal \(ordinal) is not in the table: it was never used, or is gone with all "
                    + "others of its page."
            )
        }
        return found
    }

    /// The ordinal of a record that is there.
    ///
    /// - Throws: `.unknownCollection`, `.wrongType`, `.notFound`.
    package func ordinal(of reference: Reference) throws(MnemeError) -> UInt64 {
        if let ordinal = try store.snapshot().ordinal(reference) { return ordinal }
        throw MnemeError(.notFound, "There is no record \(reference). Check collection and key.")
    }

    /// The edges of a record, entry by entry.
    ///
    /// - Throws: as `Snapshot.record`.
    package func adjacency(of ordinal: UInt64, limit: Int) throws(MnemeError) -> Inspection {
        try look { reader, words throws(StoreError) in
            let edges = try onPages { () throws(PageError) in
                try reader.state.adjacency.inspect(ordinal, limit: limit, in: reader.view)
            }
            var inspection = Inspection("the edges of \(words.what(ordinal))")
            inspection.facts = [
                ("ordinal", Value(ordinal)),
                ("root", .text(PageName.text(reader.state.roots.adjacency))),
            ]
            inspection.columns = ["side", "type", "edge", "other", "birth"]
            for edge in edges {
                let neighbour = edge.neighbour
                inspection.rows.append([
                    edge.side == .out ? "leaves" : "arrives", .text(words.kind(neighbour.type)),
                    Value(neighbour.edge), .text(words.what(neighbour.node)),
                    Value(neighbour.birth),
                ])
                inspection.notes += edge.notes
            }
            return inspection
        }
    }
}
