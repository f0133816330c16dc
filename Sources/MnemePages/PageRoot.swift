// One consistent state of all pages. A reader holds a root and sees it unchanged for as long. What
// a root needs and its successor does not goes when the last root that needs it has gone: what was
// made after the next older root that somebody holds goes at once, the rest is that one's to leave.
// So an old root that is held keeps what it shows, and not every version that came after it.

internal import Synchronization

/// A published state of the pages.
///
/// Immutable.
package final class PageRoot: Sendable {
    /// Counts publications; a newer root has a higher one.
    package let generation: UInt64
    package let directories: [Directory]
    package let cache: PageCache

    /// `editor`: the identity of the editor that made it; 0 of the first one.
    init(generation: UInt64, editor: UInt64 = 0, directories: [Directory], cache: PageCache) {
        self.generation = generation
        self.directories = directories
        self.cache = cache
        cache.roots.add(generation, editor: editor)
    }

    deinit { cache.recycle(cache.roots.remove(generation)) }
}

/// What roots need and a later one does not.
struct RootRemains {
    /// Of the first root that does without it.
    let generation: UInt64
    /// Blocks with pages or nodes that were replaced; what stands on disk of them goes too.
    var blocks: [BlockAddress]
    /// Versions on disk that were replaced before anybody brought them in.
    var spots: [PageSpot]
    /// Blocks of which the copy on disk is needed still.
    var evicted: [BlockAddress]

    var isEmpty: Bool { blocks.isEmpty && spots.isEmpty && evicted.isEmpty }
}

/// The roots that somebody holds, in order, and what each leaves behind.
final class LiveRoots: Sendable {
    private struct Entry {
        let generation: UInt64
        let editor: UInt64
        var remains: [RootRemains] = []
    }
    private let entries = Mutex<[Entry]>([])

    /// The generation of the oldest.
    var oldest: UInt64 { entries.withLock { $0.first?.generation ?? .max } }

    /// A root was made; there is no newer one.
    func add(_ generation: UInt64, editor: UInt64) {
        entries.withLock { $0.append(Entry(generation: generation, editor: editor)) }
    }

    /// Notes what the newest root needs and the next one does not.
    ///
    /// - Precondition: somebody holds it.
    func leave(_ remains: RootRemains) {
        entries.withLock { $0[$0.count - 1].remains.append(remains) }
    }

    /// Nobody holds a root any more; what nobody needs then.
    ///
    /// - Complexity: O(log roots held + what it leaves).
    func remove(_ generation: UInt64) -> [RootRemains] {
        entries.withLock { entries in
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].generation < generation {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            let remains = entries.remove(at: low).remains
            guard low > 0 else { return remains }
            // Pages come in from disk for roots of every age; blocks that were made are as old as
            // their editor says.
            let editor = entries[low - 1].editor
            var free: [RootRemains] = []
            for part in remains {
                var (gone, kept) = (part, part)
                gone.blocks = part.blocks.filter { BlockHead($0).editor > editor }
                gone.evicted = part.evicted.filter { BlockHead($0).editor > editor }
                gone.spots = []
                kept.blocks = part.blocks.filter { BlockHead($0).editor <= editor }
                kept.evicted = part.evicted.filter { BlockHead($0).editor <= editor }
                if !gone.isEmpty { free.append(gone) }
                if !kept.isEmpty { entries[low - 1].remains.append(kept) }
            }
            return free
        }
    }
}
