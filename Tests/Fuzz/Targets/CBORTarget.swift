// CBOR of strangers: what is read is written again as the same bytes, however it is read; what is
// skipped is as long as what is read; lengths that lie and nesting without end are refused.

internal import MnemeBase
internal import MnemeModel

/// Trees of CBOR, values of records, bodies of records.
enum CBORTarget {
    static func run(_ bytes: [UInt8]) -> String? { tree(bytes) ?? value(bytes) ?? body(bytes) }

    private static func tree(_ bytes: [UInt8]) -> String? {
        let strict = try? CBORValue(bytes)
        if let strict, (try? strict.encoded()) != bytes { return "the one encoding is another one" }
        guard let lenient = try? CBORValue(bytes, mode: .lenient) else {
            return strict == nil ? nil : "what is deterministic is not taken leniently"
        }
        if let encoded = try? lenient.encoded() {
            guard let again = try? CBORValue(encoded), (try? again.encoded()) == encoded else {
                return "what was read leniently does not come back"
            }
        } else if strict != nil {
            return "what was read cannot be written"
        }
        var reader = CBORReader(bytes, mode: .lenient)
        guard let range = try? reader.skipItem(), range == bytes.indices else {
            return "what is read is not skipped"
        }
        return nil
    }

    private static func value(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(cbor: bytes) else { return nil }
        guard (try? value.cbor()) == bytes else { return "a value has another encoding" }
        guard (try? CBORValue(bytes)) != nil else { return "a value is no CBOR" }
        // A text that is spelled in two ways is one name in JSON as it is one in Swift.
        guard let again = try? Value(json: value.json()), (try? again.cbor()) == bytes else {
            return "a value does not come back from JSON"
        }
        guard let pretty = try? Value(json: value.json(pretty: true)),
            (try? pretty.cbor()) == bytes
        else { return "a value does not come back from JSON of many lines" }
        return nil
    }

    /// The body of a record, of which fields are read where they stand.
    private static func body(_ bytes: [UInt8]) -> String? {
        let record: RecordBytes
        do throws(CBORError) {
            record = try RecordBytes(
                place: 1,
                sequence: 1,
                key: "k",
                body: bytes,
                hasVectors: false,
                schemaVersion: 1
            )
        } catch {
            return nil
        }
        let view = RecordView(record, SampleRecord.shape)
        var target: [UInt8] = []
        for slot in SampleRecord.shape.fields.indices {
            _ = (view.int(slot), view.float(slot), view.bool(slot), view.instant(slot))
            _ = (view.uuid(slot), view.text(slot), view.withText(slot) { $0.count })
            _ = (view.copyText(slot, to: &target), view.copyEncoded(slot, to: &target))
            let number = SampleRecord.shape.numbers[slot]
            guard let value = try? record.value(of: number) else { continue }
            if let place = record.places.range(of: number) {
                guard (try? value.cbor()) == Array(bytes[place]) else {
                    return "field \(number) is another value"
                }
            } else if !value.isNull {
                return "field \(number) has a value and no place"
            }
        }
        return SampleRecord.disagreement(in: record)
    }

    static var seeds: [FuzzSeed] {
        var seeds = SampleRecord.all.enumerated().map { index, fields in
            FuzzSeed("value-\(index)", (try? Value.map(fields).cbor()) ?? [])
        }
        seeds += SampleRecord.bodies.enumerated().map { FuzzSeed("body-\($0)", $1) }
        let encodings: [(String, [UInt8])] = [
            ("deep-arrays", [UInt8](repeating: 0x81, count: 200) + [0]),
            ("deep-tags", [UInt8](repeating: 0xc1, count: 200) + [0]),
            ("endless-array", [0x9f, 1, 2, 0x9f, 0xff, 0xff]),
            ("endless-text", [0x7f, 0x62, 0x61, 0x62, 0x61, 0x63, 0xff]),
            ("endless-map", [0xbf, 0x61, 0x61, 0xf9, 0x3c, 0, 0xff]),
            ("long-text", [0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x61]),
            ("long-array", [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]),
            ("long-map", [0xba, 0x7f, 0xff, 0xff, 0xff, 0, 0]),
            ("long-head", [0x1b, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("simple", [0x84, 0xf4, 0xf5, 0xf6, 0xf7]),
            ("big-float", [0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 1]),
        ]
        return seeds + encodings.map { FuzzSeed($0, $1) }
    }
}
