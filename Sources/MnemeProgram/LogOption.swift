// What a server writes of itself, and which requests it tells as slow, as the command line says.

internal import Mneme
internal import MnemeCommandLine
internal import MnemeServer

/// The log of a server.
enum LogOption {
    private static let file = Parameter(
        option: "log",
        .text("FILE"),
        "appends a line to this file for each thing that happens in the server; \"-\" is standard "
            + "error. SIGHUP opens the file again",
        default: standardError
    )
    private static let format = Parameter(
        option: "log-format",
        .word(LogFormat.self),
        "how a line is written: for people, or as a JSON object",
        default: .text
    )
    private static let level = Parameter(
        option: "log-level",
        .word(LogEvent.Level.self),
        "what has a line: all, or what concerns whoever looks after the server more. Slow requests "
            + "are information",
        default: .info
    )
    private static let slow = Parameter<Int?>(
        option: "slow",
        .int("MILLISECONDS", in: 0...86_400_000),
        "tells of requests that took so long or longer in the log, with how they were answered; 0 "
            + "tells of all. Watches that wait are none of them"
    )
    private static let slowValues = Parameter(
        flag: "slow-values",
        "tells the values of slow requests too, which are values of records: filters, texts, keys "
            + "and owners"
    )
    private static let recall = Parameter<Int?>(
        option: "recall-check",
        .int("SECONDS", in: 1...31_536_000),
        "measures every so many seconds, behind everything else, how much of what is truly nearest "
            + "the searches of vector fields find, for --metrics and the log"
    )

    static let declarations = [
        file.declaration, format.declaration, level.declaration, slow.declaration,
        slowValues.declaration, recall.declaration,
    ]

    private static let standardError = "-"

    private static func path(_ invocation: Invocation) -> String? {
        let path = invocation[file]
        return path == standardError ? nil : path
    }

    /// Where the log goes, and what it has.
    static func place(_ invocation: Invocation) -> LogPlace {
        LogPlace(
            path: path(invocation),
            format: invocation[format],
            level: invocation[level]
        )
    }

    /// Opens the log and has a server write it.
    ///
    /// - Throws: `.denied`, `.diskFull`, `.disk`.
    static func open(
        _ invocation: Invocation,
        for options: inout ServerOptions
    ) throws(MnemeError) -> EventLog {
        let log = try EventLog(place(invocation))
        options.report = { log.note($0) }
        return log
    }

    /// Looks whether the log could be opened, and opens nothing.
    ///
    /// - Throws: `.denied`, `.disk`.
    static func check(_ invocation: Invocation) throws(MnemeError) {
        if let path = path(invocation) { try EventLog.check(path) }
    }

    /// Which requests are slow, and what is measured.
    ///
    /// - Throws: `CommandLineError`.
    static func read(
        _ invocation: Invocation,
        into options: inout ServerOptions
    ) throws(CommandLineError) {
        if let milliseconds = invocation[slow] {
            options.slowRequests = SlowRequests(
                microseconds: Int64(milliseconds) * 1000,
                showsValues: invocation[slowValues]
            )
        } else if invocation[slowValues] {
            throw CommandLineError(
                "--slow-values tells more of slow requests: say by --slow MILLISECONDS which are."
            )
        }
        options.recallCheckMicroseconds = invocation[recall].map { Int64($0) * 1_000_000 }
    }
}
