// The log: what a line is, and that nobody's input makes one.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeServer

@Suite struct LogTests {
    private static func line(_ event: LogEvent, _ format: LogFormat) -> String {
        LogLine.of(event, at: 1_700_000_000_000_050, as: format)
    }

    @Test func aLineIsTheSameInBothFormats() throws {
        let event = LogEvent(
            .storeOpened,
            store: "notes",
            connection: 7,
            [
                ("milliseconds", .float(1.5)), ("path", "/a/b"), ("message", "two words"),
                ("is", true),
            ]
        )
        #expect(
            Self.line(event, .text)
                == "2023-11-14T22:13:20.000050Z info store-opened store=notes connection=7 "
                + "milliseconds=1.5 path=/a/b message=\"two words\" is=true\n"
        )
        let json = Self.line(event, .json)
        #expect(
            json == "{\"time\":\"2023-11-14T22:13:20.000050Z\",\"level\":\"info\","
                + "\"event\":\"store-opened\",\"store\":\"notes\",\"connection\":7,"
                + "\"milliseconds\":1.5,\"path\":\"/a/b\",\"message\":\"two words\",\"is\":true}\n"
        )
        guard case .map(let members) = try Value(json: Array(json.utf8)) else {
            Issue.record("no object")
            return
        }
        #expect(members["connection"] == 7 && members["message"] == "two words")
    }

    @Test(arguments: [
        "x\n2023-11-14T22:13:20.000050Z error disk-full", "x\r\ny", "a\u{85}b", "a\u{2028}b",
        "a\u{2029}b", "\u{1b}[2Jx", "a\u{7f}b", "a\u{202e}b", "a\u{2066}b", "a\0b", "q\"q\\",
        " level=error", "{\"a\":1}", "", "\u{feff}x",
    ])
    func nobodyForgesALine(_ input: String) throws {
        let event = LogEvent(
            .loginRefused,
            store: input,
            [("client", .text(input)), ("within", ["a": [.text(input)]])]
        )
        for format in LogFormat.allCases {
            let line = Self.line(event, format)
            #expect(line.unicodeScalars.last == "\n")
            let steering = line.unicodeScalars.dropLast().filter { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator: true
                default: false
                }
            }
            #expect(steering.isEmpty, "\(line)")
        }
        // What it was comes back out of the line.
        let json = Self.line(event, .json)
        guard case .map(let members) = try Value(json: Array(json.utf8)) else {
            Issue.record("no object: \(json)")
            return
        }
        #expect(members["client"] == .text(input))
        #expect(members["store"] == .text(input))
        #expect(members["within"] == ["a": [.text(input)]])
        #expect(members["level"] == "warning")
        let text = Self.line(event, .text)
        #expect(text.hasPrefix("2023-11-14T22:13:20.000050Z warning login-refused store=\""))
    }

    @Test func whatIsLongIsCut() {
        let event = LogEvent(
            .storeNote,
            [
                ("message", .text(String(repeating: "ä", count: 1 << 20))),
                ("asked", .array(Array(repeating: "0123456789", count: 100_000))),
            ]
        )
        for format in LogFormat.allCases {
            let line = Self.line(event, format)
            #expect(line.unicodeScalars.count < 20_000 && line.contains("…"))
        }
        #expect((try? Value(json: Array(Self.line(event, .json).utf8))) != nil)
    }

    @Test func timesAreInTheOrderOfTheirTexts() {
        let times: [Microseconds] = [-1, 0, 1, 999_999, 1_000_000, 1_700_000_000_100_000]
        let stamps = times.map { LogLine.stamp($0) }
        #expect(stamps == stamps.sorted())
        #expect(stamps.allSatisfy { $0.utf8.count == 27 && $0.hasSuffix("Z") })
        #expect(stamps[0] == "1969-12-31T23:59:59.999999Z")
        for (time, stamp) in zip(times, stamps) {
            #expect(Instant(stamp)?.microseconds == time)
        }
    }

    @Test func everyNameHasALevelAndIsOneWord() {
        for name in LogEvent.Name.allCases {
            #expect(name.rawValue.utf8.allSatisfy { (97...122).contains($0) || $0 == 45 })
        }
        #expect(LogEvent.Name.diskFull.level == .error)
        #expect(Set(StoreNotice.Kind.allCases.map { LogEvent.Name($0) }).count == 6)
    }

    @Test func whatComesByTheThousandIsTold() {
        let told = ToldEvents()
        let clock = SetClock()
        let brake = EventBrake(told.report, clock: clock)
        for _ in 0..<1000 { brake.note(LogEvent(.connectionRefused)) }
        for _ in 0..<50 { brake.note(LogEvent(.slowRequest)) }
        #expect(told.of(.connectionRefused).count == EventBrake.most)
        #expect(told.of(.slowRequest).count == 50)
        clock.set(1_000_000)
        brake.note(LogEvent(.connectionRefused))
        brake.note(LogEvent(.connectionRefused))
        let last = told.of(.connectionRefused).suffix(2)
        #expect(last.first?["untold"] == .int(Int64(1000 - EventBrake.most)))
        #expect(last.last?["untold"] == nil)
    }
}
