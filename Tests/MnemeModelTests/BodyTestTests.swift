// Filters held against bodies say what they say of values, whatever lies in the fields: texts that
// are equal in other bytes, numbers of two kinds, members under one name in two spellings.

import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct BodyTestTests {
    private static let names = ["a", "b", "c", "d"]

    @Test(arguments: [UInt64(1), 2, 3, RealRandomness().next()])
    func bytesSayWhatValuesSay(seed: UInt64) throws {
        let dice = FilterDice(seed: seed)
        var (held, decided) = (0, 0)
        for _ in 0..<20_000 {
            var fields: [String: Value] = [:]
            for name in Self.names where dice.random.below(4) > 0 { fields[name] = dice.value() }
            let filter = dice.filter(Self.names, depth: 2)
            // Gaps between the numbers, as of fields that records do not have.
            let numbers = ["a": UInt16(1), "b": 2, "c": 5, "d": 9]
            let body = try Value.encodeFields(fields.map { (numbers[$0.key] ?? 0, $0.value) })
            let test = try #require(BodyTest(filter) { numbers[$0] })
            let wanted = FilterTest(filter).holds { fields[$0] ?? .null }
            let found = try test.holds(body, try FieldPlaces(body))
            #expect(found == wanted, "seed \(seed): \(filter) of \(fields)")
            held += wanted ? 1 : 0
            guard case .compare(let name, let comparison) = filter, let number = numbers[name],
                let range = try FieldPlaces(body).range(of: number),
                let look = ByteLook(comparison)
            else { continue }
            switch look.verdict(on: body.span, range) {
            case .unsure: break
            case .holds, .fails: decided += 1
            }
        }
        #expect(held > 1000 && held < 19_000 && decided > 100)
    }

    @Test func whatNoBodyHasIsLeftToValues() {
        let filter = Filter.or([.eq("a", 1), .not(.eq("$key", "x"))])
        #expect(BodyTest(filter) { $0 == "a" ? 1 : nil } == nil)
    }

    /// A field that is no value makes an error, and no answer.
    @Test func bytesThatAreNoValueAreReported() throws {
        let body: [UInt8] = [0xa1, 0x01, 0x61, 0xff]
        let test = try #require(BodyTest(.eq("a", "x")) { _ in 1 })
        #expect(
            error { () throws(CBORError) in try test.holds(body, try FieldPlaces(body)) } != nil
        )
    }

    @Test func fieldsAreFoundByNumber() throws {
        let random = SeededRandomness(seed: 9)
        for _ in 0..<500 {
            let numbers = (0..<UInt16(40)).filter { _ in random.below(3) > 0 }
            let body = try Value.encodeFields(numbers.map { ($0, .int(Int64($0) * 1000)) })
            let places = try FieldPlaces(body)
            #expect(places.count == numbers.count)
            for number in 0..<UInt16(50) {
                let range = places.range(of: number)
                #expect((range != nil) == numbers.contains(number))
                guard let range else { continue }
                #expect(try Value(cbor: Array(body[range])) == .int(Int64(number) * 1000))
            }
        }
    }
}

/// Makes filters and the values that they are about: few of a kind, so that many are equal.
private struct FilterDice {
    let random: SeededRandomness
    private let values: RandomValue

    init(seed: UInt64) {
        random = SeededRandomness(seed: seed)
        values = RandomValue(seed: seed &+ 1, hasNaN: true)
    }

    /// The Kelvin sign equals K, and é is one scalar or two.
    private static let texts = ["K", "\u{212a}", "k", "é", "e\u{301}", "", "ab", "ac", "\u{37e}"]
    private static let numbers: [Value] = [
        0, 1, -1, 1.5, 1.0, -0.0, 2, 0.0, .float(.nan), .float(.infinity), .int(.max),
        .float(9.3e18),
    ]

    func text() -> String { Self.texts[random.below(Self.texts.count)] }

    func value(depth: Int = 2) -> Value {
        switch random.below(depth > 0 ? 9 : 6) {
        case 0: .bool(random.below(2) == 0)
        case 1: Self.numbers[random.below(Self.numbers.count)]
        case 2, 3: .text(text())
        case 4: .instant(Instant(microseconds: [0, -1, 1_000_000, 5][random.below(4)]))
        case 5: random.below(3) == 0 ? values.value(depth: 1) : .null
        case 6: .array((0..<random.below(4)).map { _ in .text(text()) })
        case 7: .array((0..<random.below(3)).map { _ in value(depth: depth - 1) })
        default: .map(members(depth: depth - 1))
        }
    }

    private func members(depth: Int) -> [String: Value] {
        var members: [String: Value] = [:]
        for _ in 0..<random.below(4) { members[text()] = value(depth: depth) }
        return members
    }

    func filter(_ names: [String], depth: Int) -> Filter {
        switch random.below(depth > 0 ? 8 : 5) {
        case 5: .and((0..<random.below(3)).map { _ in filter(names, depth: depth - 1) })
        case 6: .or((0..<random.below(3)).map { _ in filter(names, depth: depth - 1) })
        case 7: .not(filter(names, depth: depth - 1))
        default:
            .compare(
                field: names[random.below(names.count)]
                    + (random.below(5) == 0 ? "." + ["K", "k", "é"][random.below(3)] : ""),
                comparison(names)
            )
        }
    }

    private func comparison(_ names: [String]) -> Comparison {
        let list = (0..<random.below(4)).map { _ in value(depth: 0) }
        let texts = (0..<random.below(4)).map { _ in Value.text(text()) }
        return switch random.below(16) {
        case 0, 1: .eq(value())
        case 2: .ne(value())
        case 3: .gt(value(depth: 0))
        case 4: .gte(value(depth: 0))
        case 5: .lt(value(depth: 0))
        case 6: .lte(value(depth: 0))
        case 7: .isIn(random.below(2) == 0 ? texts : list)
        case 8: .notIn(random.below(2) == 0 ? texts : list)
        case 9: .any(random.below(2) == 0 ? texts : list)
        case 10: .all(list)
        case 11: .prefix(text())
        case 12: .exists(random.below(2) == 0)
        case 13: .contains(value())
        case 14: .contains(.map(members(depth: 0)))
        default: .within(value(depth: 0), value(depth: 0))
        }
    }
}
