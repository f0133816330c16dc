// The log against a list of batches, under random use and random power cuts.

import MnemeBase
import SimulatedWorld
import Testing

@testable import MnemeLog

@Suite struct LogPropertyTests {
    /// What a log should hold.
    private struct Model {
        var written: [GivenBatch] = []
        var pending: [GivenBatch] = []
        /// How many of `written` survive whatever happens.
        var durable = 0
    }

    private static let rounds = 30

    @Test func behavesAsAListOfBatches() throws {
        let seed = newSeed("log")
        for round in 0..<Self.rounds {
            let randomness = SeededRandomness(seed: seed &+ UInt64(round))
            var disk = SimulatedDisk(seed: randomness.next())
            var log = try LogWorld(disk: disk).create()
            var model = Model()
            for _ in 0..<80 {
                switch randomness.below(20) {
                case 0..<9: try add(randomness, log, &model)
                case 9..<12: try commit(sync: true, log, &model)
                case 12, 13: try commit(sync: false, log, &model)
                case 14:
                    log.discard()
                    model.pending = []
                case 15: try log.prepareSpare()
                case 16:
                    try log.close()
                    model.written += model.pending
                    model.pending = []
                    model.durable = model.written.count
                    log = try reopen(disk, model, randomness)
                case 17:
                    model.pending = []
                    log = try reopen(disk, model, randomness)
                    model.durable = model.written.count
                case 18:
                    disk = disk.crash(using: randomness)
                    let opened = try LogWorld(disk: disk).open()
                    expectPrefix(opened.batches, model)
                    log = opened.log
                    model = survivors(model, opened.batches.count)
                default:
                    let last = model.written.last?.sequence ?? 0
                    var batches: [ReplayedBatch] = []
                    try log.forEachBatch(through: last) { batches.append($0) }
                    expectSame(batches, model.written)
                    for batch in model.pending {
                        for (place, content) in zip(batch.places, batch.contents) {
                            let frame = try log.pendingOrWrittenFrame(at: place)
                            #expect(frame.content.isSame(content))
                        }
                    }
                }
            }
        }
    }

    private func add(
        _ randomness: SeededRandomness,
        _ log: Log,
        _ model: inout Model
    ) throws {
        let contents = (0..<randomness.below(4)).map { _ in
            FrameContent.random(randomness, limit: 1 + randomness.below(900))
        }
        let byteCount = contents.reduce(0) { $0 + $1.byteCount }
        if try !log.begin(batchBytes: byteCount) {
            try commit(sync: randomness.below(2) == 0, log, &model)
        }
        let next = log.nextSequence
        let batch = try log.add(contents, time: Microseconds(randomness.below(1000)))
        // A new segment makes all before it durable.
        if batch.start.offset == SegmentHeader.size { model.durable = model.written.count }
        #expect(batch.firstSequence == next)
        model.pending.append(batch)
    }

    private func commit(sync: Bool, _ log: Log, _ model: inout Model) throws {
        if sync { try log.commit() } else { _ = try log.write() }
        model.written += model.pending
        model.pending = []
        if sync { model.durable = model.written.count }
        #expect(log.isDurable == (model.durable == model.written.count))
    }

    /// Opens again without a power cut, from the beginning or from a batch's end.
    private func reopen(
        _ disk: SimulatedDisk,
        _ model: Model,
        _ randomness: SeededRandomness
    ) throws -> Log {
        let index = randomness.below(model.written.count + 1)
        let position = index == 0 ? nil : model.written[index - 1]
        let opened = try LogWorld(disk: disk).open(
            from: position.map { LogPosition(place: $0.end, sequence: $0.sequence + 1) },
            incarnation: position?.incarnation ?? 0
        )
        expectSame(opened.batches, model.written.dropFirst(index))
        return opened.log
    }

    private func expectPrefix(_ batches: [ReplayedBatch], _ model: Model) {
        #expect(batches.count >= model.durable && batches.count <= model.written.count)
        expectSame(batches, model.written.prefix(batches.count))
    }

    private func survivors(_ model: Model, _ count: Int) -> Model {
        var survivors = Model()
        survivors.written = Array(model.written.prefix(count))
        survivors.durable = survivors.written.count
        return survivors
    }

    // MARK: A cut at every step

    /// Fills, closes, opens and fills again; what was acknowledged so far is in `model`.
    private func work(_ disk: SimulatedDisk, _ model: inout Model) throws {
        let world = LogWorld(disk: disk)
        var log = try world.create()
        for round in 0..<3 {
            for number in 0..<5 {
                let body = [UInt8](repeating: UInt8(number), count: 700 * (number % 3))
                let batch = try log.add([FrameContent(type: 16, body: body)])
                model.pending = [batch]
                if number % 2 == 0 { try log.commit() } else { _ = try log.write() }
                model.written.append(batch)
                model.pending = []
                if number % 2 == 0 { model.durable = model.written.count }
                if number == 3 { try log.prepareSpare() }
            }
            if round == 1 { try log.close() }
            log = try world.open().log
            model.durable = model.written.count
        }
    }

    @Test func aCutAtAnyStepLosesNothingDurable() throws {
        let randomness = SeededRandomness(seed: newSeed("cuts"))
        let whole = SimulatedDisk()
        var model = Model()
        try work(whole, &model)
        #expect(model.written.count == 15)
        for step in 1...whole.steps {
            let disk = SimulatedDisk(seed: randomness.next())
            disk.cut(atStep: step)
            var model = Model()
            #expect(throws: LogError.self) { try work(disk, &model) }
            model.written += model.pending
            var crashed = disk.crash(using: randomness)
            // A log that was never made is the caller's to make again.
            let isMade = model.written.count > 0
            guard isMade || (try? LogWorld(disk: crashed).recovery()) != nil else { continue }
            // The power goes again while the tail is cleaned.
            let cut = 1 + randomness.below(4)
            crashed.cut(atStep: cut)
            _ = try? LogWorld(disk: crashed).open()
            crashed = crashed.crash(using: randomness)
            let opened = try LogWorld(disk: crashed).open()
            expectPrefix(opened.batches, model)
            let more = try opened.log.addGroup([[1]])
            let again = try LogWorld(disk: crashed.crashDroppingAll()).open()
            expectSame(again.batches, model.written.prefix(opened.batches.count) + more)
        }
    }
}
