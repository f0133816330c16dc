// Bytes of a file as memory. A fault behind a mapping of a real file becomes a typed error: copies
// run inside a guard in C, and whoever reads through `base` touches the range first.

internal import CKernels

/// A mapped range of a file, unmapped when the last reference goes.
///
/// SAFETY: the memory is never moved or unmapped while this object lives; writers of the file store
/// into it behind the readers' backs, so readers look only at ranges whose writing was published to
/// them.
@safe package final class Mapping: @unchecked Sendable {
    /// The first byte.
    package let base: UnsafeRawPointer
    /// The length in bytes.
    package let count: Int
    private let path: String
    private let faults: Bool
    private let release: @Sendable () -> Void

    /// Wraps memory that `release` gives back.
    ///
    /// `faults` is true where reading it may raise SIGBUS.
    package init(
        base: UnsafeRawPointer,
        count: Int,
        path: String,
        faults: Bool,
        release: @escaping @Sendable () -> Void
    ) {
        unsafe self.base = base
        self.count = count
        self.path = path
        self.faults = faults
        self.release = release
    }

    deinit { release() }

    /// Copies `count` bytes from `offset` into a new array.
    ///
    /// - Throws: `.short` outside the mapping, `.failed` when the file behind it cannot be read.
    package func copy(at offset: Int, count: Int) throws(DiskError) -> [UInt8] {
        try check(offset, count)
        var failure: DiskError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            do throws(DiskError) {
                unsafe try copy(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
                written = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Fills `target` with the bytes from `offset` on.
    ///
    /// - Throws: as `copy(at:count:)`.
    package func copy(
        at offset: Int,
        into target: UnsafeMutableRawBufferPointer
    )
        throws(DiskError)
    {
        try check(offset, target.count)
        guard let start = target.baseAddress, target.count > 0 else { return }
        if !faults {
            unsafe start.copyMemory(from: base + offset, byteCount: target.count)
        } else if unsafe mneme_guarded_copy(start, base + offset, target.count) != 0 {
            throw .failed(call: "read of a mapping", path: path, code: 5)
        }
    }

    /// Makes sure that the range can be read through `base` without a fault.
    ///
    /// - Throws: as `copy`.
    package func touch(at offset: Int, count: Int) throws(DiskError) {
        try check(offset, count)
        if faults, unsafe mneme_guarded_touch(base + offset, count) != 0 {
            throw .failed(call: "read of a mapping", path: path, code: 5)
        }
    }

    /// The range as memory that may fault: touch it before it is read.
    ///
    /// - Throws: `.short` outside the mapping.
    package func pointer(at offset: Int, count: Int) throws(DiskError) -> UnsafeRawPointer {
        try check(offset, count)
        return unsafe base + offset
    }

    /// Touches ranges of `count` bytes in any mappings, as `touch` does, in one guard.
    ///
    /// - Returns: the index of the first that cannot be read, nil when all can.
    package static func firstUnreadable(
        _ starts: UnsafePointer<UnsafeRawPointer>,
        startCount: Int,
        count: Int
    ) -> Int? {
        let readable = unsafe mneme_guarded_touch_all(starts, startCount, count)
        return readable < startCount ? readable : nil
    }

    private func check(_ offset: Int, _ count: Int) throws(DiskError) {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
            throw .short(path: path, offset: UInt64(clamping: offset))
        }
    }
}
