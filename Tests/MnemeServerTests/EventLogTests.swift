// The file of a log: whole lines in their order, other names for it, and readers that do not read.

import Glibc
import MnemeBase
import MnemeModel
import Synchronization
import Testing

@testable import MnemeServer

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

    @Test func aPlaceCanBeLeftForAnother() throws {
        let place = try Place()
        let log = try EventLog(LogPlace(path: place.path + "/one", format: .text))
        log.note(Self.note(1))
        log.reopen(LogPlace(path: place.path + "/two", format: .json, level: .error))
        log.note(Self.note(2))
        log.note(LogEvent(.tokensGone))
        // Where the next place cannot be had, this one stays.
        log.reopen(LogPlace(path: place.path + "/no/such", format: .text))
        log.note(Self.note(3))
        log.close()
        #expect(try place.lines("one").count == 1)
        let lines = try place.lines("two")
        let events = ["log-opened", "tokens-gone", "log-unopened", "store-note"]
        #expect(lines.count == events.count, "\(lines)")
        for (line, event) in zip(lines, events) {
            #expect(line.contains("\"event\":\"\(event)\""), "\(line)")
        }
    }

    @Test func levelsAreInTheirOrder() {
        for (place, level) in LogEvent.Level.allCases.enumerated() {
            for (other, than) in LogEvent.Level.allCases.enumerated() {
                #expect((level < than) == (place < other))
            }
        }
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
