// mneme demo: the main job from beginning to end. All of WordNet is remembered in a store on disk,
// then asked, and each answer is explained; then a server and a client do the same.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// Remembers WordNet and asks it some questions.
enum DemoVerb {
    private static let store = Parameter(
        option: "store",
        .text("DIR"),
        "the directory of the store; with --connect its name on the server",
        default: "wordnet.mneme"
    )
    private static let files = Parameter(
        option: "wordnet",
        .text("DIR"),
        "the directory of WordNet's files",
        default: WordNet.directory
    )

    static let command = Command(
        "demo",
        "Remembers all of WordNet and asks it some questions",
        details: [
            "Imports WordNet's 117,659 sets of synonyms with their glosses, and the 364,552 edges "
                + "between them, into a store on disk, embedded and indexed, every commit synced. "
                + "Then asks, and shows how each score came about. A store that has WordNet "
                + "already is only asked.",
            "At the end the store is served on a port of this machine, and a client asks the same: "
                + "its answers must be the same. With --connect everything is done on a store of "
                + "a server that runs already.",
            "Debian's package wordnet-base brings the files.",
        ],
        parameters: [
            store.declaration, StoreOption.connect.declaration, files.declaration,
            KeyOption.file.declaration,
        ],
        examples: ["demo", "demo --store /tmp/wordnet.mneme"],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        let output = Output(invocation)
        let address = invocation[StoreOption.connect]
        if address != nil { try KeyOption.checkNotGiven(invocation) }
        let key = try address == nil ? KeyOption.key(invocation) : nil
        let server = try address == nil ? DemoServer(invocation[store], key) : nil
        let watch = Stopwatch()
        let wordNet = try WordNet(directory: invocation[files])
        let readSeconds = watch.seconds
        output.say([
            "Read \(Figures.count(wordNet.synsets.count)) synsets and "
                + "\(Figures.count(wordNet.edges.count)) edges from \(invocation[files]) in "
                + "\(Figures.seconds(readSeconds))."
        ])
        let work = { (memory: any BlockingDoor) in
            try fillAndAsk(memory, wordNet, readSeconds, output)
        }
        if let address {
            _ = try StoreOption.with(
                StoreOption.remote(address, invocation[store], creating: true, takesLong: true)
            ) { try work($0) }
            output.say([again("--connect \(address) --store \(invocation[store])")])
        } else {
            let directory = invocation[store]
            let (report, answers) = try StoreOption.with(directory, key, creating: true) {
                memory in
                (try work(memory), try DemoAnswers(of: memory))
            }
            try server?.show(answers, output)
            try showFigures(report, readSeconds, directory, output)
            let keyFile = invocation[KeyOption.file].map { " --key-file \($0)" } ?? ""
            output.say([again("--store \(directory)\(keyFile)")])
        }
    }

    private static func again(_ options: String) -> String {
        "Ask more: \(Tool.path) recall \"your question\" --explain \(options)"
    }

    /// Imports, asks everything and shows what the store holds.
    @discardableResult
    private static func fillAndAsk(
        _ memory: any BlockingDoor,
        _ wordNet: WordNet,
        _ readSeconds: Double,
        _ output: Output
    ) throws -> WordNetImport {
        let report = try WordNetImport.run(wordNet, into: memory, .synced) {
            ProgressMeter($0, unit: $1, total: $2, mode: .always)
        }
        output.put(report.spelling(readSeconds: readSeconds)) {
            report.lines(readSeconds: readSeconds)
        }
        for question in DemoQuestion.all { try ask(question, memory, output) }
        try showPath(memory, output)
        let statistics = try memory.statistics()
        output.put(.statistics(statistics)) {
            ["", title("The store"), ""] + StatisticsLayout.lines(statistics, withFiles: false)
        }
        return report
    }

    static func title(_ text: String) -> String {
        let line = "── \(text) "
        return line + String(repeating: "─", count: max(0, Program.width - line.count))
    }

    private static func ask(
        _ question: DemoQuestion,
        _ memory: any BlockingDoor,
        _ output: Output
    ) throws {
        let watch = Stopwatch()
        let recalled = try memory.recall(question.recall)
        let seconds = watch.seconds
        let object: Value = [
            "question": .text(question.recall.question), "recalled": recalled.spelling,
            "seconds": .float(seconds),
        ]
        try output.put(object) {
            var layout = try RecalledLayout.explained(recalled, in: memory)
            layout.showsLeftOut = false
            return ["", title("“\(question.recall.question)”")]
                + ValueLayout.block(question.remark, behind: "") + [""]
                + layout.lines(recalled) + ["", "    answered in \(Figures.seconds(seconds))"]
        }
    }

    /// The shortest way between two memories.
    private static func showPath(_ memory: any BlockingDoor, _ output: Output) throws {
        let watch = Stopwatch()
        let edges = try memory.path(DemoPath.path)
        let seconds = watch.seconds
        let object: Value = [
            "path": edges.map { .array($0.map(\.spelling)) } ?? .null, "seconds": .float(seconds),
        ]
        try output.put(object) {
            let head = ["", title(DemoPath.title), ""]
            guard let edges else { return head + ["They are not."] }
            let label = try RecalledLayout.labels(edges, in: memory)
            let text = ValueLayout.path(edges, to: DemoPath.path.to, label: label)
            return head
                + ValueLayout.block(
                    text,
                    behind: "by \(Figures.count(edges.count, "hypernym")) up and down: "
                ) + [
                    "", "    answered in \(Figures.seconds(seconds))",
                ]
        }
    }

    /// The two figures: how long the import took, and how large the store is now that it is closed.
    private static func showFigures(
        _ report: WordNetImport,
        _ readSeconds: Double,
        _ directory: String,
        _ output: Output
    ) throws {
        let isWhole = report.knownMemories + report.knownEdges == 0
        let importSeconds = readSeconds + report.seconds
        let diskBytes = try DirectorySize.bytes(directory)
        let logBytes = try DirectorySize.bytes(directory + "/log")
        let object: Value = [
            "importSeconds": isWhole ? .float(importSeconds) : .null,
            "diskBytes": .int(Int64(diskBytes)), "logBytes": .int(Int64(logBytes)),
        ]
        output.put(object) {
            let imported =
                isWhole ? Figures.seconds(importSeconds) : "not measured, it was there already"
            return [
                "", "import   \(imported)",
                "on disk  \(Figures.bytes(diskBytes)), of which the log is "
                    + "\(Figures.bytes(logBytes)) and the indexes the rest",
                "",
            ]
        }
    }
}

/// How much is in a directory.
enum DirectorySize {
    /// The lengths of all files in it and below it.
    ///
    /// - Throws: `DiskError`.
    static func bytes(_ directory: String, on disk: any Disk = RealDisk()) throws -> Int {
        var sum = 0
        for name in try disk.list(directory) {
            let path = "\(directory)/\(name)"
            if (try? disk.list(path)) != nil {
                sum += try bytes(path, on: disk)
            } else {
                let file = try disk.open(path, .read)
                sum += Int(try file.byteCount())
                try file.close()
            }
        }
        return sum
    }
}
