// CBOR against itself (random trees round trip) and against bad bytes.

import Testing

@testable import MnemeBase

/// Random trees and random damage, from a seed.
private struct TreeMaker {
    let random: SeededRandomness

    func tree(depth: Int) -> CBORValue {
        switch random.below(depth > 0 ? 14 : 10) {
        case 0: return .null
        case 1: return random.below(2) == 0 ? .undefined : .simple(UInt8(random.below(20)))
        case 2: return .bool(random.below(2) == 0)
        case 3: return .unsigned(integer())
        case 4: return .negative(integer())
        case 5, 6: return .float(float())
        case 7: return .text(text())
        case 8: return .bytes((0..<random.below(40)).map { _ in UInt8(random.below(256)) })
        case 9: return .typedArray((0..<random.below(5)).map { _ in Float(float()) })
        case 10, 11: return .array((0..<random.below(6)).map { _ in tree(depth: depth - 1) })
        case 12: return .tagged(integer(), tree(depth: depth - 1))
        default:
            var entries: [CBOREntry] = []
            for _ in 0..<random.below(6) {
                let key = random.below(4) == 0 ? tree(depth: depth - 1) : .text(text())
                if !entries.contains(where: { Self.areSame($0.key, key) }) {
                    entries.append(CBOREntry(key, tree(depth: depth - 1)))
                }
            }
            return .map(entries)
        }
    }

    /// Integers of all widths, their edges included.
    func integer() -> UInt64 {
        let bits = UInt64(random.below(65))
        let edge: UInt64 = bits == 64 ? .max : (1 << bits) - 1
        return random.below(2) == 0 ? edge : (bits == 0 ? 0 : random.next() >> (64 - bits))
    }

    /// Floats of all widths: bit patterns, and values that a shorter one holds.
    func float() -> Double {
        switch random.below(4) {
        case 0: Double(bitPattern: random.next())
        case 1: Double(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
        case 2: CBORFloat.value(half: UInt16(truncatingIfNeeded: random.next()))
        default: Double(random.below(1000) - 500)
        }
    }

    func text() -> String {
        let alphabet: [Character] = ["a", "b", "\u{e9}", "e\u{301}", "\u{6c34}", "\u{1f600}", " "]
        return String((0..<random.below(12)).map { _ in alphabet[random.below(alphabet.count)] })
    }

    private static func areSame(_ left: CBORValue, _ right: CBORValue) -> Bool {
        (try? left.encoded()) == (try? right.encoded())
    }
}

@Suite struct CBORTests {
    @Test func randomTreesRoundTrip() throws {
        let seed = UInt64.random(in: 0...99_999)
        print("CBORTests.randomTreesRoundTrip seed \(seed)")
        let maker = TreeMaker(random: SeededRandomness(seed: seed))
        for _ in 0..<2_000 {
            let bytes = try maker.tree(depth: 5).encoded()
            let back = try CBORValue(bytes)
            #expect(try back.encoded() == bytes, "seed \(seed)")
            #expect(try CBORValue(bytes, mode: .lenient) == back, "seed \(seed)")
            var reader = CBORReader(bytes)
            #expect(try reader.skipItem() == 0..<bytes.count, "seed \(seed)")
        }
    }

    @Test func everyTruncationOfATreeIsTruncated() throws {
        let seed = UInt64.random(in: 0...99_999)
        print("CBORTests.everyTruncationOfATreeIsTruncated seed \(seed)")
        let maker = TreeMaker(random: SeededRandomness(seed: seed))
        for _ in 0..<200 {
            let bytes = try maker.tree(depth: 3).encoded()
            for count in 0..<bytes.count {
                do throws(CBORError) {
                    _ = try CBORValue(bytes, 0..<count)
                    Issue.record("seed \(seed): \(count) of \(bytes) decoded")
                } catch {
                    guard case .truncated = error else {
                        Issue.record("seed \(seed): \(count) of \(bytes): \(error)")
                        continue
                    }
                }
            }
        }
    }

