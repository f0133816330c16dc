// Digests in bytes and back, and bytes that are none. Format: formats/digests.md.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeRecall

@Suite struct DigestTests {
    /// What was written is read, whatever is there and whatever is not.
    @Test func anyDigestComesBack() {
        let seed = RealRandomness().next()
        print("digests: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        for _ in 0..<500 {
            let digest = Self.random(chance)
            #expect(Digest(digest.bytes) == digest)
            #expect(digest.bytes.count <= 1000)
            let behind = [UInt8](repeating: 7, count: 8) + digest.bytes
            #expect(Digest(behind, from: 8) == digest)
        }
    }

    /// Bytes that end too early, or begin otherwise, are no digest; none of them stops the process.
    @Test func otherBytesAreNone() {
        let seed = RealRandomness().next()
        print("bytes that are no digests: seed \(seed)")
        let chance = SeededRandomness(seed: seed)
        for _ in 0..<50 {
            let bytes = Self.random(chance).bytes
            for count in 0..<bytes.count { #expect(Digest(Array(bytes[..<count])) == nil) }
            var other = bytes
            other[0] = 2
            #expect(Digest(other) == nil)
            for place in [7, 8, 9] {
                other = bytes
                other[place] = 200
                #expect(Digest(other) == nil)
            }
        }
        #expect(Digest([], from: 8) == nil)
    }

    /// What is too much is left out, and said so of words.
    @Test func whatIsTooMuchIsLeftOut() {
        var digest = Digest()
        for number in 0..<200 {
            digest.terms.append(Digest.Term(stem: UInt32(number), token: UInt16(number)))
        }
        digest.dates = (0..<9).map { Digest.Days(first: $0, end: $0 + 1) }
        digest.names = (0..<9).map { UInt32($0) }
        let read = Digest(digest.bytes)
        #expect(read?.terms == Array(digest.terms.prefix(Digest.termLimit)))
        #expect(read?.dates == Array(digest.dates.prefix(Digest.dateLimit)))
        #expect(read?.names == Array(digest.names.prefix(Digest.nameLimit)))
        #expect(read?.marks == .isCut)
    }

    static func random(_ chance: SeededRandomness) -> Digest {
        var digest = Digest()
        func maybe<Value>(_ value: Value) -> Value? { chance.below(2) == 0 ? value : nil }
        digest.traits = UInt16(chance.below(1 << 13))
        digest.wordCount = UInt16(chance.below(1 << 16))
        digest.marks = Digest.Marks(rawValue: UInt8(chance.below(8)))
        digest.session = UInt32(truncatingIfNeeded: chance.next())
        digest.time = maybe(Instant(microseconds: Int64(bitPattern: chance.next())))
        digest.importance = maybe(Float(chance.below(100)) / 100)
        digest.confidence = maybe(Float(chance.below(100)) / 100)
        digest.decayRate = maybe(Float(chance.below(100)) / 10)
        digest.validFrom = maybe(Instant(microseconds: Int64(bitPattern: chance.next())))
        digest.validTo = maybe(Instant(microseconds: Int64(bitPattern: chance.next())))
        for _ in 0..<chance.below(Digest.dateLimit + 1) {
            let first = Int32(chance.below(40_000))
            digest.dates.append(Digest.Days(first: first, end: first + 7))
        }
        for _ in 0..<chance.below(Digest.nameLimit + 1) {
            digest.names.append(UInt32(truncatingIfNeeded: chance.next()))
        }
        for _ in 0..<chance.below(Digest.termLimit + 1) {
            digest.terms.append(
                Digest.Term(
                    stem: UInt32(truncatingIfNeeded: chance.next()),
                    token: UInt16(chance.below(1 << 16)),
                    count: UInt8(1 + chance.below(255))
                )
            )
        }
        return digest
    }
}
