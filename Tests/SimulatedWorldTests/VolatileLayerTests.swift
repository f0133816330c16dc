import Testing

@testable import MnemeBase
@testable import SimulatedWorld

/// Readers see a plain dictionary of byte arrays, whatever is synced, killed or restarted between.
@Suite struct VolatileLayerTests {
    @Test(arguments: UInt64(0)..<12)
    func agreesWithADictionary(seed: UInt64) throws {
        let dice = SeededRandomness(seed: seed)
        var disk = SimulatedDisk(seed: seed)
        var model: [String: [UInt8]] = [:]
        var mappings: [(path: String, offset: Int, mapping: Mapping)] = []
        try disk.createDirectory("d")
        let names = (0..<6).map { $0 < 3 ? "\($0)" : "d/\($0)" }
        for _ in 0..<600 {
            let name = names[dice.below(names.count)]
            let expected = model[name]
            switch dice.below(12) {
            case 0:
                if expected == nil {
                    _ = try disk.open(name, .create)
                    model[name] = []
                } else {
                    #expect(throws: DiskError.exists(path: name)) { try disk.open(name, .create) }
                }
            case 1...4:
                guard let file = try open(disk, name, expected) else { break }
                let bytes = filled(UInt8(dice.below(256)), dice.below(6000))
                let offset = dice.below(20_000)
                try file.write(bytes, at: UInt64(offset))
                model[name] = written(bytes, at: offset, in: expected ?? [])
            case 5:
                guard let file = try open(disk, name, expected), let expected else { break }
                let count = dice.below(20_000)
                try file.truncate(to: UInt64(count))
                mappings.removeAll { $0.path == name }
                model[name] =
                    Array(expected.prefix(count))
                    + filled(0, max(0, count - expected.count))
            case 6: try open(disk, name, expected)?.sync()
            case 7: try disk.syncDirectory(dice.below(2) == 0 ? "" : "d")
            case 8:
                let target = names[dice.below(names.count)]
                guard let expected, target != name else { break }
                try disk.rename(name, to: target)
                mappings.removeAll { $0.path == name || $0.path == target }
                model[name] = nil
                model[target] = expected
            case 9:
                guard expected != nil, dice.below(3) == 0 else { break }
                try disk.remove(name)
                mappings.removeAll { $0.path == name }
                model[name] = nil
            case 10:
                guard let file = try open(disk, name, expected), let expected,
                    expected.count > 4096
                else { break }
                let mapping = try file.map(at: 4096, count: expected.count - 4096)
                mappings.append((name, 4096, mapping))
            default:
                guard dice.below(20) == 0 else { break }
                disk = dice.below(2) == 0 ? disk.crashKeepingAll() : disk.powerCycle()
                mappings = []
            }
            if let bytes = model[name] { #expect(try disk.bytes(name) == bytes, "seed \(seed)") }
            for (path, offset, mapping) in mappings {
                let bytes = try mapping.copy(at: 0, count: mapping.count)
                #expect(model[path]?[offset..<(offset + bytes.count)] == bytes[...], "seed \(seed)")
            }
        }
        let found = disk.contents().compactMap { $0.bytes == nil ? nil : $0.path }
        #expect(found == model.keys.sorted(), "seed \(seed)")
        #expect(disk.contents().allSatisfy { $0.bytes == model[$0.path] }, "seed \(seed)")
    }

    private func open(
        _ disk: SimulatedDisk,
        _ name: String,
        _ expected: [UInt8]?
    ) throws
        -> (any DiskFile)?
    {
        guard expected != nil else {
            #expect(throws: DiskError.notFound(path: name)) { try disk.open(name, .readWrite) }
            return nil
        }
        return try disk.open(name, .readWrite)
    }

    private func written(_ bytes: [UInt8], at offset: Int, in old: [UInt8]) -> [UInt8] {
        if bytes.isEmpty { return old }
        var new = old + filled(0, max(0, offset + bytes.count - old.count))
        new.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        return new
    }
}
