// A scenario: what a service keeps and how often it does what, in the words of each database. The
// file is JSON. Page: Benchmarks/scenarios/README.md.

internal import Mneme
internal import MnemeCommandLine

/// A scenario as one database gets it.
struct LoadScenario {
    /// One kind of work, or one kind of record of the filling.
    struct Operation {
        let name: String
        /// How often it comes, held against the others.
        let share: Int
        /// What is drawn, those of others last.
        let draws: [LoadDraw]
        let form: LoadForm
        let mayFindNothing: Bool
        /// Which drawn value is the number of something new, and of which counter.
        let makes: (draw: Int, counter: Int)?
    }

    /// Somebody who asks as fast as he is answered.
    struct Flood {
        let connections: Int
        /// Tasks that each connection keeps in flight.
        let depth: Int
        let operations: [Operation]
    }

    let name: String
    let engine: LoadEngine
    /// What comes before the filling, one by one.
    let setup: [LoadMessage]
    /// What the store holds before the load: how many of which.
    let filling: [(count: Int, operation: Operation)]
    let operations: [Operation]
    /// Who asks beside all that as fast as he is answered, if anybody.
    let flood: Flood?

    /// How many of each kind the filling makes.
    var counts: [Int] { filling.map(\.count) }

    /// Reads a file as an engine gets it; the numbers of the filling are multiplied with `scale`.
    ///
    /// - Throws: `Failure` with what is wrong in it; also where the engine cannot do all of it.
    init(_ path: String, for engine: LoadEngine, scale: Double) throws(Failure) {
        let bytes = try InputFile(path).readAll()
        let value: Value
        do throws(MnemeError) {
            value = try Value(json: bytes)
        } catch {
            throw Failure("\(path): \(error.message)")
        }
        do throws(Failure) {
            try self.init(value, path, engine, scale)
        } catch {
            throw Failure("\(path): \(error.message)")
        }
    }

    private init(
        _ value: Value,
        _ path: String,
        _ engine: LoadEngine,
        _ scale: Double
    ) throws(Failure) {
        var file = try ScenarioMembers(value, "the scenario")
        self.engine = engine
        name = try file.text("name")
        _ = try file.text("about")
        var setup = try ScenarioMembers(file.value("setup") ?? .map([:]), "setup")
        self.setup = try Self.setup(&setup, engine, path)
        let kinds = try file.objects("fill")
        var kindNames: [String] = []
        var counts: [Int] = []
        for var kind in kinds {
            kindNames.append(try kind.text("name"))
            counts.append(max(1, Int(Double(try kind.int("count", 1...1 << 40)) * scale)))
        }
        let reader = OperationReader(engine: engine, kinds: kindNames, counts: counts)
        var filling: [(count: Int, operation: Operation)] = []
        for (number, kind) in kinds.enumerated() {
            filling.append((counts[number], try reader.operation(kind, isFilling: true)))
        }
        self.filling = filling
        operations = try reader.operations(&file)
        if let value = file.value("flood") {
            var members = try ScenarioMembers(value, "flood")
            flood = Flood(
                connections: try members.int("connections", 1...1000),
                depth: try members.int("depth", 1...256),
                operations: try reader.operations(&members)
            )
            try members.end()
        } else {
            flood = nil
        }
        try file.end()
    }

    private static func setup(
        _ members: inout ScenarioMembers,
        _ engine: LoadEngine,
        _ path: String
    ) throws(Failure) -> [LoadMessage] {
        var own: Value?
        for one in LoadEngine.allCases {
            let value = members.value(one.rawValue)
            if one == engine { own = value }
        }
        let schema = members.value("mnemeSchema")
        try members.end()
        var messages: [LoadMessage] = []
        if engine == .mneme, let schema {
            guard let name = schema.text else { throw Failure("\"mnemeSchema\" names a file.") }
            let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let place = (folder.map(String.init) + [name]).joined(separator: "/")
            let text = try InputFile(place).readAll()
            do throws(MnemeError) {
                let request = try Request(spelling: .map(["define": try Value(json: text)]))
                messages.append(.request(request))
            } catch {
                throw Failure("\(name): \(error.message)")
            }
        }
        guard let own else { return messages }
        return messages + (try LoadForm(own, engine, names: []).messages([], script: true))
    }
}
