// How memories fade: by their age since they were used last, at a rate of their own, which every
// use at another time slows. Pure; nothing is written as time goes by.
// formats/operations.md#touch

internal import Glibc

/// How a memory fades.
package struct Fading: Sendable {
    /// What is left of everything, however old.
    package static let floor = 0.3
    /// The rate of a memory that says nothing of it: half is left after a week.
    package static let standardRate = 0.1
    /// More reinforcement slows no further.
    package static let mostReinforcement = 1_000_000.0

    private let rate: Double

    /// `rate`: a day, 0 for none; `reinforcement`: so many times more slowly, and once.
    package init(
        rate: Double = standardRate,
        isPinned: Bool = false,
        reinforcement: Double = 0
    ) {
        let slowed = rate / (1 + max(0, reinforcement))
        self.rate = isPinned || !slowed.isFinite || slowed <= 0 ? 0 : slowed
    }

    /// What is left after so many days: 1 of what is new or does not fade, never below the floor.
    package func left(afterDays days: Double) -> Double {
        if rate == 0 || days.isNaN || days <= 0 { return 1 }
        return max(Self.floor, exp(-rate * days))
    }

    /// The same without a floor, for what is compared with its like.
    package func bareLeft(afterDays days: Double) -> Double {
        if rate == 0 || days.isNaN || days <= 0 { return 1 }
        return exp(-rate * days)
    }

    /// What a use so many days after the one before adds to the reinforcement: a use at once
    /// nothing, one after some days about 1.
    package static func gain(afterDays days: Double) -> Double {
        days.isNaN || days <= 0 ? 0 : 1 - exp(-days)
    }
}
