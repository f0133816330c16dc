// Writing a checkpoint. It works on a root that nobody changes, beside readers and the writer; the
// writer's newer pages are not its business. Nothing that the durable root block reaches is
// overwritten, so a power cut at any moment leaves one whole checkpoint.

internal import MnemeBase
internal import Synchronization

extension PageFile {
    /// Writes every page of `root` that is not on disk yet and makes `root` the durable state.
    ///
    /// `payload`: what the store wants to find when it opens; at most 4,096 bytes.
    /// `flattening`: everything is written by a base alone, nothing as a delta. A page that stands
    /// as base and delta and did not change is written anew only if it was touched before
    /// (`pagesWithDeltas`, `touch`).
    /// `pause` is called between pages, with the bytes that have left for the disk since, for
    /// whoever would rest there.
    /// Extents that it or the root names must be held on to until this returns.
    /// - Throws: `.disk`; the durable state is then the one before, or the new one if only the root
    ///   block was refused or its sync failed. The file must not be checkpointed again after a
    ///   failed sync.
    /// - Precondition: one checkpoint at a time, of roots in order; the same root may be written
    ///   again, with another payload.
    package func checkpoint(
        _ root: PageRoot,
        payload: [UInt8],
        flattening: Bool = false,
        pause: @escaping (Int) -> Void = { _ in }
    ) throws(PageError) {
        let number = places.beginCheckpoint()
        try checkpointed.withLock { state throws(PageError) in
            if let failure = state.failure { throw .disk(failure) }
            do throws(DiskError) { try settling.settle(in: file) } catch { throw .disk(error) }
            var writer = try PageWriter(
                self,
                checkpoint: number,
                writesDeltas: !flattening,
                pause: pause
            )
            defer { writer.end() }
            do throws(DiskError) {
                let directory = try write(root, &state.written, &writer)
                let block = RootBlock(
                    identity: identity,
                    generation: root.generation,
                    checkpoint: number,
                    nodeCounts: Self.nodeCounts(of: root),
                    directoryPlaces: directory.map(\.base.first),
                    payload: payload
                )
                try makeDurable(block, directory, &state, &writer)
            } catch {
                writer.undo()
                throw .disk(error)
            }
        }
    }

    /// Writes the root block over the older one and syncs it.
    private func makeDurable(
        _ block: RootBlock,
        _ directory: [PageSpot],
        _ state: inout CheckpointState,
        _ writer: inout PageWriter
    ) throws(DiskError) {
        // The slot that does not hold the durable root block.
        let slot = 1 - state.slot
        do throws(DiskError) {
            try file.write(block.bytes(slot: slot), at: slot * UInt64(PageLayout.size))
            try file.sync()
        } catch {
            // The block may stand there whole all the same: what it names is left as it is until
            // the next one has taken its slot.
            writer.keep()
            for run in directory.map(\.base) {
                places.releaseAfterNextCheckpoint(run.first, count: UInt64(run.count))
            }
            throw error
        }
        places.becameDurable(block.generation, checkpoint: block.checkpoint)
        places.release(state.directory, asOf: block.generation)
        state.directory = directory
        state.slot = slot
        cache.bound.noteCheckpoint()
    }

    /// Pages to be touched before the next checkpoint, at most so many: their delta pages hold too
    /// little else.
    ///
    /// Without it delta pages may come to hold a single delta each; with it there are never more,
    /// for long, than one for four deltas and 64.
    ///
    /// - Complexity: O(1) where nothing is to be done, else O(pages).
    package func scatteredPages(atMost limit: Int) -> [PageID] {
        checkpointed.withLock { $0.written.scattered(atMost: limit) }
    }

    /// All pages that stand as base and delta in the newest checkpoint: their bases may hold what
    /// was taken out since.
    ///
    /// - Complexity: O(1) where there are none, else O(pages).
    package var pagesWithDeltas: [PageID] { checkpointed.withLock { $0.written.withDeltas } }

    /// Where the file would about end if its pages stood side by side; nil where it is not much
    /// longer.
    ///
    /// - Complexity: O(1).
    package var placeToPackTo: UInt64? {
        let extent = places.extent
        let used = extent.end - min(extent.free, extent.end)
        let wanted = used + used / 32 + 64
        guard extent.end > wanted, extent.end - wanted > max(256, extent.end / 16) else {
            return nil
        }
        return wanted
    }

    /// The pages that stand at a place or behind it in the newest checkpoint.
    ///
    /// - Complexity: O(pages).
    package func pages(from place: UInt64) -> [PageID] {
        checkpointed.withLock { $0.written.from(place) }
    }

    /// The most bytes of the page table itself that a checkpoint writes, whatever else it writes.
    package var tableBytes: Int {
        root.directories.reduce(0) { $0 + $1.heldCount } * PageLayout.size
    }

