// A load of durable puts during which the server is killed by SIGKILL and started again, time after
// time. Then every put that was acknowledged is looked for.

internal import Foundation
internal import Mneme
internal import MnemeBase
internal import MnemeClient
internal import MnemeCommandLine

/// Puts of new records, and which of them were acknowledged.
final class KillWork: LoadWork {
    let operations = ["put"]
    private let store: String
    private let data: LoadData
    private var number = 0
    /// The records whose puts were acknowledged.
    private(set) var acknowledged: [Int] = []

    /// Puts into a store that is empty.
    init(store: String, _ data: LoadData) {
        self.store = store
        self.data = data
    }

    func speech() -> any LoadSpeech { MnemeSpeech(store: store) }

    func next(_ chance: SeededRandomness) -> LoadTask? {
        defer { number += 1 }
        return LoadTask(
            operation: 0,
            messages: [.request(.commit([data.put(number)], data.durability))],
            made: (0, number)
        )
    }

    func done(_ task: LoadTask) { if let made = task.made { acknowledged.append(made.number) } }
}

/// Kills a server under a load.
struct LoadKill {
    let stage: LoadStage
    let plan: LoadPlan
    let store: String
    let data: LoadData
    let kills: Int

    /// Runs, kills and checks; the lines of the report.
    ///
    /// - Throws: `Failure` where something acknowledged is missing or another one, or the store
    ///   does not verify.
    func run() throws -> [[(String, Figure)]] {
        var plan = plan
        plan.reconnects = true
        plan.patienceSeconds = 60
        let client = try BlockingClient.connect(stage.address, store: store)
        _ = try client.perform(.define(LoadData.schema))
        client.close()
        let work = KillWork(store: store, data)
        let run = LoadRun(work, plan, stage.loop)
        run.begin(stage.addresses)
        let start = Ticks.now() + Int64(plan.warmUpSeconds * 1e9)
        let chance = SeededRandomness(seed: plan.seed &+ 7)
        for number in 0..<kills {
            // One in each part of the time, some way from its ends.
            let part = (Double(number) + 0.1 + 0.8 * chance.unit()) / Double(kills)
            let rest = start + Int64(part * plan.seconds * 1e9) - Ticks.now()
            Thread.sleep(forTimeInterval: max(0.05, Double(rest) * 1e-9))
            try stage.restart()
        }
        run.wait()
        if let failure = run.failure { throw Failure("The load broke off: \(failure).") }
        let checked = try check(work.acknowledged)
        let figures = run.figures[0]
        let unknown = figures.errors["disconnected"] ?? 0
        return [
            [
                ("event", .word("put")), ("askedPerSecond", .count(plan.rate ?? 0)),
            ] + figures.named(seconds: run.countedSeconds),
            [
                ("event", .word("kill")), ("kills", .count(kills)),
                ("acknowledged", .count(work.acknowledged.count)), ("checked", .count(checked)),
                ("unknown", .count(unknown)),
                ("outageP50Microseconds", .microseconds(run.reconnections.microseconds(50))),
                (
                    "outageMaximumMicroseconds",
                    .microseconds(Double(run.reconnections.maximum) / 1000)
                ),
            ],
        ]
    }

    /// Looks for every acknowledged record, and at what is in it.
    private func check(_ numbers: [Int]) throws -> Int {
        let client = try BlockingClient.connect(stage.address, store: store)
        defer { client.close() }
        var checked = 0
        for start in stride(from: 0, to: numbers.count, by: 100) {
            let some = numbers[start..<min(start + 100, numbers.count)]
            let response = try client.perform(.get(some.map(data.reference)))
            guard case .records(let records) = response, records.count == some.count else {
                throw Failure("A get of \(some.count) records was answered with something else.")
            }
            for (number, record) in zip(some, records) {
                guard let record else {
                    throw Failure("Record \(number) was acknowledged and is lost.")
                }
                guard record["value"] == data.fields(number)["value"] else {
                    throw Failure("Record \(number) was acknowledged and is another one.")
                }
                checked += 1
            }
        }
        guard case .verified(let verification) = try client.perform(.verify) else {
            throw Failure("The store does not say whether it verifies.")
        }
        if let finding = verification.findings.first { throw Failure("verify: \(finding)") }
        return checked
    }
}
