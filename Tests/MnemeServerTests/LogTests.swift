// The log: what a line is, that nobody's input makes one, and what becomes of the file.

import Glibc
import MnemeBase
import MnemeModel
import Synchronization
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

@Suite struct EventLogTests {
    /// A directory of its own.
    private final class Place {
        let path = "/tmp/mneme-log-\(RealRandomness().next())"

        init() throws { try RealDisk().createDirectory(path) }

        deinit {
            let disk = RealDisk()
            for name in (try? disk.list(path)) ?? [] { try? disk.remove(path + "/" + name) }
            unsafe rmdir(path)
        }

        func lines(_ name: String) throws -> [String] {
            let file = try RealDisk().open(path + "/" + name, .read)
            defer { try? file.close() }
            let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private final class Closing: Sendable {
        let isDone = Mutex(false)
    }

    private static func note(_ number: Int) -> LogEvent {
        LogEvent(.storeNote, [("number", .int(Int64(number)))])
    }

    @Test func aFileThatGotAnotherNameIsLeft() throws {
        let place = try Place()
        let log = try EventLog(path: place.path + "/log", format: .text)
        log.note(Self.note(1))
        log.flush()
        try RealDisk().rename(place.path + "/log", to: place.path + "/log.1")
        log.note(Self.note(2))
        log.reopen()
        log.note(Self.note(3))
        log.close()
        log.note(Self.note(4))
        let (old, new) = (try place.lines("log.1"), try place.lines("log"))
        #expect(old.count == 2 && old.last?.hasSuffix("number=2") == true, "\(old)")
        #expect(new.count == 2 && new.last?.hasSuffix("number=3") == true, "\(new)")
        #expect(new.first?.contains(" info log-opened path=") == true, "\(new)")
        // What is there is appended to.
        let again = try EventLog(path: place.path + "/log", format: .json)
        again.note(Self.note(5))
        again.close()
        #expect(try place.lines("log").count == 3)
    }

    @Test func linesOfManyThreadsAreWhole() throws {
        let place = try Place()
        let log = try EventLog(path: place.path + "/log", format: .json)
        let done = Gate()
        let left = Mutex(4)
        for thread in 0..<4 {
            BackgroundThread.start(niceness: 0) {
                for number in 0..<500 { log.note(Self.note(thread * 500 + number)) }
                if left.withLock({
                    $0 -= 1; return $0 == 0
                }) {
                    done.open()
                }
            }
        }
        done.wait()
        log.close()
        var numbers: Set<Int> = []
        for line in try place.lines("log") {
            guard case .map(let members) = try Value(json: Array(line.utf8)) else {
                Issue.record("\(line)")
                continue
            }
            numbers.insert(Int(try #require(members["number"]?.int)))
        }
        #expect(numbers == Set(0..<2000))
    }

    @Test func whatCannotBeOpenedIsRefusedAtOnce() throws {
        let place = try Place()
        for path in [place.path, place.path + "/no/such/log"] {
            #expect(throws: MnemeError.self) { try EventLog(path: path, format: .text) }
        }
        for path in [place.path, place.path + "/no/such/log"] {
            #expect(throws: MnemeError.self) { try EventLog.check(path) }
        }
        try EventLog.check(place.path + "/log")
        #expect(try RealDisk().list(place.path) == [])
    }

    @Test func aFileThatCannotBeOpenedAgainGoesOn() throws {
        let place = try Place()
        let log = try EventLog(path: place.path + "/log", format: .text)
        log.note(Self.note(1))
        log.flush()
        try RealDisk().rename(place.path + "/log", to: place.path + "/old")
        try RealDisk().createDirectory(place.path + "/log")
        defer { unsafe rmdir(place.path + "/log") }
        log.reopen()
        log.note(Self.note(2))
        log.close()
        let lines = try place.lines("old")
        #expect(lines.count == 3 && lines[1].contains(" error log-unopened message="), "\(lines)")
    }

    @Test func whatNobodyReadsIsLostAndCounted() throws {
        let place = try Place()
        let path = place.path + "/pipe"
        try #require(unsafe mkfifo(path, 0o600) == 0)
        let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let log = try EventLog(path: path, format: .text)
        // More than a pipe and the log itself hold; nobody waits.
        let count = 20_000
        for number in 0..<count { log.note(Self.note(number)) }
        let closing = Closing()
        BackgroundThread.start(niceness: 0) {
            log.close()
            closing.isDone.withLock { $0 = true }
        }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        let pause = Gate()
        while true {
            // What was written before it was done is there by then.
            let isDone = closing.isDone.withLock { $0 }
            let read = unsafe Glibc.read(reader, &block, block.count)
            if read > 0 {
                bytes += block[..<read]
            } else if isDone {
                break
            } else {
                _ = pause.wait(atMost: 2000)
            }
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let written = lines.count { $0.contains(" store-note ") }
        let lost = lines.compactMap { line in
            line.contains(" lines-lost ")
                ? line.split(separator: "=").last.flatMap { Int($0) } : nil
        }
        #expect(written + lost.reduce(0, +) == count)
        #expect(lost.reduce(0, +) > 0)
    }
}
