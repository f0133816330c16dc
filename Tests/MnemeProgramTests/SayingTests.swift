// What verbs say where somebody might be misled: nothing was changed, nothing is where one looked,
// and what was typed would steer the terminal.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct SayingTests {
    @Test func aSecondDefinitionSaysThatNothingChanged() throws {
        let place = try BuiltProgram()
        try place.write(DefineVerb.example, to: "schema.json")
        let ended = try place.shell(
            """
            mneme define schema.json --store s
            mneme define schema.json --store s
            """
        )
        let lines = ended.output.split(separator: "\n")
        #expect(ended.status == 0 && lines.count == 2, "\(ended)")
        #expect(lines.first?.hasPrefix("Defined collection notes") == true)
        #expect(lines.last?.hasPrefix("Nothing changed: collection notes") == true)
    }

    @Test func theRootOfAServersBackupsIsListed() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            """
            set -e
            for store in a b; do
                mneme remember "Tea grows in Assam." --owner ada --store $store > made
                mneme backup --store $store kept/$store/one > made
            done
            mneme backup --store a kept/a/two --base kept/a/one > made
            mneme backup list kept
            mkdir empty; mneme backup list empty
            """
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 4, "\(ended.output)")
        for line in ["a/one: a full", "b/one: a full", "a/two: an increment on a/one", "There are"]
        {
            #expect(lines.contains { $0.hasPrefix(line) }, "\(ended.output)")
        }
    }

    @Test func aDamagedLogIsAFindingInJSON() throws {
        let place = try ExampleTests.prepared()
        let segment = "notes.mneme/log/000000000001.log"
        let cut = "truncate -s 5000 \(segment); "
        let json = try place.shell(cut + "mneme verify --store notes.mneme --json")
        #expect(json.status == 1 && json.error.contains("\"error\""), "\(json)")
        guard case .map(let members) = try Value(json: json.output),
            case .map(let verified) = members["verified"],
            case .array(let findings) = verified["findings"]
        else { return #expect(Bool(false), "\(json.output)") }
        #expect(findings.count == 1)
        let plain = try place.shell("mneme verify --store notes.mneme")
        #expect(plain.status == 1 && plain.output.isEmpty && !plain.error.isEmpty)
        // Who derives everything again names the same place.
        let rebuilt = try place.shell("mneme rebuild --store notes.mneme")
        let named = "log/000000000001.log"
        #expect(rebuilt.status == 1 && rebuilt.error.contains(named), "\(rebuilt.error)")
        #expect(plain.error == rebuilt.error, "\(plain.error) and \(rebuilt.error)")
    }

    @Test func whatWasTypedSteersNoTerminal() throws {
        let place = try BuiltProgram()
        let odd = "$(printf 'a\\033[31mb')"
        for line in ["get \(odd) x --store s", "\(odd)", "stats --store \(odd)", "get x --\(odd)"] {
            let ended = try place.shell("mneme \(line)")
            #expect(ended.status != 0 && !ended.error.isEmpty, "\(line)")
            #expect(!ended.error.unicodeScalars.contains("\u{1b}"), "\(line): \(ended.error)")
        }
    }
}
