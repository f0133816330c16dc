// A command line that was understood.

/// The values that a command was given.
package struct Invocation: Sendable {
    private let values: [String: [any Sendable]]
    private let known: Set<String>
    /// Every option with the value that holds, in the order of the help; not those of all verbs.
    package let settings: [Setting]

    init(
        values: [String: [any Sendable]],
        of declarations: [ParameterDeclaration],
        settings: [Setting]
    ) {
        self.values = values
        self.settings = settings
        known = Set(declarations.map(\.label))
    }

    /// The value of a parameter, its default where none was given.
    ///
    /// - Precondition: the command declares the parameter.
    package subscript<Content>(_ parameter: Parameter<Content>) -> Content {
        let label = parameter.declaration.label
        precondition(known.contains(label), "\(label) is not declared by this command")
        // The parser read every value by the declaration and saw to the required ones.
        guard let content = parameter.content(values[label] ?? []) else {
            preconditionFailure("\(label) was read as another kind")
        }
        return content
    }

    /// Whether the parameter was given.
    package func has<Content>(_ parameter: Parameter<Content>) -> Bool {
        values[parameter.declaration.label] != nil
    }
}
