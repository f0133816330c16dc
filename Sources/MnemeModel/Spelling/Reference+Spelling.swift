// `"notes/note-1"` for keys of text, `{"collection": "notes", "key": 17}` for any.

extension Reference: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let text) = spelling {
            guard let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")), slash > text.startIndex
            else {
                throw wrong("A reference", "\"collection/key\" or an object of both", spelling)
            }
            self.init(
                String(text[..<slash]),
                .text(String(text[text.utf8.index(after: slash)...]))
            )
            return
        }
        var members = try SpelledMembers(spelling, of: "A reference")
        self.init(try members.text("collection"), try members.noun("key"))
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        if case .text(let key) = key, !collection.isEmpty, !collection.utf8.contains(slash) {
            return .text("\(collection)/\(key)")
        }
        return ["collection": .text(collection), "key": key.spelling]
    }
}

private let slash = UInt8(ascii: "/")
