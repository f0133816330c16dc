// mneme serve

internal import Mneme
internal import MnemeClient
internal import MnemeCommandLine
internal import MnemeServer
internal import MnemeTransport

/// Serves the stores under a directory.
enum ServeVerb {
    private static let root = Parameter(
        required: "root",
        .text("DIR"),
        "the directory that holds a directory for each store"
    )
    private static let listen = Parameter(
        option: "listen",
        .text("ADDRESS"),
        "where to listen: HOST:PORT or unix:/PATH, several with commas between; port 0 lets the "
            + "system choose",
        default: "127.0.0.1:\(Client.defaultPort)"
    )
    private static let keepsOut = Parameter(
        flag: "no-create",
        "refuses names of stores that are not there, instead of making them"
    )
    private static let backups = Parameter<String?>(
        option: "backups",
        .text("DIR"),
        "lets clients have their stores backed up, each below DIR in a directory of its own name; "
            + "without it the verb backup is refused to them"
    )
    private static let durability = Parameter(
        option: "durability",
        .word(Durability.self),
        "how long commits are waited for where a request does not say: those of remember, relate, "
            + "forget, define and of sessions; put, delete, link and unlink always say it",
        default: .synced
    )
    private static let certificate = Parameter<String?>(
        option: "tls-cert",
        .text("FILE"),
        "speaks TLS, with the certificate of this PEM file and those behind it; a file that "
            + "changes is read again"
    )
    private static let certificateKey = Parameter<String?>(
        option: "tls-key",
        .text("FILE"),
        "the PEM file with the certificate's key; the same file where it is not given"
    )
    private static let authorities = Parameter<String?>(
        option: "tls-clients",
        .text("FILE"),
        "the PEM file with the authorities whose certificates clients may show in the place of a "
            + "token: one counts as the token that its common name names"
    )
    private static let connections = Parameter<Int?>(
        option: "connections",
        .int(in: 1...1_000_000),
        "how many clients may be connected at one time; where nothing is said "
            + "\(ServerOptions.usualConnectionLimit), or what the limit of open files allows"
    )
    private static let buffers = Parameter(
        option: "buffers",
        .int("MIB", in: 64...1_048_576),
        "how much is kept of requests without an answer, and of answers that nobody has taken, for "
            + "all clients together; with more, the client that has most of it is disconnected",
        default: ServerOptions.usualBurdenLimit >> 20
    )
    static let grace = Parameter(
        option: "grace",
        .int("SECONDS", in: 0...3600),
        "how long requests in flight may take when the server ends",
        default: 5
    )

    private static let metrics = Parameter<String?>(
        option: "metrics",
        .text("HOST:PORT"),
        "tells figures for Prometheus (/metrics) and whether all is well (/health) over HTTP there"
    )
    private static let check = Parameter(
        flag: "check",
        "looks whether a server could start so, says which options hold and whence they are, and "
            + "serves nothing"
    )

    static let command = Command(
        "serve",
        "Serves the stores under a directory to clients",
        details: [
            "Clients, and every verb with --connect, name a store; it is opened when the first one "
                + "asks, made where it is not there and the client wants that, and closed when the "
                + "server ends. At most 256 are open at once, fewer where descriptors are few "
                + "(ulimit -n), each with threads and files of its own. SIGTERM and SIGINT end "
                + "the server: what is in flight is answered first. SIGHUP has it read the "
                + "certificate, the tokens and the file of --config again, and open the file of "
                + "its log again. Of the options of that file "
                + ServeReload.taken.sorted().joined(separator: ", ")
                + " count at once, for who is connected, too; which others have changed, and wait "
                + "until it is started again, is told in the log. From a file that cannot be read, "
                + "or does not hold, nothing is taken, and the log says why.",
            "Its log has a line for each thing that happens: a time in UTC, how much it matters, "
                + "what it is, and then names and values. Nothing of what stores remember is in "
                + "it: of slow requests it tells how they were answered and what was asked by its "
                + "fields and operators alone, unless --slow-values is given.",
            "Under systemd it says when it is ready, and listens on the sockets that are passed to "
                + "it in the place of --listen.",
            "With a key, every store is encrypted that the server makes, and those that are not "
                + "encrypted are refused.",
            "Where there are tokens (mneme token add) nobody is let in without one. Without both "
                + "a certificate and tokens only addresses of this machine and Unix sockets are "
                + "listened on. The file of a Unix socket is for its own user alone (mode 0600).",
        ],
        parameters: [
            root.declaration, listen.declaration, keepsOut.declaration, grace.declaration,
            durability.declaration, backups.declaration, connections.declaration,
            buffers.declaration, metrics.declaration, KeyOption.file.declaration,
            certificate.declaration, certificateKey.declaration, authorities.declaration,
        ] + LogOption.declarations + [Settings.file.declaration, check.declaration],
        examples: [
            "serve --root stores", "serve --root stores --listen unix:/run/mneme.sock",
            "serve --root stores --log /tmp/mneme.log --log-format json --slow 100",
            "serve --root stores --config mneme.conf --check",
        ],
        run: run
    )

