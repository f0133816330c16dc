// `"int"`, `{"oneOf": ["open", "done"]}`, `{"array": "text"}`,
// `{"vector": {"dimension": 384, "element": "float32", "metric": "cosine", "recall": 0.99}}`

extension FieldType: Spelled {
    private static let words: [(String, FieldType)] = [
        ("bool", .bool), ("int", .int), ("float", .float), ("text", .text), ("bytes", .bytes),
        ("uuid", .uuid), ("instant", .instant), ("date", .date), ("json", .json),
    ]
    private static let known = words.map(\.0) + ["oneOf", "array", "vector"]

    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        if case .text(let word) = spelling {
            guard let (_, type) = FieldType.words.first(where: { $0.0 == word }) else {
                throw unknown("field type", word, FieldType.known)
            }
            self = type
            return
        }
        let (name, content) = try spelling.spelledChoice("A field type", FieldType.known)
        switch name {
        case "oneOf": self = .oneOf(try content.spelledTexts("oneOf"))
        case "array": self = .array(try FieldType(spelling: content))
        case "vector": self = .vector(try VectorType(spelling: content))
        default: throw unknown("field type", name, FieldType.known)
        }
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        switch self {
        case .oneOf(let texts): .word("oneOf", .array(texts.map(Value.text)))
        case .array(let element): .word("array", element.spelling)
        case .vector(let vector): .word("vector", vector.spelling)
        default: .text(FieldType.words.first { $0.1 == self }?.0 ?? "")
        }
    }
}

extension VectorType: Spelled {
    /// Reads the spelling: formats/operations.md.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "A vector type")
        self.init(
            dimension: try members.int("dimension"),
            element: try members.optionalWord("element") ?? .float32,
            metric: try members.optionalWord("metric") ?? .cosine,
            model: try members.optionalText("model"),
            recall: try members.optionalFloat("recall")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("dimension", dimension)
        spelling.put("element", element)
        spelling.put("metric", metric)
        spelling.put("model", model)
        if let recall { spelling.put("recall", recall) }
        return spelling.value
    }
}
