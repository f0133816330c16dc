// `{"fields": ["text"], "before": "<b>", "after": "</b>", "length": 160, "count": 3}`, and what
// comes of it: `{"text": "a cup of **tea**", "start": 0, "words": [[9, 12]]}`.

extension Highlight: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "highlight")
        self.init()
        fields = try members.optionalTexts("fields")
        before = try members.optionalText("before") ?? before
        after = try members.optionalText("after") ?? after
        length = try members.optionalInt("length") ?? length
        count = try members.optionalInt("count") ?? count
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        let standard = Highlight()
        var spelling = Spelling()
        spelling.put("fields", optional: fields)
        if before != standard.before { spelling.put("before", before) }
        if after != standard.after { spelling.put("after", after) }
        spelling.put("length", length, unless: standard.length)
        spelling.put("count", count, unless: standard.count)
        return spelling.value
    }
}

extension Snippet: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A snippet")
        var words: [Range<Int>] = []
        for word in try members.required("words").spelledArray("A snippet.words") {
            guard case .array(let ends) = word, ends.count == 2, let first = ends[0].int,
                let end = ends[1].int, first <= end
            else { throw wrong("A snippet.words", "pairs of places", word) }
            words.append(Int(first)..<Int(end))
        }
        self.init(
            text: try members.text("text"),
            start: try members.int("start"),
            words: words
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        [
            "text": .text(text), "start": .int(Int64(start)),
            "words": .array(
                words.map { .array([.int(Int64($0.lowerBound)), .int(Int64($0.upperBound))]) }
            ),
        ]
    }
}
