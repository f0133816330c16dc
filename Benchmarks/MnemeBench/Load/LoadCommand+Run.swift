// What `mneme-bench load` does: it refuses what contradicts itself, makes the stage, and has the
// load run that was asked for.

internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine

extension LoadCommand {
    /// What --rate is for storms and kills where it is not given.
    private static let usualRate = 2000

    /// Refuses what contradicts itself.
    private static func check(_ invocation: Invocation) throws(CommandLineError) {
        let isOwn = invocation[connect] == nil
        let isScenario = invocation[scenario] != nil
        if invocation[kill] != nil, !isOwn {
            throw CommandLineError("--kill kills a server of its own; leave --connect out.")
        }
        if invocation[kill] != nil, invocation[BenchmarkStore.durability] != .synced {
            throw CommandLineError(
                "--kill looks for all that was acknowledged, which is there after a kill only "
                    + "with --durability synced."
            )
        }
        if invocation[kill] != nil, invocation[storm] != nil {
            throw CommandLineError("--kill and --connections-storm are two runs; give one of them.")
        }
        if isScenario, invocation[kill] != nil || invocation[storm] != nil {
            throw CommandLineError("--scenario has no --kill and no --connections-storm.")
        }
        if invocation[engine] != .mneme, isOwn || !isScenario {
            throw CommandLineError("--engine needs --connect and --scenario.")
        }
    }

    /// Runs the command.
    static func run(_ invocation: Invocation) throws {
        try check(invocation)
        let plan = try Self.plan(invocation)
        let chance = SeededRandomness(seed: UInt64(bitPattern: Ticks.now()))
        let stage = try LoadStage(
            connect: invocation[connect],
            program: invocation[program],
            connections: invocation[connections] + (invocation[storm] ?? 0),
            // Below the ports that the system gives away, so that nobody takes it meanwhile.
            port: invocation[kill] == nil ? 0 : 20_000 + chance.below(12_000)
        )
        do {
            let report = Report("load", json: invocation[Program.json])
            for line in try lines(invocation, stage, plan) { report.add(line) }
            report.finish()
        } catch {
            stage.abandon()
            throw error
        }
        try stage.end()
    }

    private static func plan(_ invocation: Invocation) throws -> LoadPlan {
        var plan = LoadPlan()
        plan.connections = invocation[connections]
        plan.depth = invocation[depth]
        plan.arrivals = invocation[arrivals]
        plan.seconds = Double(invocation[seconds])
        plan.warmUpSeconds = Double(invocation[warmUp])
        if invocation[rate] != "max" {
            guard let number = Int(invocation[rate]), number > 0 else {
                throw CommandLineError("--rate takes a number of requests a second, or max.")
            }
            plan.rate = number
        } else if invocation[storm] != nil || invocation[kill] != nil {
            plan.rate = usualRate
        }
        return plan
    }

    private static func lines(
        _ invocation: Invocation,
        _ stage: LoadStage,
        _ plan: LoadPlan
    ) throws -> [[(String, Figure)]] {
        if let path = invocation[scenario] { return try played(path, invocation, stage, plan) }
        let store = invocation[Self.store]
        let data = LoadData(
            recordCount: invocation[records],
            valueByteCount: invocation[valueBytes],
            durability: invocation[BenchmarkStore.durability]
        )
        if let kills = invocation[kill] {
            return try LoadKill(stage: stage, plan: plan, store: store, data: data, kills: kills)
                .run()
        }
        let mix = try LoadMix(invocation[storm] == nil ? invocation[Self.mix] : "get=1")
        let client = try BlockingClient.connect(stage.address, store: store)
        try data.fill(client)
        client.close()
        let work = MixWork(store: store, mix, data)
        guard let idle = invocation[storm] else {
            return try LoadLines.measured(work, plan, stage).lines()
        }
        return try LoadLines.stormed(idle, work, plan, stage, store)
    }

    /// Fills in a scenario and runs it.
    private static func played(
        _ path: String,
        _ invocation: Invocation,
        _ stage: LoadStage,
        _ plan: LoadPlan
    ) throws -> [[(String, Figure)]] {
        let engine = invocation[Self.engine]
        let scenario = try LoadScenario(path, for: engine, scale: invocation[scale])
        let target = ScenarioWork.Target(
            store: invocation[store],
            user: invocation[user],
            database: invocation[database]
        )
        if !invocation[isFilled] {
            try stage.prepare(ScenarioWork(scenario, .setup, target), depth: 1)
            // In order, as later kinds may refer to earlier ones: the peers do one thing after
            // another, however many were sent.
            let depth = engine == .mneme ? 1 : 32
            try stage.prepare(ScenarioWork(scenario, .filling, target), depth: depth)
        }
        let work = ScenarioWork(scenario, .mix, target)
        let lines: [[(String, Figure)]]
        if let flood = scenario.flood {
            let beside = LoadFlood(
                work: ScenarioWork(scenario, .flood, target),
                connections: flood.connections,
                depth: flood.depth
            )
            lines = try LoadLines.flooded(beside, work, plan, stage)
        } else {
            lines = try LoadLines.measured(work, plan, stage).lines(sums: true)
        }
        let names: [(String, Figure)] = [
            ("scenario", .word(scenario.name)), ("engine", .word(scenario.engine.rawValue)),
        ]
        return lines.map { names + $0 }
    }
}

extension LoadData {
    /// Puts what a store lacks of the records.
    func fill(_ store: BlockingClient) throws {
        let last = reference(recordCount - 1)
        if case .schema(let schema) = try store.perform(.describe),
            schema.collections.contains(where: { $0.name == LoadData.collection }),
            case .records(let records) = try store.perform(.get([last])),
            records.first != .some(nil)
        {
            return
        }
        for request in filling { _ = try store.perform(request) }
    }
}
