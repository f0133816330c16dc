import Foundation
import FuzzTargets
import MnemeBase
import Testing
import WireFuzz

/// Each target with its true inputs, with what broke something once, and with mutations of both.
@Suite struct FuzzTargetTests {
    /// How many mutations of each, so that all of them take about a second.
    static let rounds: [FuzzTarget: Int] = [
        .cbor: 4000, .json: 4000, .filter: 4000, .schema: 4000, .log: 250, .pages: 60, .text: 1500,
        .blocks: 1500,
    ]

    /// The files that stand in a target's corpus; most have none.
    static func corpus(of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "Fuzz/Targets/corpus/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }

    @Test(arguments: rounds.keys.sorted { $0.rawValue < $1.rawValue })
    func whatIsTrueAndWhatIsMadeOfItBreaksNothing(_ target: FuzzTarget) throws {
        let seeds = target.seeds
        #expect(Set(seeds.map(\.name)).count == seeds.count, "seeds have names of their own")
        let inputs = try seeds.map { ($0.name, $0.bytes) } + Self.corpus(of: target)
        #expect(!seeds.isEmpty)
        for (name, bytes) in inputs { #expect(target.run(bytes) == nil, "\(name)") }
        #expect(target.run([]) == nil)
        // The same ones every time; tools/fuzz looks for others.
        let seed: UInt64 = 1
        let random = SeededRandomness(seed: seed)
        for _ in 0..<(Self.rounds[target] ?? 0) {
            let (name, bytes) = inputs[random.below(inputs.count)]
            let (_, other) = inputs[random.below(inputs.count)]
            var input = WireFuzz.mutate(bytes, with: other, random)
            for _ in 0..<random.below(12) { input.append(UInt8(truncatingIfNeeded: random.next())) }
            let broken = target.run(input)
            #expect(broken == nil, "seed \(seed), \(name): \(input)")
        }
    }

    @Test func everyTargetIsMutated() {
        // Those of the wire are with its own tests.
        #expect(Set(Self.rounds.keys).union([.wire]) == Set(FuzzTarget.allCases))
        #expect(Self.rounds.values.allSatisfy { $0 > 0 })
    }
}