    /// The number of the newest durable checkpoint, 0 when there has been none.
    package var checkpointNumber: UInt64 { places.durableCheckpoint }

    /// Publishes a root in which these pages are to be written again, though nothing changed.
    ///
    /// What is not there any more, or cannot be read, stays as it is.
    ///
    /// - Precondition: as `edit`.
    package func touch(_ ids: [PageID]) -> PageRoot {
        let editor = edit()
        for id in ids where editor.holds(id) { _ = try? editor.edit(id) }
        return publish(editor)
    }

    /// How many nodes each space has; the last one is left out where it has none, as programs wrote
    /// files that knew no arrays.
    private static func nodeCounts(of root: PageRoot) -> [Int] {
        let counts = root.directories.map(\.count)
        return counts.last == 0 ? counts.dropLast() : counts
    }

    /// Writes and syncs everything but the root block; where the directory pages stand.
    private func write(
        _ root: PageRoot,
        _ written: inout WrittenPages,
        _ writer: inout PageWriter
    )
        throws(DiskError) -> [PageSpot]
    {
        var changes: [(PageID, WrittenPages.Entry)] = []
        var nodes: [PageSpot] = []
        for (space, directory) in zip(PageSpace.allCases, root.directories) {
            for index in 0..<directory.count {
                let node = unsafe directory.nodes[index]
                let spot = try spot(ofNode: node, space, index, written, &changes, &writer)
                nodes.append(spot)
            }
        }
        let directory = try writeDirectory(nodes, &writer)
        try writer.flush()
        try file.sync()
        // From here on nothing of it is taken back, whatever becomes of the root block.
        for (id, entry) in changes { written.set(id, entry) }
        for (space, directory) in zip(PageSpace.allCases, root.directories) {
            for index in 0..<directory.count where unsafe directory.nodes[index] == 0 {
                written.removeNode(index, of: space)
            }
        }
        return directory
    }

    private func writeDirectory(
        _ nodes: [PageSpot],
        _ writer: inout PageWriter
    )
        throws(DiskError) -> [PageSpot]
    {
        var spots: [PageSpot] = []
        let size = PageBlockKind.directoryEntries
        for (index, start) in stride(from: 0, to: nodes.count, by: size).enumerated() {
            let part = nodes[start..<min(start + size, nodes.count)]
            let spot = try writer.write(table: nil) { page in
                page.store(PageBlockKind.directoryID(index).bits, 8)
                page.store(PageBlockKind.directory, PageLayout.kind)
                page.store(UInt32(part.count), PageBlockKind.count)
                for (entry, node) in part.enumerated() {
                    page.store(node.word, PageLayout.header + entry * 8)
                }
            }
            spots.append(spot)
        }
        return spots
    }

    /// Where the node stands on disk, after writing it and its pages if they were not there.
    private func spot(
        ofNode node: UInt,
        _ space: PageSpace,
        _ index: Int,
        _ written: WrittenPages,
        _ changes: inout [(PageID, WrittenPages.Entry)],
        _ writer: inout PageWriter
    ) throws(DiskError) -> PageSpot {
        guard let entries = NodeEntries(node) else { return .none }
        let spot = BlockHead(node).spot
        if !spot.isNone { return spot }
        var spots: [PageSpot] = []
        for entry in 0..<nodeEntries {
            let id = PageID(space, UInt64(index * nodeEntries + entry))
            let before = written[id]
            var now = before
            now.spot = try self.spot(id, entries, before, &now, &writer)
            spots.append(now.spot)
            if now.spot != before.spot { changes.append((id, now)) }
        }
        return try writer.write(table: node) { page in
            page.store(
                PageBlockKind.nodeID(space: Int(space.rawValue), index: index).bits,
                8
            )
            page.store(PageBlockKind.node, PageLayout.kind)
            page.store(UInt32(nodeEntries), PageBlockKind.count)
            for (entry, spot) in spots.enumerated() { NodeEntry.store(spot, page, entry) }
        }
    }

    /// Where the version of a page that a node holds stands on disk, after writing it if it stands
    /// nowhere.
    private func spot(
        _ id: PageID,
        _ entries: NodeEntries,
        _ before: WrittenPages.Entry,
        _ now: inout WrittenPages.Entry,
        _ writer: inout PageWriter
    ) throws(DiskError) -> PageSpot {
        let number = Int(truncatingIfNeeded: id.number)
        if let spot = entries.spot(number) { return spot }
        let address = TableEntry.frame(entries.load(number))
        // A reader may have brought it in between the two looks.
        guard address != 0 else { return .none }
        let spot = BlockHead(address).spot
        if !spot.isNone { return spot }
        now = try writer.write(id, address, after: before)
        return now.spot
    }
}
