// Reads the operations of a scenario: what is drawn, and how the database is asked with it.

internal import Mneme
internal import MnemeCommandLine

/// Reads operations for one database.
struct OperationReader {
    let engine: LoadEngine
    /// The kinds of records that the filling makes, by their names, and how many of each.
    let kinds: [String]
    let counts: [Int]

    /// All "operations" of an object, each under a name of its own.
    func operations(
        _ object: inout ScenarioMembers
    ) throws(Failure) -> [LoadScenario.Operation] {
        var operations: [LoadScenario.Operation] = []
        var names: Set = ["all", "error"]
        for members in try object.objects("operations") {
            let one = try operation(members, isFilling: false)
            guard names.insert(one.name).inserted else {
                throw Failure("\"\(one.name)\" is the name of something else; choose another.")
            }
            operations.append(one)
        }
        guard !operations.isEmpty else { throw Failure("\"operations\" names none.") }
        return operations
    }

    /// One operation, or one kind of record of the filling.
    func operation(
        _ object: ScenarioMembers,
        isFilling: Bool
    ) throws(Failure) -> LoadScenario.Operation {
        var members = object
        let name = try members.text("name")
        do throws(Failure) {
            var share = 0
            if isFilling {
                _ = try members.int("count", 1...1 << 40)
            } else {
                share = try members.int("share", 1...1000)
            }
            let mayFindNothing = try members.flag("mayFindNothing")
            let with = members.value("with") ?? .map([:])
            let (names, draws) = try draws(with, isFilling)
            var form: LoadForm?
            for one in LoadEngine.allCases {
                guard let value = members.value(one.rawValue) else { continue }
                if one == engine { form = try LoadForm(value, one, names: names) }
            }
            try members.end()
            guard let form else {
                throw Failure("nothing is said for \(engine.rawValue); it cannot run this.")
            }
            var makes: (draw: Int, counter: Int)?
            for (place, draw) in draws.enumerated() {
                if case .next(let counter) = draw { makes = (place, counter) }
            }
            return LoadScenario.Operation(
                name: name,
                share: share,
                draws: draws,
                form: form,
                mayFindNothing: mayFindNothing,
                makes: makes
            )
        } catch {
            throw Failure("\"\(name)\": \(error.message)")
        }
    }

    private func draws(
        _ with: Value,
        _ isFilling: Bool
    ) throws(Failure) -> (names: [String], draws: [LoadDraw]) {
        var members = try ScenarioMembers(with, "with")
        var plain: [(String, LoadDraw)] = []
        var made: [(String, ScenarioMembers)] = []
        if isFilling { plain.append(("number", .number)) }
        for (name, value) in members.rest() {
            guard name.allSatisfy({ $0.isLetter }), name != "number" || !isFilling else {
                throw Failure("\"\(name)\" is no name: names are of letters, and not \"number\".")
            }
            var object = try ScenarioMembers(value, name)
            if case .map(let inside) = value, inside["of"] != nil {
                made.append((name, object))
            } else {
                plain.append((name, try draw(&object, name)))
                try object.end()
            }
        }
        let names = plain.map(\.0)
        var derived: [(String, LoadDraw)] = []
        for (name, members) in made {
            var object = members
            let source = try object.text("of")
            guard let place = names.firstIndex(of: source) else {
                throw Failure("\(name): nothing is drawn under the name \(source).")
            }
            derived.append((name, .derived(place, try derivation(&object, name))))
            try object.end()
        }
        return (names + derived.map(\.0), plain.map(\.1) + derived.map(\.1))
    }

    private func draw(_ object: inout ScenarioMembers, _ name: String) throws(Failure) -> LoadDraw {
        if let value = object.value("uniform") { return .uniform(try kind(value, name).count) }
        if let value = object.value("zipfian") {
            return .zipfian(Zipfian(try kind(value, name).count))
        }
        if let value = object.value("latest") {
            let (counter, count) = try kind(value, name)
            return .latest(counter: counter, Zipfian(count))
        }
        if let value = object.value("next") {
            return .next(counter: try kind(value, name).counter)
        }
        if let value = object.value("pick") {
            guard case .array(let choices) = value, !choices.isEmpty else {
                throw Failure("\(name): \"pick\" takes an array of values.")
            }
            return .pick(choices)
        }
        if let value = object.value("words") { return .words(try size(value, name)) }
        if let value = object.value("letters") { return .letters(try size(value, name)) }
        let low = object.value("from")?.int
        let high = object.value("to")?.int
        guard let low, let high, low <= high, high - low < 1 << 40 else {
            throw Failure(
                "\(name) is none of uniform, zipfian, latest, next, pick, words, letters, "
                    + "from … to, of."
            )
        }
        return .between(Int(low), Int(high))
    }

    private func derivation(
        _ object: inout ScenarioMembers,
        _ name: String
    ) throws(Failure) -> LoadDerivation {
        if let value = object.value("divided") { return .divided(try size(value, name)) }
        if let value = object.value("modulo") {
            return .modulo(value.text == nil ? try size(value, name) : try kind(value, name).count)
        }
        if let value = object.value("words") { return .words(try size(value, name)) }
        if try object.flag("instant") { return .instant }
        throw Failure("\(name) is none of divided, modulo, words, instant.")
    }

    private func size(_ value: Value, _ name: String) throws(Failure) -> Int {
        guard let int = value.int, (1...1_000_000).contains(int) else {
            throw Failure("\(name) takes a whole number from 1 to 1000000.")
        }
        return Int(int)
    }

    /// A kind of record of the filling.
    private func kind(
        _ value: Value,
        _ name: String
    ) throws(Failure) -> (counter: Int, count: Int) {
        guard let text = value.text, let counter = kinds.firstIndex(of: text) else {
            throw Failure("\(name) takes the name of something of \"fill\".")
        }
        return (counter, counts[counter])
    }
}
