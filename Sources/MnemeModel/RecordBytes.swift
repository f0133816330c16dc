// A version of a record as it stands in memory: its body's bytes, unpacked, and where in them each
// field is. Nothing of it changes; what lives in a store's cache is lent to any number of readers.

internal import Glibc
package import MnemeBase
internal import Synchronization

/// The unpacked body of a version: fields by number, each as CBOR.
package final class RecordBytes: Sendable {
    /// Where its frame stands in the log.
    package let place: UInt64
    /// The sequence of its frame.
    package let sequence: UInt64
    /// The record's key.
    package let key: Key
    /// A map from field numbers to values: formats/values.md#fields.
    package let body: [UInt8]
    /// The catalog under which it was unpacked: what that one defined is in the body.
    package let schemaVersion: UInt32
    /// Whether its frame has vectors beside the body.
    package let hasVectors: Bool
    /// Where in the body the fields stand.
    package let places: FieldPlaces
    private let isToBeZeroed = Atomic(false)

    /// Finds the fields of a body.
    ///
    /// - Throws: what is wrong with the bytes.
    /// - Complexity: O(items of the body).
    package init(
        place: UInt64,
        sequence: UInt64,
        key: Key,
        body: [UInt8],
        hasVectors: Bool,
        schemaVersion: UInt32
    ) throws(CBORError) {
        places = try FieldPlaces(body)
        self.place = place
        self.sequence = sequence
        self.key = key
        self.body = body
        self.hasVectors = hasVectors
        self.schemaVersion = schemaVersion
    }

    deinit {
        guard isToBeZeroed.load(ordering: .acquiring) else { return }
        // SAFETY: nobody holds the version any more, and its body is never a constant. Who reads it
        // with an array of the same storage does so within a read of a state that leads to its
        // place; of such there are none when a version is erased.
        unsafe body.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                unsafe explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
            }
        }
    }

    /// Has its body zeroed when the last who holds it lets go.
    ///
    /// - Precondition: no read is under way that leads to its place.
    package func erase() { isToBeZeroed.store(true, ordering: .releasing) }

    /// Bytes that it takes in memory, about.
    package var byteCount: Int { 160 + body.count + places.count * 12 }

    /// Where in the body the value of a field stands, nil where the version has none.
    @inline(__always)
    func range(of number: UInt16) -> Range<Int>? { places.range(of: number) }
}
