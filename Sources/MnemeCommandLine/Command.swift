// One verb of a program.

/// A verb: its parameters, its help and what it does.
package struct Command: Sendable {
    /// The verb, or two words where a verb has kinds: `recall`, `import jsonl`.
    package let name: String
    /// One line on what it does.
    package let summary: String
    /// Paragraphs of the help.
    package let details: [String]
    /// What it takes, in the order of the help.
    package let parameters: [ParameterDeclaration]
    /// Command lines to start from, without the program's name.
    package let examples: [String]
    /// Does it.
    package let run: @Sendable (Invocation) throws -> Void

    /// A verb of its parts.
    package init(
        _ name: String,
        _ summary: String,
        details: [String] = [],
        parameters: [ParameterDeclaration] = [],
        examples: [String] = [],
        run: @escaping @Sendable (Invocation) throws -> Void
    ) {
        self.name = name
        self.summary = summary
        self.details = details
        self.parameters = parameters
        self.examples = examples
        self.run = run
    }

    /// Whether options may come from the environment and a file too.
    var readsSettings: Bool {
        parameters.contains { $0.label == Settings.file.declaration.label }
    }

    /// The words of the name.
    var words: [String] { name.split(separator: " ").map(String.init) }
}
