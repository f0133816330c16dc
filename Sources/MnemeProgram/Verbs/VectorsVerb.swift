// mneme vectors check

internal import Mneme
internal import MnemeCommandLine

/// Measures how much of what is truly nearest is found.
enum VectorsCheckVerb {
    private static let collection = Parameter<String?>(
        option: "collection",
        .text("NAME"),
        "only vector fields of this collection; of all where it is not given"
    )
    private static let edges = Parameter<String?>(
        option: "edges",
        .text("TYPE"),
        "only vector properties of this type of edges"
    )
    private static let field = Parameter<String?>(
        option: "field",
        .text("NAME"),
        "only vector fields of this name"
    )
    private static let recall = Parameter<Double?>(
        option: "recall",
        .float("R", in: VectorType.recalls),
        "how much of what is truly nearest is to be found; where it is not given, what each "
            + "field's definition asks for"
    )
    private static let sample = Parameter(
        option: "questions",
        .int(in: VectorQuestion.samples),
        "how many questions are asked of each field at most",
        default: VectorQuestion.usualSample
    )

    static let command = Command(
        "vectors check",
        "Measures how much of what is truly nearest the searches of vector fields find",
        details: [
            "Asks each field for the 10 nearest in the way that is in use, by walks with several "
                + "beams, and by a scan, and holds the answers against a comparison with every "
                + "vector. The questions are the last that were asked of a store that is open, "
                + "as behind a server; where these are fewer than 20, they are vectors of records, "
                + "which need narrower beams than questions from outside do.",
            "Ends with status 1 where the recall that is wanted is not reached by what is in use.",
        ],
        parameters: StoreOption.readingDeclarations + [
            collection.declaration, edges.declaration, field.declaration, recall.declaration,
            sample.declaration,
        ],
        examples: [
            "vectors check --recall 0.99 --store wordnet.mneme",
            "vectors check --collection memories --questions 50 --store wordnet.mneme",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let question = VectorQuestion(
            collection: invocation[collection],
            edges: invocation[edges],
            field: invocation[field],
            recall: invocation[recall],
            sample: invocation[sample]
        )
        try StoreOption.with(invocation, takesLong: true) { door in
            let checked = try check(door, question, invocation)
            Output(invocation).put(.vectorsChecked(checked)) { VectorsLayout.lines(checked) }
            let short = checked.fields.filter { !$0.isReached }
            if !short.isEmpty { throw failure(short, try door.describe()) }
        }
    }

    /// What the verb ends with where less is found of some fields than is wanted.
    static func failure(_ short: [VectorsChecked.Field], _ schema: Schema) -> Failure {
        Failure(VectorsLayout.advice(short, schema), code: .recallNotReached)
    }

    /// Checks; a store in this process says how far it has come.
    private static func check(
        _ door: any BlockingDoor,
        _ question: VectorQuestion,
        _ invocation: Invocation
    ) throws -> VectorsChecked {
        guard let memory = door.memory else {
            return try Tool.metered("vectors check", invocation) {
                try door.checkVectors(question)
            }
        }
        var meter = Tool.meter("vectors check", unit: "questions", invocation)
        defer { meter.finish() }
        return try memory.checkVectors(question) { meter.advance(to: $0, of: $1) }
    }
}

/// Sets what was measured of vector fields in lines.
enum VectorsLayout {
    static func lines(_ checked: VectorsChecked) -> [String] {
        guard !checked.fields.isEmpty else { return ["No vector field has a vector to ask with."] }
        return Array(checked.fields.map { lines($0) }.joined(separator: [""]))
    }

    /// What is to be done about fields of which less is found than is wanted.
    static func advice(_ short: [VectorsChecked.Field], _ schema: Schema) -> String {
        func names(_ fields: [VectorsChecked.Field]) -> String {
            fields.map { "\($0.collection).\($0.name)" }.joined(separator: ", ")
        }
        func isDefined(_ field: VectorsChecked.Field) -> Bool {
            let fields =
                field.isOfEdges
                ? schema.edgeTypes.first { $0.name == field.collection }?.fields
                : schema.collections.first { $0.name == field.collection }?.fields
            return fields?.first { $0.name == field.name }?.recall != nil
        }
        let beyond = short.filter { $0.least == nil }
        let within = short.filter { $0.least != nil }
        let defined = within.filter(isDefined)
        let others = within.filter { !isDefined($0) }
        var advice = [
            "The recall that is wanted is not reached by what is in use, of \(names(short))."
        ]
        if !beyond.isEmpty {
            advice.append(
                "Of \(names(beyond)) no walk and no scan that was measured finds as much: give "
                    + "questions a recall of 1 or \"exact\", or define the field with a recall of "
                    + "1, which compare with every vector."
            )
        }
        if !others.isEmpty {
            advice.append(
                "Define \(names(others)) with \"recall\", by which the store chooses beams, or "
                    + "give questions a recall or a wider beam."
            )
        }
        if !defined.isEmpty {
            advice.append(
                "By the recall that \(names(defined)) is defined with the store chooses beams "
                    + "already: define a greater one, or give questions a recall or a wider beam."
            )
        }
        return advice.joined(separator: " ")
    }

    private static func lines(_ field: VectorsChecked.Field) -> [String] {
        var counts = [Figures.count(field.vectors, "vector")]
        if field.nodes > 0 {
            counts += [
                "\(Figures.count(field.nodes)) in the graph",
                "\(Figures.count(field.fresh)) not yet",
                "\(Figures.count(field.gone)) gone from it",
            ]
        } else {
            counts.append("no graph")
        }
        let asked =
            switch field.asked {
            case .questions: Figures.count(field.sample, "question") + " of those asked last"
            case .records:
                Figures.count(field.sample, "vector")
                    + " of \(field.isOfEdges ? "edges" : "records"), as too little was asked: "
                    + "questions need wider beams"
            }
        var table = TextTable(
            [("search", .left), ("recall of 10", .right), ("µs", .right)],
            indent: 2
        )
        for way in field.ways { table.add(cells(way)) }
        var lines = ["\(field.collection).\(field.name): \(counts.joined(separator: ", "))"]
        lines.append("  asked with \(asked)")
        lines += table.lines()
        lines.append("  in use: \(words(field.inUse))")
        if let wanted = field.wanted {
            let least = field.least.map { words($0) } ?? "a recall of 1 or exact"
            lines.append(
                (field.isReached ? "  " : "✗ ") + "wanted: \(wanted), "
                    + (field.isReached ? "reached" : "not reached") + "; it takes: \(least)"
            )
        }
        return lines
    }

    private static func cells(_ way: VectorsChecked.Way) -> [String] {
        [
            name(way), Figures.decimal(way.recall, digits: 4),
            Figures.count(Int(way.microseconds)),
        ]
    }

    private static func name(_ way: VectorsChecked.Way) -> String {
        way.beam.map { "a beam of \(Figures.count($0))" } ?? "a scan"
    }

    private static func words(_ way: VectorsChecked.Way) -> String {
        "\(name(way)), recall \(Figures.decimal(way.recall, digits: 4)) in "
            + "\(Figures.count(Int(way.microseconds))) µs"
    }
}
