// How much a memory is worth now: its importance, as far as it is sure and has not faded since it
// was used last. What fades is told by it, and pruning begins with the weakest. Pure.

internal import MnemeModel
internal import MnemeRecall

/// What a memory is worth.
struct MemoryStrength {
    let value: Double
    /// When it was used last, or happened.
    let last: Instant?
    let isPinned: Bool

    /// The strength of a record by its roles, and by how it was used.
    init(_ record: Record, _ roles: Roles, _ access: Access?, now: Instant) {
        func number(_ role: String?) -> Double? {
            record[role].number.flatMap { $0.isFinite ? $0 : nil }
        }
        isPinned = record[roles.pinned] == .bool(true)
        var last: Instant?
        if case .instant(let time) = record[roles.time] { last = time }
        if let access { last = max(last ?? access.at, access.at) }
        self.last = last
        let fading = Fading(
            rate: roles.decayRate == nil ? 0 : number(roles.decayRate) ?? Fading.standardRate,
            isPinned: isPinned,
            reinforcement: access?.reinforcement ?? 0
        )
        let days = last.map {
            (Double(now.microseconds) - Double($0.microseconds)) / 86_400_000_000
        }
        value =
            min(max((number(roles.importance) ?? 0.5) * (number(roles.confidence) ?? 1), 0), 1)
            * fading.bareLeft(afterDays: days ?? 0)
    }
}
