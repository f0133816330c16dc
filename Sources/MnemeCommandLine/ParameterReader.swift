// Reads what follows a verb. `--name VALUE` and `--name=VALUE` are the same; after `--` everything
// is an argument; so is a lone `-` and what looks like a number.

/// Reads the parameters of one command.
struct ParameterReader {
    private let command: Command
    private let declarations: [ParameterDeclaration]
    private let program: String
    private var values: [String: [any Sendable]] = [:]
    private var argumentCount = 0

    init(_ command: Command, _ declarations: [ParameterDeclaration], program: String) {
        self.command = command
        self.declarations = declarations
        self.program = program
    }

    /// The values of the words.
    mutating func read(_ words: ArraySlice<String>) throws(CommandLineError) -> Invocation {
        var rest = words
        var onlyArguments = false
        while let word = rest.popFirst() {
            if onlyArguments || !isOption(word) {
                try readArgument(word)
            } else if word == "--" {
                onlyArguments = true
            } else {
                try readOption(word, &rest)
            }
        }
        for declaration in declarations
        where declaration.isRequired && values[declaration.label] == nil {
            if let other = declaration.substitute, values["--\(other)"] != nil { continue }
            throw fault("needs \(declaration.form): \(declaration.summary).")
        }
        return Invocation(values: values, of: declarations)
    }

    private func isOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word != "-" else { return false }
        return Double(word) == nil
    }

    private mutating func readArgument(_ word: String) throws(CommandLineError) {
        let places = declarations.filter { !$0.isOption }
        guard argumentCount < places.count || places.last?.place == .rest else {
            let names = places.map(\.form).joined(separator: " ")
            throw fault(
                places.isEmpty
                    ? "takes no arguments and got \"\(word)\"."
                    : "takes \(names) and got \"\(word)\" on top. Put quotes around text of "
                        + "several words."
            )
        }
        let declaration = places[min(argumentCount, places.count - 1)]
        argumentCount += 1
        try keep(word, for: declaration)
    }

    private mutating func readOption(
        _ word: String,
        _ rest: inout ArraySlice<String>
    ) throws(CommandLineError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let label = String(parts[0])
        let options = declarations.filter(\.isOption)
        guard let declaration = options.first(where: { $0.label == label }) else {
            throw fault("has no option \(label)." + meant(label, options.map(\.label)))
        }
        if values[label] != nil, !declaration.isRepeatable {
            throw fault("takes \(label) once.")
        }
        if declaration.place == .flag {
            guard parts.count == 1 else { throw fault("takes \(label) without a value.") }
            return try keep("", for: declaration)
        }
        if parts.count == 2 { return try keep(String(parts[1]), for: declaration) }
        guard let value = rest.first, !value.hasPrefix("--") else {
            throw fault("takes \(declaration.form), and no value came after \(label).")
        }
        rest.removeFirst()
        try keep(value, for: declaration)
    }

    private mutating func keep(
        _ text: String,
        for declaration: ParameterDeclaration
    ) throws(CommandLineError) {
        guard let value = declaration.read(text) else {
            throw CommandLineError(
                "\(declaration.label) takes \(declaration.wanted) and got \"\(text)\"."
            )
        }
        values[declaration.label, default: []].append(value)
    }

    private func fault(_ text: String) -> CommandLineError {
        CommandLineError("\(command.name) \(text) See \(program) \(command.name) --help.")
    }
}
