// The network part of the demonstration: the store is served, and a client asks the same questions
// over TCP. Nothing goes on if it hears anything else than was answered in this process.

internal import Mneme
internal import MnemeCommandLine
internal import MnemeServer
internal import MnemeTransport

/// The store of the demonstration behind a server.
struct DemoServer {
    /// The directory that the server has its stores in, and the name of this one.
    private let root: String
    private let name: String
    private let key: MasterKey?

    /// The store in a directory, and its master key.
    ///
    /// - Throws: `CommandLineError` for a directory whose name no store of a server may have.
    init(_ directory: String, _ key: MasterKey?) throws(CommandLineError) {
        self.key = key
        var path = Substring(directory)
        while path.count > 1, path.last == "/" { path.removeLast() }
        let slash = path.lastIndex(of: "/")
        let name = String(slash.map { path[path.index(after: $0)...] } ?? path)
        guard StoreShelf.isName(name) else {
            throw CommandLineError(
                "The demonstration also serves the store, under the name of its directory, and "
                    + "\"\(name)\" is none: a store's name has at most 64 letters, digits, dots, "
                    + "hyphens and underscores, the first no dot. Choose another --store."
            )
        }
        self.name = name
        root = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Asks through a client what was answered before, and says how both went.
    ///
    /// - Throws: what starting, connecting and asking do; `Failure` for other answers than
    ///   `expected`, and when the server does not end well.
    func show(_ expected: DemoAnswers, _ output: Output) throws {
        var options = ServerOptions(root: root, addresses: [.tcp(host: "127.0.0.1", port: 0)])
        options.createsStores = false
        options.masterKey = key
        options.name = "mneme \(Tool.version)"
        let server = try Server(options)
        let heard: (answers: DemoAnswers, address: String, openSeconds: Double)
        do {
            heard = try ask(server)
        } catch {
            // What went wrong first is what is told.
            _ = server.stop()
            throw error
        }
        let differences = expected.differences(from: heard.answers)
        guard differences.isEmpty else {
            _ = server.stop()
            throw Failure(
                "The server does not answer what the same store answered in this process: "
                    + differences.joined(separator: "; ") + ". Report it.",
                code: .corrupt
            )
        }
        let watch = Stopwatch()
        if let (store, error) = server.stop().first {
            throw Failure("The store \(store) did not close well: \(error)", code: error.code)
        }
        report(expected, heard.answers, heard.address, heard.openSeconds, watch.seconds, output)
    }

    private func ask(
        _ server: Server
    ) throws -> (answers: DemoAnswers, address: String, openSeconds: Double) {
        guard let address = server.addresses.first?.description else {
            throw Failure("The server listens nowhere. Report it.")
        }
        let watch = Stopwatch()
        let door = try StoreOption.remote(address, name, creating: false, takesLong: true)
        let openSeconds = watch.seconds
        let answers = try DemoAnswers(of: door)
        try door.close()
        return (answers, address, openSeconds)
    }

    private func report(
        _ inside: DemoAnswers,
        _ outside: DemoAnswers,
        _ address: String,
        _ openSeconds: Double,
        _ stopSeconds: Double,
        _ output: Output
    ) {
        let rows = zip(DemoAnswers.titles, zip(inside.seconds, outside.seconds))
        let object: Value = [
            "network": [
                "address": .text(address), "same": true, "openSeconds": .float(openSeconds),
                "stopSeconds": .float(stopSeconds),
                "questions": .array(
                    rows.map { title, seconds in
                        [
                            "question": .text(title), "seconds": .float(seconds.0),
                            "secondsOverConnection": .float(seconds.1),
                        ]
                    }
                ),
            ]
        ]
        output.put(object) {
            var table = TextTable([
                ("asked again", .left), ("in this process", .right), ("by a client", .right),
            ])
            for (title, seconds) in rows {
                table.add([title, Figures.seconds(seconds.0), Figures.seconds(seconds.1)])
            }
            return ["", DemoVerb.title("The same, through a server"), ""]
                + ValueLayout.block(
                    "A server on \(address) opened the store, and a client connected, in "
                        + "\(Figures.seconds(openSeconds)).",
                    behind: ""
                ) + [""] + table.lines() + [
                    "",
                    "All \(rows.underestimatedCount) answers are the same. The server closed the "
                        + "store and ended in \(Figures.seconds(stopSeconds)).",
                ]
        }
    }
}
