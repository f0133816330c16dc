import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct JSONTests {
    static let read: [(String, Value)] = [
        ("null", .null), (" \t\r\n true ", true), ("0", 0), ("-0", .float(-0.0)), ("-1", -1),
        ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .float(0x1p63)), ("-9223372036854775809", .float(-0x1p63)),
        ("18446744073709551616", .float(0x1p64)), ("100000000000000000000000", .float(1e23)),
        ("1.0", .float(1)), ("1e0", .float(1)), ("1E+2", .float(100)), ("-1.5e-3", -0.0015),
        ("5e-324", .float(.leastNonzeroMagnitude)), ("1e-999", .float(0)), ("0.1e1", .float(1)),
        (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u0000\u00e9\u20AC""#, "\u{0}é€"), (#""\ud83d\ude00""#, "\u{1f600}"),
        (#""\u2028""#, "\u{2028}"), ("\"\u{7f}\u{10ffff}\"", "\u{7f}\u{10ffff}"),
        ("[]", []), ("[1,[2,{}],\"\"]", [1, [2, [:]], ""]), (#"{"":0}"#, ["": 0]),
        (#"{"a":{"b":[null]},"a ":1}"#, ["a": ["b": [nil]], "a ": 1]),
        (#"{"$uuid":"0190A6E27B1C7C3D8E4F5A6B7C8D9E0F"}"#, .uuid(ValueCoercionTests.uuid)),
        (#"{"$instant":"1970-01-01T00:00:01+00:00"}"#, .instant(Instant(microseconds: 1_000_000))),
        (#"{"$instant":-9223372036854775808}"#, .instant(Instant(microseconds: .min))),
        (#"{"$date":"1970-01-02"}"#, .date(Day(number: 1))),
        (#"{"$bytes":"AAH/"}"#, .bytes([0, 1, 255])), (#"{"$bytes":""}"#, .bytes([])),
        (#"{"$vector":[1,-2.5]}"#, .vector([1, -2.5])), (#"{"$float":"-inf"}"#, .float(-.infinity)),
        (#"{"$$uuid":5}"#, ["$uuid": 5]), (#"{"$other":5}"#, ["$other": 5]),
        (#"{"$uuid":5,"b":1}"#, ["$uuid": 5, "b": 1]), (#"{"$$$x":1}"#, ["$$x": 1]),
    ]

    @Test(arguments: read) func whatIsJSONIsRead(text: String, value: Value) throws {
        #expect(try Value(json: text).isSame(value))
        #expect(try Value(json: value.json()).isSame(value))
        #expect(try Value(json: value.json(pretty: true)).isSame(value))
    }

    /// Only what would be read as something else has one `$` more.
    @Test(arguments: [
        ("$key", #"{"$key":1}"#), ("$version", #"{"$version":1}"#), ("$", #"{"$":1}"#),
        ("$uuid", #"{"$$uuid":1}"#), ("$float", #"{"$$float":1}"#), ("$$key", #"{"$$$key":1}"#),
        ("$$", #"{"$$$":1}"#), ("key", #"{"key":1}"#),
    ])
    func whatLooksLikeAKindIsMarked(name: String, text: String) throws {
        let value = Value.map([name: 1])
        #expect(value.json() == text)
        #expect(try Value(json: text).isSame(value))
    }

    static let refused: [(String, String)] = [
        ("", "column 1: the text ends"), ("  ", "column 3: the text ends"),
        ("nul", "neither"), ("nulll", "after the value"), ("True", "no value"), ("NaN", "no value"),
        ("01", "starts with a zero"), ("-01", "starts with a zero"), ("+1", "no value"),
        ("-", "a digit"), ("1.", "a digit"), (".5", "no value"), ("1e", "a digit"),
        ("1e+", "a digit"), ("0x10", "after the value"), ("1e999", "beyond"), ("-1e999", "beyond"),
        ("1_000", "after the value"), ("[1,]", "no value"), ("[,1]", "no value"),
        ("[1 2]", "comma"),
        ("[1", "comma"), ("[", "text ends"), ("]", "no value"), ("{", "name in quotes"),
        (#"{"a"}"#, "colon"), (#"{"a":}"#, "no value"), (#"{"a":1,}"#, "name in quotes"),
        ("{a:1}", "name in quotes"), ("{1:1}", "name in quotes"), ("{'a':1}", "in double quotes"),
        (#"{"a":1 "b":2}"#, "comma"),
        (#"{"a":1,"a":2}"#, "column 8: the object has the member \"a\""),
        (#"{"é":1,"e\#u{301}":2}"#, "twice"), (#"{"a":1,"\u0061":2}"#, "twice"),
        ("\"a", "column 1: the text that starts here"), ("\"\\", "ends in an escape"),
        ("\"\\x41\"", "no such escape"), ("\"\\u12\"", "four hexadecimal"),
        ("\"\\u12g4\"", "four hexadecimal"), ("\"\\ud800\"", "surrogate"),
        ("\"\\ud800x\"", "surrogate"), ("\"\\ud800\\n\"", "surrogate"),
        ("\"\\ud800\\ud800\"", "surrogate"), ("\"\\udc00\"", "surrogate"),
        ("\"a\nb\"", "control character"), ("\"\u{0}\"", "control character"),
        ("\u{feff}1", "no value"), ("1 2", "after the value"), ("// x\n1", "no value"),
        ("[1,\n  tru]", "line 2, column 6"), ("1\u{0}", "after the value"),
        (#"{"$uuid":"x"}"#, "$uuid is written"), (#"{"$instant":"now"}"#, "$instant is written"),
        (#"{"$date":99999999999}"#, "$date is written"),
        (#"{"$bytes":"AB=="}"#, "$bytes is written"),
        (#"{"$vector":["x"]}"#, "$vector is written"), (#"{"$float":1}"#, "$float is written"),
    ]

    @Test(arguments: refused) func whatIsNoJSONIsRefused(text: String, part: String) {
        let failure = error { () throws(MnemeError) in try Value(json: text) }
        #expect(failure?.code == .badRequest)
        #expect(failure?.message.contains(part) ?? false, "\(failure?.message ?? "accepted")")
    }

    @Test(arguments: [
        "22 c3 22", "22 80 22", "22 c0 80 22", "22 ed a0 80 22", "22 f4 90 80 80 22", "ff",
        "fe ff 00 31",
    ]) func whatIsNotUTF8IsRefused(hex: String) {
        let failure = error { () throws(MnemeError) in try Value(json: bytes(hex)) }
        #expect(failure?.message.contains("not UTF-8") ?? false)
    }

    @Test func depthIsLimited() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try Value(json: nested(128))
        let failure = error { () throws(MnemeError) in try Value(json: nested(129)) }
        #expect(failure?.message.contains("column 129: arrays and objects") ?? false)
        let open = String(repeating: "{\"a\":", count: 100_000)
        #expect(error { () throws(MnemeError) in try Value(json: open) }?.code == .badRequest)
    }

    @Test func randomValuesComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<3000 {
            let value = maker.value()
            let text = value.json()
            #expect(try Value(json: text).isSame(value), "seed \(seed): \(text)")
            #expect(try Value(json: value.json(pretty: true)).isSame(value), "seed \(seed)")
        }
    }

    @Test func lengthIsThatOfWhatIsWritten() throws {
        for (_, value) in Self.read {
            #expect(value.jsonLength == value.json().utf8.count, "\(value)")
        }
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<2000 {
            let value = maker.value()
            #expect(value.jsonLength == value.json().utf8.count, "seed \(seed): \(value)")
            let record = Record(
                Reference(maker.text(), .text(maker.text())),
                fields: maker.members(depth: 2),
                version: maker.random.below(2) == 0 ? nil : maker.random.next() >> 1
            )
            #expect(record.jsonLength == record.json().utf8.count, "seed \(seed): \(record)")
        }
    }

    @Test func randomFloatsOfVectorsComeBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        let value = Value.vector((0..<50_000).map { _ in maker.single() })
        #expect(try Value(json: value.json()).isSame(value), "seed \(seed)")
    }

    @Test func damagedTextNeverTraps() throws {
        let seed = UInt64.random(in: .min ... .max)
        let maker = RandomValue(seed: seed)
        for _ in 0..<3000 {
            var text = Array(maker.value().json().utf8)
            let place = maker.random.below(text.count)
            let marks = Array("{}[]\",:\\0e-u$".utf8) + [0xc3, 0x00]
            text[place] = marks[maker.random.below(marks.count)]
            if let value = try? Value(json: text) {
                #expect(try Value(json: value.json()).isSame(value), "seed \(seed)")
            }
        }
    }

    @Test func textIsTheSameForTheSameValue() {
        let value: Value = [
            "b": [1, .float(2), "x\u{1}\u{1f}"], "a": [:], "c": .date(Day(number: 0)),
        ]
        #expect(value.json() == #"{"a":{},"b":[1,2.0,"x\u0001\u001f"],"c":{"$date":"1970-01-01"}}"#)
        #expect(
            value.json(pretty: true) == """
                {
                  "a": {},
                  "b": [
                    1,
                    2.0,
                    "x\\u0001\\u001f"
                  ],
                  "c": {"$date": "1970-01-01"}
                }
                """
        )
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]) func base64IsThatOfTheRFC(plain: String, coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "====", "Z===", "Zm9!", "Zm 9", "Zm9="])
    func badBase64IsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
