// Versions of records that were unpacked lately, by place: what is read again costs neither its
// checksum nor its unpacking. A frame never changes, so an entry is right as long as a version is
// at its place; damage that befalls the disk later is not seen through it. Scrubs and `verify` find
// that, which read the log itself and never this. When segments go, so do the entries that stand in
// them, and their bytes are zeroed: what was erased is not here either.
//
// Stripes have a lock each, held for the look at four slots. Which entry goes is decided by a bit
// that says whether it was asked for since the last look.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import Synchronization

/// Unpacked versions of records, at most so many bytes of them.
///
/// For any thread.
final class RecordCache: Sendable {
    private static let stripeCount = 64
    private static let ways = 4
    /// A version of more bytes is not kept: it would push out too many others.
    private static let mostBytes = 64 << 10

    private let stripes: [Stripe]
    /// The ordinals of those that were read by key.
    let hints: KeyHints

    /// A cache of at most about `byteCount` bytes.
    init(byteCount: Int) {
        let share = max(0, byteCount) / Self.stripeCount
        hints = KeyHints(recordBytes: max(0, byteCount))
        stripes = (0..<Self.stripeCount).map { _ in Stripe(byteCount: share) }
    }

    /// The version of this sequence at a place, nil when it is not kept, or was before a field came
    /// that the catalog has in it.
    func find(_ place: UInt64, sequence: UInt64, under catalog: Catalog) -> RecordBytes? {
        let hash = Self.hash(place)
        let found = stripes[hash & (Self.stripeCount - 1)].find(place, hash >> 6)
        guard let found, found.sequence == sequence,
            found.schemaVersion >= catalog.lateVersion
        else { return nil }
        return found
    }

    /// Has the slots fetched in which a version would be that is about to be asked for.
    func fetchSlots(_ place: UInt64) {
        let hash = Self.hash(place)
        stripes[hash & (Self.stripeCount - 1)].fetchSlots(hash >> 6)
    }

    /// Has a version fetched that is about to be asked for, where it is kept.
    func fetch(_ place: UInt64) {
        let hash = Self.hash(place)
        stripes[hash & (Self.stripeCount - 1)].fetch(place, hash >> 6)
    }

    /// Keeps a version for those who ask later.
    func insert(_ record: RecordBytes) {
        guard record.byteCount <= Self.mostBytes else { return }
        let hash = Self.hash(record.place)
        stripes[hash & (Self.stripeCount - 1)].insert(record, hash >> 6)
    }

    /// Lets go of every version that stands in these segments; its bytes are zeroed.
    ///
    /// - Precondition: nobody looks at a state any more that leads into them.
    /// - Complexity: O(versions kept).
    func erase(_ segments: Set<UInt64>) { for stripe in stripes { stripe.erase(segments) } }

    private static func hash(_ place: UInt64) -> Int {
        Int(truncatingIfNeeded: (place &* 0x9e37_79b9_7f4a_7c15) >> 24)
    }

    private struct Slot {
        var place: UInt64 = 0
        var record: RecordBytes?
        /// Where the version stands in memory.
        var address: UInt = 0
        var wasUsed = false
    }

    private struct Table {
        var slots: [Slot] = []
        var byteCount = 0
        /// Where the next is looked for that may go.
        var hand = 0

        /// Takes out what is in a slot.
        mutating func clear(_ index: Int) {
            byteCount -= slots[index].record?.byteCount ?? 0
            slots[index] = Slot()
        }
    }

    private final class Stripe: Sendable {
        private let table = Mutex(Table())
        /// Where the slots stand in memory, 0 as long as there are none.
        private let slotsAddress = Atomic<UInt>(0)
        private let byteCount: Int
        private let slotCount: Int

        init(byteCount: Int) {
            self.byteCount = byteCount
            var count = RecordCache.ways
            while count * 2048 < byteCount { count *= 2 }
            slotCount = count
        }

        func find(_ place: UInt64, _ hash: Int) -> RecordBytes? {
            let first = hash & (slotCount - 1) & ~(RecordCache.ways - 1)
            return table.withLock { table in
                guard !table.slots.isEmpty else { return nil }
                for index in first..<(first + RecordCache.ways)
                where table.slots[index].place == place {
                    Prefetch.lines(table.slots[index].address, RecordBytes.ownByteCount)
                    table.slots[index].wasUsed = true
                    return table.slots[index].record
                }
                return nil
            }
        }

        func fetchSlots(_ hash: Int) {
            let start = slotsAddress.load(ordering: .relaxed)
            let first = hash & (slotCount - 1) & ~(RecordCache.ways - 1)
            let stride = MemoryLayout<Slot>.stride
            if start != 0 {
                Prefetch.lines(start &+ UInt(first * stride), RecordCache.ways * stride)
            }
        }

        func fetch(_ place: UInt64, _ hash: Int) {
            let first = hash & (slotCount - 1) & ~(RecordCache.ways - 1)
            let address = table.withLock { table -> UInt in
                guard !table.slots.isEmpty else { return 0 }
                for index in first..<(first + RecordCache.ways)
                where table.slots[index].place == place {
                    return table.slots[index].address
                }
                return 0
            }
            if address != 0 { Prefetch.lines(address, RecordBytes.ownByteCount) }
        }

        func insert(_ record: RecordBytes, _ hash: Int) {
            guard record.byteCount <= byteCount else { return }
            let first = hash & (slotCount - 1) & ~(RecordCache.ways - 1)
            table.withLock { table in
                if table.slots.isEmpty {
                    table.slots = [Slot](repeating: Slot(), count: slotCount)
                    slotsAddress.store(Prefetch.address(of: table.slots), ordering: .relaxed)
                }
                let index = Self.victim(record.place, first, &table)
                table.clear(index)
                while table.byteCount + record.byteCount > byteCount { sweep(&table) }
                let (place, address) = (record.place, record.address)
                table.slots[index] = Slot(place: place, record: record, address: address)
                table.byteCount += record.byteCount
            }
        }

        func erase(_ segments: Set<UInt64>) {
            table.withLock { table in
                for index in table.slots.indices {
                    guard let record = table.slots[index].record,
                        segments.contains(LogPlace(bits: record.place).segment)
                    else { continue }
                    record.erase()
                    table.clear(index)
                }
            }
        }

        /// The slot of a set that a version is put into.
        private static func victim(_ place: UInt64, _ first: Int, _ table: inout Table) -> Int {
            let set = first..<(first + RecordCache.ways)
            for index in set where table.slots[index].place == place { return index }
            for index in set where table.slots[index].record == nil { return index }
            if let index = set.first(where: { !table.slots[$0].wasUsed }) { return index }
            for index in set { table.slots[index].wasUsed = false }
            return first + Int(truncatingIfNeeded: place >> 3) & (RecordCache.ways - 1)
        }

        /// Looks at the next slot: what was asked for lately stays once more.
        private func sweep(_ table: inout Table) {
            let index = table.hand
            table.hand = (index + 1) & (slotCount - 1)
            if table.slots[index].wasUsed {
                table.slots[index].wasUsed = false
            } else {
                table.clear(index)
            }
        }
    }
}
