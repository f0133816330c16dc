// Time zones: days that are known, the system's `date` over the same tables, and files that are
// none.

import Foundation
import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct ZoneTests {
    private func day(_ instant: String, _ zone: String) throws -> String? {
        let at = try #require(Instant(instant))
        let value = try Expression("date(at, '\(zone)')").evaluate {
            $0 == "at" ? .instant(at) : .null
        }
        guard case .date(let day) = value else { return nil }
        return day.description
    }

    private func hour(_ instant: String, _ zone: String) throws -> Value {
        let at = try #require(Instant(instant))
        return try Expression("hour(at, '\(zone)') * 100 + minute(at, '\(zone)')")
            .evaluate { $0 == "at" ? .instant(at) : .null }
    }

    @Test func daysThatAreKnown() throws {
        // Summer in Berlin, where midnight comes two hours before UTC's.
        #expect(try day("2023-05-08T22:30:00Z", "Europe/Berlin") == "2023-05-09")
        #expect(try day("2023-05-08T21:59:59.999999Z", "Europe/Berlin") == "2023-05-08")
        #expect(try day("2023-12-08T22:30:00Z", "Europe/Berlin") == "2023-12-08")
        #expect(try day("2023-12-08T23:00:00Z", "Europe/Berlin") == "2023-12-09")
        #expect(try day("2023-01-01T04:59:59Z", "America/New_York") == "2022-12-31")
        // The hour that is not there in spring, and the one that is there twice in autumn.
        #expect(try hour("2024-03-31T00:59:59Z", "Europe/Berlin") == 159)
        #expect(try hour("2024-03-31T01:00:00Z", "Europe/Berlin") == 300)
        #expect(try hour("2024-10-27T00:30:00Z", "Europe/Berlin") == 230)
        #expect(try hour("2024-10-27T01:30:00Z", "Europe/Berlin") == 230)
        // Brazil's midnight was skipped: the day began at one o'clock.
        #expect(try day("2018-11-04T02:59:59Z", "America/Sao_Paulo") == "2018-11-03")
        #expect(try hour("2018-11-04T03:00:00Z", "America/Sao_Paulo") == 100)
        // Samoa left out the thirtieth of December.
        #expect(try day("2011-12-30T09:59:59Z", "Pacific/Apia") == "2011-12-29")
        #expect(try day("2011-12-30T10:00:00Z", "Pacific/Apia") == "2011-12-31")
        // Half and quarter hours; the southern summer; a summer that is behind the winter.
        #expect(try hour("2024-01-01T00:00:00Z", "Asia/Kathmandu") == 545)
        #expect(try hour("2024-01-01T00:00:00Z", "Australia/Lord_Howe") == 1100)
        #expect(try hour("2024-07-01T00:00:00Z", "Australia/Lord_Howe") == 1030)
        #expect(try hour("2024-07-01T12:00:00Z", "Europe/Dublin") == 1300)
        #expect(try hour("2024-01-01T12:00:00Z", "Europe/Dublin") == 1200)
        // By the rule at the end of the table, far from all that it lists.
        #expect(try hour("2500-07-01T12:00:00Z", "Europe/Berlin") == 1400)
        #expect(try hour("2500-01-01T12:00:00Z", "Europe/Berlin") == 1300)
        // Before the first change: the sun's time, 53 minutes and 28 seconds.
        #expect(try hour("1850-01-01T12:00:00Z", "Europe/Berlin") == 1253)
        #expect(try day("2023-05-08T23:30:00Z", "UTC") == "2023-05-08")
        #expect(try day("2023-05-08T23:30:00Z", "Etc/GMT-14") == "2023-05-09")
    }

    /// The same of thousands of instants as `date` of the system says, which has the same tables.
    @Test(
        arguments: [
            "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
            "Africa/Casablanca", "Asia/Kathmandu", "Europe/Dublin", "Pacific/Apia", "Asia/Gaza",
            "America/Nuuk", "Antarctica/Troll", "Asia/Tehran", "Pacific/Auckland", "Etc/UTC",
        ]
    )
    func agreesWithTheSystem(zone: String) throws {
        let seed = RealRandomness().next()
        let random = SeededRandomness(seed: seed)
        var seconds: [Int64] = []
        // From 1800 to 2600, and around the changes of our days.
        for _ in 0..<3000 { seconds.append(Int64(random.below(25_246_000)) * 1000 - 5_364_662_400) }
        for _ in 0..<3000 { seconds.append(Int64(random.below(2_500_000)) * 1000 + 7) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/date")
        process.arguments = ["--file=-", "+%Y-%m-%d %H:%M:%S"]
        process.environment = ["TZ": zone, "LC_ALL": "C"]
        let output = Pipe()
        process.standardOutput = output
        // A pipe would hold less than all of it.
        let path = FileManager.default.temporaryDirectory
            .appending(path: "zones-\(UInt64(seed))-\(zone.replacing("/", with: "-"))")
        let lines = seconds.map { "@\($0)\n" }.joined()
        try lines.write(to: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: path) }
        process.standardInput = try FileHandle(forReadingFrom: path)
        try process.run()
        let told = try #require(try output.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        let texts = String(decoding: told, as: UTF8.self).split(separator: "\n")
        try #require(texts.count == seconds.count)
        let table = try #require(Zones.shared[zone])
        for (second, text) in zip(seconds, texts) {
            let local = second + Int64(table.distance(at: second))
            let shown = Instant(microseconds: local * 1_000_000).description
            #expect(
                shown == text.replacing(" ", with: "T") + "Z",
                "\(zone) at \(second), seed \(seed)"
            )
        }
    }

    @Test func rulesAreReadAsTheyAreMeant() throws {
        func rule(_ text: String) -> ZoneRule? { ZoneRule(Array(text.utf8)[...]) }
        func distance(_ text: String, _ instant: String) throws -> Int32 {
            let at = try #require(Instant(instant))
            return try #require(rule(text)).distance(at: at.microseconds / 1_000_000)
        }
        #expect(try distance("EST5", "2024-07-01T00:00:00Z") == -18_000)
        #expect(try distance("<-03>3", "2024-07-01T00:00:00Z") == -10_800)
        #expect(try distance("<+0545>-5:45", "2024-07-01T00:00:00Z") == 20_700)
        // Summer all the year round.
        let always = "XXX3EDT4,0/0,J365/23"
        for day in ["2024-01-01T04:30:00Z", "2024-12-31T23:59:59Z", "2025-01-01T02:00:00Z"] {
            #expect(try distance(always, day) == -14_400, "\(day)")
        }
        // J60 is the first of March in leap years too, 59 is the day after the 28th of February.
        let julian = "AAA0BBB,J60/0,J300/0"
        #expect(try distance(julian, "2024-02-29T12:00:00Z") == 0)
        #expect(try distance(julian, "2024-03-01T00:00:00Z") == 3600)
        let ordinal = "AAA0BBB,59/0,300/0"
        #expect(try distance(ordinal, "2024-02-29T00:00:00Z") == 3600)
        #expect(try distance(ordinal, "2023-02-28T23:59:59Z") == 0)
        // Hours beyond the day, as of Greenland.
        let beyond = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"
        #expect(try distance(beyond, "2024-03-31T00:59:59Z") == -7200)
        #expect(try distance(beyond, "2024-03-31T01:00:00Z") == -3600)
        for wrong in [
            "", "A1", "EST", "EST25", "EST5EDT", "EST5EDT,M13.1.0,M1.1.0", "EST5EDT,M3.2.0",
            "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,M3.2.0,M11.1.0/168", "EST5 ", "<EST5",
            "EST5EDT,J0,J1",
            "EST5EDT,J366,J1", "EST5EDT,366,1", "EST5:60",
        ] {
            #expect(rule(wrong) == nil, "\(wrong)")
        }
    }

    @Test func bytesThatAreNoTableMakeNone() throws {
        let path = URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")
        let bytes = [UInt8](try Data(contentsOf: path))
        #expect(ZoneTable(bytes) != nil)
        for count in 0..<bytes.count { #expect(ZoneTable(Array(bytes[..<count])) == nil) }
        #expect(ZoneTable(Array("TZif".utf8) + [UInt8](repeating: 0, count: 40)) == nil)
        // Whatever stands there, nothing is read that is not there.
        let seed = RealRandomness().next()
        let random = SeededRandomness(seed: seed)
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0...random.below(3) {
                damaged[random.below(random.below(2) == 0 ? 44 : bytes.count)] =
                    UInt8(random.below(256))
            }
            let table = ZoneTable(damaged)
            for second in [Int64.min, -1, 0, 1_700_000_000, .max] {
                _ = table?.distance(at: second)
            }
        }
    }

    @Test func zonesThatAreNotThereAreToldOf() throws {
        func refusal(_ zones: Zones, _ name: String) -> MnemeError? {
            do throws(MnemeError) {
                try zones.check(name)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(.shared, "Europe/Berlin") == nil)
        for name in ["Europe/Berlim", "europe/berlin", "", "../etc/passwd", "Europe", "zone.tab"] {
            let error = refusal(.shared, name)
            #expect(error?.code == .unknownZone, "\(name)")
            #expect(error?.message.contains("Europe/Berlin") == true, "\(name)")
        }
        let none = refusal(Zones("/no/such/directory"), "Europe/Berlin")
        #expect(none?.code == .unknownZone)
        #expect(none?.message.contains("Install the package tzdata") == true)
        #expect(Zones.isName("America/Argentina/Buenos_Aires") && Zones.isName("Etc/GMT+1"))
        for name in ["a//b", "/a", "a/", "a b", "a/.", String(repeating: "a", count: 65)] {
            #expect(!Zones.isName(name), "\(name)")
        }
    }

    @Test func expressionsNameZones() throws {
        let mixed = try Expression(
            "date(at, 'Europe/Berlin') = date(at, '+02:00') or hour(at, 'Asia/Tokyo') > 3"
        )
        #expect(mixed.zones == ["Europe/Berlin", "Asia/Tokyo"] && mixed.dependsOnZones)
        #expect(try Expression(mixed.description) == mixed)
        let fixed = try Expression("date(at, 'UTC') = date(at, '-03:00')")
        #expect(fixed.zones.isEmpty && !fixed.dependsOnZones)
        // A zone that a field has: null where it is none.
        let own = try Expression("date(at, zone)")
        #expect(own.zones.isEmpty && own.dependsOnZones)
        let at = try #require(Instant("2023-05-08T22:30:00Z"))
        for (zone, day) in [
            ("Asia/Tokyo", Day("2023-05-09")), ("UTC", Day("2023-05-08")), ("Nowhere", nil),
        ] {
            let value = own.evaluate { $0 == "at" ? .instant(at) : .text(zone) }
            #expect(value == (day.map { Value.date($0) } ?? Value.null), "\(zone)")
        }
        #expect(own.evaluate { $0 == "at" ? .instant(at) : .null } == .null)
        // Whether there is such a zone is asked when it is defined, and not when it is read.
        #expect(throws: MnemeError.self) { try Expression("date(at, 'Nowhere')").checkZones() }
        let fields = [
            Field("at", .instant), Field("day", .date, generated: try Expression("date(at, 'No')")),
        ]
        let schema = Schema(collections: [Collection("a", fields: fields)])
        try schema.validate(existing: [], allowsHidden: false)
        #expect(throws: MnemeError.self) { try schema.checkZones() }
        let index = Index("i", on: ["at"], where: try Expression("hour(at, 'Asia/Tokyo') > 3"))
        let partial = Schema(
            collections: [Collection("a", fields: [fields[0]], indexes: [index])]
        )
        #expect(throws: MnemeError.self) { try partial.validate(existing: [], allowsHidden: false) }
    }
}
