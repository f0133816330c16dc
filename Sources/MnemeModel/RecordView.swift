// Records without values: fields are looked at where they stand in memory, and only what is asked
// for is decoded. For whoever reads many records and needs no `Value` of them.

internal import MnemeBase

/// A collection and some of its fields, looked up once for views of many records.
public struct RecordShape: Sendable {
    /// The collection's name.
    public let collection: String
    /// The fields; a field's place here is its *slot* in views.
    public let fields: [String]
    package let key: KeyType
    package let collectionNumber: UInt16
    package let numbers: [UInt16]

    /// A shape of what a catalog says.
    package init(
        collection: String,
        number: UInt16,
        key: KeyType,
        fields: [String],
        numbers: [UInt16]
    ) {
        self.collection = collection
        self.key = key
        self.fields = fields
        collectionNumber = number
        self.numbers = numbers
    }
}

/// A version of a record, looked at where it stands in memory.
///
/// It stays as it is whatever becomes of the record, and may be kept and used on any thread. While
/// it is kept, so are the record's bytes. A field that has no value, or another type than the
/// accessor's, is nil.
///
/// - Precondition: of all accessors: the slot is one of the shape's.
public struct RecordView: Sendable {
    private let record: RecordBytes
    private let numbers: [UInt16]

    /// A view of a version.
    package init(_ record: RecordBytes, _ shape: RecordShape) {
        self.record = record
        numbers = shape.numbers
    }

    /// The record's key.
    public var key: Key { record.key }

    /// A number of an int field.
    public func int(_ slot: Int) -> Int64? {
        read(slot) { bytes, range in range.int(bytes) }
    }

    /// A number of a float field.
    public func float(_ slot: Int) -> Double? {
        read(slot) { bytes, range in range.float(bytes) }
    }

    /// A truth value.
    public func bool(_ slot: Int) -> Bool? {
        read(slot) { bytes, range in range.bool(bytes) }
    }

    /// An instant.
    public func instant(_ slot: Int) -> Instant? {
        read(slot) { bytes, range in range.instant(bytes) }
    }

    /// A UUID.
    public func uuid(_ slot: Int) -> UniqueID? {
        read(slot) { bytes, range in
            guard let tag = range.head(bytes), tag.major == 6, tag.argument == ValueTag.uuid,
                let string = range.string(bytes, major: 2), string.count == 16
            else { return nil }
            var halves: (UInt64, UInt64) = (0, 0)
            for index in string.lowerBound..<(string.lowerBound + 8) {
                halves.0 = halves.0 << 8 | UInt64(bytes[index])
                halves.1 = halves.1 << 8 | UInt64(bytes[index + 8])
            }
            return UniqueID(high: halves.0, low: halves.1)
        }
    }

    /// A text as a string.
    public func text(_ slot: Int) -> String? {
        guard let range = text(at: slot) else { return nil }
        return String(validating: record.body[range], as: UTF8.self)
    }

    /// Lends the UTF-8 bytes of a text, as they were stored, until `read` returns.
    public func withText<Result>(_ slot: Int, _ read: (Span<UInt8>) -> Result) -> Result? {
        guard let range = text(at: slot) else { return nil }
        let body = record.body
        let span = body.span
        return read(span.extracting(range))
    }

    /// Puts the UTF-8 bytes of a text over the first of an array, which is made longer where it is
    /// too short.
    ///
    /// - Returns: how many they are.
    public func copyText(_ slot: Int, to target: inout [UInt8]) -> Int? {
        guard let range = text(at: slot) else { return nil }
        return copy(range, to: &target)
    }

    /// Puts a field's encoding over the first bytes of an array, which is made longer where it is
    /// too short: CBOR as on the page `formats/values.md`, which any type of field has.
    ///
    /// - Returns: how many they are.
    public func copyEncoded(_ slot: Int, to target: inout [UInt8]) -> Int? {
        record.range(of: numbers[slot]).map { copy($0, to: &target) }
    }

    /// A field as a value, null where there is none.
    ///
    /// - Throws: `.corrupt` where its bytes are no value.
    public func value(_ slot: Int) throws(MnemeError) -> Value {
        guard let range = record.range(of: numbers[slot]) else { return .null }
        do throws(CBORError) {
            var reader = CBORReader(record.body, range)
            return try reader.readFieldValue()
        } catch {
            throw MnemeError(
                .corrupt,
                "a field of record \(quoted(key.description)) holds no value; restore the store "
                    + "from a backup",
                cause: "\(error)"
            )
        }
    }

    private func copy(_ range: Range<Int>, to target: inout [UInt8]) -> Int {
        if target.count < range.count {
            target += repeatElement(0, count: range.count - target.count)
        }
        target.overwrite(from: 0, with: record.body, range)
        return range.count
    }

    /// Where the bytes of a text stand.
    private func text(at slot: Int) -> Range<Int>? {
        read(slot) { bytes, range in range.string(bytes, major: 3) }
    }

    @inline(__always)
    private func read<Result>(
        _ slot: Int,
        _ read: (Span<UInt8>, inout ItemBytes) -> Result?
    ) -> Result? {
        guard let range = record.range(of: numbers[slot]) else { return nil }
        var rest = ItemBytes(range)
        let body = record.body
        let bytes = body.span
        return read(bytes, &rest)
    }
}
