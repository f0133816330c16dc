// The words that a question matched, shown in the texts of its rows.

internal import MnemeModel
internal import MnemePages
internal import MnemeText

extension StateReader {
    /// Adds to rows the parts of their texts that match.
    func add(
        _ highlight: Highlight,
        _ plan: MatchPlan,
        to rows: inout [Found.Row],
        _ hits: [(ordinal: UInt64, score: Float)],
        _ collection: CollectionEntry,
        _ analyzer: TextAnalyzer
    ) throws(StoreError) {
        // Rows may stand in another order than hits.
        var places: [Key: Int] = [:]
        for (place, row) in rows.enumerated() { places[row.record.reference.key] = place }
        for hit in hits {
            let record = try stored(hit.ordinal)
            guard let place = places[record.key] else { continue }
            rows[place].highlights = try Self.snippets(highlight, plan, analyzer) { name in
                collection.fieldNumbers[name].flatMap { record[$0].text }
            }
        }
    }

    /// The parts of some texts that match, by field; `text` gives the text of a field.
    static func snippets(
        _ highlight: Highlight,
        _ plan: MatchPlan,
        _ analyzer: TextAnalyzer,
        text: (String) -> String?
    ) throws(StoreError) -> [String: [Snippet]] {
        var found: [String: [Snippet]] = [:]
        for entry in plan.fields.map(\.entry)
        where highlight.fields?.contains(entry.name) ?? true {
            guard let text = text(entry.name) else { continue }
            let highlighter = TextHighlighter(
                plan.patterns(in: entry.number),
                language: entry.language
            )
            do throws(TextError) {
                let ranges = try highlighter.ranges(in: text, analyzer)
                guard !ranges.isEmpty else { continue }
                found[entry.name] = highlight.snippets(of: text, ranges)
            } catch {
                throw .inconsistent("the text index has no stemmer: \(error)")
            }
        }
        return found
    }
}

extension Highlight {
    /// The first snippets of a text whose words at some bytes matched.
    fileprivate func snippets(of text: String, _ ranges: [Range<Int>]) -> [Snippet] {
        let scalars = Array(text.unicodeScalars)
        let words = Self.places(of: ranges, in: scalars)
        if length == 0 { return [snippet(scalars, 0..<scalars.count, words[...])] }
        var snippets: [Snippet] = []
        var next = 0
        var end = 0
        while next < words.count, snippets.count < count {
            // As many words as fit, with what is left of the length around them.
            let first = words[next]
            var last = next
            while last + 1 < words.count,
                words[last + 1].upperBound - first.lowerBound <= length
            {
                last += 1
            }
            let room = max(0, length - (words[last].upperBound - first.lowerBound))
            let start = Self.start(max(end, first.lowerBound - room / 2), first, scalars)
            let stop = Self.end(
                min(scalars.count, max(words[last].upperBound, start + length)),
                words[last],
                next: last + 1 < words.count ? words[last + 1].lowerBound : scalars.count,
                scalars
            )
            snippets.append(snippet(scalars, start..<stop, words[next...last]))
            end = stop
            next = last + 1
        }
        return snippets
    }

    /// Ranges of bytes as ranges of scalars.
    private static func places(
        of ranges: [Range<Int>],
        in scalars: [Unicode.Scalar]
    ) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var byte = 0
        var index = 0
        func scalar(at wanted: Int) -> Int {
            while byte < wanted, index < scalars.count {
                byte += UTF8.width(scalars[index])
                index += 1
            }
            return index
        }
        for range in ranges {
            let first = scalar(at: range.lowerBound)
            places.append(first..<scalar(at: range.upperBound))
        }
        return places
    }

    /// The beginning of a snippet: no word is cut where a space is near.
    private static func start(
        _ wanted: Int,
        _ word: Range<Int>,
        _ scalars: [Unicode.Scalar]
    ) -> Int {
        if wanted == 0 { return 0 }
        var start = wanted
        while start < word.lowerBound, !scalars[start - 1].properties.isWhitespace { start += 1 }
        return start == word.lowerBound ? wanted : start
    }

    /// The end of a snippet, in front of the next word that matched.
    private static func end(
        _ wanted: Int,
        _ word: Range<Int>,
        next: Int,
        _ scalars: [Unicode.Scalar]
    ) -> Int {
        let limit = min(wanted, max(next, word.upperBound))
        if limit == scalars.count { return limit }
        var end = limit
        while end > word.upperBound, !scalars[end].properties.isWhitespace { end -= 1 }
        return end == word.upperBound ? limit : end
    }

    private func snippet(
        _ scalars: [Unicode.Scalar],
        _ range: Range<Int>,
        _ words: ArraySlice<Range<Int>>
    ) -> Snippet {
        var text = String.UnicodeScalarView()
        var place = range.lowerBound
        for word in words {
            text.append(contentsOf: scalars[place..<word.lowerBound])
            text.append(contentsOf: before.unicodeScalars)
            text.append(contentsOf: scalars[word])
            text.append(contentsOf: after.unicodeScalars)
            place = word.upperBound
        }
        text.append(contentsOf: scalars[place..<range.upperBound])
        return Snippet(text: String(text), start: range.lowerBound, words: Array(words))
    }
}

extension CollectionEntry {
    /// The most bytes of a mark, which a text may have as often as it has words.
    private static let markByteCount = 100

    /// Refuses to show words where none are matched, and numbers out of their bounds.
    ///
    /// - Throws: `.badRequest`, `.unknownField`.
    func check(_ highlight: Highlight?, of find: Find) throws(MnemeError) {
        guard let highlight else { return }
        guard find.match != nil else {
            throw MnemeError(
                .badRequest,
                "\"highlight\" shows the words that \"match\" found, and the question has none; "
                    + "give a match, or leave highlight out"
            )
        }
        for name in highlight.fields ?? [] { _ = try text(name) }
        for (name, mark) in [("before", highlight.before), ("after", highlight.after)]
        where mark.utf8.count > Self.markByteCount {
            throw MnemeError(
                .badRequest,
                "highlight.\(name) has \(mark.utf8.count) bytes; give at most "
                    + "\(Self.markByteCount)"
            )
        }
        for (name, number, bounds) in [
            ("length", highlight.length, Highlight.lengths),
            ("count", highlight.count, Highlight.counts),
        ] where !bounds.contains(number) {
            throw MnemeError(
                .badRequest,
                "highlight.\(name) is \(number); give \(bounds.lowerBound) to \(bounds.upperBound)"
            )
        }
    }
}
