// The query that people type, taken apart: words, "phrases", beginnings*, each with + or - before
// it and field: if need be. Its grammar: formats/operations.md#match.

/// What a query says of one clause.
package struct QueryPart: Equatable, Sendable {
    /// Whether a record must have it, must not, or is lifted by it.
    package enum Sign: Sendable {
        case must
        case should
        case not
    }

    package let sign: Sign
    package let clause: MatchClause
    /// The character, from 1, at which it begins.
    package let place: Int

    /// A part; of a clause that was given by itself the place is 0.
    package init(sign: Sign, clause: MatchClause, place: Int) {
        self.sign = sign
        self.clause = clause
        self.place = place
    }
}

/// Reads a query from its beginning to its end.
package struct QueryParser {
    private let characters: [Character]
    private var place = 0

    private init(_ query: String) { characters = Array(query) }

    /// The parts of a query in their order.
    ///
    /// - Throws: `.badQuery`, which says at which character.
    package static func parts(of query: String) throws(MnemeError) -> [QueryPart] {
        var parser = QueryParser(query)
        var parts: [QueryPart] = []
        while let part = try parser.next() { parts.append(part) }
        return parts
    }

    private func fault(_ start: Int, _ what: String) -> MnemeError {
        MnemeError(.badQuery, "query, character \(start + 1): \(what)")
    }

    private var current: Character? { place < characters.count ? characters[place] : nil }

    private mutating func next() throws(MnemeError) -> QueryPart? {
        while let current, current.isWhitespace { place += 1 }
        guard current != nil else { return nil }
        let start = place
        var sign = QueryPart.Sign.should
        if current == "+" || current == "-" {
            sign = current == "+" ? .must : .not
            place += 1
        }
        let field = try fieldName()
        guard let current, !current.isWhitespace else {
            throw fault(
                start,
                "nothing stands behind \(quoted(String(characters[start..<place]))); write the "
                    + "word right behind it, or put a backslash before it"
            )
        }
        let clause = try current == "\"" ? phrase(field) : word(field)
        return QueryPart(sign: sign, clause: clause, place: start + 1)
    }

    /// The name before a colon, where there is one.
    private mutating func fieldName() throws(MnemeError) -> String? {
        var end = place
        while end < characters.count,
            characters[end].isLetter || characters[end].isNumber || characters[end] == "_"
        {
            end += 1
        }
        guard end > place, end < characters.count, characters[end] == ":" else { return nil }
        defer { place = end + 1 }
        return String(characters[place..<end])
    }

    private mutating func phrase(_ field: String?) throws(MnemeError) -> MatchClause {
        let start = place
        place += 1
        var text = ""
        while let current, current != "\"" {
            if current == "\\", place + 1 < characters.count { place += 1 }
            text.append(characters[place])
            place += 1
        }
        guard current != nil else {
            throw fault(start, "a quotation mark is not closed; close it, or leave it out")
        }
        place += 1
        if current == "*" {
            throw fault(place, "a phrase has no beginnings; leave the star out")
        }
        return MatchClause(.phrase, text, in: field)
    }

    private mutating func word(_ field: String?) throws(MnemeError) -> MatchClause {
        let start = place
        var text = ""
        while let current, !current.isWhitespace, current != "\"" {
            if current == "*" { return try prefix(text, field, start) }
            if current == "\\", place + 1 < characters.count { place += 1 }
            text.append(characters[place])
            place += 1
        }
        return MatchClause(.word, text, in: field)
    }

    private mutating func prefix(
        _ text: String,
        _ field: String?,
        _ start: Int
    ) throws(MnemeError) -> MatchClause {
        if text.isEmpty {
            throw fault(start, "a star stands alone; write the beginning of the word before it")
        }
        place += 1
        if let current, !current.isWhitespace {
            throw fault(
                place - 1,
                "a star stands inside a word, and is understood at its end alone; put a backslash "
                    + "before it where it is meant"
            )
        }
        return MatchClause(.prefix, text, in: field)
    }
}
