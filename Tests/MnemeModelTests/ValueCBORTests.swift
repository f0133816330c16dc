import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct ValueCBORTests {
    static let golden: [(Value, String)] = [
        (.null, "f6"), (.bool(false), "f4"), (.bool(true), "f5"),
        (.int(0), "00"), (.int(23), "17"), (.int(24), "1818"), (.int(-1), "20"),
        (.int(.max), "1b7fffffffffffffff"), (.int(.min), "3b7fffffffffffffff"),
        (.float(0), "f90000"), (.float(-0.0), "f98000"), (.float(.nan), "f97e00"),
        (.float(.infinity), "f97c00"), (.float(1), "f93c00"), (.float(0.1), "fb3fb999999999999a"),
        (.float(100_000), "fa47c35000"),
        (.text(""), "60"), (.text("a\u{0}é"), "646100c3a9"), (.bytes([1, 2]), "420102"),
        (
            .uuid(UniqueID(high: 0x0190_a6e2_7b1c_7c3d, low: 0x8e4f_5a6b_7c8d_9e0f)),
            "d82550 0190a6e27b1c7c3d8e4f5a6b7c8d9e0f"
        ),
        (.instant(Instant(microseconds: 1_683_554_160_000_000)), "d903e9 a1 01 1a6458ff70"),
        (.instant(Instant(microseconds: -1)), "d903e9 a2 01 20 25 1a000f423f"),
        (.date(Day(number: 19_782)), "d864194d46"), (.date(Day(number: -1)), "d86420"),
        (.array([1, "a", nil]), "83 01 6161 f6"),
        (.map(["bb": 1, "c": 2, "a": 3]), "a3 6161 03 6163 02 626262 01"),
        (.vector([1.5, -2]), "d85548 0000c03f 000000c0"),
    ]

    @Test(arguments: golden) func goldenBytes(value: Value, hex: String) throws {
        #expect(try value.cbor() == bytes(hex))
        #expect(try Value(cbor: bytes(hex)).isSame(value))
    }

    @Test func randomValuesComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<3000 {
            let value = maker.value()
            let encoded = try value.cbor()
            let back = try Value(cbor: encoded)
            #expect(back.isSame(value), "seed \(seed)")
            #expect(try back.cbor() == encoded, "seed \(seed)")
        }
    }

    @Test func extremesOfInstantsComeBack() throws {
        for microseconds in [Int64.min, .min + 1, -1_000_000, -999_999, 0, 999_999, .max] {
            let value = Value.instant(Instant(microseconds: microseconds))
            #expect(try Value(cbor: value.cbor()) == value)
        }
    }

    static let refused: [(String, CBORError)] = [
        ("", .truncated(offset: 0)),
        ("f7", .unexpected(offset: 0)),
        ("0000", .trailing(offset: 1)),
        ("1b8000000000000000", .outOfRange(offset: 0)),
        ("62c328", .invalidText(offset: 0)),
        ("9b7fffffffffffffff", .truncated(offset: 0)),
        ("bb7fffffffffffffff", .truncated(offset: 0)),
        ("a2 6161 01 6161 02", .duplicateKey(offset: 4)),
        ("a2 6162 01 6161 02", .notDeterministic(offset: 4)),
        ("a2 62c3a9 01 6365cc81 02", .duplicateKey(offset: 5)),
        ("a1 01 01", .unexpected(offset: 1)),
        ("c001", .unexpected(offset: 0)),
        ("d8254101", .malformed(offset: 2)),
        ("d864 1b0000000100000000", .outOfRange(offset: 0)),
        ("d85543 000000", .malformed(offset: 0)),
        ("d903e9 a0", .malformed(offset: 3)),
        ("d903e9 a1 02 00", .malformed(offset: 3)),
        ("d903e9 a2 01 00 25 00", .malformed(offset: 3)),
        ("d903e9 a2 01 00 25 1a000f4240", .malformed(offset: 3)),
        ("d903e9 a1 01 1b7fffffffffffffff", .outOfRange(offset: 3)),
        ("d903e9 a1 01 3b7fffffffffffffff", .outOfRange(offset: 3)),
        ("fb3ff0000000000000", .notDeterministic(offset: 0)),
        ("9f01ff", .notDeterministic(offset: 0)),
    ]

    @Test(arguments: refused) func badBytesAreRefused(hex: String, expected: CBORError) {
        #expect(error { () throws(CBORError) in try Value(cbor: bytes(hex)) } == expected)
    }

    @Test func damagedBytesNeverTrap() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<3000 {
            var encoded = try maker.value().cbor()
            for _ in 0...maker.random.below(3) {
                let place = maker.random.below(encoded.count)
                encoded[place] = UInt8(truncatingIfNeeded: maker.random.next())
            }
            if maker.random.below(2) == 0 { encoded.removeLast() }
            // Whatever is accepted has exactly these bytes.
            if let value = try? Value(cbor: encoded) {
                #expect(try value.cbor() == encoded, "seed \(seed)")
            }
        }
    }

    @Test func depthIsLimitedBothWays() throws {
        func nested(_ count: Int) -> Value {
            (1..<count).reduce(Value.array([])) { inner, _ in .array([inner]) }
        }
        let deepest = nested(128)
        #expect(try Value(cbor: deepest.cbor()) == deepest)
        #expect(
            error { () throws(CBORError) in try nested(129).cbor() } == .tooDeep(offset: 128)
        )
        let bytes = [UInt8](repeating: 0x81, count: 100_000) + [0x00]
        #expect(error { () throws(CBORError) in try Value(cbor: bytes) } == .tooDeep(offset: 128))
    }

    @Test func itemsAreLimitedBothWays() throws {
        let value = Value.array(Array(repeating: .null, count: Value.maximumItemCount))
        let failure = error { () throws(CBORError) in try value.cbor() }
        #expect(failure == .tooManyItems(offset: Value.maximumItemCount + 4))
        let head: [UInt8] = [0x9a, 0x00, 0x20, 0x00, 0x00]
        let bytes = head + [UInt8](repeating: 0xf6, count: Value.maximumItemCount)
        #expect(
            error { () throws(CBORError) in try Value(cbor: bytes) }
                == .tooManyItems(offset: bytes.count - 1)
        )
    }
}
