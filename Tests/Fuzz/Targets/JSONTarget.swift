// JSON text of strangers: what is read is written and read again as the same value, and a request
// that it spells spells the same again.

internal import MnemeModel

/// JSON text as a value and as a request.
enum JSONTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(json: bytes) else { return nil }
        guard let encoded = try? value.cbor() else {
            return "a value from JSON has no encoding"
        }
        let texts = [value.json(), value.json(pretty: true)]
        for text in texts {
            guard let again = try? Value(json: text), (try? again.cbor()) == encoded else {
                return "a value from JSON does not come back"
            }
        }
        guard let request = try? Request(spelling: value) else { return nil }
        guard let again = try? Request(json: request.json()),
            (try? again.spelling.cbor()) == (try? request.spelling.cbor())
        else { return "a request does not come back" }
        return nil
    }

    static var seeds: [FuzzSeed] {
        var seeds = SampleRecord.all.enumerated().map { index, fields in
            FuzzSeed("value-\(index)", Array(Value.map(fields).json(pretty: index > 0).utf8))
        }
        let texts = [
            "numbers": "[0, -0, -0.0, 1e308, 1.5E-3, 9223372036854775807, -9223372036854775808]",
            "escapes": #"{"\u00e9\ud83d\ude00\n\"\\\/": "\b\f\r\t"}"#,
            "dollars": #"[{"$$uuid": 1}, {"$float": "nan"}, {"$date": "2024-02-29"}]"#,
            "vector": #"{"$vector": [0.5, 1, "-inf", 3e-9]}"#,
            "bytes": #"[{"$bytes": "AAH/"}, {"$instant": "2023-05-08T13:56:00.000001Z"}]"#,
            "commit":
                #"{"commit": {"changes": [{"put": {"collection": "notes", "fields": {"a": 1}}}]}}"#,
            "find": #"{"find": {"collection": "notes", "where": {"n": {"gt": 1}}, "limit": 3}}"#,
            "deep": String(repeating: "[", count: 130) + String(repeating: "]", count: 130),
        ]
        seeds += texts.map { FuzzSeed($0, Array($1.utf8)) }
        let request = Request.get([Reference("notes", "a"), Reference("notes", 7)])
        return seeds + [FuzzSeed("request", Array(request.json().utf8))]
    }
}
