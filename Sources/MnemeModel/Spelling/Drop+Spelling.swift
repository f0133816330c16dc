// `{"index": {"collection": "notes", "name": "byTitle"}}`, `{"collection": {"name": "notes"}}`

extension Drop: Spelled {
    /// The words for what goes.
    private static let words = ["index", "collection", "edge", "field", "search"]

    /// Reads the spelling: formats/operations.md#drop.
    public init(spelling: Value) throws(MnemeError) {
        let (word, content) = try spelling.spelledChoice("drop", Drop.words)
        guard Drop.words.contains(word) else { throw unknown("thing to drop", word, Drop.words) }
        var members = try SpelledMembers(content, of: "drop.\(word)")
        if word == "field" || word == "search" {
            let collection = try members.text("collection")
            let name = try members.text("name")
            self =
                word == "field"
                ? .field(collection: collection, name: name)
                : .search(collection: collection, name: name)
            try members.finish()
            return
        }
        if word != "index" {
            let name = try members.text("name")
            self = word == "edge" ? .edgeType(name) : .collection(name)
            try members.finish()
            return
        }
        if let type = try members.optionalText("edge") {
            self = .edgeIndex(type: type, name: try members.text("name"))
        } else {
            self = .index(
                collection: try members.text("collection"),
                name: try members.text("name")
            )
        }
        try members.finish()
    }

    /// The spelling: formats/operations.md#drop.
    public var spelling: Value {
        switch self {
        case .index(let collection, let name):
            .word("index", ["collection": .text(collection), "name": .text(name)])
        case .edgeIndex(let type, let name):
            .word("index", ["edge": .text(type), "name": .text(name)])
        case .collection(let name): .word("collection", ["name": .text(name)])
        case .edgeType(let name): .word("edge", ["name": .text(name)])
        case .field(let collection, let name):
            .word("field", ["collection": .text(collection), "name": .text(name)])
        case .search(let collection, let name):
            .word("search", ["collection": .text(collection), "name": .text(name)])
        }
    }
}
