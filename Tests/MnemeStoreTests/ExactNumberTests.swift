// Ints and floats beyond 2^53, where not every int is a float: a filter compares them as the
// numbers that they are, with an index and without one.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct ExactNumberTests {
    private static let ints: [Int64] = [
        .min, .min + 1, -9_007_199_254_740_993, -1, 0, 1, 9_007_199_254_740_991,
        9_007_199_254_740_992, 9_007_199_254_740_993, 9_007_199_254_740_995, .max - 1, .max,
    ]
    private static let floats: [Double] = [
        -.infinity, -0x1p63, -9_007_199_254_740_992, -0.5, -0.0, 0.5, 9_007_199_254_740_991,
        9_007_199_254_740_992, 9_007_199_254_740_994, 9_007_199_254_740_996, 0x1p63,
        0x1.fffffffffffffp62, .infinity, .nan,
    ]

    /// An int beside a float by way of 128 bits.
    private func order(_ int: Int64, _ float: Double) -> Int {
        if float.isNaN || float == .infinity { return -1 }
        if float == -.infinity { return 1 }
        let (left, right) = (Int128(int) * 4, Int128(float * 4))
        return left < right ? -1 : (left > right ? 1 : 0)
    }

    @Test func comparisonsAreExact() {
        for int in Self.ints {
            for float in Self.floats {
                let wanted = order(int, float)
                #expect(Value.compare(.int(int), .float(float)) == wanted, "\(int) \(float)")
                #expect(Value.compare(.float(float), .int(int)) == -wanted, "\(float) \(int)")
            }
        }
        let all = Self.ints.map { Value.int($0) } + Self.floats.map { Value.float($0) }
        for a in all {
            for b in all {
                for c in all where Value.compare(a, b) <= 0 && Value.compare(b, c) <= 0 {
                    #expect(Value.compare(a, c) <= 0, "\(a) \(b) \(c)")
                }
            }
        }
    }

    /// Records of one collection with indexes and of one without.
    private func store() throws -> Store {
        let fields = [Field("int", .int), Field("float", .float), Field("free", .json)]
        let store = try Store.open("store", options: Kinds.options())
        try store.define(
            Schema(collections: [
                Collection(
                    "indexed",
                    fields: fields,
                    indexes: [
                        Index("byInt", on: ["int"]),
                        Index("byFloat", on: [IndexField("float", descending: true)]),
                    ]
                ), Collection("scanned", fields: fields),
            ])
        )
        var puts: [Change] = []
        for collection in ["indexed", "scanned"] {
            for int in Self.ints {
                let fields: [String: Value] = ["int": .int(int), "free": .int(int)]
                puts.append(.put(Put(collection, .text("i\(int)"), fields)))
            }
            for float in Self.floats {
                var fields: [String: Value] = ["float": .float(float)]
                if float.isFinite { fields["free"] = .float(float) }
                puts.append(.put(Put(collection, .text("f\(float)"), fields)))
            }
            for text in ["", "5", "z"] {
                puts.append(.put(Put(collection, .text("t\(text)"), ["free": .text(text)])))
            }
        }
        _ = try store.commit(puts)
        return store
    }

    @Test func indexesAndScansAgree() throws {
        let store = try store()
        func keys(_ collection: String, _ filter: Filter?, _ order: [Order] = []) throws -> [String]
        {
            let find = Find(collection, where: filter, order: order, limit: .max)
            return Kinds.keys(try store.snapshot().find(find))
        }
        let numbers = Self.ints.map { Value.int($0) } + Self.floats.map { Value.float($0) }
        for field in ["int", "float", "free"] {
            for number in numbers {
                if field == "free", let float = number.number, !float.isFinite { continue }
                for comparison in [
                    Comparison.eq(number), .gt(number), .gte(number), .lt(number), .lte(number),
                    .within(number, .int(9_007_199_254_740_993)), .within(0, number),
                ] {
                    let filter = Filter.compare(field: field, comparison)
                    let found = try keys("indexed", filter)
                    let scanned = try keys("scanned", filter)
                    #expect(Set(found) == Set(scanned), "\(field) \(comparison)")
                    // The model: what compares so.
                    let values = numbers.filter {
                        switch (field, $0) {
                        case ("int", .int), ("float", .float): comparison.holds(for: $0)
                        case ("free", .int): comparison.holds(for: $0)
                        case ("free", .float(let float)):
                            float.isFinite && comparison.holds(for: $0)
                        default: false
                        }
                    }
                    #expect(scanned.count == values.count, "\(field) \(comparison)")
                }
            }
            // What is free has no order.
            for descending in [false, true] where field != "free" {
                let order = [Order(field, descending: descending)]
                let exists = Filter.compare(field: field, .exists(true))
                let find = Find("indexed", where: exists, order: order, limit: .max)
                let rows = try store.snapshot().find(find).rows.map { $0.record[field] }
                for (left, right) in zip(rows, rows.dropFirst()) {
                    let order = Value.compare(left, right)
                    #expect(descending ? order >= 0 : order <= 0, "\(left) \(right)")
                }
            }
        }
        #expect(try keys("scanned", .eq("float", 9_007_199_254_740_993)) == [])
        #expect(try keys("indexed", .eq("float", 9_007_199_254_740_993)) == [])
    }
}
