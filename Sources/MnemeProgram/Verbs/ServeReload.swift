// What SIGHUP has mneme serve do: its files are read again, and of its options those are taken over
// that a running server can change. What holds: an option that is taken over counts as the files
// say now, every other as it did at the start, and a file that does not hold changes none.

internal import Mneme
internal import MnemeCommandLine
internal import MnemeServer
internal import MnemeTransport

/// Reads the settings of a running server again.
struct ServeReload {
    /// The options that count at once.
    static let taken: Set<String> = [
        "buffers", "connections", "grace", "log", "log-format", "log-level", "no-create", "slow",
        "slow-values",
    ]

    private let server: Server
    private let log: EventLog
    /// What the options are that hold, by name.
    private var holding: [String: String?]
    /// How long requests in flight may take when the server ends.
    private(set) var graceSeconds: Int

    /// A server that was started as a command line says.
    init(_ invocation: Invocation, _ server: Server, _ log: EventLog) {
        (self.server, self.log) = (server, log)
        holding = Self.texts(invocation)
        graceSeconds = invocation[ServeVerb.grace]
    }

    /// Reads everything again, and tells the log and the service manager.
    mutating func run() {
        ServiceManager.say(.reloading)
        defer { ServiceManager.say(.ready) }
        server.refresh()
        do {
            let invocation = try Self.invocation()
            let options = try ServeVerb.options(invocation)
            log.reopen(LogOption.place(invocation))
            server.take(options)
            graceSeconds = invocation[ServeVerb.grace]
            tellChanges(to: Self.texts(invocation))
        } catch {
            log.reopen()
            note(.settingsUnreadable, [("message", .text("\(error) \(Self.asTheyWere)"))])
        }
    }

    private static let asTheyWere = "The settings stay as they were."

    /// The command line of this process, with the environment and the file as they are now.
    private static func invocation() throws -> Invocation {
        let outcome = try Tool.program.parse(Array(CommandLine.arguments.dropFirst()))
        guard case .run(let command, let invocation) = outcome,
            command.name == ServeVerb.command.name
        else { throw Failure("This process was not started as \(ServeVerb.command.name).") }
        return invocation
    }

    private static func texts(_ invocation: Invocation) -> [String: String?] {
        var texts: [String: String?] = [:]
        for setting in invocation.settings { texts.updateValue(setting.text, forKey: setting.name) }
        return texts
    }

    /// Says which options are others than those that held.
    private mutating func tellChanges(to next: [String: String?]) {
        let changed = next.filter { name, text in holding[name] != .some(text) }
        let (now, later) = (
            changed.keys.filter(Self.taken.contains).sorted(),
            changed.keys.filter { !Self.taken.contains($0) }.sorted()
        )
        for name in now { holding.updateValue(next[name] ?? nil, forKey: name) }
        if !now.isEmpty { note(.settingsRead, [("names", Self.list(now))]) }
        guard !later.isEmpty else { return }
        let message = "They count when the server is started again."
        note(.settingsWaiting, [("names", Self.list(later)), ("message", .text(message))])
    }

    private static func list(_ names: [String]) -> Value {
        .text(names.joined(separator: ", "))
    }

    private func note(_ name: LogEvent.Name, _ fields: [LogEvent.Field]) {
        log.note(LogEvent(name, fields))
    }
}
