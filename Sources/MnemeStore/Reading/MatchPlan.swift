// What a question's `match` means for the text index: words and clauses in the language of each
// field, as parts of a query over runs.

internal import MnemeModel
internal import MnemeText

/// A match in terms of the text index.
struct MatchPlan {
    /// A field that is searched.
    struct SearchedField {
        let entry: TextEntry
        let weight: Float
    }

    /// The fields, by name.
    private(set) var fields: [SearchedField] = []
    private(set) var terms: [TextTerm] = []
    private(set) var clauses: [TextClause] = []
    private(set) var minimum = 0
    private let match: Match
    private let analyzer: TextAnalyzer

    /// The most bytes of a question's words, the most different words, and the most clauses.
    private static let limits = (bytes: 1 << 20, terms: 4096, clauses: 256)

    /// The plan of a match whose fields were checked.
    ///
    /// - Throws: `.badQuery` where it cannot be understood, `.tooLarge`.
    init(
        _ match: Match,
        _ collection: CollectionEntry,
        _ analyzer: TextAnalyzer
    ) throws(StoreError) {
        self.match = match
        self.analyzer = analyzer
        for (name, weight) in match.fields.sorted(by: { $0.key < $1.key }) {
            guard let text = collection.texts.first(where: { $0.name == name }) else { continue }
            fields.append(SearchedField(entry: text, weight: Float(weight)))
        }
        let named = fields
        var parts = try parts()
        for part in parts {
            guard let name = part.clause.field, !fields.contains(where: { $0.entry.name == name })
            else { continue }
            guard let text = collection.texts.first(where: { $0.name == name }) else {
                throw fault(
                    part,
                    "there is no searchable field \(quoted(name)). There are: "
                        + listed(collection.texts.map(\.name))
                        + ". Where no field is meant, put it in quotation marks"
                )
            }
            fields.append(SearchedField(entry: text, weight: 1))
        }
        let bytes = parts.reduce(match.words.utf8.count) { $0 + $1.clause.text.utf8.count }
        try check(bytes <= Self.limits.bytes && parts.count <= Self.limits.clauses)
        let isPlain = parts.isEmpty && match.combination == .any && match.minimum ?? 1 <= 1
        if isPlain, Set(fields.map(\.entry.language)).count == 1,
            try !hasSign(fields[0].entry.language)
        {
            let language = fields[0].entry.language
            terms = try analyze { (analyzer) throws(TextError) in
                try analyzer.question(match.words, language: language)
            }
        } else {
            try addWords(named)
            parts = try withoutStops(parts, named)
            for part in parts { try add(part, named) }
            minimum = match.minimum ?? 0
            let isOneSided = !parts.isEmpty && parts.allSatisfy { $0.sign == .not }
            if isOneSided, match.words.isEmpty {
                throw fault(
                    parts[0],
                    "only what must not be there is named, and that finds nothing; name a word "
                        + "that is to be found too"
                )
            }
        }
        try check(terms.count + clauses.count <= Self.limits.terms)
    }

    private func check(_ isWithin: Bool) throws(StoreError) {
        guard !isWithin else { return }
        throw .refused(
            MnemeError(
                .tooLarge,
                "a question has at most \(Self.limits.bytes) bytes, \(Self.limits.terms) different "
                    + "words and \(Self.limits.clauses) clauses; shorten it, or match its parts "
                    + "one by one"
            )
        )
    }

    private func analyze<Result>(
        _ body: (TextAnalyzer) throws(TextError) -> Result
    ) throws(StoreError) -> Result {
        do throws(TextError) { return try body(analyzer) } catch {
            throw .inconsistent("the text index has no stemmer: \(error)")
        }
    }

    /// The clauses of the query and those that are given one by one, which have no place.
    private func parts() throws(StoreError) -> [QueryPart] {
        var parts: [QueryPart] = []
        if let query = match.query {
            try check(query.utf8.count <= Self.limits.bytes)
            do throws(MnemeError) { parts = try QueryParser.parts(of: query) } catch {
                throw .refused(error)
            }
        }
        for (sign, clauses) in [
            (QueryPart.Sign.must, match.must), (.should, match.should), (.not, match.not),
        ] {
            parts += clauses.map { QueryPart(sign: sign, clause: $0, place: 0) }
        }
        return parts
    }

    private func fault(_ part: QueryPart, _ what: String) -> StoreError {
        let name =
            switch part.sign {
            case .must: "must"
            case .should: "should"
            case .not: "not"
            }
        let place =
            part.place > 0
            ? "query, character \(part.place)" : "match.\(name), \(quoted(part.clause.text))"
        return .refused(MnemeError(.badQuery, "\(place): \(what)."))
    }

    // MARK: Words

