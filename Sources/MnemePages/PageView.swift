// Pages as one reader sees them: of a published root, or of an editor at work.

/// Resolves pages of one state.
///
/// A view of a root may be used from any thread and keeps the root alive. A view of an editor is
/// for the writer's thread and stands for the editor's state at the moment it was taken: take a new
/// one after an edit.
@frozen
package struct PageView: Sendable {
    /// The root that this is a view of, or that the editor started from.
    package let root: PageRoot
    package let tree: Directory
    package let ordinals: Directory

    init(root: PageRoot, directories: [Directory]) {
        self.root = root
        tree = directories[Int(PageSpace.tree.rawValue)]
        ordinals = directories[Int(PageSpace.ordinals.rawValue)]
    }

    /// The page, brought in from disk when it is not in memory.
    ///
    /// - Throws: `.corrupt` when there is no such page or its bytes fail their checksum, `.disk`.
    /// - Complexity: two loads when the page is in memory.
    @inlinable
    package func page(_ id: PageID) throws(PageError) -> Page {
        if let page = pageInMemory(id) { return page }
        return try root.cache.load(id, [tree, ordinals])
    }

    /// The page, nil when the space does not hold it.
    ///
    /// - Throws: `.corrupt` when its bytes fail their checksum, `.disk`.
    /// - Complexity: as `page`.
    @inlinable
    package func pageIfHeld(_ id: PageID) throws(PageError) -> Page? {
        if let page = pageInMemory(id) { return page }
        return holds(id) ? try root.cache.load(id, [tree, ordinals]) : nil
    }

    /// The page, nil when it is not in memory.
    @inlinable
    package func pageInMemory(_ id: PageID) -> Page? {
        // Numbers and pointers are chosen between, not directories: those would be retained.
        let isTree = id.spaceIndex == 0
        let count = isTree ? tree.count : ordinals.count
        let nodes = unsafe isTree ? tree.nodes : ordinals.nodes
        let index = Int(truncatingIfNeeded: id.number >> nodeShift)
        if id.spaceIndex < 2, index < count, let entries = unsafe NodeEntries(nodes[index]) {
            let entry = entries.load(Int(truncatingIfNeeded: id.number))
            if entry & 1 == 0, let base = unsafe UnsafeRawPointer(bitPattern: UInt(entry)) {
                return unsafe Page(base: base)
            }
        }
        return nil
    }

    /// The page of the highest number in the space of ordinals, nil when it has none.
    var lastOrdinalPage: PageID? {
        for index in (0..<ordinals.count).reversed() {
            guard let entries = unsafe NodeEntries(ordinals.nodes[index]) else { continue }
            for entry in (0..<nodeEntries).reversed() where entries.load(entry) != 0 {
                return PageID(.ordinals, UInt64(index * nodeEntries + entry))
            }
        }
        return nil
    }

    /// The pages of the space of ordinals, ascending.
    ///
    /// - Complexity: O(nodes + 512 · nodes with pages).
    package var ordinalPages: [PageID] {
        var ids: [PageID] = []
        for index in 0..<ordinals.count {
            guard let entries = unsafe NodeEntries(ordinals.nodes[index]) else { continue }
            for entry in 0..<nodeEntries where entries.load(entry) != 0 {
                ids.append(PageID(.ordinals, UInt64(index * nodeEntries + entry)))
            }
        }
        return ids
    }

    /// Whether the space holds this page.
    package func holds(_ id: PageID) -> Bool {
        id.spaceIndex < 2 && PageCache.entry(id, id.spaceIndex == 0 ? tree : ordinals) != 0
    }
}

extension PageRoot {
    /// This root for reading.
    package var view: PageView { PageView(root: self, directories: directories) }
}

extension PageEditor {
    /// The editor's state now, for reading.
    package var view: PageView { PageView(root: base, directories: directories) }
}
