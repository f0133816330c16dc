// The words and the vectors of a store, looked into.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeVectors

extension StoreInspector {
    /// The postings of a word in a searchable field, run by run, at most so many of each.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.badText` for what is no word; as
    ///   `Snapshot.record`.
    package func postings(
        of word: String,
        in collection: String,
        _ field: String,
        limit: Int
    ) throws(MnemeError) -> Inspection {
        let entry = try store.snapshot().catalog.readable(collection).text(field)
        let stems: [[UInt8]]
        do throws(TextError) {
            stems = try Analyzers.shared.stems(word, entry.language)
        } catch {
            throw MnemeError(.badText, "\(quoted(word)) cannot be cut into words: \(error)")
        }
        guard let stem = stems.first, stems.count == 1 else {
            throw MnemeError(
                .badText,
                "\(quoted(word)) is \(stems.count) words to this field. Give one."
            )
        }
        return try look { reader, words throws(StoreError) in
            let shown = String(decoding: stem, as: UTF8.self)
            var inspection = Inspection(
                "the postings of \(quoted(shown)) in \(collection).\(field)"
            )
            inspection.facts = [
                ("stem", .text(shown)), ("text number", .int(Int64(entry.number))),
                ("runs", .int(Int64(reader.state.runs.count))),
            ]
            inspection.columns = [
                "run", "document", "ordinal", "what", "birth", "times", "length", "positions",
            ]
            for (number, stored) in reader.state.runs.enumerated() {
                let run = try stored.run
                guard let found = run.inspect(field: entry.number, stem: stem, limit: limit) else {
                    continue
                }
                inspection.facts.append(
                    (
                        "run \(number)",
                        .text("\(found.count) of \(run.documentCount) documents have it")
                    )
                )
                for posting in found.postings {
                    let places = posting.positions.map { list in
                        Value.array(list.map { .int(Int64($0)) })
                    }
                    inspection.rows.append([
                        .int(Int64(number)), .int(Int64(posting.local)), Value(posting.ordinal),
                        .text(words.what(posting.ordinal)), Value(posting.birth),
                        .int(Int64(posting.frequency)), .int(Int64(posting.length)),
                        places ?? .null,
                    ])
                }
                inspection.notes += run.headNotes + found.notes
            }
            return inspection
        }
    }

    /// A vector index: its head, or the code of a record's vector and its node with its links.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField`; `.notFound` where the record has none.
    package func vectors(
        of reference: Reference?,
        in collection: String,
        _ field: String
    ) throws(MnemeError) -> Inspection {
        let entry = try store.snapshot().catalog.readable(collection).vector(field)
        var wanted: UInt64?
        if let reference { wanted = try self.ordinal(of: reference) }
        let ordinal = wanted
        let found = try look { reader, words throws(StoreError) in
            guard let head = reader.state.roots.vectors[entry.number] else {
                return Inspection("")
            }
            return try onPages { () throws(PageError) in
                let index = try VectorIndex.open(entry.coder, head, in: reader.view)
                var inspection = Inspection("the vectors of \(collection).\(field)")
                inspection.facts = [
                    ("head", .text(PageName.text(head))),
                    ("vectors", .int(Int64(try index.tree.count(in: reader.view)))),
                    ("fresh", .int(Int64(try index.freshCount(in: reader.view)))),
                    ("gone", .int(Int64(try index.goneCount(in: reader.view)))),
                ]
                let (count, entries) = try index.entryNodes(in: reader.view)
                inspection.facts.append(("nodes", .int(Int64(count))))
                guard let ordinal else {
                    inspection.notes = try index.headNotes(in: reader.view)
                    inspection.columns = ["entry", "what", "links"]
                    for number in entries {
                        guard let node = try index.node(number, in: reader.view) else { continue }
                        inspection.rows.append([
                            .int(Int64(number)), .text(words.what(node.ordinal)),
                            .array(node.links.map { .int(Int64($0)) }),
                        ])
                    }
                    return inspection
                }
                try add(ordinal, index, reader, words, to: &inspection)
                return inspection
            }
        }
        guard !found.title.isEmpty else {
            throw MnemeError(
                .notFound,
                "\(collection).\(field) has no index yet: no record has a vector there."
            )
        }
        return found
    }

    /// Adds the vector of a record: its code, its node, and whom that is linked to.
    private func add(
        _ ordinal: UInt64,
        _ index: VectorIndex,
        _ reader: StateReader,
        _ words: InspectorWords,
        to inspection: inout Inspection
    ) throws(PageError) {
        let owner = try OrdinalTable.entry(ordinal, in: reader.view)?.owner ?? 0
        inspection.title += ": \(words.what(ordinal))"
        guard let code = try index.codeNotes(owner: owner, ordinal: ordinal, in: reader.view)
        else {
            inspection.facts.append(("vector", "none: the record has no vector in this field"))
            return
        }
        inspection.notes = code.notes
        guard let number = code.node, let node = try index.node(number, in: reader.view) else {
            inspection.facts.append(("node", "none: it is found by the scan"))
            return
        }
        inspection.facts.append(("node", .int(Int64(number))))
        inspection.notes += node.notes
        inspection.columns = ["link", "what", "ordinal"]
        for link in node.links {
            let linked = try index.node(link, in: reader.view)
            inspection.rows.append([
                .int(Int64(link)), .text(linked.map { words.what($0.ordinal) } ?? "no node"),
                linked.map { Value($0.ordinal) } ?? .null,
            ])
        }
    }
}
