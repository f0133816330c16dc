// Which faults a workload puts in the disk's way.

internal import MnemeBase

extension Workload {
    /// A fault that begins within the next few operations.
    package func fault() -> DiskFault {
        let kept = dice.below(3) * dice.below(2000)
        switch dice.below(12) {
        case 0, 1, 2:
            return .failedSync(after: 1 + dice.below(30), keepingSome: dice.below(2) == 0)
        case 3: return .failedDirectorySync(after: 1 + dice.below(4))
        case 4, 5: return .failedWrite(after: 1 + dice.below(60), kept: kept)
        case 6: return .fullWrite(after: 1 + dice.below(60), kept: kept)
        case 7: return .failedRead(after: 1 + dice.below(10))
        case 8: return .shortRead(after: 1 + dice.below(10))
        case 9: return .full(after: 1 + dice.below(40), everyWrite: dice.below(3) == 0)
        case 10: return .full(after: 1, everyWrite: false)
        default: return .room(bytes: dice.below(120_000))
        }
    }
}
