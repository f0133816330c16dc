// Memory behind the mappings of a simulated file. A region is a copy of a range of its file that
// every later write to that range also reaches, so it never moves and needs no fault guard.

internal import Glibc

/// SAFETY: the memory is allocated once and freed when the file and every mapping have let go;
/// it is written only under the lock of the world, and readers of a mapping look only at ranges
/// whose writing was published to them.
@safe final class MappedRegion: @unchecked Sendable {
    let start: Int
    let count: Int
    let base: UnsafeMutableRawPointer

    /// Zeroed memory for the range, or nil when there is none to be had.
    init?(start: Int, count: Int) {
        // Fresh pages are zero and cost nothing until they are touched.
        guard
            let memory = unsafe mmap(
                nil,
                count,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1,
                0
            ), unsafe memory != MAP_FAILED
        else { return nil }
        self.start = start
        self.count = count
        unsafe base = memory
    }

    deinit { unsafe munmap(base, count) }

    /// Whether the region has the whole range.
    func covers(_ start: Int, _ count: Int) -> Bool {
        start >= self.start && start + count <= self.start + self.count
    }

    /// Copies what of `source`, which stands at `offset` of the file, falls into the region.
    func store(_ source: UnsafeRawBufferPointer, at offset: Int) {
        let from = max(offset, start)
        let to = min(offset + source.count, start + count)
        guard from < to, let bytes = source.baseAddress else { return }
        unsafe (base + (from - start)).copyMemory(
            from: bytes + (from - offset),
            byteCount: to - from
        )
    }

    /// Zeroes what of the region lies at `offset` of the file or behind.
    func clear(from offset: Int) {
        let from = max(offset, start)
        guard from < start + count else { return }
        unsafe memset(base + (from - start), 0, start + count - from)
    }
}

/// A region as its file knows it: the mappings keep it alive.
struct RegionReference: Sendable {
    weak var region: MappedRegion?
}
