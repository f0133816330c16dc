// Many at once, in one process and through a server: whatever came of it is what one after another
// would have come to. And the test of these tests: with a bug planted in what transactions are held
// against, a history is found that is nobody's order.

import Doors
import MnemeBase
import MnemeClient
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct HistoryTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, RealRandomness().next() >> 16])
    func whatThreadsDoIsSerializable(seed: UInt64) throws {
        print("history: seed \(seed)")
        let memory = try Self.memory(TransactionFaults())
        let run = HistoryRun(seed: seed, threads: 4, deeds: 90)
        let fault = try run.fault { memory }
        #expect(fault == nil, "seed \(seed)")
        #expect(try memory.verify().findings == [])
        #expect(memory.store.openTransactions == 0)
        try memory.close()
        // Some met somebody, and not everybody lost.
        #expect(run.board.met > 0 && run.board.deeds.count > 100, "seed \(seed)")
    }

    @Test(arguments: [UInt64(11), RealRandomness().next() >> 16])
    func whatClientsDoIsSerializable(seed: UInt64) async throws {
        print("history of clients: seed \(seed)")
        let house = try House(.blockingClient)
        let run = HistoryRun(seed: seed, threads: 4, deeds: 40)
        let address = house.address
        let fault: String? = await withCheckedContinuation { waiter in
            BackgroundThread.start(niceness: 0) {
                let fault: String?
                do {
                    fault = try run.fault {
                        try BlockingClient.connect(address, store: "history", options: .patient)
                    }
                } catch {
                    fault = "\(error)"
                }
                waiter.resume(returning: fault)
            }
        }
        await house.remove()
        #expect(fault == nil, "seed \(seed)")
        #expect(run.board.met > 0 && run.board.deeds.count > 50, "seed \(seed)")
    }

    @Test(arguments: [PlantedFault.records, .ranges, .edges])
    func aPlantedBugIsFound(bug: PlantedFault) throws {
        // What threads do together is never the same twice.
        for seed in UInt64(1)...300 {
            let memory = try Self.memory(bug.faults)
            defer { try? memory.close() }
            let run = HistoryRun(seed: seed, threads: 4, deeds: 90)
            guard let fault = try run.fault({ memory }) else { continue }
            // It is the replay that finds it.
            #expect(fault.hasPrefix("sequence "), "\(fault)")
            return
        }
        Issue.record("no history shows the bug")
    }

    private static func memory(_ faults: TransactionFaults) throws -> Memory {
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.snapshotAge = nil
        // However long a thread waits for its turn on a busy machine.
        options.transactionIdle = .max / 2
        options.transactionFaults = faults
        var own = MemoryOptions()
        own.embedsText = false
        return try Memory(store: Store.open("history", .create, options: options), options: own)
    }
}

/// Some threads that use one store, each through a door.
struct HistoryRun: Sendable {
    private let seed: UInt64
    private let threads: Int
    private let deeds: Int
    let board = HistoryBoard()

    /// So many `threads`, each of which does so many `deeds`.
    init(seed: UInt64, threads: Int, deeds: Int) {
        self.seed = seed
        self.threads = threads
        self.deeds = deeds
    }

    /// Rules of all kinds, but for what looks at the time.
    private var schema: Schema {
        var schema = TreeDice(seed: seed).schema()
        for place in schema.collections.indices {
            schema.collections[place].roles.deletedAt = String?.none
            schema.collections[place].roles.archivedAt = String?.none
            for field in schema.collections[place].fields.indices
            where schema.collections[place].fields[field].fill != .next {
                schema.collections[place].fields[field].fill = Fill?.none
            }
        }
        return schema
    }

    /// Runs them all; what cannot have come of any order, nil where all is well.
    ///
    /// `door`: a door of its own for each thread, or one that all of them may use.
    func fault(_ door: @escaping @Sendable () throws -> any BlockingDoor) throws -> String? {
        let schema = schema
        let model = PlainModel(schema, now: 0)
        let first = try door()
        _ = try first.perform(.define(schema), durability: nil)
        try HistoryThread(door: first, dice: TreeDice(seed: seed), model: model, board: board)
            .run(10)
        let starts = (0..<threads).map { _ in Gate() }
        let gates = (0..<threads).map { thread in
            let gate = Gate()
            BackgroundThread.start(niceness: 0) {
                starts[thread].wait()
                do {
                    try HistoryThread(
                        door: try door(),
                        dice: TreeDice(seed: seed &* 31 &+ UInt64(thread)),
                        model: model,
                        board: board
                    )
                    .run(deeds)
                } catch {
                    board.note(fault: "thread \(thread): \(error)")
                }
                gate.open()
            }
            return gate
        }
        // None of them has done everything before another is there.
        for start in starts { start.open() }
        for gate in gates { gate.wait() }
        if let fault = board.faults.first { return fault }
        print("history: \(board.deeds.count) done, \(board.met) met others, \(board.lost) lost")
        var replay = HistoryReplay(model)
        if let fault = replay.fault(of: board.deeds) { return fault }
        return try left(replay.model, first)
    }

    /// Whether what is left at the end is what the replay came to.
    private func left(_ model: PlainModel, _ door: any BlockingDoor) throws -> String? {
        var model = model
        var questions = schema.collections.map { collection in
            var find = Find(collection.name, limit: 10_000)
            find.sight = PlainModel.everything(collection)
            return find
        }
        questions += schema.edgeTypes.map { Find(edges: $0.name, limit: 10_000) }
        for question in questions {
            let told = try door.perform(.find(question), durability: nil)
            if let fault = TreeJudge.fault(&model, .find(question), .success(told)) {
                return "sequence at the end: \(fault)"
            }
        }
        return nil
    }
}
