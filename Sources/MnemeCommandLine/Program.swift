// A program: its verbs, and the reading of a command line against them.

/// A program with verbs.
package struct Program: Sendable {
    /// The name by which it is called.
    package let name: String
    /// The version that `--version` prints.
    package let version: String
    /// One line on what it is.
    package let summary: String
    /// Its verbs in the order of the help.
    package let commands: [Command]
    /// What every verb takes besides its own.
    package let shared: [ParameterDeclaration]

    /// A program of its parts.
    ///
    /// - Precondition: no verb twice, and no parameter twice in a verb.
    package init(
        _ name: String,
        version: String,
        _ summary: String,
        commands: [Command],
        shared: [ParameterDeclaration] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.commands = commands
        self.shared = shared
        precondition(Set(commands.map(\.name)).count == commands.count, "a verb twice")
        for command in commands {
            let labels = (command.parameters + shared).map(\.label)
            precondition(Set(labels).count == labels.count, "\(command.name): a parameter twice")
        }
    }

    /// What a command line asks for.
    package enum Outcome: Sendable {
        /// Runs a verb.
        case run(Command, Invocation)
        /// Prints a text and is done.
        case show(String)
    }

    /// Reads a command line without the program's own name.
    ///
    /// - Throws: what is wrong and what to do: an unknown verb or option with the nearest known
    ///   one, a value of the wrong kind, something missing, given twice or too much.
    package func parse(
        _ words: [String],
        environment: Environment = .ofProcess
    ) throws(CommandLineError) -> Outcome {
        guard let first = words.first else {
            throw CommandLineError(
                "Give a verb: \(verbs.joined(separator: ", ")). See \(name) --help."
            )
        }
        if first == "--version" { return .show("\(name) \(version)") }
        if isHelp(first) { return .show(help) }
        if first == "help" {
            let topic = words.dropFirst().filter { !isHelp($0) }.joined(separator: " ")
            guard !topic.isEmpty else { return .show(help) }
            return .show(try help(on: topic))
        }
        guard !first.hasPrefix("-") else {
            throw CommandLineError(
                "The verb comes first, and \(first) is none. See \(name) --help."
            )
        }
        let command = try command(of: words)
        let rest = words.dropFirst(command?.words.count ?? 1)
        if rest.prefix(while: { $0 != "--" }).contains(where: isHelp) {
            return .show(try help(on: command?.name ?? first))
        }
        guard let command else { throw kindMissing(first, rest.first) }
        var reader = ParameterReader(command, command.parameters + shared, program: name)
        return .run(command, try reader.read(rest, environment))
    }

    private func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }

    /// The first words of the names of the verbs, each once.
    package var verbs: [String] {
        var seen: Set<String> = []
        return commands.map { $0.words[0] }.filter { seen.insert($0).inserted }
    }

    /// The command that the first words name; nil when they name a verb without its kind.
    private func command(of words: [String]) throws(CommandLineError) -> Command? {
        if let command = commands.first(where: { words.starts(with: $0.words) }) { return command }
        guard !commands.contains(where: { $0.words[0] == words[0] }) else { return nil }
        throw CommandLineError(
            "There is no verb \"\(words[0])\"." + meant(words[0], verbs) + " See \(name) --help."
        )
    }

    private func kindMissing(_ verb: String, _ given: String?) -> CommandLineError {
        let kinds = commands.filter { $0.words[0] == verb }.map { $0.words[1] }
        let got = given.map { " and got \"\($0)\"" } ?? ""
        return CommandLineError(
            "\(verb) takes one of \(kinds.joined(separator: ", "))\(got)."
                + (given.map { meant($0, kinds) } ?? "") + " See \(name) \(verb) --help."
        )
    }
}

/// A question with the nearest known word, empty when none is near.
func meant(_ word: String, _ known: [String]) -> String {
    NearestWord.to(word, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
}
