// Frames of an encrypted segment: what stands between head and trailer is enciphered where it
// stands, so that every byte keeps its place. Format: formats/encryption.md#log.

internal import MnemeBase

/// What a segment's frames are enciphered with from now on.
///
/// A prefix is drawn for each opening and each segment, and again when frames are given up that
/// were not written: no nonce comes twice. Used by the one thread that appends.
final class FrameSealer {
    let cipher: Cipher
    private let vault: Vault
    private var prefix: UInt64
    /// The upper half of the last sequence.
    private var upper: UInt64?

    init(_ cipher: Cipher, _ vault: Vault) {
        self.cipher = cipher
        self.vault = vault
        prefix = vault.draw()
    }

    /// Sequences may come again with other frames.
    func forget() { prefix = vault.draw() }

    /// Enciphers a frame that stands in a group in the clear, with room for its trailer.
    func seal(_ frame: UnsafeMutableRawBufferPointer, sequence: UInt64) {
        // The nonce has the lower half alone; a cold segment's sequences have gaps.
        if let upper, upper != sequence >> 32 { forget() }
        upper = sequence >> 32
        let trailer = frame.count - FrameHead.trailer
        unsafe frame.storeBytes(of: prefix.littleEndian, toByteOffset: trailer, as: UInt64.self)
        guard let tag = unsafe frame.baseAddress.map({ unsafe $0 + trailer + 8 }) else { return }
        unsafe cipher.seal(
            UnsafeMutableRawBufferPointer(rebasing: frame[FrameHead.size..<trailer]),
            head: UnsafeRawBufferPointer(rebasing: frame[0..<FrameHead.authenticated]),
            Nonce(prefix, UInt32(truncatingIfNeeded: sequence)),
            tag: tag
        )
    }
}

extension Log {
    /// A salt for the header of a segment that is about to be written, and what its frames are
    /// enciphered with; nil where the store is not encrypted.
    ///
    /// Frames that move there are read as they are always read, and appended with it.
    func newSealer(_ segment: UInt64) -> (salt: [UInt8], sealer: FrameSealer)? {
        vault.map { FrameSealer.new($0, segment) }
    }
}

extension FrameSealer {
    static func new(_ vault: Vault, _ segment: UInt64) -> (salt: [UInt8], sealer: FrameSealer) {
        let salt = vault.draw(count: Vault.segmentSaltCount)
        return (salt, FrameSealer(vault.segment(segment, salt: salt), vault))
    }
}

extension Cipher {
    /// Deciphers a whole frame into memory with room for all of it but the trailer; false when it
    /// was not enciphered under this key.
    func open(
        _ frame: UnsafeRawBufferPointer,
        sequence: UInt64,
        into target: UnsafeMutableRawPointer
    ) -> Bool {
        let trailer = frame.count - FrameHead.trailer
        guard trailer >= FrameHead.size, let base = frame.baseAddress else { return false }
        let prefix = unsafe UInt64(
            littleEndian: frame.loadUnaligned(fromByteOffset: trailer, as: UInt64.self)
        )
        unsafe target.copyMemory(from: base, byteCount: FrameHead.size)
        return unsafe open(
            UnsafeRawBufferPointer(rebasing: frame[FrameHead.size..<trailer]),
            head: UnsafeRawBufferPointer(rebasing: frame[0..<FrameHead.authenticated]),
            Nonce(prefix, UInt32(truncatingIfNeeded: sequence)),
            tag: base + trailer + 8,
            into: target + FrameHead.size
        )
    }
}

/// What a walk along a segment makes of frames that are enciphered.
enum SegmentSecrecy {
    /// The segment is not encrypted.
    case clear
    /// They count, and nobody looks into them.
    case opaque
    /// They are deciphered; one that does not open is none.
    case sealed(Cipher)
    /// The key cannot be had: they are none.
    case lost

    /// By a segment's header; where it is lost, so is the segment's key.
    init(_ header: SegmentHeader?, number: UInt64, _ vault: Vault?) {
        if let salt = header?.salt {
            self = vault.map { .sealed($0.segment(number, salt: salt)) } ?? .lost
        } else {
            self = vault == nil ? .clear : .lost
        }
    }

    var isEncrypted: Bool { if case .clear = self { false } else { true } }
}
