// The best matching records: BM25 over all runs of the text index, filtered as everywhere.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeText

extension StateReader {
    /// Answers a question for what matches.
    func matching(
        _ match: Match,
        _ find: Find,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(StoreError) -> Found {
        let hits = try matching(
            match,
            collection,
            scope,
            limit: find.reach,
            filter: find.filter
        )
        var found = found(
            try rows(Array(hits.dropFirst(find.offset)), find, collection),
            isExact: true,
            plan: "words in \(match.shownFields), \(state.runs.count) runs"
        )
        if find.isExplained {
            found.explanation = .ranked("words in \(match.shownFields)", find, matched: hits.count)
        }
        return found
    }

    /// The best matching visible records that pass a filter.
    func matching(
        _ match: Match,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?,
        parameters: TextParameters = TextParameters()
    ) throws(StoreError) -> [(ordinal: UInt64, score: Float)] {
        var fields: [TextFieldParameters] = []
        for (name, weight) in match.fields.sorted(by: { $0.key < $1.key }) {
            guard let text = collection.texts.first(where: { $0.name == name }) else { continue }
            try checkWhole(text, collection)
            fields.append(
                TextFieldParameters(
                    text.number,
                    k1: parameters.k1,
                    b: parameters.b,
                    weight: Float(weight)
                )
            )
        }
        if fields.isEmpty { return [] }
        let terms = try Self.terms(match.words)
        let query = TextQuery(
            terms: terms,
            fields: fields,
            scope: scope.texts,
            limit: limit
        )
        let mayHide =
            state.roots.deadDocuments > 0 || state.roots.mayHide || filter != nil
            || state.catalog.hasLooseTexts
        let sources = try state.runs.opened().map { TextSource($0, mayHideDocuments: mayHide) }
        var failure: StoreError?
        var test = RecordTest(filter, collection, reader(keeps: false))
        let hits = TextSearch.search(query, in: sources) { ordinal, birth in
            do throws(StoreError) {
                guard let entry = try visibleEntry(ordinal), entry.birth == birth else {
                    return false
                }
                return filter == nil ? true : try passes(ordinal, &test)
            } catch {
                failure = failure ?? error
                return false
            }
        }
        if let failure { throw failure }
        return hits.map { ($0.ordinal, $0.score) }
    }

    /// Refuses to match over a field of which the words of older records are not all indexed.
    private func checkWhole(_ text: TextEntry, _ collection: CollectionEntry) throws(StoreError) {
        guard state.roots.building[text.number] != nil else { return }
        throw .refused(
            MnemeError(
                .badRequest,
                "field \"\(text.name)\" of collection \"\(collection.schema.name)\" came to be "
                    + "searchable later, and the words of records that were there are still being "
                    + "indexed; ask again when it is ready, which the statistics tell, or match "
                    + "over other fields"
            )
        )
    }

    /// The most bytes of a question's words, and the most different words.
    private static let questionLimit = (bytes: 1 << 20, terms: 4096)

    private static func terms(_ words: String) throws(StoreError) -> [TextTerm] {
        let limit = questionLimit
        let terms: [TextTerm]
        do throws(TextError) {
            terms = words.utf8.count <= limit.bytes ? try Analyzers.shared.question(words) : []
        } catch {
            throw .inconsistent("the text index has no stemmer: \(error)")
        }
        guard words.utf8.count <= limit.bytes, terms.count <= limit.terms else {
            throw .refused(
                MnemeError(
                    .tooLarge,
                    "a question has at most \(limit.bytes) bytes and \(limit.terms) different "
                        + "words; shorten it, or match its parts one by one"
                )
            )
        }
        return terms
    }
}

extension Match {
    /// The fields as people are told of them.
    fileprivate var shownFields: String {
        fields.sorted { $0.key < $1.key }
            .map { $0.value == 1 ? $0.key : "\($0.key) × \($0.value)" }
            .joined(separator: ", ")
    }
}

extension CollectionEntry {
    /// Refuses words in fields that are not searchable, and weights that make no sense.
    ///
    /// - Throws: `.unknownField`, `.badRequest`.
    func check(_ match: Match) throws(MnemeError) {
        guard !match.fields.isEmpty else {
            throw MnemeError(
                .badRequest,
                "match names no field; give one or more of: " + listed(texts.map(\.name))
            )
        }
        for (name, weight) in match.fields.sorted(by: { $0.key < $1.key }) {
            _ = try text(name)
            guard weight > 0, weight <= 1e6 else {
                throw MnemeError(
                    .badRequest,
                    "the weight \(weight) of field \"\(name)\" is not above 0 and at most "
                        + "1,000,000; leave the field out, or give another weight"
                )
            }
        }
    }
}

/// How words count; the defaults suit short memories.
package struct TextParameters: Sendable {
    package var k1: Float = 0.9
    package var b: Float = 0.4

    /// The defaults, or others.
    package init(k1: Float = 0.9, b: Float = 0.4) {
        self.k1 = k1
        self.b = b
    }
}
