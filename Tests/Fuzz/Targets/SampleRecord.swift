// Records that filters and expressions are held against, in both of the ways that a store has: by
// names with values, and in the bytes of a body.

internal import MnemeBase
internal import MnemeModel

/// Records of one shape.
enum SampleRecord {
    /// The fields of a body by their numbers, which are their places here and one more.
    static let names = ["text", "number", "share", "flag", "at", "id", "list", "deep", "day"]

    static let shape = RecordShape(
        collection: "notes",
        number: 1,
        key: .text,
        fields: names,
        numbers: names.indices.map { UInt16($0 + 1) }
    )

    static let all: [[String: Value]] = [
        [
            "text": "Green tea, brewed twice", "number": 42, "share": 0.25, "flag": true,
            "at": .instant(Instant(microseconds: 1_700_000_000_000_001)),
            "id": .uuid(UniqueID(high: 7, low: 9)), "list": ["a", 2, 3.5, nil],
            "deep": ["a": [1, ["b": "x", "c": [["d": -1]]]], "e": .bytes([0, 255])],
            "day": .date(Day(number: 20_000)),
        ],
        [
            "text": "", "number": .int(.min), "share": .float(-.infinity), "flag": false,
            "at": .instant(Instant(microseconds: .max)), "list": [], "deep": [:],
            "day": .date(Day(number: .min)),
        ],
        [
            "text": "e\u{301}\u{1F600}\n%_\\*\"", "number": 9_007_199_254_740_993,
            "share": .float(.nan), "list": [["k": 1], ["k": 2], ["k": ["x", "y"]]],
            "deep": [1, [2, [3]]], "at": .instant(Instant(microseconds: .min)),
        ],
        [:],
    ]

    /// The records as bodies.
    static let bodies: [[UInt8]] = all.map { fields in
        var writer = CBORWriter(capacity: 256)
        let given = names.indices.filter { fields[names[$0]] != nil }
        writer.startMap(count: given.count)
        for place in given {
            writer.put(UInt64(place + 1))
            guard let value = fields[names[place]], (try? writer.put(value)) != nil else {
                preconditionFailure("a sample cannot be encoded")
            }
        }
        return writer.bytes
    }

    /// The bodies with the places of their fields.
    static let records: [(body: [UInt8], places: FieldPlaces)] = bodies.map { body in
        guard let places = try? FieldPlaces(body) else {
            preconditionFailure("a sample has no places")
        }
        return (body, places)
    }

    static func number(_ name: String) -> UInt16? {
        names.firstIndex(of: name).map { UInt16($0 + 1) }
    }

    /// What a filter says otherwise of a sample in another way; nil where all ways agree.
    static func disagreement(about filter: Filter) -> String? {
        let ready = FilterTest(filter)
        let byBody = BodyTest(filter, number)
        for (index, fields) in all.enumerated() {
            let said = filter.holds { fields[$0] ?? .null }
            if ready.holds({ fields[$0] ?? .null }) != said {
                return "a filter says otherwise of sample \(index) when it is made ready"
            }
            guard let byBody else { continue }
            let (body, places) = records[index]
            if (try? byBody.holds(body, places)) != said {
                return "a filter says otherwise of the body of sample \(index)"
            }
        }
        return nil
    }

    /// Filters of every kind of comparison, for bodies that come from outside.
    private static let filters: [Filter] = [
        .eq("text", "a"), .compare(field: "number", .gt(1)),
        .compare(field: "share", .within(-1, 1.5)), .compare(field: "text", .prefix("Gre")),
        .compare(field: "deep.a.b", .eq("x")), .compare(field: "list", .any([2, "a"])),
        .compare(field: "list", .all([3.5])), .compare(field: "deep", .contains(["e": 1])),
        .compare(field: "list", .some(.eq("k", 2))), .compare(field: "at", .exists(true)),
        .compare(field: "id", .isIn([.uuid(UniqueID(high: 7, low: 9)), nil, 1])),
        .not(.compare(field: "day", .lte(.date(Day(number: 5))))),
    ]
    private static let tests: [BodyTest] = filters.compactMap { BodyTest($0, number) }

    /// Where a filter says of a body in its bytes what it does not say of its values; nil where
    /// nowhere.
    static func disagreement(in record: RecordBytes) -> String? {
        var fields: [String: Value] = [:]
        for (place, name) in names.enumerated() {
            guard let value = try? record.value(of: UInt16(place + 1)) else { return nil }
            fields[name] = value
        }
        for (filter, test) in zip(filters, tests) {
            guard let said = try? record.passes(test) else { continue }
            if said != filter.holds({ fields[$0] ?? .null }) {
                return "\(filter) says otherwise of a body than of its values"
            }
        }
        return nil
    }
}
