// What a command takes, declared once: parser, help and typed access all read the declaration.

/// An option, flag or argument whose value is a `Content`.
package struct Parameter<Content: Sendable>: Sendable {
    /// The declaration without its type, for lists.
    package let declaration: ParameterDeclaration
    /// What the given values, in their order, come to.
    let content: @Sendable ([any Sendable]) -> Content?

    private init(
        _ name: String,
        _ place: ParameterDeclaration.Place,
        _ kind: ParameterKind<some Sendable>,
        _ summary: String,
        standard: String? = nil,
        isRequired: Bool = false,
        substitute: String? = nil,
        isRepeatable: Bool = false,
        content: @escaping @Sendable ([any Sendable]) -> Content?
    ) {
        declaration = ParameterDeclaration(
            name: name,
            place: place,
            valueName: kind.name,
            wanted: kind.wanted,
            choices: kind.choices,
            summary: summary,
            standard: standard,
            isRequired: isRequired,
            substitute: substitute,
            isRepeatable: isRepeatable
        ) { text -> (any Sendable)? in
            guard let value = kind.read(text) else { return nil }
            return value
        }
        self.content = content
    }

    /// An option `--name VALUE` that has a default.
    package init(
        option name: String,
        _ kind: ParameterKind<Content>,
        _ summary: String,
        default standard: Content
    ) {
        self.init(name, .option, kind, summary, standard: shown(standard)) { values in
            values.isEmpty ? standard : values[0] as? Content
        }
    }

    /// An option that may be left out.
    package init<Wrapped: Sendable>(
        option name: String,
        _ kind: ParameterKind<Wrapped>,
        _ summary: String
    ) where Content == Wrapped? {
        self.init(name, .option, kind, summary) { .some($0.first as? Wrapped) }
    }

    /// An option that must be given.
    package init(required name: String, _ kind: ParameterKind<Content>, _ summary: String) {
        self.init(name, .option, kind, summary, isRequired: true) { $0.first as? Content }
    }

    /// An option that must be given unless the option `substitute` is.
    package init<Wrapped: Sendable>(
        required name: String,
        unless substitute: String,
        _ kind: ParameterKind<Wrapped>,
        _ summary: String
    ) where Content == Wrapped? {
        self.init(name, .option, kind, summary, isRequired: true, substitute: substitute) {
            .some($0.first as? Wrapped)
        }
    }

    /// An option that may be given several times.
    package init<Element: Sendable>(
        repeated name: String,
        _ kind: ParameterKind<Element>,
        _ summary: String
    ) where Content == [Element] {
        self.init(name, .option, kind, summary, isRepeatable: true) { values in
            values.compactMap { $0 as? Element }
        }
    }

    /// An option without a value.
    package init(flag name: String, _ summary: String) where Content == Bool {
        let kind = ParameterKind<Bool>("", wanted: "nothing") { _ in true }
        self.init(name, .flag, kind, summary) { !$0.isEmpty }
    }

    /// An argument that must be given.
    package init(argument name: String, _ kind: ParameterKind<Content>, _ summary: String) {
        self.init(name, .argument, kind, summary, isRequired: true) { $0.first as? Content }
    }

    /// An argument that has a default.
    package init(
        argument name: String,
        _ kind: ParameterKind<Content>,
        _ summary: String,
        default standard: Content
    ) {
        self.init(name, .argument, kind, summary, standard: shown(standard)) { values in
            values.isEmpty ? standard : values[0] as? Content
        }
    }

    /// All arguments that are left; none is fine.
    package init<Element: Sendable>(
        rest name: String,
        _ kind: ParameterKind<Element>,
        _ summary: String
    ) where Content == [Element] {
        self.init(name, .rest, kind, summary, isRepeatable: true) { values in
            values.compactMap { $0 as? Element }
        }
    }
}

/// A default as it would be given.
private func shown(_ value: some Sendable) -> String {
    if let word = value as? any RawRepresentable<String> { return word.rawValue }
    if let list = value as? [any Sendable] { return list.map { shown($0) }.joined(separator: ",") }
    return "\(value)"
}

/// An option, flag or argument without the type of its value.
package struct ParameterDeclaration: Sendable {
    /// Where the value stands on the command line.
    enum Place: Sendable {
        case option
        case flag
        case argument
        case rest
    }

    /// The name, without `--`.
    let name: String
    let place: Place
    /// What stands for the value in the help.
    let valueName: String
    /// What is taken, with an article.
    let wanted: String
    /// The texts that are taken, where they are few enough to name.
    let choices: [String]
    let summary: String
    /// The default as text.
    let standard: String?
    let isRequired: Bool
    /// The name of the option that makes this one needless; nil: none does.
    let substitute: String?
    let isRepeatable: Bool
    /// The value of a text; nil when it is none.
    let read: @Sendable (String) -> (any Sendable)?

    /// Whether it stands behind `--`.
    var isOption: Bool { place == .option || place == .flag }

    /// How it is named in messages, which tells all parameters of a command apart.
    var label: String { isOption ? "--\(name)" : name }

    /// How it is written: `--limit N`, `QUESTION`, `[KEY …]`.
    var form: String {
        switch place {
        case .option: "--\(name) \(valueName)"
        case .flag: "--\(name)"
        case .argument: isRequired ? name : "[\(name)]"
        case .rest: "[\(name) …]"
        }
    }
}
