import Testing

@testable import MnemeModel

@Suite struct ValueCoercionTests {
    static let id = "0190a6e2-7b1c-7c3d-8e4f-5a6b7c8d9e0f"
    static let uuid = UniqueID(high: 0x0190_a6e2_7b1c_7c3d, low: 0x8e4f_5a6b_7c8d_9e0f)
    static let midnight = Instant(microseconds: 86_400_000_000)
    static let pair = FieldType.vector(VectorType(dimension: 2))

    static let cases: [(Value, FieldType, Value?)] = [
        (.null, .int, .null), (1, .int, 1), (1.0, .int, nil), ("1", .int, nil),
        (3, .float, .float(3)), (true, .float, nil), (.bool(true), .bool, true), (1, .bool, nil),
        (.text(id), .uuid, .uuid(uuid)), ("no", .uuid, nil), (.uuid(uuid), .text, nil),
        ("1970-01-02T00:00:00Z", .instant, .instant(midnight)),
        ("1970-01-02", .instant, .instant(midnight)),
        (.date(Day(number: 1)), .instant, .instant(midnight)),
        (.date(Day(number: .max)), .instant, nil), (5, .instant, nil),
        ("1970-01-02", .date, .date(Day(number: 1))), ("1970-02-30", .date, nil),
        (.instant(midnight), .date, nil),
        ("a", .oneOf(["a", "b"]), "a"), ("c", .oneOf(["a", "b"]), nil),
        ([1, 2.5], pair, .vector([1, 2.5])), ([1], pair, nil), ([1, "2"], pair, nil),
        (.vector([1]), pair, nil), (.vector([1, 2]), pair, .vector([1, 2])),
        ([1, 2], .array(.float), [.float(1), .float(2)]), ([1, nil], .array(.int), nil),
        (.vector([0.5]), .array(.float), [0.5]), ("a", .array(.text), nil),
        (["a": .uuid(uuid)], .json, ["a": .text(id)]), (.bytes([]), .json, nil),
        ([.float(.nan)], .json, nil), (.bytes([1]), .bytes, .bytes([1])), ("AQ==", .bytes, nil),
    ]

    @Test(arguments: cases) func becomesWhatTheFieldKeeps(
        value: Value,
        type: FieldType,
        expected: Value?
    ) {
        #expect(value.coerced(to: type) == expected)
    }

    @Test func keysBecomeWhatTheCollectionHas() {
        #expect(Key.text("-12").coerced(to: .int) == .int(-12))
        #expect(Key.text(Self.id).coerced(to: .uuid) == .uuid(Self.uuid))
        #expect(Key.text("a").coerced(to: .text) == .text("a"))
        #expect(Key.text("a").coerced(to: .int) == nil)
        #expect(Key.int(1).coerced(to: .text) == nil)
    }

    @Test func depthCountsArraysAndMaps() {
        #expect(Value.int(1).isNested(atMost: 0))
        #expect(!Value.array([]).isNested(atMost: 0))
        #expect(Value.array([["a": 1]]).isNested(atMost: 2))
        #expect(!Value.array([["a": []]]).isNested(atMost: 2))
    }
}
