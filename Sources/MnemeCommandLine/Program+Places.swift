// What may stand where on a command line, for those who help to type one.

/// A place on a command line: what the declarations say that may stand there.
package struct WordPlace: Hashable, Sendable {
    /// The words that it may be, of those that are known.
    package var choices: [String] = []
    /// The verb that was given before it.
    package var command: String?
    /// The parameter whose value it is, as it is named in messages: `--owner`, `COLLECTION`.
    package var parameter: String?
    /// The values that were given before, by parameter.
    package var given: [String: [String]] = [:]
}

extension Program {
    /// The verb that the first words name.
    package func command(at words: [String]) -> Command? {
        commands.first { words.starts(with: $0.words) }
    }

    /// The place behind some words, of a word that begins in some way.
    ///
    /// - Complexity: O(*n*) in the verbs and words.
    package func place(after words: [String], beginning: String) -> WordPlace {
        guard let verb = words.first else { return WordPlace(choices: verbs) }
        let kinds = commands.filter { $0.words[0] == verb && $0.words.count > 1 }.map {
            $0.words[1]
        }
        guard let command = command(at: words) else {
            return WordPlace(choices: words.count == 1 ? kinds : [])
        }
        var place = WordPlace(command: command.name)
        let declarations = command.parameters + shared
        var rest = words.dropFirst(command.words.count)
        var argumentCount = 0
        var onlyArguments = false
        while let word = rest.popFirst() {
            let isOption =
                !onlyArguments && word.hasPrefix("-") && word != "-"
                && Double(word) == nil
            if isOption, word == "--" {
                onlyArguments = true
            } else if isOption {
                let parts = word.split(
                    separator: "=",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                let label = String(parts[0])
                guard let declaration = declarations.first(where: { $0.label == label }) else {
                    continue
                }
                if parts.count == 2 {
                    place.given[label, default: []].append(String(parts[1]))
                } else if declaration.place == .flag {
                    place.given[label] = []
                } else if let value = rest.popFirst() {
                    place.given[label, default: []].append(value)
                } else {
                    place.parameter = label
                    place.choices = declaration.choices
                    return place
                }
            } else if let argument = argument(argumentCount, of: declarations) {
                argumentCount += 1
                place.given[argument.label, default: []].append(word)
            }
        }
        if !onlyArguments, beginning.hasPrefix("-") {
            place.choices = declarations.filter(\.isOption)
                .filter { place.given[$0.label] == nil || $0.isRepeatable }.map(\.label)
            return place
        }
        let argument = argument(argumentCount, of: declarations)
        place.parameter = argument?.label
        place.choices = argument?.choices ?? []
        if words.count == 1 { place.choices += kinds }
        return place
    }

    private func argument(
        _ number: Int,
        of declarations: [ParameterDeclaration]
    ) -> ParameterDeclaration? {
        let places = declarations.filter { !$0.isOption }
        if number < places.count { return places[number] }
        return places.last?.place == .rest ? places.last : nil
    }
}

extension Command {
    /// Whether it has a parameter of this name, as it is named in messages.
    package func takes(_ label: String) -> Bool { parameters.contains { $0.label == label } }

    /// How many words its name has.
    package var wordCount: Int { words.count }
}
