// A shell: reads statements, runs them against the store that it keeps open, and goes on.

internal import Mneme
internal import MnemeCommandLine

/// A shell on one store.
final class Shell {
    private let store: ShellStore
    private let invocation: Invocation
    private let isTyped: Bool
    private let completer: Completer
    private var form: Output.Form
    private var isTimed = false
    private var hasEnded = false
    /// How many files are read, one from the other.
    private var depth = 0

    private static let deepest = 16

    /// A shell on a store; `isTyped` where a person types.
    init(_ store: ShellStore, _ invocation: Invocation, isTyped: Bool) {
        self.store = store
        self.invocation = invocation
        self.isTyped = isTyped
        let asked = Output(invocation).form
        form = asked == .lines && isTyped ? .table : asked
        completer = Completer(store, ShellCommands.program)
    }

    // MARK: From files

    /// Lines of standard input.
    func standardInput() throws(Failure) -> String? { readLine() }

    /// Runs the statements of a file.
    ///
    /// - Throws: as reading the file and as the first statement that fails, with its line.
    func run(file path: String, goesOn: Bool) throws {
        guard depth < Self.deepest else {
            throw CommandLineError(
                "\(path) is read by a file that it reads itself, or that is read too deep. Take "
                    + ".read out of it."
            )
        }
        depth += 1
        defer { depth -= 1 }
        var lines = InputLines(try InputFile(path))
        let next: () throws(Failure) -> String? = { () throws(Failure) in
            guard let line = try lines.next() else { return nil }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw Failure("\(path), line \(lines.number) is no UTF-8. Convert it.")
            }
            return text
        }
        try run(next, of: path, goesOn: goesOn)
    }

    /// Runs the statements of lines; `path` is where they stand, nil for standard input.
    ///
    /// - Throws: as the first statement that fails, with its line; with `goesOn` at the end.
    func run(
        _ next: () throws(Failure) -> String?,
        of path: String?,
        goesOn: Bool
    ) throws {
        var reader = StatementReader()
        var failures = 0
        while !hasEnded, let line = try next() {
            for statement in reader.read(line) where !hasEnded {
                let (words, ending) = perform(statement)
                guard let ending else { throw MnemeError.interrupted }
                guard let error = ending.error else { continue }
                let place = "\(path.map { "\($0), " } ?? "")line \(statement.line)"
                let placed = MnemeError(
                    error.code,
                    "\(place): \(error.message)",
                    cause: error.cause
                )
                if goesOn {
                    failures += 1
                    ShellCommands.program.report(placed, in: words)
                } else if ending.status == ExitStatus.wrongCommandLine {
                    throw CommandLineError(placed.message, code: placed.code)
                } else {
                    throw placed
                }
            }
        }
        if reader.isOpen, !hasEnded {
            throw CommandLineError(
                "\(path ?? "Standard input") ends inside of the statement that begins on line "
                    + "\(reader.openLine): a quote, a brace or a bracket is open. Close it."
            )
        }
        if depth <= 1, store.transaction != nil {
            throw Failure(
                "\(path ?? "Standard input") ends inside of a transaction: nothing of it was kept. "
                    + "End it with commit or rollback."
            )
        }
        if failures > 0 {
            throw Failure("\(Figures.count(failures, "statement")) failed; see above.")
        }
    }

    // MARK: Typed

    /// Runs statements as they are typed, until control-D or `.quit`.
    func runTyped(history path: String?) {
        let completer = completer
        var reader = StatementReader()
        var open = ""
        guard
            let editor = LineEditor(
                ShellCommands.program.name,
                complete: { completer.completion(of: open + $0) }
            )
        else { return }
        if let path { editor.load(path) }
        StandardStreams.writeOutput(
            "mneme \(Tool.version), \(store.name.shown). .help lists what can be typed; control-D "
                + "leaves.\n"
        )
        while !hasEnded {
            switch editor.read(reader.isOpen ? "   ...> " : prompt) {
            case .end: hasEnded = true
            case .interrupted:
                reader.giveUp()
                open = ""
            case .line(let line):
                // What begins with a blank is not for the history.
                let isKept = (open + line).first?.isWhitespace != true
                for statement in reader.read(line) {
                    if isKept { editor.keep(statement.text) }
                    guard !hasEnded else { continue }
                    // Whatever becomes of the statement.
                    if let path { _ = editor.save(path) }
                    say(statement)
                }
                open = reader.isOpen ? reader.openText : ""
            }
        }
        StandardStreams.writeOutput("\n")
        if store.transaction != nil {
            StandardStreams.writeError(
                "The transaction was not committed: nothing of it was kept.\n"
            )
        }
        if let path, !editor.save(path) {
            StandardStreams.writeError("The history cannot be written to \(path.shown).\n")
        }
    }

    private var prompt: String { store.transaction == nil ? "mneme> " : "mneme (open)> " }

    /// Runs a statement and says what went wrong.
    private func say(_ statement: Statement) {
        let (words, ending) = perform(statement)
        completer.forget()
        guard let ending else {
            return StandardStreams.writeOutput("\nInterrupted.\n")
        }
        if let error = ending.error { ShellCommands.program.report(error, in: words) }
    }

    // MARK: Statements

    /// Runs a statement; returns its words as they were run, and nil where it was interrupted.
    private func perform(_ statement: Statement) -> (words: [String], Program.Ending?) {
        let watch = Stopwatch()
        defer {
            if isTimed {
                StandardStreams.writeOutput("(\(Figures.seconds(watch.seconds)))\n")
            }
        }
        if let own = OwnCommand(statement) {
            return (statement.words, ended { try self.run(own) })
        }
        let words = ShellCommands.words(of: statement, store, form: form)
        let command = ShellCommands.program.command(at: words)
        if let refusal = refusal(of: words, command) {
            return (words, ended { () throws(CommandLineError) in throw refusal })
        }
        if let command, needsClosed(command, words) {
            return (words, ended { try self.performClosed(words) })
        }
        let running = StatementRun(store)
        guard isTyped else {
            return (words, running.runHere { ShellCommands.program.perform(words) })
        }
        return (words, running.runBeside { ShellCommands.program.perform(words) })
    }

    /// Why a statement is not run.
    private func refusal(of words: [String], _ command: Command?) -> CommandLineError? {
        let verb = words.first ?? ""
        if ShellCommands.foreign.contains(verb) {
            return CommandLineError(
                "\(verb) has no place in a shell. Leave it with control-D and run mneme \(verb)."
            )
        }
        guard let command, store.transaction != nil,
            !ShellCommands.inTransactions.contains(command.name)
        else { return nil }
        return CommandLineError(
            "\(command.name) is no part of a transaction. End it with commit or rollback first."
        )
    }

    private func needsClosed(_ command: Command, _ words: [String]) -> Bool {
        guard store.address == nil, let directory = store.directory else { return false }
        return ShellCommands.closing.contains(command.name) && words.contains(directory)
            && !words.contains("--help")
    }

    private func performClosed(_ words: [String]) throws {
        try store.close()
        let ending = ShellCommands.program.perform(words)
        try store.open(creating: false, invocation)
        if ending.status == ExitStatus.wrongCommandLine, let error = ending.error {
            throw CommandLineError(error.message, code: error.code)
        }
        if let error = ending.error { throw error }
    }

    /// What a job of the shell itself came to.
    private func ended(_ job: () throws -> Void) -> Program.Ending {
        do {
            try job()
            return Program.Ending(status: ExitStatus.done)
        } catch let error as CommandLineError {
            return Program.Ending(
                status: ExitStatus.wrongCommandLine,
                error: MnemeError(error.code, error.message)
            )
        } catch let error as MnemeError {
            return Program.Ending(status: ExitStatus.wrongData, error: error)
        } catch let error as Failure {
            return Program.Ending(
                status: ExitStatus.wrongData,
                error: MnemeError(error.code, error.message)
            )
        } catch {
            return Program.Ending(
                status: ExitStatus.wrongData,
                error: MnemeError(.badRequest, "\(error)")
            )
        }
    }

    private func run(_ command: OwnCommand) throws {
        switch command {
        case .help(let topic):
            guard topic.isEmpty else {
                let text = try ShellCommands.program.help(on: topic)
                return StandardStreams.writeOutput(text + "\n")
            }
            StandardStreams.writeOutput(OwnCommand.help + "\n")
        case .form(let form?): self.form = form
        case .form(nil): StandardStreams.writeOutput(form.rawValue + "\n")
        case .timing(let isOn): isTimed = isOn
        case .read(let path): try run(file: path, goesOn: false)
        case .quit: hasEnded = true
        case .wrong(let message): throw CommandLineError(message)
        }
    }
}
