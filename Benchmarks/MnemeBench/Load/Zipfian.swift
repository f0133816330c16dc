// Numbers of which few come often and many seldom, as those of the YCSB do: Gray et al., "Quickly
// Generating Billion-Record Synthetic Databases" (SIGMOD 1994), with the constant 0.99.

internal import Glibc
internal import MnemeBase

/// Draws numbers from 0 on by Zipf's law.
struct Zipfian: Sendable {
    private static let theta = 0.99

    /// How many numbers there are.
    let count: Int
    private let zeta: Double
    private let eta: Double

    /// Numbers `0..<count`.
    ///
    /// - Precondition: `count` is above 0.
    /// - Complexity: O(*n*) in the count.
    init(_ count: Int) {
        precondition(count > 0)
        self.count = count
        var sum = 0.0
        for rank in 1...count { sum += pow(Double(rank), -Self.theta) }
        zeta = sum
        let two = 1 + pow(0.5, Self.theta)
        eta = (1 - pow(2 / Double(count), 1 - Self.theta)) / (1 - min(two, sum) / sum)
    }

    /// A rank: 0 comes most often.
    func rank(_ chance: SeededRandomness) -> Int {
        let share = chance.unit()
        let place = share * zeta
        if place < 1 || count == 1 { return 0 }
        if place < 1 + pow(0.5, Self.theta) || count == 2 { return 1 }
        let rank = Double(count) * pow(eta * share - eta + 1, 1 / (1 - Self.theta))
        return min(max(0, Int(rank)), count - 1)
    }

    /// A number, the frequent ones of which are spread over all (FNV-1a of the rank).
    func spread(_ chance: SeededRandomness) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var rest = UInt64(rank(chance))
        for _ in 0..<8 {
            hash = (hash ^ (rest & 0xff)) &* 0x100_0000_01b3
            rest >>= 8
        }
        return Int(hash % UInt64(count))
    }
}
