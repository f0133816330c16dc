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
        let analyzer = Analyzers.shared.borrow()
        defer { Analyzers.shared.giveBack(analyzer) }
        let plan = try MatchPlan(match, collection, analyzer)
        let hits = try matching(
            plan,
            match.statistics,
            collection,
            scope,
            limit: find.reach,
            filter: find.filter,
            analyzer: analyzer
        )
        let page = Array(hits.dropFirst(find.offset))
        var rows = try rows(page, find, collection)
        if let highlight = find.highlight {
            try add(highlight, plan, to: &rows, page, collection, analyzer)
        }
        var found = found(
            rows,
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
        let analyzer = Analyzers.shared.borrow()
        defer { Analyzers.shared.giveBack(analyzer) }
        return try matching(
            try MatchPlan(match, collection, analyzer),
            match.statistics,
            collection,
            scope,
            limit: limit,
            filter: filter,
            analyzer: analyzer,
            parameters: parameters
        )
    }

    private func matching(
        _ plan: MatchPlan,
        _ counted: Match.Counted,
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        filter: Filter?,
        analyzer: TextAnalyzer,
        parameters: TextParameters = TextParameters()
    ) throws(StoreError) -> [(ordinal: UInt64, score: Float)] {
        let query = TextQuery(
            terms: plan.terms,
            clauses: plan.clauses,
            minimum: plan.minimum,
            fields: try self.parameters(plan, collection, parameters),
            scope: scope.texts,
            statistics: counted == .global ? .global : .scope,
            limit: limit
        )
        var test = RecordTest(filter, collection, reader(keeps: false))
        return try search(query, collection, analyzer, isTested: filter != nil) {
            (ordinal, birth) throws(StoreError) in
            guard let entry = try visibleEntry(ordinal), entry.birth == birth else { return false }
            return filter == nil ? true : try passes(ordinal, &test)
        } words: { (ordinal, field) throws(StoreError) in
            try stored(ordinal)[field].text
        }
    }

    /// How the fields of a plan count; none where there are none.
    func parameters(
        _ plan: MatchPlan,
        _ collection: CollectionEntry,
        _ parameters: TextParameters = TextParameters()
    ) throws(StoreError) -> [TextFieldParameters] {
        var fields: [TextFieldParameters] = []
        for field in plan.fields {
            try checkWhole(field.entry, collection)
            let rules = collection.schema.field(field.entry.name)?.search
            fields.append(
                TextFieldParameters(
                    field.entry.number,
                    k1: rules?.k1.map { Float($0) } ?? parameters.k1,
                    b: rules?.b.map { Float($0) } ?? parameters.b,
                    weight: field.weight
                )
            )
        }
        return fields
    }

    /// The best matching versions, records of a collection or edges of a type as such.
    ///
    /// `isTested`: `accepts`, which says whether a version may be in the answer, may refuse what is
    /// there. `words`: the text of a field of a version.
    func search(
        _ query: TextQuery,
        _ collection: CollectionEntry,
        _ analyzer: TextAnalyzer,
        isTested: Bool,
        accepts: (_ ordinal: UInt64, _ birth: UInt64) throws(StoreError) -> Bool,
        words: @escaping (_ ordinal: UInt64, _ field: UInt16) throws(StoreError) -> String?
    ) throws(StoreError) -> [(ordinal: UInt64, score: Float)] {
        if query.fields.isEmpty { return [] }
        let mayHide =
            state.roots.deadDocuments > 0 || self.mayHide || isTested
            || state.catalog.hasLooseTexts
        let sources = try state.runs.opened().map { TextSource($0, mayHideDocuments: mayHide) }
        var failure: StoreError?
        let hits = TextSearch.search(query, in: sources) { ordinal, birth in
            do throws(StoreError) { return try accepts(ordinal, birth) } catch {
                failure = failure ?? error
                return false
            }
        } unknownPhrase: { ordinal, birth, number, phrase in
            do throws(StoreError) {
                guard let entry = try visibleEntry(ordinal), entry.birth == birth,
                    let text = collection.texts.first(where: { $0.number == number }),
                    let field = collection.fieldNumbers[text.name],
                    let words = try words(ordinal, field)
                else { return 0 }
                return try Self.count(phrase, in: words, text.language, analyzer)
            } catch {
                failure = failure ?? error
                return 0
            }
        }
        if let failure { throw failure }
        return hits.map { ($0.ordinal, $0.score) }
    }

    /// How often a phrase stands in a text, which no run has the positions of.
    private static func count(
        _ phrase: [PhraseWord],
        in words: String,
        _ language: TextLanguage,
        _ analyzer: TextAnalyzer
    ) throws(StoreError) -> Int {
        do throws(TextError) {
            return try TextHighlighter.count(of: phrase, in: words, language, analyzer)
        } catch {
            throw .inconsistent("the text index has no stemmer: \(error)")
        }
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
}

extension Match {
    /// The fields as people are told of them.
    var shownFields: String {
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
        if let minimum = match.minimum, minimum < 1 {
            throw MnemeError(
                .badQuery,
                "match.minimum is \(minimum); give 1 or more, or leave it out"
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

/// How words count where their fields do not say; the defaults suit texts of all lengths.
package struct TextParameters: Sendable {
    package var k1: Float = 1.2
    package var b: Float = 0.75

    /// The defaults, or others.
    package init(k1: Float = 1.2, b: Float = 0.75) {
        self.k1 = k1
        self.b = b
    }
}
