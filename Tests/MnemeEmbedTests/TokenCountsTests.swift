import MnemeBase
import Testing

@testable import MnemeEmbed

@Suite struct TokenCountsTests {
    /// Memories of a few tokens each, common ones more often.
    private func memories(_ count: Int, _ random: SeededRandomness) -> [[Token]] {
        (0..<count).map { _ in
            (0..<random.below(12)).map { _ in
                Token(random.below(random.below(2) == 0 ? 20 : TokenTable.tokenCount))
            }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func countsFollowAPlainModel(seed: UInt64) throws {
        let random = SeededRandomness(seed: seed)
        var counts = TokenCounts()
        var held: [[Token]] = []
        for step in 0..<600 {
            if !held.isEmpty, random.below(3) == 0 {
                try counts.remove(held.remove(at: random.below(held.count)))
            } else {
                let memory = memories(1, random)[0]
                counts.add(memory)
                held.append(memory)
            }
            guard step % 50 == 0 else { continue }
            var model: [Token: Int] = [:]
            for memory in held { for token in Set(memory) { model[token, default: 0] += 1 } }
            #expect(counts.memoryCount == held.count, "seed \(seed)")
            #expect(counts.tokenCount == model.count, "seed \(seed)")
            for token in 0..<Token(TokenTable.tokenCount) {
                let isRight = counts.memoriesHolding(token) == model[token, default: 0]
                if !isRight { Issue.record("token \(token), seed \(seed)") }
            }
            #expect(try TokenCounts(decoding: counts.encode()) == counts)
        }
    }

    @Test func removingUndoesAdding() throws {
        let random = SeededRandomness(seed: 4)
        let all = memories(200, random)
        var counts = TokenCounts()
        var before: [TokenCounts] = []
        for memory in all {
            before.append(counts)
            counts.add(memory)
        }
        for (memory, expected) in zip(all, before).reversed() {
            try counts.remove(memory)
            #expect(counts == expected)
        }
        #expect(counts == TokenCounts())
    }

    @Test func whatWasNotCountedIsRefused() throws {
        var counts = TokenCounts()
        #expect(throws: EmbedError.notCounted) { try counts.remove([]) }
        counts.add([7, 8, 8])
        let before = counts
        #expect(throws: EmbedError.notCounted) { try counts.remove([7, 9]) }
        #expect(counts == before)
    }

    @Test func bytesAreAsThePageSays() throws {
        var counts = TokenCounts()
        counts.add([3, 300])
        counts.add([300])
        #expect(counts.encode() == [1, 2, 2, 3, 1, 0xA8, 0x02, 2])
        #expect(TokenCounts().encode() == [1, 0, 0])
    }

    @Test func hostileBytesAreRefused() {
        let refused: [[UInt8]] = [
            [], [0], [2, 0, 0], [1], [1, 0], [1, 0, 0, 0], [1, 1, 1], [1, 1, 1, 0],
            [1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [1, 1, 1, 0xBA, 0xEE, 0x01, 1],
            [1, 1, 2, 0xB9, 0xEE, 0x01, 1, 0, 1], [1, 0x80, 0x00, 0],
            [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0],
            [1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [1, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1],
            [1, 1, 1, 0, 0x80, 0x80, 0x80, 0x80, 0x10],
        ]
        for bytes in refused {
            #expect(throws: EmbedError.self, "\(bytes)") { try TokenCounts(decoding: bytes) }
        }
    }

    @Test func damagedBytesAreReadOrRefused() throws {
        let random = SeededRandomness(seed: 6)
        var counts = TokenCounts()
        for memory in memories(60, random) { counts.add(memory) }
        let whole = counts.encode()
        for length in 0..<whole.count {
            #expect(throws: EmbedError.self) {
                try TokenCounts(decoding: Array(whole.prefix(length)))
            }
        }
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0...random.below(3) {
                bytes[random.below(bytes.count)] = UInt8(random.below(256))
            }
            do throws(EmbedError) {
                let read = try TokenCounts(decoding: bytes)
                #expect(read.encode() == bytes)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
