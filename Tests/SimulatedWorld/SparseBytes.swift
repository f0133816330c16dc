// Bytes by place, in chunks that worlds share until one of them writes. Places that were never
// written, or written with zeros only, cost nothing; there is no length, every place reads.

internal import Glibc

struct SparseBytes: Sendable {
    static let chunkSize = 4096
    /// A chunk is empty (all zeros) or `chunkSize` long.
    private var chunks: [[UInt8]] = []

    /// Fills the buffer with the bytes from `offset` on.
    ///
    /// - Complexity: O(length of the buffer).
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) {
        guard let base = target.baseAddress else { return }
        var done = 0
        while done < target.count {
            let index = (offset + done) / Self.chunkSize
            let start = (offset + done) % Self.chunkSize
            let count = min(target.count - done, Self.chunkSize - start)
            if index < chunks.count, !chunks[index].isEmpty {
                // SAFETY: a chunk that is not empty is `chunkSize` long; start + count ends in it.
                unsafe chunks[index].withUnsafeBytes { chunk in
                    if let source = chunk.baseAddress {
                        unsafe (base + done).copyMemory(from: source + start, byteCount: count)
                    }
                }
            } else {
                unsafe memset(base + done, 0, count)
            }
            done += count
        }
    }

    /// The bytes of a range.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            written = count
        }
    }

    /// Puts the buffer at `offset`.
    ///
    /// - Complexity: O(length of the buffer), and a copy of each chunk that another world shares.
    mutating func write(_ source: UnsafeRawBufferPointer, at offset: Int) {
        guard let base = source.baseAddress else { return }
        var done = 0
        while done < source.count {
            let index = (offset + done) / Self.chunkSize
            let start = (offset + done) % Self.chunkSize
            let count = min(source.count - done, Self.chunkSize - start)
            let part = unsafe UnsafeRawBufferPointer(start: base + done, count: count)
            if isBlank(index), unsafe Self.isZero(part) {
                done += count
                continue
            }
            if index >= chunks.count {
                chunks.append(contentsOf: repeatElement([], count: index + 1 - chunks.count))
            }
            if chunks[index].isEmpty {
                chunks[index] = [UInt8](repeating: 0, count: Self.chunkSize)
            }
            // SAFETY: the chunk is `chunkSize` long, and start + count ends in it.
            unsafe chunks[index].withUnsafeMutableBytes { chunk in
                if let target = chunk.baseAddress {
                    unsafe (target + start).copyMemory(from: base + done, byteCount: count)
                }
            }
            done += count
        }
    }

    /// Puts the bytes at `offset`.
    mutating func write(_ bytes: [UInt8], at offset: Int) {
        unsafe bytes.withUnsafeBytes { unsafe write($0, at: offset) }
    }

    /// Makes every byte from `offset` on zero.
    ///
    /// - Complexity: O(chunks dropped).
    mutating func clear(from offset: Int) {
        let whole = (offset + Self.chunkSize - 1) / Self.chunkSize
        if whole < chunks.count { chunks.removeSubrange(whole...) }
        let start = offset % Self.chunkSize
        if start > 0, !isBlank(offset / Self.chunkSize) {
            write([UInt8](repeating: 0, count: Self.chunkSize - start), at: offset)
        }
    }

    private func isBlank(_ index: Int) -> Bool { index >= chunks.count || chunks[index].isEmpty }

    private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, let first = unsafe bytes.first, first == 0 else {
            return false
        }
        return unsafe memcmp(base, base + 1, bytes.count - 1) == 0
    }
}
