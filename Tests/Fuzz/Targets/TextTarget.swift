// Runs of postings of strangers, whose checksum is right: what opens is searched, verified and
// merged, and none of it ends anywhere but in an answer or an error. The first byte chooses between
// the bytes of a run and a script that changes a true one.

internal import MnemeBase
internal import MnemeText

/// Runs of postings.
enum TextTarget {
    /// Where the bytes begin that a run's checksum covers.
    private static let covered = 16
    /// Bytes of a run's head that every run has.
    private static let head = 64

    static func run(_ input: [UInt8]) -> String? {
        guard let mode = input.first else { return nil }
        var bytes = Array(input.dropFirst())
        if mode & 1 == 0 {
            bytes = sample
            // A part for the numbers at the beginning, so that they are met as often as the rest.
            ByteScript(input.dropFirst()).apply(to: &bytes, [0..<head, 0..<bytes.count])
        }
        if mode & 2 == 0, bytes.count >= head {
            bytes.put(UInt64(bytes.count), at: 24)
            bytes.put(Checksum.xxh3(Array(bytes[covered...])), at: 8)
        }
        guard let run = try? TextRun(bytes) else { return nil }
        return exercise(run)
    }

    private static func exercise(_ run: TextRun) -> String? {
        let isWhole = (try? run.verify()) != nil
        for scope in [TextScope.all, .owner(1), .owners([0, 2])] {
            for clauses in [[], clauses] {
                let query = TextQuery(
                    terms: [
                        TextTerm(stem: Array("everi".utf8), weight: 1),
                        TextTerm(stem: Array("w1".utf8), weight: 2),
                    ],
                    clauses: clauses,
                    fields: [TextFieldParameters(1), TextFieldParameters(2, k1: 0)],
                    scope: scope,
                    limit: 4,
                    wantsParts: true
                )
                let hits = TextSearch.search(query, in: [TextSource(run)])
                guard hits.count <= query.limit else { return "more hits than were asked for" }
            }
        }
        let stems = ["everi", "w1", "rare", ""].map { Array($0.utf8) }
        _ = TextSearch.termStatistics([run], owner: 1, field: 1, stems: stems)
        for stem in stems {
            _ = run.inspect(field: 1, stem: stem, limit: 9)
            guard var cursor = run.postings(field: 1, stem: stem, owner: 2) else { continue }
            var steps = 0
            while cursor.ordinal != nil {
                cursor.advance()
                steps += 1
                guard steps <= run.documentCount else { return "more postings than documents" }
            }
        }
        _ = run.headNotes
        guard let merged = try? TextRun.merge([run, run]) else {
            return isWhole ? "a whole run cannot be merged" : nil
        }
        guard !isWhole || (try? merged.verify()) != nil else {
            return "what whole runs became is not whole"
        }
        return nil
    }

    private static let clauses = [
        TextClause(.required, [TextWay(1, .prefix(Array("w".utf8), stem: Array("w".utf8)))]),
        TextClause(
            .optional,
            [
                TextWay(
                    1,
                    .phrase([
                        PhraseWord(Array("everi".utf8), offset: 0),
                        PhraseWord(Array("w1".utf8), offset: 1),
                    ])
                )
            ]
        ),
        TextClause(.excluded, [TextWay(2, .word(Array("rare".utf8)))]),
    ]

    /// A true run.
    private static let sample: [UInt8] = {
        var builder = TextRunBuilder(analyzer: TextAnalyzer())
        for index in 0..<140 {
            let text = "every " + String(repeating: "w\(index % 7) ", count: 1 + index % 3)
            let document = TextDocument(
                owner: UInt32(index % 3),
                ordinal: UInt64(index),
                birth: 9,
                fields: [TextField(1, text), TextField(2, index % 50 == 0 ? "rare" : "")]
            )
            guard (try? builder.add(document)) != nil else {
                preconditionFailure("a sample is no document")
            }
        }
        guard let run = try? builder.finish() else { preconditionFailure("no run of samples") }
        return run.bytes.array(0..<run.byteCount)
    }()

    static var seeds: [FuzzSeed] {
        [
            FuzzSeed("true", [0]),
            FuzzSeed("documents", [0] + ByteScript.store(1, part: 0, at: 32)),
            FuzzSeed("postings", [0] + ByteScript.store(7, part: 1, at: UInt16(sample.count / 2))),
            FuzzSeed("whole", [1] + sample),
            FuzzSeed("unsealed", [3] + sample),
        ]
    }
}
