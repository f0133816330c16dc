// The page file: everything derived, as of one checkpoint. Two root blocks take turns at the
// beginning; a checkpoint writes changed pages to free places, syncs, writes the older root block,
// syncs. Opening takes the newest root block that is whole. Format: formats/pages.md.

package import MnemeBase
internal import Synchronization

/// Which store a file belongs to: 128 random bits drawn when the store is made.
package struct StoreIdentity: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    /// From its two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// The file and the newest published root.
package final class PageFile: Sendable {
    let file: any DiskFile
    package let identity: StoreIdentity
    let cache: PageCache
    let places: PlaceAllocator
    private let published: Mutex<PageRoot>
    private let numbers: PageNumbers
    private let editors = Mutex<UInt64>(0)
    /// What the durable root block reaches; held by whoever writes a checkpoint.
    let checkpointed: Mutex<CheckpointState>

    /// Whether pages are packed and written as deltas; tests of damage want them as they are.
    let packs: Bool

    struct CheckpointState {
        var directory: [PageSpot] = []
        /// Which of the two root blocks is the durable one.
        var slot: UInt64 = 1
        var written = WrittenPages()
        /// A sync beside checkpoints failed: none is written any more.
        var failure: DiskError?
    }

    /// Held by whoever takes places for an extent and writes it, and by whoever cuts the file.
    let growing = Mutex(())

    /// What of the root blocks is to be written once more before anything else is.
    let settling: RootSettling

    init(
        file: any DiskFile,
        identity: StoreIdentity,
        places: PlaceAllocator,
        cache: PageCache,
        root: PageRoot,
        numbers: PageNumbers,
        state: CheckpointState,
        packs: Bool = true,
        _ settling: RootSettling = RootSettling()
    ) {
        self.packs = packs
        self.settling = settling
        self.file = file
        self.identity = identity
        self.places = places
        self.cache = cache
        published = Mutex(root)
        self.numbers = numbers
        checkpointed = Mutex(state)
    }

    /// Makes the file.
    ///
    /// Nothing is written but two empty root blocks. Without `packs` pages are written as they
    /// are, whole.
    ///
    /// - Throws: `.disk`, with `.exists` when the file is there. The name is durable only after the
    ///   directory was synced, which is the caller's to do.
    package static func create(
        _ disk: any Disk,
        path: String,
        identity: StoreIdentity,
        packs: Bool = true,
        faults: PageFaults = PageFaults()
    )
        throws(PageError) -> PageFile
    {
        do throws(DiskError) {
            let file = try disk.open(path, .create)
            try file.write([UInt8](repeating: 0, count: 2 * PageLayout.size), at: 0)
            try file.sync()
            return empty(file, identity, packs: packs, faults: faults)
        } catch {
            throw .disk(error)
        }
    }

    /// A page file that lives in memory as long as nobody lets it go.
    package static func inMemory(_ identity: StoreIdentity) -> PageFile {
        empty(MemoryFile(path: "pages in memory"), identity)
    }

    static func empty(
        _ file: any DiskFile,
        _ identity: StoreIdentity,
        packs: Bool = true,
        faults: PageFaults = PageFaults(),
        _ settling: RootSettling = RootSettling()
    ) -> PageFile {
        let places = PlaceAllocator(faults)
        let cache = PageCache(file: file, places: places)
        let directories = PageSpace.allCases.map { _ in Directory(count: 0, copying: nil) }
        return PageFile(
            file: file,
            identity: identity,
            places: places,
            cache: cache,
            root: PageRoot(generation: 1, directories: directories, cache: cache),
            numbers: PageNumbers(free: [], next: 0),
            state: CheckpointState(),
            packs: packs,
            settling
        )
    }

    /// The newest published root.
    package var root: PageRoot { published.withLock { $0 } }

    /// Whether a mapped extent is the file's own memory, and no copy of it.
    package var mapsExtents: Bool { !(file is SealedFile) }

    /// The generation of the oldest root that somebody holds.
    package var oldestGeneration: UInt64 { cache.roots.oldest }

    /// The places of the file that something stands at, ascending, both root blocks among them.
    ///
    /// - Complexity: O(places of the file).
    package var placesInUse: [UInt64] { places.inUse }

    /// Memory and disk in use.
    package var usage: PageUsage {
        let extent = places.extent
        return PageUsage(
            residentBytes: cache.pool.taken * PageLayout.size,
            fileBytes: Int(extent.end) * PlaceLayout.size,
            freeBytes: Int(extent.free) * PlaceLayout.size
        )
    }

    /// Starts the next state on top of the newest published one.
    ///
    /// - Precondition: the editor before was published or discarded.
    package func edit() -> PageEditor {
        let identity = editors.withLock { count in
            count += 1
            return count
        }
        return PageEditor(base: root, numbers: numbers, identity: identity)
    }

    /// Starts a branch: a state on top of any root that is never published.
    ///
    /// Any thread may begin one, and any number of them may be under way beside the writer's
    /// editor. Its pages are its own; those that it did not change are the root's, which it holds.
    /// `discard` gives back what it made, and nobody may read it any more then.
    package func branch(from root: PageRoot) -> PageEditor {
        let identity = editors.withLock { count in
            count += 1
            return count
        }
        // Above every page that the root has: its numbers are of the branch alone.
        let next = UInt64(root.directories[0].count * nodeEntries)
        return PageEditor(
            base: root,
            numbers: PageNumbers(free: [], next: next),
            identity: identity,
            isBranch: true
        )
    }

    /// Makes what the editor built the newest state.
    ///
    /// The editor is done, and should be let go: it keeps the root that it began with.
    @discardableResult
    package func publish(_ editor: PageEditor) -> PageRoot {
        precondition(!editor.isBranch, "a branch is never published")
        editor.dropScratch()
        // Let go of without the lock.
        var before: PageRoot?
        defer { withExtendedLifetime(before) {} }
        return published.withLock { current in
            precondition(current === editor.base, "an editor of an older root")
            let generation = current.generation + 1
            cache.roots.leave(
                RootRemains(
                    generation: generation,
                    blocks: editor.retired,
                    spots: editor.retiredSpots,
                    evicted: editor.evicted
                )
            )
            let next = PageRoot(
                generation: generation,
                editor: editor.identity,
                directories: editor.directories,
                cache: cache
            )
            (current, before) = (next, current)
            return next
        }
    }

    /// Throws away what the editor built.
    package func discard(_ editor: PageEditor) { editor.discard() }

    /// Closes the file; what no checkpoint wrote is gone.
    package func close() throws(PageError) {
        do throws(DiskError) { try file.close() } catch { throw .disk(error) }
    }
}

/// What the pages take.
package struct PageUsage: Sendable {
    /// Bytes of pages and table nodes in memory.
    package let residentBytes: Int
    /// Length of the file.
    package let fileBytes: Int
    /// Bytes of the file that nothing uses.
    package let freeBytes: Int
}
