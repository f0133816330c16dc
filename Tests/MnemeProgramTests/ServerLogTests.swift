// The log of mneme serve, as whoever looks after a server meets it.

import Foundation
import Mneme
import Testing

@Suite struct ServerLogTests {
    private func lines(_ name: String, of place: BuiltProgram) throws -> [String] {
        let text = try String(contentsOfFile: place.path(name), encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    /// What is under a name in each line of JSON.
    private func values(_ name: String, of lines: [String]) throws -> [Value] {
        try lines.map { line in
            guard case .map(let members) = try Value(json: Array(line.utf8)) else {
                Issue.record("\(line)")
                return .null
            }
            return members[name] ?? .null
        }
    }

    @Test func aHangUpHasTheFileOpenedAgain() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            mneme remember 'Ada drinks tea' --owner ada --store tea --connect "$address"
            for turn in {1..400}; do grep -q '"store-opened"' log && break; sleep 0.02; done
            mv log log.1
            kill -HUP $server
            for turn in {1..400}; do grep -q log-opened log 2>&- && break; sleep 0.02; done
            mneme recall tea --owner ada --store nobody --connect "$address" || true
            """,
            "--log log --log-format json"
        )
        #expect(ended.status == 0, "\(ended)")
        let (old, new) = (try lines("log.1", of: place), try lines("log", of: place))
        #expect(try values("event", of: old) == ["started", "listening", "store-opened"])
        #expect(
            try values("event", of: new)
                == ["log-opened", "store-refused", "draining", "store-closed", "stopped"]
        )
        #expect(try values("store", of: new)[1] == "nobody")
        // A log in a file is all there is of it.
        #expect(try lines(".failed", of: place) == [])
    }

    @Test func theLogGoesToStandardErrorWhereNothingIsSaid() throws {
        let place = try BuiltProgram()
        let ended = try place.served("true")
        #expect(ended.status == 0, "\(ended)")
        let lines = try lines(".failed", of: place)
        #expect(lines.count == 4, "\(lines)")
        for (line, words) in zip(lines, [" info started ", " info listening address=unix:"]) {
            #expect(line.contains(words), "\(line)")
        }
        #expect(lines.last?.hasSuffix("Z info stopped") == true)
    }

    @Test func aSlowRequestIsToldWithItsPlan() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            mneme remember 'The zebra drinks' --owner ada --store tea --connect "$address" &&
            mneme recall 'Who is the zebra?' --owner ada --store tea --connect "$address"
            """,
            "--log log --slow 0"
        )
        #expect(ended.status == 0, "\(ended)")
        let slow = try lines("log", of: place).filter { $0.contains(" slow-request ") }
        let recall = try #require(slow.first { $0.contains(" verb=recall ") })
        for part in [" store=tea ", " asker=mneme ", " rows=1 ", " plan=\"1 items", " asked={"] {
            #expect(recall.contains(part), "\(part) is missing in \(recall)")
        }
        #expect(!slow.contains { $0.contains("zebra") || $0.contains("\"ada\"") })
    }

    @Test(arguments: [
        ("--log no/such/log", 1, "no/such/log"), ("--log stores", 1, "is a file"),
        ("--log-format loud", 2, "one of text, json"), ("--slow fast", 2, "--slow"),
        ("--slow-values", 2, "--slow MILLISECONDS"), ("--recall-check 0", 2, "--recall-check"),
    ])
    func whatCannotBeIsRefused(_ options: String, _ status: Int32, _ said: String) throws {
        let place = try BuiltProgram()
        for check in ["", " --check"] {
            let ended = try place.shell(
                "mkdir -p stores; mneme serve --root stores --listen unix:$PWD/s \(options)\(check)"
            )
            #expect(ended.status == status, "\(ended)")
            #expect(ended.error.contains(said), "\(ended.error)")
        }
    }
}