    @Test func noBytesCrashTheDecoder() throws {
        let seed = UInt64.random(in: 0...99_999)
        print("CBORTests.noBytesCrashTheDecoder seed \(seed)")
        let random = SeededRandomness(seed: seed)
        let maker = TreeMaker(random: random)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes: [UInt8]
            if round % 2 == 0 {
                bytes = (0..<random.below(40)).map { _ in UInt8(random.below(256)) }
            } else {
                bytes = try maker.tree(depth: 3).encoded()
                bytes[random.below(bytes.count)] = UInt8(random.below(256))
            }
            if let value = try? CBORValue(bytes) {
                accepted += 1
                #expect(try value.encoded() == bytes, "seed \(seed): \(bytes)")
            }
            if let value = try? CBORValue(bytes, mode: .lenient) {
                // What is taken leniently has one deterministic form, which is a fixed point.
                let canonical = try value.encoded()
                #expect(try CBORValue(canonical).encoded() == canonical, "seed \(seed): \(bytes)")
            }
            var reader = CBORReader(bytes, mode: .lenient)
            _ = try? reader.skipItem()
        }
        #expect(accepted > 100)
    }

    @Test(arguments: [
        ("1817", CBORError.notDeterministic(offset: 0)), ("190018", .notDeterministic(offset: 0)),
        ("1a0000ffff", .notDeterministic(offset: 0)),
        ("1b00000000ffffffff", .notDeterministic(offset: 0)),
        ("5817" + String(repeating: "00", count: 23), .notDeterministic(offset: 0)),
        ("fa3fc00000", .notDeterministic(offset: 0)),
        ("fb3ff8000000000000", .notDeterministic(offset: 0)),
        ("f97e01", .notDeterministic(offset: 0)),
        ("a2616201616102", .notDeterministic(offset: 4)),
        ("a2616101616102", .duplicateKey(offset: 4)),
        ("a2420000000000", .notDeterministic(offset: 5)),
        ("81ff", .malformed(offset: 1)), ("ff", .malformed(offset: 0)),
        ("1c", .malformed(offset: 0)), ("fc", .malformed(offset: 0)),
        ("1f", .malformed(offset: 0)), ("df00", .malformed(offset: 0)),
        ("f818", .malformed(offset: 0)), ("f800", .malformed(offset: 0)),
        ("62c328", .invalidText(offset: 0)), ("63eda080", .invalidText(offset: 0)),
        ("64f4908080", .invalidText(offset: 0)), ("62c080", .invalidText(offset: 0)),
        ("0000", .trailing(offset: 1)), ("9bffffffffffffffff", .truncated(offset: 0)),
        ("bbffffffffffffffff", .truncated(offset: 0)),
        ("bb8000000000000000", .truncated(offset: 0)),
        ("5bffffffffffffffff00", .truncated(offset: 0)),
        ("7b7fffffffffffffff", .truncated(offset: 0)),
    ]) func isRefused(_ hex: String, _ expected: CBORError) throws {
        let bytes = try #require(Bytes.of(hex: hex))
        #expect(throws: expected) { try CBORValue(bytes) }
    }

    @Test(arguments: [
        ("a2616101616102", CBORError.duplicateKey(offset: 0)),
        ("a20100180102", .duplicateKey(offset: 0)),
        ("bf616101616102ff", .duplicateKey(offset: 0)),
        ("bf6161ff", .malformed(offset: 3)), ("5f6161ff", .malformed(offset: 1)),
        ("5f5f4100ffff", .malformed(offset: 1)), ("7f61c361bcff", .invalidText(offset: 0)),
        ("9f", .truncated(offset: 1)), ("5f4100", .truncated(offset: 3)),
    ]) func isRefusedLeniently(_ hex: String, _ expected: CBORError) throws {
        let bytes = try #require(Bytes.of(hex: hex))
        #expect(throws: expected) { try CBORValue(bytes, mode: .lenient) }
    }

