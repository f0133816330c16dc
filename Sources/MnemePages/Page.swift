// A page as its readers and writers see it: 8 KiB of memory and loads that cannot leave it.
//
// Every offset is taken modulo the page size, and every frame is followed by slack, so no offset,
// whatever a damaged page says, reads or writes outside the pool. Structure above that (key order,
// slot bounds) is checked once, when a page comes in from disk, by the room that owns its kind.
// Format: formats/pages.md#page.
//
// Types with `@inlinable package` members are `@usableFromInline`: without it the members are not
// inlined across modules, and a load that is a call is dear.

package import MnemeBase

/// A page's number for life: the space in the top byte, the number within it below.
package struct PageID: Hashable, Sendable {
    /// The bits, as they stand on disk.
    package let bits: UInt64

    /// From bits as they stand on disk.
    @inlinable package init(bits: UInt64) { self.bits = bits }

    /// Page `number` of a space.
    @inlinable package init(_ space: PageSpace, _ number: UInt64) {
        bits = UInt64(space.rawValue) << 56 | number
    }

    /// Which space; spaces above the known ones are refused where pages are resolved.
    @inlinable package var spaceIndex: Int { Int(bits >> 56) }

    /// The number within the space.
    @inlinable package var number: UInt64 { bits & 0x00ff_ffff_ffff_ffff }
}

/// Independent number lines of pages, each with a page table of its own.
package enum PageSpace: UInt8, CaseIterable, Sendable {
    /// Nodes of trees; numbers are handed out and taken back.
    case tree = 0
    /// The ordinal table; a page's number follows from the ordinal.
    case ordinals = 1
    /// Arrays of records; their pages take numbers 512 at a time.
    case arrays = 2
}

/// Sizes and places inside a page.
@usableFromInline
package enum PageLayout {
    /// Bytes in a page, on disk and in memory.
    @inlinable package static var size: Int { 8192 }
    /// Bytes before the payload: checksum, id, kind, seven bytes of the kind's own, checkpoint.
    @inlinable package static var header: Int { 32 }
    /// Where the kind stands; 0 is no page.
    @inlinable package static var kind: Int { 16 }
    /// Where the number of the checkpoint stands that wrote the page, eight bytes; only on disk.
    static var checkpoint: Int { 24 }
}

/// A page for reading.
///
/// SAFETY: `base` points at a frame that lives as long as the root or the editor that it was
/// resolved through; whoever holds a `Page` holds that too. Offsets are masked to the page, and a
/// frame is followed by at least 64 bytes of the pool's own.
@safe @frozen
@usableFromInline
package struct Page: @unchecked Sendable {
    /// The first byte, 64-byte aligned.
    @usableFromInline package let base: UnsafeRawPointer

    @inlinable
    package init(base: UnsafeRawPointer) { unsafe self.base = base }

    /// What the page holds: a number of the room that made it.
    @inlinable package var kind: UInt8 { byte(PageLayout.kind) }

    @inlinable package func byte(_ offset: Int) -> UInt8 {
        unsafe base.load(fromByteOffset: offset & (PageLayout.size - 1), as: UInt8.self)
    }

    @inlinable package func load16(_ offset: Int) -> UInt16 {
        unsafe base.loadUnaligned(fromByteOffset: offset & (PageLayout.size - 1), as: UInt16.self)
    }

    @inlinable package func load32(_ offset: Int) -> UInt32 {
        unsafe base.loadUnaligned(fromByteOffset: offset & (PageLayout.size - 1), as: UInt32.self)
    }

    @inlinable package func load64(_ offset: Int) -> UInt64 {
        unsafe base.loadUnaligned(fromByteOffset: offset & (PageLayout.size - 1), as: UInt64.self)
    }

    /// Copies `count` bytes out; what would lie outside the page is left out.
    package func copy(_ offset: Int, _ count: Int) -> [UInt8] {
        let start = min(max(offset, 0), PageLayout.size)
        let length = min(max(count, 0), PageLayout.size - start)
        return unsafe [UInt8](UnsafeRawBufferPointer(start: base + start, count: length))
    }
}

/// A page for writing, private to the editor that handed it out.
///
/// SAFETY: as `Page`; only the one editor writes, before the frame is published.
@safe @frozen
@usableFromInline
package struct MutablePage {
    /// The first byte, 64-byte aligned.
    @usableFromInline package let base: UnsafeMutableRawPointer

    @inlinable
    package init(base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The same page for reading.
    @inlinable package var page: Page { unsafe Page(base: UnsafeRawPointer(base)) }

    @inlinable package func store(_ value: UInt8, _ offset: Int) {
        unsafe base.storeBytes(
            of: value,
            toByteOffset: offset & (PageLayout.size - 1),
            as: UInt8.self
        )
    }

    @inlinable package func store(_ value: UInt16, _ offset: Int) {
        unsafe base.storeBytes(
            of: value,
            toByteOffset: offset & (PageLayout.size - 1),
            as: UInt16.self
        )
    }

    @inlinable package func store(_ value: UInt32, _ offset: Int) {
        unsafe base.storeBytes(
            of: value,
            toByteOffset: offset & (PageLayout.size - 1),
            as: UInt32.self
        )
    }

    @inlinable package func store(_ value: UInt64, _ offset: Int) {
        unsafe base.storeBytes(
            of: value,
            toByteOffset: offset & (PageLayout.size - 1),
            as: UInt64.self
        )
    }

    /// Copies bytes in.
    ///
    /// - Precondition: they fit between `offset` and the page's end.
    package func store(_ bytes: [UInt8], _ offset: Int) {
        precondition(offset >= 0 && offset + bytes.count <= PageLayout.size)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base + offset).copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// Moves `count` bytes inside the page; the ranges may overlap.
    ///
    /// - Precondition: both ranges lie inside the page.
    @inlinable package func move(from source: Int, to target: Int, count: Int) {
        precondition(
            source >= 0 && target >= 0 && count >= 0
                && max(source, target) + count <= PageLayout.size
        )
        unsafe (base + target).copyMemory(from: base + source, byteCount: count)
    }

    /// Copies `count` bytes from another page.
    ///
    /// - Precondition: both ranges lie inside their pages.
    @inlinable package func copy(from other: Page, _ source: Int, to target: Int, count: Int) {
        precondition(
            source >= 0 && target >= 0 && count >= 0
                && max(source, target) + count <= PageLayout.size
        )
        unsafe (base + target).copyMemory(from: other.base + source, byteCount: count)
    }

    /// Zeroes `count` bytes.
    ///
    /// - Precondition: the range lies inside the page.
    package func clear(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= PageLayout.size)
        unsafe (base + offset).initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }
}

/// Why pages could not be had.
package enum PageError: Error, Equatable, Sendable {
    /// The page's bytes are not what was written: which page, where, and what told.
    case corrupt(id: UInt64, place: UInt64, reason: String)
    /// The file is of a newer format than this code knows.
    case newer(version: UInt32)
    /// The file is of a format that is not read any more; it is to be derived again.
    case older(version: UInt32)
    /// The file is not a page file, or of another store.
    case foreign(path: String)
    /// The disk refused.
    case disk(DiskError)
    /// The system has no memory for another page.
    case noMemory
}
