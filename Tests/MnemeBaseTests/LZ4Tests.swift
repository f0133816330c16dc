import MnemeBase
import Testing

@Suite struct LZ4Tests {
    @Test func whatIsCompressedComesBack() throws {
        let randomness = SeededRandomness(seed: newSeed("lz4"))
        var compressed = 0
        for round in 0..<400 {
            let spread = [1, 2, 5, 256][round % 4]
            let plain = (0..<randomness.below(3000)).map { _ in UInt8(randomness.below(spread)) }
            guard let packed = LZ4.compress(plain) else { continue }
            compressed += 1
            #expect(packed.count < plain.count)
            #expect(LZ4.decompress(packed, count: plain.count) == plain)
            // Any other length is wrong.
            for count in [0, 1, plain.count - 1, plain.count + 1, plain.count * 2] {
                #expect(LZ4.decompress(packed, count: count) == nil)
            }
        }
        #expect(compressed > 150)
    }

    @Test func whatWouldNotShrinkStaysPlain() {
        let randomness = SeededRandomness(seed: 4)
        #expect(LZ4.compress([]) == nil)
        #expect(LZ4.compress([1]) == nil)
        #expect(LZ4.compress((0..<5000).map { _ in UInt8(randomness.below(256)) }) == nil)
    }

    @Test func oneArrayTakesOneBlockAfterTheOther() throws {
        let randomness = SeededRandomness(seed: newSeed("lz4 into one array"))
        var room: [UInt8] = []
        for _ in 0..<40 {
            let plain = (0..<(200 + randomness.below(2000))).map { _ in
                UInt8(randomness.below(2))
            }
            let packed = try #require(LZ4.compress(plain))
            let before = room
            let isWhole = LZ4.decompress(packed.span, count: plain.count, into: &room)
            #expect(isWhole)
            #expect(room.count == max(before.count, plain.count))
            #expect(Array(room.prefix(plain.count)) == plain)
            #expect(room.dropFirst(plain.count) == before.dropFirst(plain.count))
            let isLess = LZ4.decompress(packed.span, count: plain.count - 1, into: &room)
            #expect(!isLess)
        }
    }

    @Test func hostileBlocksGiveNothingOrTheirLength() throws {
        let randomness = SeededRandomness(seed: newSeed("hostile lz4"))
        let plain = Array("a memory is what is left when nothing is left, ".utf8)
        let whole = Array(repeatElement(plain, count: 40).joined())
        let packed = try #require(LZ4.compress(whole))
        for count in 0..<packed.count {
            #expect(LZ4.decompress(Array(packed.prefix(count)), count: whole.count) == nil)
        }
        for _ in 0..<5000 {
            var damaged = packed
            for _ in 0...randomness.below(3) {
                damaged[randomness.below(damaged.count)] = UInt8(randomness.below(256))
            }
            let result = LZ4.decompress(damaged, count: whole.count)
            #expect(result == nil || result?.count == whole.count)
            let noise = (0..<randomness.below(60)).map { _ in UInt8(randomness.below(256)) }
            let length = randomness.below(5000)
            let other = LZ4.decompress(noise, count: length)
            #expect(other == nil || other?.count == length)
        }
        #expect(LZ4.decompress([], count: 10) == nil)
        #expect(LZ4.decompress(packed, count: Int(Int32.max) + 1) == nil)
    }
}
