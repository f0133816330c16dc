// The verbs that a shell has beside those of the program, and those that it has not.

internal import Mneme
internal import MnemeCommandLine

/// What can be typed in a shell.
enum ShellCommands {
    /// The program of a shell: the verbs of the command line, and those of transactions.
    static let program = Program(
        Tool.program.name,
        version: Tool.version,
        Tool.program.summary,
        commands: [begin, commit, rollback]
            + Tool.program.commands.filter { !foreign.contains($0.name) },
        shared: Tool.program.shared
    )

    /// Verbs that have no store, or run as long as the process.
    static let foreign: Set<String> = ["demo", "serve", "shell", "top"]

    /// Verbs that need the store closed: the shell closes it, and opens it again behind them.
    static let closing: Set<String> = ["rebuild", "salvage", "key rotate"]

    /// Verbs that can be part of a transaction, and those that have nothing to do with the store.
    static let inTransactions: Set<String> = [
        "begin", "commit", "rollback", "describe", "put", "get", "delete", "link", "unlink", "find",
        "walk", "path", "perform",
    ]

    // MARK: Transactions

    private static let begin = Command(
        "begin",
        "Begins a transaction: what follows sees one commit and its own changes",
        details: [
            "Up to commit or rollback: put, get, delete, link, unlink, find, walk, path and "
                + "perform. Nobody else sees its changes before it commits."
        ],
        examples: ["begin"]
    ) { invocation in
        let run = try shellRun("begin")
        let sequence = try run.begin()
        Output(invocation).put(["began": ["sequence": Value(sequence)]]) {
            ["Transaction begun; it sees the commit of sequence \(sequence)."]
        }
    }

    private static let commit = Command(
        "commit",
        "Commits the transaction",
        details: ["Where another commit changed what it has read, nothing of it is done."],
        parameters: [StoreOption.commitDurability.declaration],
        examples: ["commit"]
    ) { invocation in
        let run = try shellRun("commit")
        let response = try run.commit(invocation[StoreOption.commitDurability])
        Output(invocation).put(response) {
            guard case .committed(let committed) = response else { return [] }
            return CommittedLayout.lines(committed)
        }
    }

    private static let rollback = Command(
        "rollback",
        "Ends the transaction and forgets its changes",
        examples: ["rollback"]
    ) { invocation in
        let run = try shellRun("rollback")
        try run.rollback()
        Output(invocation).put(.done) { ["Rolled back; nothing was changed."] }
    }

    private static func shellRun(_ verb: String) throws(CommandLineError) -> StatementRun {
        if let run = StatementRun.current { return run }
        throw CommandLineError("\(verb) belongs into a shell. Start one: mneme shell --store DIR.")
    }

    // MARK: Words

    /// The words of a statement as those of a command line of `program`.
    ///
    /// `mneme` before the verb is dropped, a request in JSON is performed, `explain` asks how the
    /// answer came about, and the store and the form are the shell's where the statement does not
    /// say them.
    static func words(
        of statement: Statement,
        _ store: ShellStore,
        form: Output.Form
    ) -> [String] {
        var words = statement.words
        if words.first == program.name, words.count > 1 { words.removeFirst() }
        if words.first?.first == "{" { words.insert("perform", at: 0) }
        if words.first == "explain", words.count > 1 {
            words.removeFirst()
            words.append("--explain")
        }
        guard let command = program.command(at: words) else { return words }
        let options = words.prefix { $0 != "--" }
        func has(_ label: String) -> Bool {
            options.contains { $0 == label || $0.hasPrefix(label + "=") }
        }
        var added: [String] = []
        if command.takes("--store"), !has("--store"), !has("--connect") {
            added += store.words
            if command.takes("--key-file"), !has("--key-file") { added += store.keyWords }
        }
        // A table has no room for how an answer came about.
        let isLines = form == .lines || form == .table && has("--explain")
        if !isLines, !has("--json"), !has("--csv"), !has("--table") {
            added.append("--\(form.rawValue)")
        }
        words.insert(contentsOf: added, at: command.wordCount)
        return words
    }
}
