// Pruning: what has expired goes, then the weakest, of equal ones the oldest, until no more is left
// than there may be. Never what is pinned; no model is asked.

internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// The most of what went that is told.
    private static let mostTold = 100

    /// Takes memories away until no more are left than there may be.
    ///
    /// - Throws: `.badRequest` without bounds and for negative ones; what a commit throws.
    /// - Complexity: O(memories of the owner).
    func pruning(_ prune: Prune, _ durability: Durability) throws(MnemeError) -> Forgotten {
        guard prune.records != nil || prune.bytes != nil || prune.below != nil else {
            throw MnemeError(
                .badRequest,
                "prune needs to know how much may be left: give records, bytes, below, or several"
            )
        }
        for (name, bound) in [("records", prune.records), ("bytes", prune.bytes)] {
            if let bound, bound < 0 {
                throw MnemeError(.badRequest, "\(name) is \(bound); give 0 or more")
            }
        }
        if let below = prune.below, !(0...1).contains(below) {
            throw MnemeError(.badRequest, "below is \(below); give a number from 0 to 1")
        }
        let snapshot = store.snapshot()
        let chosen = try PruneChoice(prune, snapshot).goers
        var forgotten = Forgotten(
            count: chosen.count,
            bytes: chosen.reduce(0) { $0 + $1.bytes },
            references: chosen.prefix(Self.mostTold).map(\.reference),
            isDry: prune.isDry,
            sequence: snapshot.sequence
        )
        if prune.isDry || chosen.isEmpty { return forgotten }
        forgotten.count = try end(chosen.map(\.reference), erases: prune.erases, durability)
        forgotten.sequence = store.snapshot().sequence
        return forgotten
    }
}

/// Which memories go.
private struct PruneChoice {
    struct Goer {
        let reference: Reference
        let strength: Double
        let last: Instant?
        let bytes: Int
    }

    /// The weakest first.
    private(set) var goers: [Goer] = []

    init(_ prune: Prune, _ snapshot: Snapshot) throws(MnemeError) {
        let collection = try snapshot.catalog.collection(prune.collection)
        let roles = collection.schema.roles
        let scope = try snapshot.scope(of: prune.owner, collection)
        if case .nobody = scope { return }
        var (count, bytes) = (0, 0)
        var all: [Goer] = []
        var position: [UInt8]?
        repeat {
            let page = try snapshot.page(of: collection, scope, from: position)
            for (record, _) in page.records {
                guard let ordinal = try snapshot.ordinal(record.reference) else { continue }
                let size = try snapshot.usageBytes(of: ordinal)
                count += 1
                bytes += size
                let access = try snapshot.access(of: ordinal)
                let strength = MemoryStrength(record, roles, access, now: snapshot.instant)
                if strength.isPinned { continue }
                all.append(
                    Goer(
                        reference: record.reference,
                        // What is not true any more goes first, as what has expired.
                        strength: record.isTrue(at: snapshot.instant, roles) ? strength.value : -1,
                        last: strength.last,
                        bytes: size
                    )
                )
            }
            position = page.next
        } while position != nil
        all.sort(by: Self.isWeaker)
        for goer in all {
            let isTooMany = prune.records.map { count > $0 } ?? false
            let isTooLarge = prune.bytes.map { bytes > $0 } ?? false
            let isTooWeak = prune.below.map { goer.strength < $0 } ?? false
            guard isTooMany || isTooLarge || isTooWeak else { break }
            goers.append(goer)
            count -= 1
            bytes -= goer.bytes
        }
    }

    private static func isWeaker(_ left: Goer, _ right: Goer) -> Bool {
        if left.strength != right.strength { return left.strength < right.strength }
        if left.last != right.last {
            return (left.last ?? .distantPast) < (right.last ?? .distantPast)
        }
        return left.reference.description < right.reference.description
    }
}

extension Instant {
    fileprivate static let distantPast = Instant(microseconds: .min)
}
