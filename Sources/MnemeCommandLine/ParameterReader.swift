// Reads what follows a verb. `--name VALUE` and `--name=VALUE` are the same; after `--` everything
// is an argument; so is a lone `-` and what looks like a number.

/// Reads the parameters of one command.
struct ParameterReader {
    private let command: Command
    private let declarations: [ParameterDeclaration]
    private let program: String
    private var values: [String: [any Sendable]] = [:]
    /// The texts of the values, and whence they are.
    private var texts: [String: [String]] = [:]
    private var origins: [String: SettingOrigin] = [:]
    private var argumentCount = 0

    init(_ command: Command, _ declarations: [ParameterDeclaration], program: String) {
        self.command = command
        self.declarations = declarations
        self.program = program
    }

    /// The values of the words, and of settings where the command looks for any.
    mutating func read(
        _ words: ArraySlice<String>,
        _ environment: Environment
    ) throws(CommandLineError) -> Invocation {
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
        if command.readsSettings {
            try readEnvironment(environment)
            try readFile()
        }
        for declaration in declarations
        where declaration.isRequired && values[declaration.label] == nil {
            if let other = declaration.substitute, values["--\(other)"] != nil { continue }
            throw fault("needs \(declaration.form): \(declaration.summary).")
        }
        return Invocation(values: values, of: declarations, settings: settings)
    }

    private var settings: [Setting] {
        command.parameters.filter(\.isOption).map { declaration in
            let label = declaration.label
            let given = texts[label]?.joined(separator: " ")
            let standard = declaration.place == .flag ? "no" : declaration.standard
            return Setting(
                name: declaration.name,
                text: given ?? standard,
                origin: origins[label] ?? .standard
            )
        }
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
        for declaration: ParameterDeclaration,
        from origin: SettingOrigin = .commandLine
    ) throws(CommandLineError) {
        let label = declaration.label
        let isSetting = declaration.place == .flag && origin != .commandLine
        let flag = isSetting ? Settings.flag(text) : nil
        let value = isSetting ? flag.map { $0 as any Sendable } : declaration.read(text)
        guard let value else {
            let whose =
                switch origin {
                case .commandLine, .standard: label
                case .environment(let name): name
                case .file: "\(origin): \(declaration.name)"
                }
            let wanted = isSetting ? "yes or no" : declaration.wanted
            throw CommandLineError("\(whose) takes \(wanted) and got \"\(text)\".")
        }
        if flag != false { values[label, default: []].append(value) }
        let isFlag = declaration.place == .flag
        texts[label, default: []].append(isFlag ? (flag == false ? "no" : "yes") : text)
        if origins[label] == nil { origins[label] = origin }
    }

    // MARK: Settings

    private mutating func readEnvironment(_ environment: Environment) throws(CommandLineError) {
        for declaration in declarations
        where declaration.isOption && origins[declaration.label] == nil {
            let name = Settings.variable(of: declaration.name)
            guard let text = environment.value(name) else { continue }
            try keep(text, for: declaration, from: .environment(name))
        }
    }

    private mutating func readFile() throws(CommandLineError) {
        let file = Settings.file.declaration
        guard let path = texts[file.label]?.first else { return }
        let options = declarations.filter(\.isOption)
        let settled = Set(origins.keys)
        for line in try SettingLine.read(path) {
            let origin = SettingOrigin.file(path, line: line.number)
            guard let declaration = options.first(where: { $0.name == line.name }) else {
                throw CommandLineError(
                    "\(origin): \(command.name) has no option \(line.name)."
                        + meant(line.name, options.map(\.name))
                )
            }
            guard declaration.label != file.label else {
                throw CommandLineError(
                    "\(origin): a file of options names no other one; leave \(file.name) out."
                )
            }
            if settled.contains(declaration.label) { continue }
            if let first = origins[declaration.label], !declaration.isRepeatable {
                throw CommandLineError("\(origin): \(line.name) is given twice; see \(first).")
            }
            try keep(line.text, for: declaration, from: origin)
        }
    }

    private func fault(_ text: String) -> CommandLineError {
        CommandLineError("\(command.name) \(text) See \(program) \(command.name) --help.")
    }
}
