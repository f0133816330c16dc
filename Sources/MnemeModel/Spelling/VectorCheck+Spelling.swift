// `{"collection": "notes", "field": "meaning", "recall": 0.99}`, and what is answered

extension VectorQuestion: Spelled {
    /// Reads the spelling: formats/operations.md#vectorscheck.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "vectors.check")
        self.init(
            collection: try members.optionalText("collection"),
            edges: try members.optionalText("edges"),
            field: try members.optionalText("field"),
            recall: try members.optionalFloat("recall"),
            sample: try members.optionalInt("sample") ?? Self.usualSample
        )
        try members.finish()
        guard collection == nil || edges == nil else {
            throw MnemeError(
                .badRequest,
                "vectors.check has both collection and edges; give one of them, or neither for all"
            )
        }
    }

    /// The spelling: formats/operations.md#vectorscheck.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("collection", collection)
        spelling.put("edges", edges)
        spelling.put("field", field)
        if let recall { spelling.put("recall", recall) }
        spelling.put("sample", sample, unless: Self.usualSample)
        return spelling.value
    }
}

extension VectorsChecked: Spelled {
    /// Reads the spelling: formats/operations.md#vectorschecked.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "vectorsChecked")
        self.init(
            fields: try members.nouns("fields"),
            sequence: try members.unsigned("sequence")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#vectorschecked.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put("fields", fields)
        spelling.put("sequence", sequence)
        return spelling.value
    }
}

extension VectorsChecked.Field: Spelled {
    /// Reads the spelling: formats/operations.md#vectorschecked.
    ///
    /// What follows from the rest, `isReached` and `least`, is passed over.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "vectorsChecked.fields")
        let edges = try members.optionalText("edges")
        let collection = if let edges { edges } else { try members.text("collection") }
        self.init(
            collection: collection,
            isOfEdges: edges != nil,
            name: try members.text("field"),
            vectors: try members.int("vectors"),
            nodes: try members.int("nodes"),
            fresh: try members.int("fresh"),
            gone: try members.int("gone"),
            asked: try members.word("asked"),
            sample: try members.int("sample"),
            inUse: try members.noun("inUse"),
            ways: try members.nouns("ways"),
            wanted: try members.optionalFloat("wanted")
        )
        _ = members.value("isReached")
        _ = members.value("least")
        try members.finish()
    }

    /// The spelling: formats/operations.md#vectorschecked.
    public var spelling: Value {
        var spelling = Spelling()
        spelling.put(isOfEdges ? "edges" : "collection", collection)
        spelling.put("field", name)
        spelling.put("vectors", vectors)
        spelling.put("nodes", nodes)
        spelling.put("fresh", fresh)
        spelling.put("gone", gone)
        spelling.put("asked", asked)
        spelling.put("sample", sample)
        spelling.put("inUse", inUse)
        spelling.put("ways", ways)
        if let wanted {
            spelling.put("wanted", wanted)
            spelling.put("isReached", isReached)
            spelling.put("least", least)
        }
        return spelling.value
    }
}

extension VectorsChecked.Way: Spelled {
    /// Reads the spelling: formats/operations.md#vectorschecked.
    public init(spelling: Value) throws(MnemeError) {
        var members = try SpelledMembers(spelling, of: "vectorsChecked.fields.ways")
        self.init(
            beam: try members.optionalInt("beam"),
            recall: try members.float("recall"),
            microseconds: try members.float("microseconds")
        )
        try members.finish()
    }

    /// The spelling: formats/operations.md#vectorschecked.
    public var spelling: Value {
        var spelling = Spelling()
        if let beam { spelling.put("beam", beam) }
        spelling.put("recall", recall)
        spelling.put("microseconds", microseconds)
        return spelling.value
    }
}
