// Arrays of fixed-size records in pages, found by the number of the page within its array. An array
// takes nodes of the page table whole, 512 page numbers each: a page is found by two loads where
// the nodes of the array are at hand, and no tree is gone through.
//
// Which nodes an array has, in order, is written down by whoever owns it. Format:
// formats/pages.md#arrays.

/// The pages of arrays as one reader sees them.
///
/// SAFETY: node addresses are those of the root that is held, or of the editor that the view was
/// taken from, and stand as long as it.
@safe
package struct ArrayPages {
    private let root: PageRoot
    private let directories: [Directory]
    /// The nodes of one array, by their place in it; 0 where the file has none.
    private let nodes: [UInt]

    init(root: PageRoot, directories: [Directory], segments: [UInt32]) {
        self.root = root
        self.directories = directories
        self.segments = segments
        let arrays = directories[Int(PageSpace.arrays.rawValue)]
        nodes = segments.map { segment in
            Int(segment) < arrays.count ? unsafe arrays.nodes[Int(segment)] : 0
        }
    }

    /// The nodes of the array, as its owner wrote them down.
    package let segments: [UInt32]

    /// Page `number` of the array, brought in from disk when it is not in memory.
    ///
    /// - Throws: `.corrupt` when there is no such page or its bytes fail their checksum, `.disk`.
    /// - Complexity: two loads when the page is in memory.
    @inline(__always)
    package func page(_ number: Int) throws(PageError) -> Page {
        let place = number >> Int(nodeShift)
        if place < nodes.count, let entries = NodeEntries(nodes[place]) {
            let entry = entries.load(number)
            if entry & 1 == 0, let base = unsafe UnsafeRawPointer(bitPattern: UInt(entry)) {
                return unsafe Page(base: base)
            }
        }
        return try load(number)
    }

    @inline(never)
    private func load(_ number: Int) throws(PageError) -> Page {
        guard let id = PageArray.id(number, in: segments) else {
            throw .corrupt(id: 0, place: 0, reason: "a page beyond the end of an array")
        }
        return try root.cache.load(id, directories)
    }
}

/// The names of the pages of arrays.
package enum PageArray {
    /// Pages of a segment.
    package static var segmentPages: Int { nodeEntries }

    /// The id of page `number` of an array with these segments, nil beyond their end.
    package static func id(_ number: Int, in segments: [UInt32]) -> PageID? {
        let place = number >> Int(nodeShift)
        guard number >= 0, place < segments.count else { return nil }
        let first = UInt64(segments[place]) << nodeShift
        return PageID(.arrays, first | UInt64(number & (nodeEntries - 1)))
    }
}

extension PageRoot {
    /// The pages of the array with these segments.
    package func array(_ segments: [UInt32]) -> ArrayPages {
        ArrayPages(root: self, directories: directories, segments: segments)
    }
}

extension PageEditor {
    /// The pages of the array with these segments, as edited so far; take a new one after an edit.
    package func array(_ segments: [UInt32]) -> ArrayPages {
        ArrayPages(root: base, directories: directories, segments: segments)
    }

    /// A segment that no array has.
    ///
    /// It is taken when a page of it is made.
    ///
    /// - Complexity: O(segments).
    package func freeSegment() -> UInt32 {
        let arrays = directories[Int(PageSpace.arrays.rawValue)]
        for index in 0..<arrays.count where unsafe arrays.nodes[index] == 0 {
            return UInt32(index)
        }
        return UInt32(arrays.count)
    }

    /// Whether there is a page under an id, of whatever space.
    package func holds(_ id: PageID) -> Bool {
        id.spaceIndex < directories.count
            && PageCache.entry(id, directories[id.spaceIndex]) != 0
    }

    /// Takes a page of an array out, and with the last page of a segment the segment.
    package func drop(page number: Int, of segments: [UInt32]) {
        guard let id = PageArray.id(number, in: segments) else { return }
        drop(id)
    }
}
