// Packing as tightly as LZ4 can, against a dictionary: for what is written once, behind everything
// else, and read often. Reading is no slower than of what was packed in haste.

internal import CLZ4

/// Packs bytes one after the other against one dictionary.
///
/// SAFETY: owns the streams and the dictionary's bytes, which both streams point into and which
/// never move; used by one thread at a time.
@safe
package final class LZ4Packer {
    /// The least and the greatest effort: the greatest takes some three times as long as the middle
    /// and gains a few hundredths.
    package enum Effort: Int32, Sendable {
        case middle = 9
        case most = 12
    }

    /// Bytes of a dictionary at most: a match reaches so far back, the bytes themselves included.
    package static let dictionaryLimit = 61_344

    private let dictionary: UnsafeMutablePointer<CChar>
    private let count: Int32
    /// With the dictionary loaded, for each effort; loading it takes longer than copying them.
    private let loaded: [Effort: UnsafeMutablePointer<LZ4_streamHC_t>]
    private let stream: UnsafeMutablePointer<LZ4_streamHC_t>

    /// Takes 768 KiB, and the dictionary's bytes.
    package init(_ dictionary: [UInt8]) {
        precondition(dictionary.count <= Self.dictionaryLimit)
        count = Int32(dictionary.count)
        let room = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, dictionary.count))
        unsafe dictionary.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            unsafe UnsafeMutableRawPointer(room).copyMemory(from: from, byteCount: bytes.count)
        }
        unsafe self.dictionary = unsafe room
        unsafe stream = Self.made()
        var loaded: [Effort: UnsafeMutablePointer<LZ4_streamHC_t>] = unsafe [:]
        for effort in [Effort.middle, .most] {
            let one = unsafe Self.made()
            unsafe LZ4_resetStreamHC_fast(one, effort.rawValue)
            _ = unsafe LZ4_loadDictHC(one, room, count)
            unsafe loaded[effort] = unsafe one
        }
        unsafe self.loaded = unsafe loaded
    }

    deinit {
        _ = unsafe LZ4_freeStreamHC(stream)
        unsafe loaded.values.forEach { _ = unsafe LZ4_freeStreamHC($0) }
        unsafe dictionary.deallocate()
    }

    private static func made() -> UnsafeMutablePointer<LZ4_streamHC_t> {
        guard let stream = unsafe LZ4_createStreamHC() else { preconditionFailure("out of memory") }
        return unsafe stream
    }

    /// The packed bytes, nil when they would not be fewer.
    ///
    /// - Complexity: about 0.05 to 0.1 µs a byte of text, and 20 µs for the copy of a stream.
    package func pack(_ plain: [UInt8], _ effort: Effort) -> [UInt8]? {
        guard let count = Int32(exactly: plain.count), count > 0,
            let ready = unsafe loaded[effort]
        else { return nil }
        unsafe stream.update(from: ready, count: 1)
        let bound = Int(LZ4_compressBound(count))
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, written in
            let target = unsafe UnsafeMutableRawBufferPointer(buffer).bindMemory(to: CChar.self)
            written = unsafe plain.withUnsafeBytes { source in
                guard let from = unsafe source.bindMemory(to: CChar.self).baseAddress,
                    let to = target.baseAddress
                else { return 0 }
                return Int(
                    unsafe LZ4_compress_HC_continue(stream, from, to, count, Int32(bound))
                )
            }
        }
        return packed.isEmpty || packed.count >= plain.count ? nil : packed
    }
}

extension LZ4 {
    /// Puts the bytes as they were before they were packed against a dictionary over the first
    /// `count` of an array, which is made longer where it is too short; false when they are not
    /// exactly so many or the block is damaged.
    ///
    /// - Precondition: the caller has checked `count` against a limit.
    package static func decompress(
        _ packed: Span<UInt8>,
        against dictionary: [UInt8],
        count: Int,
        into plain: inout [UInt8]
    ) -> Bool {
        guard count > 0 else { return false }
        if plain.count < count { plain = [UInt8](repeating: 0, count: count) }
        return unsafe packed.withUnsafeBufferPointer { packed in
            unsafe dictionary.withUnsafeBytes { dictionary in
                unsafe plain.withUnsafeMutableBytes { plain in
                    unsafe decompress(
                        UnsafeRawBufferPointer(packed),
                        against: dictionary,
                        into: UnsafeMutableRawBufferPointer(rebasing: plain[..<count])
                    )
                }
            }
        }
    }
}
