// Records on their way out of the house: from the bytes of their frames to the bytes of an answer,
// without values in between. A stored body is a map from field numbers to values in the one
// encoding that values have, so only names and their order are put in.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import MnemeTree

/// A field's name as it stands in spelled records.
struct SpelledName: Sendable {
    let name: String
    /// The name as CBOR.
    let bytes: [UInt8]
    /// Its place among the collection's names in the order of their encoded bytes.
    var rank = 0

    init(_ name: String) {
        self.name = name
        var writer = CBORWriter()
        writer.put(name)
        bytes = writer.bytes
    }

    /// Whether it stands before another name in a map.
    func precedes(_ other: SpelledName) -> Bool { bytes.lexicographicallyPrecedes(other.bytes) }
}

extension Snapshot {
    /// The spelling in CBOR of the response `records` to a `get` of these references: the bytes
    /// that `Response.records` has, made without values in between.
    ///
    /// - Throws: as `record(_:)`; `.tooLarge` where the bytes would be more than `limit`.
    /// - Complexity: O(log records + bytes) a reference.
    package func spelledRecords(
        _ references: [Reference],
        versions: Bool = false,
        _ sight: Sight = Sight(),
        limit: Int
    ) throws(MnemeError) -> [UInt8] {
        var writer = CBORWriter(capacity: 64 + references.count * 192)
        writer.startMap(count: 1)
        writer.put("records")
        writer.startArray(count: references.count)
        for reference in references {
            let collection = try catalog.readable(reference.collection)
            let key = try collection.coerced(reference.key)
            try reading { state throws(StoreError) in
                guard let (_, entry) = try state.version(collection, key, sight) else {
                    return writer.putNull()
                }
                var reader = state.reader(keeps: true)
                try reader.open(entry)
                try reader.spell(collection, version: versions ? entry.birth : nil, to: &writer)
            }
            guard writer.bytes.count <= limit else {
                throw MnemeError(
                    .tooLarge,
                    "the records together take more than \(limit) bytes; ask for fewer at a time"
                )
            }
        }
        return writer.bytes
    }
}

extension RecordReader {
    /// Appends the open version as a record.
    fileprivate mutating func spell(
        _ collection: CollectionEntry,
        version: UInt64?,
        to writer: inout CBORWriter
    ) throws(StoreError) {
        let key = try key()
        let range = try unpack()
        let vectors = try vectors()
        let names = collection.spelledNames
        guard var fields = try? SpelledFields(body, range, names) else { throw try malformed() }
        var components: [[Float]] = []
        for (index, vector) in vectors.enumerated() {
            components.append(try self.components(vector))
            fields.add(vector: index, number: vector.field)
        }
        writer.startMap(count: version == nil ? 3 : 4)
        writer.put("key")
        guard (try? writer.put(key.spelling)) != nil else { throw try malformed() }
        writer.put("fields")
        fields.write(body, components, to: &writer)
        if let version {
            writer.put("version")
            writer.put(Int64(clamping: version))
        }
        writer.put("collection")
        writer.put(collection.schema.name)
    }
}

/// The fields of a stored body in the order that they are spelled in.
private struct SpelledFields {
    private enum Source {
        case body(Range<Int>)
        case vector(Int)
    }

    private let names: [SpelledName?]
    private var parts: [(number: Int, rank: Int, source: Source)] = []

    /// Finds the fields of a body; those that the catalog has no name for are left out.
    init(_ body: [UInt8], _ range: Range<Int>, _ names: [SpelledName?]) throws(CBORError) {
        self.names = names
        var reader = CBORReader(body, range)
        let count = try reader.startMap()
        parts.reserveCapacity(count + 2)
        for _ in 0..<count {
            let number = try reader.readUnsigned()
            let start = reader.offset
            _ = try reader.skipItem()
            if let number = Int(exactly: number) {
                add(number: number, .body(start..<reader.offset))
            }
        }
        try reader.finish()
    }

    mutating func add(vector: Int, number: UInt16) { add(number: Int(number), .vector(vector)) }

    private mutating func add(number: Int, _ source: Source) {
        guard number < names.count, let name = names[number] else { return }
        var place = parts.count
        while place > 0, parts[place - 1].rank > name.rank { place -= 1 }
        parts.insert((number, name.rank, source), at: place)
    }

    func write(_ body: [UInt8], _ vectors: [[Float]], to writer: inout CBORWriter) {
        writer.startMap(count: parts.count)
        for part in parts {
            if let name = names[part.number] { writer.putEncoded(name.bytes[...]) }
            switch part.source {
            case .body(let range): writer.putEncoded(body[range])
            case .vector(let index): writer.put(typedArray: vectors[index])
            }
        }
    }
}