    private static func files(_ invocation: Invocation) throws(CommandLineError) -> TLSFiles? {
        guard let path = invocation[certificate] else {
            guard !invocation.has(certificateKey), !invocation.has(authorities) else {
                throw CommandLineError("TLS needs a certificate: give --tls-cert FILE.")
            }
            return nil
        }
        return TLSFiles(
            certificate: path,
            key: invocation[certificateKey] ?? path,
            authorities: invocation[authorities]
        )
    }

    private static let isOpen =
        "There are no tokens: whoever reaches these addresses, all of this machine, may do "
        + "everything. \"mneme token add\" makes one."

    private static func run(_ invocation: Invocation) throws {
        // Before there are threads, which inherit it.
        EndSignals.hold()
        var options = try options(invocation)
        options.sockets = try ServiceManager.sockets()
        options.masterKey = try KeyOption.key(invocation)
        if invocation[check] { return try tell(options, invocation) }
        let log = try LogOption.open(invocation, for: &options)
        defer { log.close() }
        let server = try Server(options)
        let names = server.addresses.map { "\($0)" }
        var told: [String: Value] = ["listening": .array(names.map { .text($0) })]
        var lines = names.map { "Listening on \($0)." }
        if let place = server.metricsAddress {
            told["metrics"] = .text("\(place)")
            lines.append("Figures are on http://\(place)/metrics.")
        }
        if !server.tokens.isRequired { lines.append(isOpen) }
        Output(invocation).put(.map(told)) { lines }
        ServiceManager.say(.ready)
        var reload = ServeReload(invocation, server, log)
        EndSignals.wait { reload.run() }
        ServiceManager.say(.stopping)
        let failures = server.stop(within: Int64(reload.graceSeconds) * 1_000_000)
        if let (name, error) = failures.min(by: { $0.key < $1.key }) {
            throw Failure("The store \(name) did not close well: \(error)")
        }
    }

    /// How a server is set up, but for sockets that are passed to it and its key, which are had
    /// once.
    static func options(_ invocation: Invocation) throws -> ServerOptions {
        let descriptors = DescriptorLimit.raise()
        var addresses: [Address] = []
        for text in invocation[listen].split(separator: ",") {
            addresses.append(try address(String(text), of: "--listen"))
        }
        var options = ServerOptions(root: invocation[root], addresses: addresses)
        if let text = invocation[metrics] {
            options.metricsAddress = try address(text, of: "--metrics")
        }
        options.createsStores = !invocation[keepsOut]
        let wanted = invocation[connections]
        if let wanted { options.connectionLimit = wanted }
        options.fit(descriptors: descriptors)
        if let wanted, options.connectionLimit < wanted {
            throw Failure(
                "\(wanted) connections need more files open at one time than the \(descriptors) "
                    + "that the system allows, which suffice for \(options.connectionLimit). "
                    + "Raise the limit (ulimit -n, LimitNOFILE= of a unit), or ask for fewer."
            )
        }
        options.durability = invocation[durability]
        options.backups = invocation[backups]
        options.burdenLimit = invocation[buffers] << 20
        options.tls = try files(invocation)
        options.name = "mneme \(Tool.version)"
        try LogOption.read(invocation, into: &options)
        return options
    }

    private static func address(
        _ text: String,
        of label: String
    ) throws(CommandLineError) -> Address {
        do throws(TransportError) {
            return try Address(parsing: text, standardPort: Client.defaultPort)
        } catch {
            throw CommandLineError("\(label): \(error)")
        }
    }

    /// Prints what holds and whence it is, where a server could start so.
    private static func tell(_ options: ServerOptions, _ invocation: Invocation) throws {
        try Server.check(options)
        try LogOption.check(invocation)
        let settings = invocation.settings.filter { $0.name != "check" }
        let spelled = settings.map { setting in
            Value.map([
                "name": .text(setting.name),
                "value": setting.text.map { .text($0) } ?? .null,
                "from": .text("\(setting.origin)"),
            ])
        }
        Output(invocation).put(["settings": .array(spelled)]) {
            var table = TextTable([("option", .left), ("value", .left), ("from", .left)])
            for setting in settings {
                table.add([setting.name, setting.text ?? "none", "\(setting.origin)"])
            }
            return table.lines() + [
                "", "These go together; whether the addresses are free is seen at the start.",
            ]
        }
    }
}
