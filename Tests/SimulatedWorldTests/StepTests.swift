import Testing

@testable import MnemeBase
@testable import SimulatedWorld

@Suite struct StepTests {
    /// One step of each kind, and some twice.
    private func work(_ disk: SimulatedDisk) throws {
        try disk.createDirectory("d")
        try disk.syncDirectory("")
        let file = try disk.open("d/a", .create)
        try disk.syncDirectory("d")
        try file.write(filled(1, 1000), at: 0)
        try file.sync()
        try file.truncate(to: 500)
        try file.sync()
        try disk.rename("d/a", to: "d/b")
        try disk.syncDirectory("d")
        try disk.remove("d/b")
    }

    @Test func everyStepIsReached() throws {
        let whole = SimulatedDisk()
        try work(whole)
        #expect(whole.steps == 11)
        #expect(
            whole.history.map(\.kind) == [
                .createDirectory, .syncDirectory, .create, .syncDirectory, .write, .sync,
                .truncate, .sync, .rename, .syncDirectory, .remove,
            ]
        )
        for step in 1...whole.steps {
            var outcomes: Set<UInt64> = []
            for seed in UInt64(0)..<30 {
                let disk = SimulatedDisk(seed: seed)
                disk.cut(atStep: step)
                let error = #expect(throws: DiskError.self) { try work(disk) }
                #expect(
                    error
                        == .failed(
                            call: "power is off",
                            path: whole.history[step - 1].path,
                            code: 5
                        )
                )
                #expect(disk.isOff && disk.steps == step)
                #expect(throws: DiskError.self) { try disk.list("") }
                #expect(throws: DiskError.self) { try disk.lock("l") }
                #expect(throws: DiskError.self) { try disk.open("d/a", .read) }
                #expect(disk.steps == step)
                let next = disk.crashDroppingAll()
                #expect(!next.isOff && next.steps == 0)
                outcomes.insert(disk.fingerprint ^ next.fingerprint &* 3)
            }
            // The last step was carried out in some worlds and not in others.
            #expect(outcomes.count == 2, "step \(step)")
        }
        let spared = SimulatedDisk()
        spared.cut(atStep: whole.steps + 1)
        try work(spared)
        #expect(!spared.isOff)
    }

    @Test func whatWasAcknowledgedIsThereAfterACutAtAnyStep() throws {
        let size = 4 << 20
        let setUp = SimulatedDisk()
        let log = try setUp.makeDurable("log", [])
        for offset in stride(from: 0, to: size, by: 1 << 20) {
            try log.write([UInt8](repeating: 9, count: 1 << 20), at: UInt64(offset))
        }
        try log.sync()

        /// Appends a sector and syncs it, 250 times; says how many were acknowledged.
        func run(_ disk: SimulatedDisk) -> Int {
            guard let file = try? disk.open("log", .readWrite) else { return 0 }
            for number in 0..<250 {
                do {
                    try file.write(filled(UInt8(number % 250), 700), at: UInt64(number * 16_000))
                    try file.sync()
                } catch { return number }
            }
            return 250
        }
        let whole = setUp.powerCycle()
        #expect(run(whole) == 250)
        #expect(whole.steps == 500)
        for step in 1...whole.steps {
            let disk = setUp.powerCycle()
            disk.cut(atStep: step)
            let acknowledged = run(disk)
            #expect(acknowledged == (step - 1) / 2)
            let next = disk.crash(using: SeededRandomness(seed: UInt64(step)))
            let file = try next.open("log", .read)
            #expect(try file.byteCount() == UInt64(size))
            for number in stride(from: 0, to: acknowledged, by: max(1, acknowledged / 5)) {
                let bytes = try file.read(at: UInt64(number * 16_000), count: 700)
                #expect(bytes == filled(UInt8(number % 250), 700))
            }
        }
    }
}
