// What goes wrong with --connect says what to do, and ends as other errors do.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ConnectTroubleTests {
    private func error(_ ended: BuiltProgram.Ended) throws -> MnemeError {
        guard case .map(let members) = try Value(json: ended.error),
            let spelled = members["error"]
        else { throw MnemeError(.badRequest, ended.error) }
        return try MnemeError(spelling: spelled)
    }

    @Test func aServerThatIsNotThere() throws {
        let place = try BuiltProgram()
        for address in ["127.0.0.1:1", "unix:\(place.path("none"))"] {
            let ended = try place.shell("mneme stats --connect \(address)")
            #expect(ended.status == 1 && ended.output.isEmpty)
            #expect(ended.error.hasPrefix("mneme: "), "\(ended.error)")
            let json = try place.shell("mneme stats --json --connect \(address)")
            #expect(json.status == 1)
            #expect(try error(json).code == .disconnected, "\(json.error)")
        }
    }

    @Test func whatIsNoAddress() throws {
        let place = try BuiltProgram()
        for address in ["127.0.0.1:tea", "unix:", "[::1"] {
            let ended = try place.shell("mneme stats --connect '\(address)'")
            #expect(ended.status == 2, "\(address): \(ended)")
            #expect(ended.error.hasPrefix("mneme: --connect: "), "\(ended.error)")
        }
    }

    /// Only verbs that make a store in a directory make one on a server.
    @Test func aStoreThatIsNotThere() throws {
        let place = try BuiltProgram()
        for line in [
            "stats", "verify", "checkpoint", "describe", "get memories a",
            "forget --owner a", "recall tea", "perform '\"describe\"'", "delete memories a",
            "put memories '{}'", "link a memories/a memories/b", "unlink 1",
            "walk '{\"from\": []}'", "path '{\"from\": \"a/a\", \"to\": \"a/b\"}'",
        ] {
            let ended = try place.served("mneme \(line) --store tee --connect $address")
            #expect(ended.status == 1, "\(line): \(ended)")
            #expect(
                ended.error
                    == "mneme: there is no store \"tee\" on this server; check the name\n",
                "\(line): \(ended.error)"
            )
            #expect(!FileManager.default.fileExists(atPath: place.path("tee")), "\(line)")
        }
        let bad = try place.served("mneme stats --json --store a/b --connect $address")
        #expect(bad.status == 1)
        #expect(try error(bad).code == .unknownStore, "\(bad)")
        #expect(bad.error.contains("is no name of a store"), "\(bad.error)")
        let barred = try place.served(
            "mneme remember x --owner a --store new --connect $address",
            "--no-create"
        )
        #expect(barred.status == 1 && barred.error.contains("and it makes none"), "\(barred)")
    }

    /// Nobody is promised connections that the system does not allow.
    @Test func moreConnectionsThanTheSystemAllows() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            "ulimit -n 600 && mneme serve --root r --listen 127.0.0.1:0 --connections 1000"
        )
        #expect(ended.status == 1, "\(ended)")
        #expect(ended.error.contains("1000 connections need more files open"), "\(ended.error)")
        #expect(ended.error.contains("ulimit -n"), "\(ended.error)")
    }

    @Test func rebuildNeedsADirectory() throws {
        let place = try BuiltProgram()
        for line in ["--connect localhost", "--connect localhost --store s"] {
            let ended = try place.shell("mneme rebuild \(line)")
            #expect(ended.status == 2, "\(ended)")
            #expect(ended.error.contains("rebuild --store ROOT/NAME"), "\(ended.error)")
        }
        #expect(try place.shell("mneme rebuild").error.contains("needs --store DIR"))
    }

    @Test func neitherStoreNorConnection() throws {
        let place = try BuiltProgram()
        for command in Tool.program.commands
        where !["demo", "serve", "salvage"].contains(command.name)
            && !ConnectTests.ofFiles.contains(command.name)
        {
            #expect(try Tool.program.help(on: command.name).contains("--connect ADDRESS"))
        }
        let ended = try place.shell("mneme stats")
        #expect(ended.status == 2)
        #expect(ended.error.contains("stats needs --store DIR"), "\(ended.error)")
        #expect(ended.error.contains("--connect"), "\(ended.error)")
    }

    @Test func whatTheStoreRefusesIsRefusedAlike() throws {
        let place = try ExampleTests.prepared()
        for line in [
            "put notes '{\"stars\": \"many\"}'", "get notes nothing", "get nothing tea",
            "find '{\"collection\": \"notes\", \"where\": {\"stars\": {\"gtee\": 3}}}'",
            "link cites notes/tea notes/nothing", "delete nothing tea",
            "put notes '{\"stars\": 1}' --key tea --insert",
        ] {
            let wanted = try place.shell("mneme \(line) --store notes.mneme --json")
            let ended = try place.served(
                "mneme \(line) --store notes.mneme --json --connect $address"
            )
            #expect(wanted.status != 0 && ended.status == wanted.status, "\(line): \(ended)")
            #expect(ended.error == wanted.error, "\(line)")
        }
    }
}
