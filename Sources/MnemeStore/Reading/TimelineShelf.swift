// Timelines that were read, for as long as what they were read of is as it was: they take much
// longer to make than to go along. They are in memory alone. What has changed is seen by marks that
// the editor makes, so that an owner's writing costs that owner's timeline alone.

internal import MnemeBase
internal import MnemeModel
internal import MnemeRecall
internal import Synchronization

/// When the records of owners were changed last, by a hash of the owners' numbers.
///
/// It is of one opening: no two states of it have the same mark for different records, but for the
/// branches of transactions, which nobody else looks at.
struct ChangeMarks: Sendable {
    private static let count = 256

    private var last: UInt64 = 0
    private var marks = [UInt64](repeating: 0, count: Self.count)

    /// Notes that records of an owner change.
    mutating func note(_ owner: UInt32) {
        last += 1
        marks[Int(owner) % Self.count] = last
    }

    /// Equal as long as no record of an owner has changed.
    subscript(owner: UInt32) -> UInt64 { marks[Int(owner) % Self.count] }
}

/// A timeline, and from which instant up to which other one it says what is there.
struct DatedTimeline: Sendable {
    let timeline: Timeline
    let holds: Range<Int64>
}

/// Keeps timelines of single owners, the one that was wanted last the longest.
final class TimelineShelf: Sendable {
    /// Whose, of what list, as a definition has it.
    struct Key: Hashable, Sendable {
        let owner: UInt32
        let list: UInt16
        let definition: UInt32
    }

    private struct Item {
        var mark: UInt64
        var dated: DatedTimeline
        var use: UInt64
    }

    private struct Shelf {
        var items: [Key: Item] = [:]
        var uses: UInt64 = 0
        var records = 0
    }

    /// So many records are kept, of some 300 bytes each.
    private static let limit = 1 << 17
    private let shelf = Mutex(Shelf())

    /// What is kept under a key, where it is of this mark and holds at an instant.
    func timeline(_ key: Key, mark: UInt64, at instant: Int64) -> Timeline? {
        shelf.withLock { shelf in
            guard let item = shelf.items[key], item.mark == mark,
                item.dated.holds.contains(instant)
            else { return nil }
            shelf.uses += 1
            shelf.items[key]?.use = shelf.uses
            return item.dated.timeline
        }
    }

    /// Keeps a timeline; those that nobody wanted for long make room for it.
    func keep(_ dated: DatedTimeline, _ key: Key, mark: UInt64) {
        shelf.withLock { shelf in
            if let old = shelf.items.removeValue(forKey: key) {
                shelf.records -= old.dated.timeline.count + 1
            }
            shelf.uses += 1
            shelf.items[key] = Item(mark: mark, dated: dated, use: shelf.uses)
            shelf.records += dated.timeline.count + 1
            guard shelf.records > Self.limit else { return }
            // An eighth at once: who comes next finds room.
            for (key, item) in shelf.items.sorted(by: { $0.value.use < $1.value.use })
            where shelf.records > Self.limit / 8 * 7 && item.use < shelf.uses {
                shelf.items.removeValue(forKey: key)
                shelf.records -= item.dated.timeline.count + 1
            }
        }
    }
}
