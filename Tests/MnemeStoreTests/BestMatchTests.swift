// What puts sorted answers in order, and what answers are held against, beside plain models.

import MnemeBase
import MnemeModel
import MnemePages
import Testing

@testable import MnemeStore

@Suite struct BestMatchTests {
    /// Values of every kind, many of them alike or nearly so.
    private func value(_ dice: SeededRandomness) -> Value {
        let ints: [Int64] = [
            0, 1, -1, 2, .max, .min, .max - 1, 1 << 53, 1 << 53 + 1, -(1 << 53) - 1, 1 << 59,
            1 << 60, -(1 << 60), 15, 16, 17,
        ]
        let floats: [Double] = [
            0, -0.0, .nan, -.nan, .infinity, -.infinity, 0.1, 0.1.nextUp, -0.1, 1, 0x1p53, 0x1p63,
            -0x1p63, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        ]
        let int = ints[dice.below(ints.count)]
        switch dice.below(10) {
        case 0: return .null
        case 1: return .bool(dice.below(2) == 0)
        case 2: return .int(int)
        case 3: return .float(floats[dice.below(floats.count)])
        case 4: return .instant(Instant(microseconds: int))
        case 5: return .date(Day(number: Int32(truncatingIfNeeded: int)))
        case 6: return .text(["", "a", "A", "é", "e\u{301}", "b"][dice.below(6)])
        case 7: return .uuid(UniqueID(high: UInt64(dice.below(3)) << 3, low: UInt64(dice.below(3))))
        case 8: return .bytes([UInt8(dice.below(3))])
        default: return .array([.int(Int64(dice.below(2)))])
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, RealRandomness().next()])
    func theFirstOnesComeAsAllOfThemSorted(seed: UInt64) {
        let dice = SeededRandomness(seed: seed)
        for _ in 0..<40 {
            let order = (0...dice.below(2)).map { Order("f\($0)", descending: dice.below(2) == 0) }
            let wanted = 1 + dice.below(60)
            let find = Find("items", order: order, limit: wanted)
            var matches = BestMatches(find, behind: RowPlace?.none)
            var places: [RowPlace] = []
            for number in 0..<dice.below(2500) {
                let values = order.map { _ in value(dice) }
                let place = RowPlace(values: values, key: .int(Int64(number)))
                let entry = OrdinalEntry(place: 1, birth: 1, owner: 0, collection: 1, flags: 0)
                places.append(place)
                matches.add(OrderedMatch(entry, place, order))
            }
            places.sort { $0.isOrdered(before: $1, order) }
            #expect(matches.count == places.count, "seed \(seed)")
            let keys = matches.first(wanted).map(\.place.key)
            #expect(keys == places.prefix(wanted).map(\.key), "seed \(seed), \(order)")
        }
    }

    @Test(arguments: [UInt64(5), 6, RealRandomness().next()])
    func anOrdinalIsAmongOthersOrNot(seed: UInt64) {
        let dice = SeededRandomness(seed: seed)
        for count in [0, 1, 2, 100, 1 << 14, 1 << 14 + 1] {
            let span = max(1, 3 * count)
            let ordinals = (0..<count).map { _ in UInt64(dice.below(span)) }
            let set = OrdinalSet(ordinals)
            let model = Set(ordinals)
            for _ in 0..<5000 {
                let asked = UInt64(dice.below(span + 10))
                #expect(set.contains(asked) == model.contains(asked), "seed \(seed), \(asked)")
            }
            #expect(!set.contains(.max))
        }
    }
}
