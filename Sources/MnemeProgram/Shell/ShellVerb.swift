// mneme shell

internal import Mneme
internal import MnemeCommandLine

/// Takes statements, one after the other.
enum ShellVerb {
    private static let file = Parameter<String?>(
        option: "file",
        .text("FILE"),
        "takes the statements of a file, and ends with it; without it those of standard input"
    )
    private static let history = Parameter<String?>(
        option: "history",
        .text("FILE"),
        "where the statements that were typed are kept; MNEME_HISTORY where it is not given, or "
            + "~/.mneme_history"
    )
    private static let creates = Parameter(
        flag: "create",
        "makes the store where it is not there"
    )
    private static let goesOn = Parameter(
        flag: "keep-going",
        "goes on behind a statement that failed; without it a file ends there"
    )

    static let command = Command(
        "shell",
        "Takes statements in a terminal, from a file or from standard input",
        details: [
            "A statement is what follows mneme on a command line, without --store: get notes tea. "
                + "Quotes are those of a POSIX shell; JSON needs none: find {\"collection\": "
                + "\"notes\"}. What is open goes on over lines, # begins a comment, and ; ends a "
                + "statement before its line does. .help lists the verbs and what a shell has "
                + "beside them.",
            "In a terminal lines are edited (~/.editrc counts), the arrows bring back earlier "
                + "ones, control-R searches them, and tab completes verbs, options, collections, "
                + "keys, fields and values. Control-C interrupts what runs and not the shell; "
                + "control-D leaves. What begins with a blank is not kept in the history, which "
                + "its owner alone reads.",
            "From a file or standard input the first statement that fails ends it; the line is "
                + "named, and the status is that of the statement.",
        ],
        parameters: StoreOption.readingDeclarations + [
            file.declaration, history.declaration, creates.declaration, goesOn.declaration,
        ],
        examples: [
            "shell --store notes.mneme < statements.txt",
            "shell --store notes.mneme --file statements.txt --csv",
        ],
        run: run
    )

    private static func run(_ invocation: Invocation) throws {
        guard StatementRun.current == nil else {
            throw CommandLineError("A shell is open already: this is it. Type the statement.")
        }
        let isTyped = invocation[file] == nil && StandardStreams.inputIsTerminal
        // Before there are threads, which inherit it.
        if isTyped { InterruptSignal.hold() }
        let store = try ShellStore(invocation, creating: invocation[creates])
        let shell = Shell(store, invocation, isTyped: isTyped)
        do {
            if isTyped {
                shell.runTyped(history: historyPath(invocation[history]))
            } else if let path = invocation[file] {
                try shell.run(file: path, goesOn: invocation[goesOn])
            } else {
                try shell.run(shell.standardInput, of: nil, goesOn: invocation[goesOn])
            }
        } catch {
            // What went wrong first is what is told.
            try? store.close()
            throw error
        }
        try store.close()
    }

    /// Where the history is kept; nil for nowhere.
    private static func historyPath(_ given: String?) -> String? {
        if let given { return given }
        if let path = ArgumentWords.environment("MNEME_HISTORY") {
            return path.isEmpty ? nil : path
        }
        return ArgumentWords.environment("HOME").map { $0 + "/.mneme_history" }
    }
}
