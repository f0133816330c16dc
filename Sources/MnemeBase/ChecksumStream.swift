// XXH3-64 of bytes that come in pieces.

internal import CXXHash

/// The checksum of bytes that come one piece after the other.
///
/// SAFETY: the state lives as long as the object, and who has the object is alone with it.
@safe package final class ChecksumStream {
    private let state: OpaquePointer

    /// A checksum of nothing yet, seed 0.
    package init() {
        guard let state = unsafe mneme_xxh3_begin() else { preconditionFailure("no memory") }
        unsafe self.state = state
    }

    deinit { unsafe mneme_xxh3_end(state) }

    /// Adds the next piece.
    package func add(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe mneme_xxh3_add(state, $0.baseAddress, $0.count) }
    }

    /// Adds the next piece.
    package func add(_ bytes: [UInt8]) { add(unsafe bytes.span.bytes) }

    /// The checksum of all pieces so far.
    package var value: UInt64 { unsafe mneme_xxh3_value(state) }
}
