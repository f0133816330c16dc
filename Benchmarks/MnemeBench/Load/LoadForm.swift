// The messages of one piece of work in the words of a database.

internal import Mneme
internal import MnemeCommandLine

/// Messages with gaps, each sent when the one before is answered.
enum LoadForm {
    case requests([LoadTemplate])
    /// Commands by message and command and word.
    case commands([[[LoadTemplate]]])
    case statements([LoadStatement])

    /// Reads how a database is asked.
    ///
    /// - Throws: `Failure` where it is not in the shape of that database.
    init(_ value: Value, _ engine: LoadEngine, names: [String]) throws(Failure) {
        var steps = [value]
        switch (engine, value) {
        case (.redis, .map(var members)):
            guard case .array(let elements)? = members.removeValue(forKey: "steps"), members.isEmpty
            else { throw Failure("\"redis\" is an array, or an object of \"steps\".") }
            steps = elements
        case (.mneme, .array(let elements)), (.postgresql, .array(let elements)): steps = elements
        default: break
        }
        guard !steps.isEmpty else { throw Failure("\"\(engine.rawValue)\" says nothing.") }
        switch engine {
        case .mneme:
            var templates: [LoadTemplate] = []
            for step in steps { templates.append(try LoadTemplate(step, names: names)) }
            self = .requests(templates)
        case .postgresql:
            var statements: [LoadStatement] = []
            for step in steps {
                guard let text = step.text else {
                    throw Failure("\"postgresql\" is a statement, or an array of statements.")
                }
                statements.append(try LoadStatement(text, names: names))
            }
            self = .statements(statements)
        case .redis:
            var all: [[[LoadTemplate]]] = []
            for step in steps { all.append(try Self.commands(step, names)) }
            self = .commands(all)
        }
    }

    private static func commands(
        _ step: Value,
        _ names: [String]
    ) throws(Failure) -> [[LoadTemplate]] {
        guard case .array(let elements) = step, let first = elements.first else {
            throw Failure("\"redis\" is a command as an array of words, or an array of commands.")
        }
        var commands = elements
        if case .array = first {} else { commands = [step] }
        var result: [[LoadTemplate]] = []
        for command in commands {
            guard case .array(let words) = command, !words.isEmpty else {
                throw Failure("A command of Redis is an array of words.")
            }
            var parts: [LoadTemplate] = []
            for word in words { parts.append(try LoadTemplate(word, names: names)) }
            result.append(parts)
        }
        return result
    }

    /// The statements in it, for PostgreSQL.
    var statements: [LoadStatement] {
        if case .statements(let statements) = self { statements } else { [] }
    }

    /// The messages of drawn values.
    ///
    /// `firstStatement` is the number that its first statement was prepared under; a script's
    /// statements are not prepared.
    ///
    /// - Throws: `Failure` where what comes out is no request.
    func messages(
        _ values: [Value],
        firstStatement: Int = 0,
        script isScript: Bool = false
    ) throws(Failure) -> [LoadMessage] {
        switch self {
        case .requests(let templates):
            var messages: [LoadMessage] = []
            for template in templates {
                do throws(MnemeError) {
                    messages.append(.request(try Request(spelling: template.filled(values))))
                } catch {
                    throw Failure("\"mneme\" is no request: \(error.message)")
                }
            }
            return messages
        case .commands(let steps):
            return steps.map { step in
                .commands(step.map { words in words.map { $0.written(values) } })
            }
        case .statements(let statements):
            return statements.enumerated().map { number, statement -> LoadMessage in
                if isScript { return .script(statement.text) }
                let parameters = statement.parameters.map { values[$0].written }
                return .statement(firstStatement + number, parameters)
            }
        }
    }
}
