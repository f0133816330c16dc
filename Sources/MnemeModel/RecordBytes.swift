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
    /// Where body and places stand in memory, to have them fetched before they are looked at.
    private let bodyAddress: UInt
    private let placesAddress: UInt
    private let placesByteCount: Int

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
        let places = try FieldPlaces(body)
        self.places = places
        bodyAddress = Prefetch.address(of: body)
        placesAddress = places.address
        placesByteCount = min(places.byteCount, Self.fetchLimit)
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
    package var byteCount: Int { 200 + body.count + places.byteCount }

    /// Where in the body the value of a field stands, nil where the version has none.
    @inline(__always)
    func range(of number: UInt16) -> Range<Int>? { places.range(of: number) }
}

// MARK: Looked at, and fetched before

extension RecordBytes {
    /// No more bytes of the places, and of one field, are fetched.
    private static let fetchLimit = 512
    /// The head of an array stands before its elements.
    private static let arrayHead = 32

    /// Where it stands in memory itself.
    ///
    /// As long as it is there: whoever keeps the address keeps a hint for `Prefetch`.
    package var address: UInt { unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) }

    /// Bytes of the object itself.
    package static var ownByteCount: Int { 112 }

    /// Has fetched what leads to the fields.
    package func fetchPlaces() {
        Prefetch.lines(placesAddress &- UInt(Self.arrayHead), Self.arrayHead + placesByteCount)
        Prefetch.lines(bodyAddress &- UInt(Self.arrayHead), 2 * Self.arrayHead)
    }

    /// Has the beginning of the body fetched, for whoever reads most of it.
    package func fetchBody() { Prefetch.lines(bodyAddress, min(body.count, Self.fetchLimit)) }

    /// Has some fields fetched.
    package func fetch(_ numbers: [UInt16]) {
        for number in numbers {
            guard let range = places.range(of: number) else { continue }
            let count = min(range.count, Self.fetchLimit)
            Prefetch.lines(bodyAddress &+ UInt(range.lowerBound), count)
        }
    }

    /// Whether a filter holds for it.
    ///
    /// - Throws: as `BodyTest.holds`.
    package func passes(_ test: BodyTest) throws(CBORError) -> Bool { try test.holds(body, places) }

    /// The value of a field, null where it has none; of no vector.
    ///
    /// - Throws: what is wrong with its bytes.
    package func value(of number: UInt16) throws(CBORError) -> Value {
        guard let range = places.range(of: number) else { return .null }
        var reader = CBORReader(body, range)
        return try reader.readFieldValue()
    }
}
