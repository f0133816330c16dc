import MnemeBase
import Testing

@testable import MnemeGraph

@Suite struct OrdinalMapTests {
    @Test func behavesAsADictionary() {
        let randomness = SeededRandomness(seed: newSeed("ordinal map"))
        for spread: UInt64 in [50, 5000, .max] {
            var map = OrdinalMap(capacity: 1)
            var model: [UInt64: Int32] = [:]
            for number in 0..<Int32(4000) {
                let key = randomness.next() % spread
                let isNew = model[key] == nil
                let entered = map.insert(key, number)
                #expect(entered == isNew)
                if isNew { model[key] = number }
                #expect(map.count == model.count)
                let other = randomness.next() % spread
                #expect(map.value(other) == model[other])
            }
            for (key, number) in model { #expect(map.value(key) == number) }
        }
    }

    @Test func keysThatMeetInOnePlaceAreToldApart() {
        var map = OrdinalMap(capacity: 16)
        // Multiples of 2^44 have the same high bits in the table after hashing.
        let keys = (0..<200).map { UInt64($0) << 44 }
        for (index, key) in keys.enumerated() {
            let entered = map.insert(key, Int32(index))
            #expect(entered)
        }
        for (index, key) in keys.enumerated() { #expect(map.value(key) == Int32(index)) }
        let enteredAgain = map.insert(0, 9)
        #expect(!enteredAgain && map.value(0) == 0 && map.value(1) == nil)
    }
}