    @Test func keysAreTheSameOnlyByteForByte() throws {
        // The two spellings of é are equal strings in Swift, and two keys here.
        let value = CBORValue.map([
            CBOREntry(.text("\u{e9}"), CBORValue(1)), CBOREntry(.text("e\u{301}"), CBORValue(2)),
        ])
        #expect(try CBORValue(value.encoded()) == value)
        #expect(try CBORValue(value.encoded(), mode: .lenient) == value)
        let twice = CBORValue.map([CBOREntry(.null, .null), CBOREntry(.null, .null)])
        #expect(throws: CBORError.duplicateKey(offset: 0)) { try twice.encoded() }
    }

    @Test func mapsAreSortedByEncodedKeys() throws {
        // The order of RFC 8949 §4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false.
        let keys: [CBORValue] = [
            CBORValue(10), CBORValue(100), CBORValue(-1), .text("z"), .text("aa"),
            .array([CBORValue(100)]), .array([CBORValue(-1)]), .bool(false),
        ]
        let ordered = CBORValue.map(keys.map { CBOREntry($0, .null) })
        let shuffled = CBORValue.map(keys.reversed().map { CBOREntry($0, .null) })
        #expect(try shuffled.encoded() == ordered.encoded())
        #expect(try CBORValue(shuffled.encoded()) == ordered)
    }

    @Test func depthAndItemsAreBounded() throws {
        let nested = [UInt8](repeating: 0x81, count: 127) + [0x00]
        #expect(throws: Never.self) { try CBORValue(nested) }
        let deeper = [0x81] + nested
        #expect(throws: CBORError.tooDeep(offset: 128)) { try CBORValue(deeper) }
        var reader = CBORReader(deeper)
        #expect(throws: CBORError.tooDeep(offset: 128)) { try reader.skipItem() }
        #expect(throws: CBORError.tooDeep(offset: 0)) {
            try CBORValue([UInt8](repeating: 0xc1, count: 100_000), limits: CBORLimits(depth: 0))
        }
        var tree = CBORValue.null
        for _ in 0..<127 { tree = .array([tree]) }
        #expect(throws: Never.self) { try tree.encoded() }
        #expect(throws: CBORError.tooDeep(offset: 128)) { try CBORValue.array([tree]).encoded() }

        let four: [UInt8] = [0x83, 0x00, 0x00, 0x00]
        #expect(throws: Never.self) { try CBORValue(four, limits: CBORLimits(itemCount: 4)) }
        #expect(throws: CBORError.tooManyItems(offset: 0)) {
            try CBORValue(four, limits: CBORLimits(itemCount: 3))
        }
        #expect(throws: CBORError.tooManyItems(offset: 3)) {
            try CBORValue(
                [0x9f, 0x00, 0x00, 0x00, 0xff],
                mode: .lenient,
                limits: CBORLimits(itemCount: 3)
            )
        }
    }

    @Test func simpleValuesWithoutEncodingAreRefused() {
        for value in UInt8(20)...31 {
            #expect(throws: CBORError.malformed(offset: 0)) {
                try CBORValue.simple(value).encoded()
            }
        }
    }

    @Test func halvesAreExact() {
        for bits in UInt16.min...UInt16.max {
            let value = CBORFloat.value(half: bits)
            let reference = Float16(bitPattern: bits)
            if reference.isNaN {
                #expect(value.isNaN)
            } else {
                #expect(value == Double(reference) && value.sign == reference.sign)
                #expect(CBORFloat.half(Float(value)) == bits)
            }
        }
        let random = SeededRandomness(seed: 7)
        for _ in 0..<200_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()) & 0xffff_e001)
            guard !value.isNaN else { continue }
            let reference = Float16(value)
            let isExact = Float(reference) == value
            #expect(CBORFloat.half(value) == (isExact ? reference.bitPattern : nil))
        }
    }
}
