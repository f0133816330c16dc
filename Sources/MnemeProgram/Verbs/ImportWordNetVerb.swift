// mneme import wordnet

internal import Mneme
internal import MnemeCommandLine

/// Imports WordNet from its own files.
enum ImportWordNetVerb {
    private static let directory = Parameter(
        argument: "DIR",
        .text("DIR"),
        "the directory of WordNet's files",
        default: WordNet.directory
    )

    static let command = Command(
        "import wordnet",
        "Imports WordNet from its own data files",
        details: [
            "Every synset becomes a memory with a key such as n02084071, every pointer between two "
                + "synsets an edge. They belong to the owner wordnet. The store is created when it "
                + "is not there; what is in it already is not imported again, so that an import "
                + "that was broken off goes on.",
            "Debian's package wordnet-base brings the files.",
        ],
        parameters: [directory.declaration] + StoreOption.declarations + [
            StoreOption.durability.declaration
        ],
        examples: ["import wordnet --store wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let watch = Stopwatch()
        let wordNet = try WordNet(directory: invocation[directory])
        let readSeconds = watch.seconds
        try StoreOption.with(invocation, creating: true, takesLong: true) { memory in
            let report = try WordNetImport.run(
                wordNet,
                into: memory,
                StoreOption.durability(invocation)
            ) { Tool.meter($0, unit: $1, total: $2, invocation) }
            Output(invocation).put(report.spelling(readSeconds: readSeconds)) {
                report.lines(readSeconds: readSeconds)
            }
        }
    }
}

extension WordNetImport {
    /// What was done, as an object.
    func spelling(readSeconds: Double) -> Value {
        [
            "imported": [
                "memories": .int(Int64(memories)), "knownMemories": .int(Int64(knownMemories)),
                "edges": .int(Int64(edges)), "knownEdges": .int(Int64(knownEdges)),
                "readSeconds": .float(readSeconds), "seconds": .float(readSeconds + seconds),
            ]
        ]
    }

    /// What was done, for people.
    func lines(readSeconds: Double) -> [String] {
        var lines: [String] = []
        if memories + edges > 0 {
            lines.append(
                "Imported \(Figures.count(memories, "memory", "memories")) and "
                    + "\(Figures.count(edges, "edge")) in "
                    + "\(Figures.seconds(readSeconds + seconds)), of which reading the files took "
                    + "\(Figures.seconds(readSeconds))."
            )
        }
        if knownMemories + knownEdges > 0 {
            lines.append(
                "\(Figures.count(knownMemories, "memory", "memories")) and "
                    + "\(Figures.count(knownEdges, "edge")) were there already."
            )
        }
        return lines
    }
}
