// Fields that come to be searched, and that are not searched any more. A field has a number for its
// words as long as it is searched; one that comes to be searched again has another one, so that
// nothing of what was indexed before is ever found. Format: formats/store.md#catalog.

internal import MnemeModel
internal import MnemeText

extension CollectionDraft {
    func lacksText(_ name: String) -> Bool { !texts.contains { $0.name == name } }

    /// Gives a searched field the number of its words.
    mutating func addText(number: UInt16, _ name: String) {
        texts.append(
            TextEntry(
                number: number,
                name: name,
                language: schema.field(name)?.search.textLanguage ?? .english,
                isLate: lateTexts.contains(name)
            )
        )
    }

    /// Refuses fields whose words are of a language that nobody can stem.
    ///
    /// - Throws: `.badSchema`.
    func checkLanguages() throws(MnemeError) {
        for field in schema.fields {
            try field.checkLanguage(in: "collection \"\(schema.name)\"")
        }
    }

    /// Takes out the number of a field's words, where it has one.
    mutating func removeText(_ name: String) {
        droppedTexts += texts.filter { $0.name == name }.map(\.number)
        texts.removeAll { $0.name == name }
    }

    /// Has a field not be searched any more.
    mutating func removeSearch(_ name: String) {
        guard let place = schema.fields.firstIndex(where: { $0.name == name }) else { return }
        schema.fields[place].isSearchable = false
        schema.fields[place].search = SearchRules()
        removeText(name)
    }

    /// Has a field that is there be searched from now on, or in another way, where that is all that
    /// a definition says anew of it.
    ///
    /// What it does not say of the way stays. Words in another language are indexed anew, under
    /// another number.
    ///
    /// - Returns: false where it says something else.
    /// - Throws: `.schemaConflict` where it says of a field that is searched that it is not.
    mutating func isSearchedFromNow(_ field: Field, _ known: Field) throws(MnemeError) -> Bool {
        var same = field
        same.isSearchable = known.isSearchable
        same.search = known.search
        guard same == known, let place = schema.fields.firstIndex(of: known) else { return false }
        guard field.isSearchable else {
            throw MnemeError(
                .schemaConflict,
                "field \"\(field.name)\" of collection \"\(schema.name)\" is searchable, and the "
                    + "definition does not say so; say it as it stands, or drop its search, which "
                    + "is the request {\"drop\": {\"search\": {\"collection\": …, \"name\": …}}}"
            )
        }
        let rules = known.search.overridden(by: field.search)
        let isOther = rules.textLanguage != known.search.textLanguage
        schema.fields[place].isSearchable = true
        schema.fields[place].search = rules
        if known.isSearchable, isOther { removeText(field.name) }
        if !known.isSearchable || isOther { lateTexts.insert(field.name) }
        return true
    }
}

extension EdgeType {
    /// Refuses properties whose words are of a language that nobody can stem.
    ///
    /// - Throws: `.badSchema`.
    func checkLanguages() throws(MnemeError) {
        for field in fields { try field.checkLanguage(in: "edge type \"\(name)\"") }
    }

    /// Refuses that a newer definition has the words of a property be searched otherwise: of edges
    /// that are there nobody would index them.
    ///
    /// - Throws: `.schemaConflict`.
    func checkSearchStays(in newer: EdgeType) throws(MnemeError) {
        for field in newer.fields {
            guard let known = fields.first(where: { $0.name == field.name }),
                known.isSearchable != field.isSearchable || known.search != field.search
            else { continue }
            let how = known.isSearchable ? "searched otherwise" : "not searched"
            throw MnemeError(
                .schemaConflict,
                "property \"\(field.name)\" of edge type \"\(name)\" is \(how), and how the words "
                    + "of edges are searched cannot be changed; define another type with it, link "
                    + "the edges anew under that, and drop this one"
            )
        }
    }
}

extension Field {
    /// Refuses words of a language that nobody can stem.
    ///
    /// - Throws: `.badSchema`.
    fileprivate func checkLanguage(in place: String) throws(MnemeError) {
        guard search.textLanguage == nil else { return }
        throw MnemeError(
            .badSchema,
            "\(place), field \"\(name)\": there are no stems of "
                + "\(quoted(search.language ?? "")). Give one of "
                + "\(listed(TextLanguage.names)); none is for words as they are."
        )
    }
}

extension SearchRules {
    /// The language of the words; nil for a name that nobody knows.
    var textLanguage: TextLanguage? {
        language.map { TextLanguage(rawValue: $0) } ?? .english
    }
}

extension Catalog {
    /// The catalog in which a field is not searched any more.
    ///
    /// - Throws: `.unknownCollection`, `.unknownField` where it is not searched.
    func droppingSearch(
        _ field: String,
        of name: String,
        _ draft: inout CatalogDraft
    ) throws(MnemeError) {
        let collection = try collection(name)
        _ = try collection.fieldNumber(field)
        _ = try collection.text(field)
        draft.removeSearch(field, of: collection.number)
    }

    /// The fields that come to be searched in this catalog and may have words in older records,
    /// with their collections.
    func lateTexts(since older: Catalog) -> [(collection: UInt16, text: TextEntry)] {
        collections.flatMap { collection -> [(collection: UInt16, text: TextEntry)] in
            let late = collection.texts.filter { $0.isLate && $0.number >= older.nextNumber }
            return late.map { (collection.number, $0) }
        }
    }

    /// The searched field of a number.
    func text(_ number: UInt16, of collection: UInt16) -> (CollectionEntry, TextEntry)? {
        guard let entry = self.collection(number: collection),
            let text = entry.texts.first(where: { $0.number == number })
        else { return nil }
        return (entry, text)
    }
}
