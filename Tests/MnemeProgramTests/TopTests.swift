// What a server tells of itself, read back, and what it did between two readings.

import Foundation
import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct TopTests {
    /// A reading after so many gets and puts, of which the puts take eight times as long.
    private static func text(gets: Int, puts: Int, errors: Int = 0) -> String {
        func times(_ verb: String, _ count: Int, _ bound: String) -> String {
            """
            mneme_request_duration_seconds_bucket{verb="\(verb)",le="0.000128"} \
            \(bound == "0.000128" ? count : 0)
            mneme_request_duration_seconds_bucket{verb="\(verb)",le="0.001024"} \(count)
            mneme_request_duration_seconds_bucket{verb="\(verb)",le="+Inf"} \(count)
            mneme_request_duration_seconds_sum{verb="\(verb)"} \(Double(count) * 0.0001)
            mneme_request_duration_seconds_count{verb="\(verb)"} \(count)

            """
        }
        return """
            # HELP mneme_connections Connections that are open.
            # TYPE mneme_connections gauge
            mneme_connections 7
            mneme_connections_total \(10 + gets)
            mneme_request_errors_total{code="111"} \(errors)

            """ + times("get", gets, "0.000128") + times("put", puts, "0.001024")
                + """
                mneme_commit_sequence{store="a \\"b\\"\\\\c"} \(puts)
                mneme_log_bytes{store="a \\"b\\"\\\\c"} 1e6 1395066363000
                mneme_damage{store="a \\"b\\"\\\\c"} 1
                mneme_records{store="a \\"b\\"\\\\c",collection="x"} 3
                mneme_records{store="a \\"b\\"\\\\c",collection="y"} 4
                mneme_commit_stage_seconds_bucket{store="a \\"b\\"\\\\c",stage="decide",\
                le="+Inf"} \(puts)
                """
    }

    @Test func differencesAreTold() throws {
        let old = try MetricsReading(Self.text(gets: 100, puts: 10, errors: 2))
        let new = try MetricsReading(Self.text(gets: 500, puts: 20, errors: 4))
        let figures = TopFigures(from: old, to: new, seconds: 2)
        #expect(figures.verbs.map(\.name) == ["get", "put"])
        #expect(figures.verbs.map(\.perSecond) == [200, 5])
        #expect(figures.requestsPerSecond == 205)
        #expect(figures.verbs[0].times.bound(of: 0.99) == 0.000128)
        #expect(figures.verbs[1].times.bound(of: 0.5) == 0.001024)
        #expect(figures.connections == 7 && figures.connectionsPerSecond == 200)
        #expect(figures.errors == [TopFigures.Failed(code: "111", perSecond: 1)])
        let store = try #require(figures.stores.first)
        #expect(figures.stores.count == 1 && store.name == #"a "b"\c"#)
        #expect(store.commitsPerSecond == 5 && store.records == 7 && store.logBytes == 1_000_000)
        #expect(store.troubles == ["is damaged"])
        let lines = TopLayout.lines(figures, of: "here", width: 100)
        #expect(lines.contains { $0.contains("get") && $0.contains("128 µs") }, "\(lines)")
        #expect(lines.contains { $0.contains("notFound (111) 1.0") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("✗ ") && $0.hasSuffix("is damaged") }, "\(lines)")
    }

    /// A server that was started anew counts from nothing: nothing below zero is told.
    @Test func aServerThatBeganAnew() throws {
        let old = try MetricsReading(Self.text(gets: 500, puts: 20, errors: 4))
        let new = try MetricsReading(Self.text(gets: 50, puts: 4, errors: 1))
        let figures = TopFigures(from: old, to: new, seconds: 1)
        #expect(figures.verbs.map(\.perSecond) == [50, 4])
        #expect(figures.connectionsPerSecond == 60)
        #expect(figures.errors.map(\.perSecond) == [1])
        let same = TopFigures(from: new, to: new, seconds: 1)
        #expect(same.requestsPerSecond == 0 && same.errors.isEmpty)
        let lines = TopLayout.lines(same, of: "here", width: 80)
        #expect(lines.contains("Nobody asked for anything meanwhile."))
    }

    @Test func whatIsNoFigureIsRefused() throws {
        #expect(try MetricsReading("").samples.isEmpty)
        #expect(try MetricsReading("\n# a remark\n\n").samples.isEmpty)
        for line in [
            "<html>", "a", "a{", "a{b}", "a{b=}", "a{b=\"c} 1", "a{b=\"c\"}", "a one", "{} 1",
            "a{b=\"c\\", "é 1",
        ] {
            let error = #expect(throws: Failure.self, "\(line)") {
                try MetricsReading("fine 1\n\(line)\n")
            }
            #expect(error?.message.hasPrefix("Line 2 ") == true, "\(line)")
        }
        let odd = try MetricsReading("a{b=\"x\\ny\",c=\"{}\",} +Inf\nb NaN\nc -1e-3")
        #expect(odd.value("a", ["b": "x\ny", "c": "{}"]) == .infinity)
        #expect(odd.value("b")?.isNaN == true && odd.value("c") == -0.001)
        #expect(odd.value("a", ["b": "z"]) == nil && odd.value("z") == nil)
    }

    @Test func bucketsComeBackInOrder() throws {
        let reading = try MetricsReading(
            "t_bucket{le=\"+Inf\"} 9\nt_bucket{le=\"0.5\"} 4\nt_bucket{le=\"2\"} 8\nt_sum 6"
        )
        let times = reading.times("t")
        #expect(times.buckets.map(\.bound) == [0.5, 2, .infinity])
        #expect(times.buckets.map(\.count) == [4, 4, 1])
        #expect(times.bound(of: 0.4) == 0.5 && times.bound(of: 0.5) == 2)
        #expect(times.bound(of: 1) == .infinity && TopLayout.bound(.infinity) == "> 33 s")
        #expect(reading.times("none").bound(of: 0.5) == nil)
        #expect(
            BucketedTimes(of: [1e-6, 3e-6, 100]).buckets.filter { $0.count > 0 }.map(\.bound)
                == [1e-6, 4e-6, .infinity]
        )
    }

    @Test func addressesAreRead() throws {
        #expect("\(try MetricsSource("127.0.0.1:9411").address)" == "127.0.0.1:9411")
        #expect(try MetricsSource("localhost:9411").path == "/metrics")
        #expect(try MetricsSource("http://localhost:9411/").path == "/metrics")
        #expect(try MetricsSource("http://localhost:9411/other").path == "/other")
        for text in [
            "https://localhost:9411", "localhost", "ftp://localhost:1", "localhost:x",
            "http://localhost:9411/a b", "http://localhost:9411/a\r\nx: y",
        ] {
            #expect(throws: CommandLineError.self, "\(text)") { try MetricsSource(text) }
        }
    }

    @Test func answersAreHeldToHTTP() throws {
        func body(_ text: String) throws -> String {
            try MetricsSource.body(Array(text.utf8), of: "there")
        }
        #expect(try body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na 1") == "a 1")
        #expect(try body("HTTP/1.0 200 OK\r\n\r\n") == "")
        for text in [
            "", "MNEME\u{1}", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 404 Not Found\r\n\r\nno",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na 1", "HTTP/1.1\r\n\r\n",
        ] {
            #expect(throws: Failure.self, "\(text)") { try body(text) }
        }
    }

    /// The figures of a server that runs, as the program shows them.
    @Test func aServerIsWatched() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            mneme remember "Ann keeps bees" --owner ann --connect "$address" > .remembered
            figures=$(sed -n 's|^Figures are on http://\\(.*\\)/metrics.$|\\1|p' .said)
            mneme top --metrics "$figures" --once --every 0.1
            mneme top --metrics "$figures" --once --every 0.1 --json
            mneme report --connect "$address" --metrics "$figures" --out page.html
            mneme top --metrics "$figures/none" --once 2> .refused && exit 7
            exit 0
            """,
            "--metrics 127.0.0.1:0"
        )
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.output.contains("default"), "\(ended.output)")
        let line = try #require(ended.output.split(separator: "\n").first { $0.first == "{" })
        guard case .map(let members) = try Value(json: String(line)),
            case .map(let top)? = members["top"], case .array(let stores)? = top["stores"]
        else {
            Issue.record("\(line)")
            return
        }
        #expect(stores.count == 1, "\(line)")
        let page = try WrittenMarkup(
            String(contentsOfFile: place.path("page.html"), encoding: .utf8)
        )
        let cells = page.all("td").map(\.text)
        for name in ["queue", "decide", "encode", "apply", "write", "remember"] {
            #expect(cells.contains(name), "\(name)")
        }
        let refused = try String(contentsOfFile: place.path(".refused"), encoding: .utf8)
        #expect(refused.contains("status 404"), "\(refused)")
    }

    @Test func nobodyThere() throws {
        let place = try BuiltProgram()
        let ended = try place.shell("mneme top --metrics unix:$PWD/none --once")
        #expect(ended.status == 1 && ended.error.contains("No figures came from"), "\(ended)")
    }
}
