// The work of a scenario: its filling, and its mix.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// A scenario under way.
final class ScenarioWork: LoadWork {
    /// Which part of the scenario is done.
    enum Part { case setup, filling, mix, flood }

    /// Whoever is asked.
    struct Target {
        var store: String
        var user = "bench"
        var database = "postgres"
    }

    let operations: [String]
    private let scenario: LoadScenario
    private let part: Part
    private let target: Target
    private let forms: [LoadScenario.Operation]
    /// The number of each operation's first statement.
    private let firstStatements: [Int]
    private let statements: [PostgresStatement]
    private let wheel: [Int]
    private var counters: LoadCounters
    private var setupLeft: [LoadMessage]
    private var kind = 0
    private var number = 0

    /// A part of a scenario.
    init(_ scenario: LoadScenario, _ part: Part, _ target: Target) {
        self.scenario = scenario
        self.part = part
        self.target = target
        switch part {
        case .setup: forms = []
        case .filling: forms = scenario.filling.map(\.operation)
        case .mix: forms = scenario.operations
        case .flood: forms = scenario.flood?.operations ?? []
        }
        operations = part == .setup ? ["setup"] : forms.map(\.name)
        var firstStatements: [Int] = []
        var statements: [PostgresStatement] = []
        for form in forms {
            firstStatements.append(statements.count)
            statements += form.form.statements.map { statement in
                let types = statement.parameters.map { form.draws[$0].postgresType }
                return PostgresStatement(text: statement.text, types: types)
            }
        }
        self.firstStatements = firstStatements
        self.statements = statements
        wheel = forms.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.share) }
        counters = LoadCounters(scenario.counts)
        setupLeft = scenario.setup.reversed()
    }

    func speech() -> any LoadSpeech {
        switch scenario.engine {
        case .mneme: MnemeSpeech(store: target.store)
        case .redis: RedisSpeech()
        case .postgresql:
            PostgresSpeech(
                user: target.user,
                database: target.database,
                statements: statements,
                waitsForDisk: part != .filling
            )
        }
    }

    func next(_ chance: SeededRandomness) throws -> LoadTask? {
        switch part {
        case .setup:
            guard let message = setupLeft.popLast() else { return nil }
            return LoadTask(operation: 0, messages: [message], mayFindNothing: true)
        case .filling:
            while kind < forms.count, number == scenario.counts[kind] {
                (kind, number) = (kind + 1, 0)
            }
            guard kind < forms.count else { return nil }
            defer { number += 1 }
            return try task(kind, chance, number: number)
        case .mix, .flood:
            guard !wheel.isEmpty else { return nil }
            return try task(wheel[chance.below(wheel.count)], chance, number: 0)
        }
    }

    private func task(_ place: Int, _ chance: SeededRandomness, number: Int) throws -> LoadTask {
        let form = forms[place]
        var values: [Value] = []
        values.reserveCapacity(form.draws.count)
        for draw in form.draws {
            values.append(draw.value(chance, &counters, number: number, before: values))
        }
        var task = LoadTask(
            operation: place,
            messages: try form.form.messages(values, firstStatement: firstStatements[place]),
            mayFindNothing: form.mayFindNothing || part == .filling
        )
        if let makes = form.makes, let made = values[makes.draw].int {
            task.made = (makes.counter, Int(made))
        }
        return task
    }

    func done(_ task: LoadTask) {
        if let made = task.made { counters.note(made.number, of: made.counter) }
    }
}
