// The bytes of a file in memory. The buffer moves when the file outgrows it; mappings keep the
// buffer that they were made over, which is why a mapped file must not be resized.

internal import Synchronization

/// SAFETY: allocated once, freed when the file and every mapping of it are gone.
@safe private final class MemoryBuffer: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
        unsafe base = .allocate(byteCount: capacity, alignment: 4096)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
        self.capacity = capacity
    }

    deinit { unsafe base.deallocate() }
}

/// A file whose bytes are in memory.
///
/// Sync is free.
package final class MemoryFile: DiskFile {
    private struct State {
        var buffer = MemoryBuffer(capacity: 4096)
        var count = 0

        mutating func grow(to count: Int) {
            if count > buffer.capacity {
                let wider = MemoryBuffer(capacity: max(count, buffer.capacity * 2))
                unsafe wider.base.copyMemory(from: buffer.base, byteCount: self.count)
                buffer = wider
            }
            self.count = max(self.count, count)
        }
    }

    package let path: String
    private let state = Mutex(State())

    /// An empty file.
    package init(path: String) { self.path = path }

    package func byteCount() -> UInt64 { state.withLock { UInt64($0.count) } }

    package func read(into span: inout MutableRawSpan, at offset: UInt64) throws(DiskError) {
        let isWhole = unsafe span.withUnsafeMutableBytes { target in
            state.withLock { state in
                guard let start = Int(exactly: offset), start <= state.count,
                    target.count <= state.count - start
                else { return false }
                unsafe target.copyMemory(
                    from: UnsafeRawBufferPointer(
                        start: state.buffer.base + start,
                        count: target.count
                    )
                )
                return true
            }
        }
        if !isWhole { throw .short(path: path, offset: offset) }
    }

    package func write(_ span: RawSpan, at offset: UInt64) {
        unsafe span.withUnsafeBytes { source in
            state.withLock { state in
                state.grow(to: Int(offset) + source.count)
                if let bytes = source.baseAddress {
                    unsafe (state.buffer.base + Int(offset)).copyMemory(
                        from: bytes,
                        byteCount: source.count
                    )
                }
            }
        }
    }

    package func truncate(to byteCount: UInt64) {
        state.withLock { state in
            let count = Int(byteCount)
            if count >= state.count {
                state.grow(to: count)
            } else {
                let tail = state.count - count
                unsafe (state.buffer.base + count).initializeMemory(
                    as: UInt8.self,
                    repeating: 0,
                    count: tail
                )
                state.count = count
            }
        }
    }

    package func sync() {}

    package func map(at offset: UInt64, count: Int) throws(DiskError) -> Mapping {
        let mapping: Mapping? = state.withLock { state in
            guard let start = Int(exactly: offset), start <= state.count,
                count <= state.count - start
            else { return nil }
            let buffer = state.buffer
            return unsafe Mapping(
                base: UnsafeRawPointer(buffer.base + start),
                count: count,
                path: path,
                faults: false
            ) { withExtendedLifetime(buffer) {} }
        }
        guard let mapping else { throw .short(path: path, offset: offset) }
        return mapping
    }

    package func close() {}
}