    /// The words without clauses: each a part of its own, in all fields whose language cuts one
    /// there.
    private mutating func addWords(_ fields: [SearchedField]) throws(StoreError) {
        var ways: [Int: [TextWay]] = [:]
        var stops: [Int: [TextWay]] = [:]
        for (language, ofLanguage) in Dictionary(grouping: fields, by: \.entry.language) {
            let words = try analyze { (analyzer) throws(TextError) in
                try analyzer.placedWords(of: match.words, language: language, isQuestion: true)
            }
            for word in words {
                let pattern = word.pattern
                let found = ofLanguage.map { TextWay($0.entry.number, pattern) }
                if word.isStop {
                    stops[word.range.lowerBound, default: []] += found
                } else {
                    ways[word.range.lowerBound, default: []] += found
                }
            }
        }
        for (_, found) in (ways.isEmpty ? stops : ways).sorted(by: { $0.key < $1.key }) {
            let sorted = found.sorted { $0.field < $1.field }
            if let index = clauses.firstIndex(where: { $0.ways == sorted }) {
                clauses[index].weight += 1
            } else {
                let isNeeded = match.combination == .all
                clauses.append(TextClause(isNeeded ? .required : .optional, sorted))
            }
            try check(clauses.count <= Self.limits.terms)
        }
    }

    /// Whether a word is one sign of a script without spaces.
    private func hasSign(_ language: TextLanguage) throws(StoreError) -> Bool {
        // No such script begins before U+0E00.
        guard match.words.utf8.contains(where: { $0 >= 0xe0 }) else { return false }
        return try analyze { (analyzer) throws(TextError) in
            try analyzer.placedWords(of: match.words, language: language, isQuestion: true)
                .contains(where: \.isSign)
        }
    }

    // MARK: Clauses

    /// The parts but for plain words of grammar, unless nothing else is looked for.
    private func withoutStops(
        _ parts: [QueryPart],
        _ fields: [SearchedField]
    ) throws(StoreError) -> [QueryPart] {
        var kept: [QueryPart] = []
        for part in parts {
            let isPlain = part.place > 0 && part.sign == .should && part.clause.kind == .word
            let words = isPlain ? try words(of: part, fields[0].entry.language) : []
            if words.isEmpty || !words.allSatisfy(\.isStop) { kept.append(part) }
        }
        let hasOther = kept.contains { $0.sign != .not } || !clauses.isEmpty
        return hasOther ? kept : parts
    }

    private func words(
        of part: QueryPart,
        _ language: TextLanguage
    ) throws(StoreError) -> [PlacedWord] {
        try analyze { (analyzer) throws(TextError) in
            try analyzer.placedWords(of: part.clause.text, language: language, isQuestion: true)
        }
    }

    private mutating func add(
        _ part: QueryPart,
        _ named: [SearchedField]
    ) throws(StoreError) {
        let searched =
            part.clause.field.map { name in fields.filter { $0.entry.name == name } } ?? named
        var ways: [TextWay] = []
        for field in searched {
            let words = try words(of: part, field.entry.language)
            if let pattern = try pattern(part, words) {
                ways.append(TextWay(field.entry.number, pattern))
            }
        }
        if ways.isEmpty {
            // Signs that a person types between words are no words; what is demanded has some.
            if part.place > 0, part.sign == .should, part.clause.kind == .word { return }
            throw fault(part, "there is no word in it; give letters or digits, or leave it out")
        }
        let occurrence: TextClause.Occurrence =
            switch part.sign {
            case .must: .required
            case .should: .optional
            case .not: .excluded
            }
        if let index = clauses.firstIndex(where: {
            $0.occurrence == occurrence && $0.ways == ways
        }) {
            clauses[index].weight += 1
        } else {
            clauses.append(TextClause(occurrence, ways))
        }
    }

    private func pattern(
        _ part: QueryPart,
        _ words: [PlacedWord]
    ) throws(StoreError) -> TextPattern? {
        guard let first = words.first else { return nil }
        let phrase = words.map { PhraseWord($0.stem, offset: $0.position - first.position) }
        guard part.clause.kind == .prefix else {
            return words.count == 1 ? first.pattern : .phrase(phrase)
        }
        if words.count == 1 {
            return .prefix(first.word, stem: first.isPair ? [] : first.stem)
        }
        guard words.allSatisfy(\.isPair) else {
            throw fault(
                part,
                "a beginning is of one word, and this is cut into \(words.count); give the "
                    + "beginning of the last alone, and the others as words"
            )
        }
        return .phrase(phrase)
    }

    /// What a field is searched for, but for what must not be there.
    func patterns(in field: UInt16) -> [TextPattern] {
        terms.map { .word($0.stem) }
            + clauses.filter { $0.occurrence != .excluded }.flatMap(\.ways)
            .filter { $0.field == field }.map(\.pattern)
    }
}
