// One consistent state of all pages. A reader holds a root and sees it unchanged for as long; when
// the last reader of the oldest root lets go, what that root alone still needed is recycled.
//
// An older root keeps the next one alive, so roots die in order: when a root dies, no older one is
// left, and what its successor replaced is nobody's any more.

/// A published state of the pages.
///
/// SAFETY: immutable after publishing, but for `successor` and what is retired, which the one
/// writer sets once before the successor is published, and which only `deinit` reads.
@safe
package final class PageRoot: @unchecked Sendable {
    /// Counts publications; a newer root has a higher one.
    package let generation: UInt64
    package let directories: [Directory]
    package let cache: PageCache
    var successor: PageRoot?
    var retired: [BlockAddress] = []
    var retiredSpots: [PageSpot] = []
    var evicted: [BlockAddress] = []

    init(generation: UInt64, directories: [Directory], cache: PageCache) {
        self.generation = generation
        self.directories = directories
        self.cache = cache
    }

    deinit {
        cache.giveBack(evicted)
        cache.recycle(retired, spots: retiredSpots, asOf: generation + 1)
        // A long chain whose links nobody else holds is taken apart here, not by recursion.
        var next = successor
        successor = nil
        while next != nil, isKnownUniquelyReferenced(&next) {
            let after = next?.successor
            next?.successor = nil
            next = after
        }
    }
}
