import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct ValueFieldsTests {
    @Test func fieldsAreSortedByNumber() throws {
        let encoded = try Value.encodeFields([(300, "x"), (0, 1), (24, .bool(true))])
        #expect(encoded == bytes("a3 00 01 1818 f5 19012c 6178"))
        let decoded = try Value.decodeFields(encoded)
        #expect(decoded.map(\.0) == [0, 24, 300])
        #expect(decoded.map(\.1) == [1, true, "x"])
        #expect(try Value.decodeFields(Value.encodeFields([])).isEmpty)
    }

    @Test func randomFieldsComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<1000 {
            var model: [UInt16: Value] = [:]
            for _ in 0..<maker.random.below(12) {
                model[UInt16(truncatingIfNeeded: maker.int())] = maker.value(depth: 2)
            }
            let encoded = try Value.encodeFields(model.map { ($0, $1) })
            let decoded = try Value.decodeFields(encoded)
            #expect(decoded.count == model.count, "seed \(seed)")
            for (number, value) in decoded {
                #expect(model[number]?.isSame(value) ?? false, "seed \(seed)")
                var reader = CBORReader(encoded)
                let one = try reader.readField(number)
                #expect(one?.isSame(value) ?? false, "seed \(seed)")
            }
            let absent = (0...UInt16(20)).first { model[$0] == nil } ?? 0
            var reader = CBORReader(encoded)
            #expect(try reader.readField(absent) == nil, "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("a2 01 01 01 01", CBORError.duplicateKey(offset: 3)),
        ("a2 02 01 01 01", .notDeterministic(offset: 3)),
        ("a1 1a00010000 01", .outOfRange(offset: 1)),
        ("a1 20 01", .unexpected(offset: 1)),
        ("a1 6161 01", .unexpected(offset: 1)),
        ("a1 01", .truncated(offset: 0)),
        ("a0 00", .trailing(offset: 1)),
        ("80", .unexpected(offset: 0)),
    ]) func badBytesAreRefused(hex: String, expected: CBORError) {
        #expect(error { () throws(CBORError) in try Value.decodeFields(bytes(hex)) } == expected)
    }

    @Test func aNumberTwiceIsRefused() {
        let failure = error { () throws(CBORError) in
            try Value.encodeFields([(1, 1), (2, 2), (1, 3)])
        }
        #expect(failure == .duplicateKey(offset: 3))
    }
}
