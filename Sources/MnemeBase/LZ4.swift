// LZ4 blocks, by way of liblz4.

internal import CLZ4

/// Compression of bodies.
package enum LZ4 {
    /// The compressed bytes, nil when they would not be fewer.
    ///
    /// - Complexity: about 1.3 ns a byte of text.
    package static func compress(_ plain: [UInt8]) -> [UInt8]? {
        guard let count = Int32(exactly: plain.count), count > 0 else { return nil }
        let bound = Int(LZ4_compressBound(count))
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
            let target = unsafe UnsafeMutableRawBufferPointer(buffer).bindMemory(to: CChar.self)
            written = unsafe plain.withUnsafeBytes { source in
                guard let from = unsafe source.bindMemory(to: CChar.self).baseAddress,
                    let to = target.baseAddress
                else { return 0 }
                return Int(unsafe LZ4_compress_default(from, to, count, Int32(bound)))
            }
        }
        return packed.isEmpty || packed.count >= plain.count ? nil : packed
    }

    /// The bytes as they were; nil when they are not exactly `count` or the block is damaged.
    ///
    /// - Precondition: the caller has checked `count` against a limit.
    package static func decompress(_ packed: [UInt8], count: Int) -> [UInt8]? {
        var plain: [UInt8] = []
        return decompress(packed.span, count: count, into: &plain) ? plain : nil
    }

    /// Puts the bytes as they were over the first `count` of an array, which is made longer where
    /// it is too short; false when they are not exactly so many or the block is damaged.
    ///
    /// - Precondition: the caller has checked `count` against a limit.
    package static func decompress(
        _ packed: Span<UInt8>,
        count: Int,
        into plain: inout [UInt8]
    ) -> Bool {
        guard Int32(exactly: count) != nil else { return false }
        return unsafe packed.withUnsafeBufferPointer { packed in
            guard plain.count < count else {
                return unsafe plain.withUnsafeMutableBufferPointer {
                    unsafe decompress(packed, count, $0)
                }
            }
            var isWhole = false
            plain = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, written in
                isWhole = unsafe decompress(packed, count, target)
                written = isWhole ? count : 0
            }
            return isWhole
        }
    }

    private static func decompress(
        _ packed: UnsafeBufferPointer<UInt8>,
        _ count: Int,
        _ target: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        guard let size = Int32(exactly: count), let length = Int32(exactly: packed.count) else {
            return false
        }
        let source = unsafe UnsafeRawBufferPointer(packed).bindMemory(to: CChar.self)
        let room = unsafe UnsafeMutableRawBufferPointer(target).bindMemory(to: CChar.self)
        guard let from = source.baseAddress, let to = room.baseAddress else { return false }
        return unsafe LZ4_decompress_safe(from, to, length, size) == size
    }
}

extension LZ4 {
    /// Compresses into `target`; the bytes that it took, 0 when it is too small.
    ///
    /// `tightly`: with more effort, which takes some 20 times as long and gains some hundredths.
    package static func compress(
        _ plain: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer,
        tightly: Bool = false
    ) -> Int {
        guard let from = unsafe plain.bindMemory(to: CChar.self).baseAddress,
            let to = unsafe target.bindMemory(to: CChar.self).baseAddress,
            let count = Int32(exactly: plain.count), let room = Int32(exactly: target.count)
        else { return 0 }
        if tightly {
            let effort = LZ4Packer.Effort.middle.rawValue
            return Int(unsafe LZ4_compress_HC(from, to, count, room, effort))
        }
        return Int(unsafe LZ4_compress_default(from, to, count, room))
    }

    /// Fills `target` with what was packed against a dictionary, which may be empty; false when
    /// the block is damaged or holds another number of bytes.
    package static func decompress(
        _ packed: UnsafeRawBufferPointer,
        against dictionary: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let from = unsafe packed.bindMemory(to: CChar.self).baseAddress,
            let to = unsafe target.bindMemory(to: CChar.self).baseAddress,
            let count = Int32(exactly: packed.count), let size = Int32(exactly: target.count),
            let known = Int32(exactly: dictionary.count)
        else { return false }
        let start = unsafe dictionary.bindMemory(to: CChar.self).baseAddress
        return unsafe LZ4_decompress_safe_usingDict(from, to, count, size, start, known) == size
    }
}

/// Compresses bytes against others that the reader has too.
///
/// SAFETY: owns the stream; used by one thread at a time.
@safe
package final class LZ4Differ {
    private let stream: UnsafeMutablePointer<LZ4_stream_t>

    /// Takes 16 KiB.
    package init() {
        guard let stream = unsafe LZ4_createStream() else { preconditionFailure("out of memory") }
        unsafe self.stream = unsafe stream
    }

    deinit { _ = unsafe LZ4_freeStream(stream) }

    /// The bytes that `plain` took in `target`, 0 when it is too small.
    ///
    /// - Complexity: about 1 ns a byte of both.
    package func compress(
        _ plain: UnsafeRawBufferPointer,
        against dictionary: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let from = unsafe plain.bindMemory(to: CChar.self).baseAddress,
            let to = unsafe target.bindMemory(to: CChar.self).baseAddress,
            let count = Int32(exactly: plain.count), let room = Int32(exactly: target.count),
            let known = Int32(exactly: dictionary.count),
            let start = unsafe dictionary.bindMemory(to: CChar.self).baseAddress
        else { return 0 }
        _ = unsafe LZ4_loadDict(stream, start, known)
        return Int(unsafe LZ4_compress_fast_continue(stream, from, to, count, room, 1))
    }
}
