// The help, made from the declarations that the parser reads.

extension Program {
    /// The columns that a text for people has at most.
    package static let width = 100

    /// The help on the program.
    package var help: String {
        var text = "usage: \(name) VERB [ARGUMENT …] [OPTION …]\n\n"
        text += TextFlow.wrapped(summary, width: Program.width) + "\n\nVerbs:\n"
        text += TextFlow.columns(commands.map { ($0.name, $0.summary) }, width: Program.width)
        if !shared.isEmpty {
            text += "\nOptions of every verb:\n" + Program.list(shared)
        }
        return text
            + "\n\(name) VERB --help says more about a verb; \(name) --version prints the version."
    }

    /// The help on a verb, or on the kinds of one.
    ///
    /// - Throws: when there is no such verb.
    package func help(on topic: String) throws(CommandLineError) -> String {
        if let command = commands.first(where: { $0.name == topic }) { return help(on: command) }
        let kinds = commands.filter { $0.words[0] == topic }
        guard !kinds.isEmpty else {
            throw CommandLineError(
                "There is no verb \"\(topic)\"." + meant(topic, verbs) + " See \(name) --help."
            )
        }
        return "usage: \(name) \(topic) KIND [ARGUMENT …] [OPTION …]\n\nKinds:\n"
            + TextFlow.columns(kinds.map { ($0.name, $0.summary) }, width: Program.width)
            + "\n\(name) \(topic) KIND --help says more about each."
    }

    private func help(on command: Command) -> String {
        let arguments = command.parameters.filter { !$0.isOption }
        let options = command.parameters.filter(\.isOption)
        let required = options.filter(\.isRequired)
        var usage = ["usage: \(name) \(command.name)"]
        usage += arguments.map(\.form) + required.map(\.form)
        if options.count + shared.count > required.count { usage.append("[OPTION …]") }
        var text = TextFlow.wrapped(usage.joined(separator: " "), width: Program.width, hanging: 7)
        for paragraph in [command.summary + "."] + command.details {
            text += "\n\n" + TextFlow.wrapped(paragraph, width: Program.width)
        }
        if command.readsSettings {
            text += "\n\n" + TextFlow.wrapped(Settings.help, width: Program.width)
        }
        text += "\n"
        if !arguments.isEmpty { text += "\nArguments:\n" + Program.list(arguments) }
        if !options.isEmpty { text += "\nOptions:\n" + Program.list(options) }
        if !shared.isEmpty { text += "\nOptions of every verb:\n" + Program.list(shared) }
        if !command.examples.isEmpty {
            text += "\nExamples:\n"
            text += command.examples.map { "  \(name) \($0)\n" }.joined()
        }
        return String(text.dropLast())
    }

    private static func list(_ declarations: [ParameterDeclaration]) -> String {
        TextFlow.columns(
            declarations.map { declaration in
                let form = declaration.isOption ? declaration.form : declaration.name
                return (form, declaration.summary + declaration.note)
            },
            width: width
        )
    }
}

extension ParameterDeclaration {
    /// What the help says in brackets behind the summary; empty where there is nothing to say.
    var note: String {
        var notes: [String] = []
        if isOption, isRequired {
            notes.append("required" + (substitute.map { " without --\($0)" } ?? ""))
        }
        if isOption, isRepeatable { notes.append("may be repeated") }
        if let standard { notes.append("default: \(standard)") }
        return notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
    }
}
