// Verbs on a store behind a server: each says what it says of a store in a directory.

import Foundation
import Mneme
import MnemeClient
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ConnectTests {
    /// The verbs that work on a store, whoever has it open.
    private static let commands = Tool.program.commands.filter {
        !["serve", "rebuild", "compact", "scrub", "salvage", "demo", "export"].contains($0.name)
            && !ofFiles.contains($0.name) && !$0.name.hasPrefix("inspect ")
    }

    /// Those that work on backups, keys and tokens, which are files that nobody has open.
    static let ofFiles: Set<String> = [
        "backup verify", "backup list", "backup prune", "restore", "key make", "key rotate",
        "token add", "token list", "token rotate", "token expire", "token revoke", "manual",
        // It asks a server for its figures, over HTTP.
        "top",
    ]

    /// A line without what is never the same twice: generated keys, times and ages.
    private static func lasting(_ text: String, of verb: String) -> String {
        var text = text.replacing(/[0-9a-f]{8}-[0-9a-f-]{27}/, with: "ID")
            .replacing(/[0-9.]+ (µs|ms|s)\b/, with: "TIME")
            .replacing(/[0-9.]+ days/, with: "DAYS")
            .replacing(/"seconds":[0-9.e-]+/, with: "SECONDS")
            .replacing(/\d{4}-\d\d-\d\dT[\d:.]+Z/, with: "INSTANT")
        if verb.hasPrefix("scalar ") {
            // What a number has moved to since, behind its name.
            text = text.replacing(/(?m)^(\S+ +)-?\d+\.\d{4}/) { "\($0.output.1)VALUE" }
        }
        // A column is as wide as what stands in it.
        return text.contains("─") ? text.replacing(/\ {2,}|─+/, with: "  ") : text
    }

    @Test func everyVerbTakesAConnection() {
        // A server opens no store that is damaged, and a salvage names two of them.
        for command in Tool.program.commands
        where !["serve", "salvage"].contains(command.name) && !Self.ofFiles.contains(command.name) {
            let labels = command.parameters.map(\.label)
            #expect(labels.contains("--connect"), "\(command.name)")
            #expect(labels.contains("--store"), "\(command.name)")
        }
    }

    /// Every example of every help, with a connection put behind it, does what it does without.
    @Test func everyExampleIsTheSameOverAConnection() throws {
        let prepared = try ExampleTests.preparedWithLayer()
        for command in Self.commands {
            for example in command.examples {
                let (here, there) = (try prepared.copy(), try prepared.copy())
                var line = "mneme " + example
                if command.name == "import wordnet" {
                    line += " dict"
                    for place in [here, there] {
                        try FileManager.default.removeItem(atPath: place.path("wordnet.mneme"))
                    }
                }
                let (head, redirection) = Self.split(line)
                let wanted = try here.shell(line)
                let ended = try there.served(
                    "\(head) --connect $address \(redirection)",
                    "--backups there"
                )
                #expect(wanted.status == 0, "\(example): \(wanted.error)")
                #expect(ended.status == 0, "\(example): \(ended.error)")
                #expect(ended.error.isEmpty, "\(example): \(ended.error)")
                // The files of a store that is open differ from those of one that was just closed,
                // and a table of times is as wide as these.
                let varying = ["stats", "verify", "vectors check", "report"]
                if varying.contains(command.name) { continue }
                #expect(
                    Self.lasting(ended.output, of: command.name)
                        == Self.lasting(wanted.output, of: command.name),
                    "\(example)"
                )
            }
        }
    }

    /// A line, and what the shell is to read it from.
    private static func split(_ line: String) -> (String, String) {
        guard let mark = line.range(of: " < ") else { return (line, "") }
        return (String(line[..<mark.lowerBound]), String(line[mark.lowerBound...]))
    }

    @Test func theDemonstrationGoesOverAConnection() throws {
        let place = try ExampleTests.prepared()
        let ended = try place.served("mneme demo --wordnet dict --store new --connect $address")
        #expect(ended.status == 0, "\(ended.error)")
        #expect(ended.output.contains("Imported 3 memories and 2 edges"))
        #expect(ended.output.contains("by 2 hypernyms up and down"))
        let store = try Memory.open(place.path("new"))
        #expect(try store.statistics().records["memories"] == 3)
        try store.close()
        let again = try #require(ended.output.split(separator: "\n").last)
        #expect(again.hasPrefix("Ask more: ") && again.contains("--connect unix:"), "\(again)")
    }

    @Test func theDemonstrationServesTheStore() throws {
        let place = try ExampleTests.prepared()
        let ended = try place.shell("mneme demo --wordnet dict --store new.mneme")
        #expect(ended.status == 0, "\(ended.error)")
        #expect(ended.output.contains("All 5 answers are the same."), "\(ended.output)")
        let json = try place.shell("mneme demo --wordnet dict --store new.mneme --json")
        #expect(json.output.contains("\"same\":true"), "\(json.output)")
        let hidden = try place.shell("mneme demo --wordnet dict --store .hidden")
        #expect(hidden.status == 2 && hidden.error.contains("Choose another --store."))
        #expect(!FileManager.default.fileExists(atPath: place.path(".hidden")))
    }

    @Test func theServerChoosesAStoreWhereNoneIsNamed() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            mneme remember "Tea grows in Assam." --owner ada --key tea --connect $address &&
            mneme get memories tea --connect $address --store default
            """
        )
        #expect(ended.status == 0 && ended.output.contains("Tea grows in Assam."), "\(ended)")
    }

    @Test func everythingIsSavedWhateverTheDurability() throws {
        let place = try ExampleTests.prepared()
        for word in Durability.allCases.map(\.rawValue) {
            let ended = try place.served(
                """
                set -e
                mneme remember one --owner a --key \(word) --durability \(word) \
                    --connect $address --store notes.mneme
                mneme put notes '{"title": "x"}' --key \(word) --durability \(word) \
                    --connect $address --store notes.mneme
                """,
                "--durability none"
            )
            #expect(ended.status == 0, "\(ended)")
        }
        let store = try Memory.open(place.path("notes.mneme"))
        for word in Durability.allCases.map(\.rawValue) {
            #expect(try store.get(Reference("memories", .text(word))) != nil)
            #expect(try store.get(Reference("notes", .text(word))) != nil)
        }
        try store.close()
    }

    @Test func ofManyWhoInsertOneDoes() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            mneme remember first --owner a --connect $address --store s > first
            for turn in {1..6}; do
                mneme remember "by $turn" --owner a --key k --insert --connect $address --store s \
                    > "out$turn" 2> "err$turn" && echo "$turn" >> won &
                others="$others $!"
            done
            for other in $others; do wait $other; done
            wc -l < won; cat err*
            """
        )
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "1", "\(ended)")
        let refusals = lines.filter { $0.contains("has a record with key k already") }
        #expect(refusals.count == 5, "\(ended)")
        // So it is without a server.
        let here = try place.shell("mneme remember x --owner a --key k --insert --store s")
        #expect(here.status == 1 && here.error.contains("has a record with key k already"))
        let other = try place.shell("mneme remember x --owner b --key k --insert --store s")
        #expect(other.status == 1 && other.error.contains("has a record with key k already"))
        #expect(try place.shell("mneme remember x --owner a --key k --store s").status == 0)
    }

    @Test func theWrongLineIsNamedAndWhatWasBeforeStays() throws {
        var lines = (1...2500).map { "{\"id\": \"k\($0)\", \"text\": \"number \($0)\"}" }
        lines[2100] = "{\"id\": \"k2101\", \"text\": 7}"
        let place = try BuiltProgram()
        try place.write(lines.joined(separator: "\n") + "\n", to: "lines.jsonl")
        let line = "import jsonl lines.jsonl --owned-by a --key id"
        let wanted = try place.shell("mneme \(line) --store here")
        let ended = try place.served("mneme \(line) --store there --connect $address")
        #expect(ended.status == 1 && ended.error == wanted.error, "\(ended)")
        #expect(ended.error.contains("line 2101"), "\(ended)")
        for name in ["here", "there"] {
            let store = try Memory.open(place.path(name))
            #expect(try store.statistics().records["memories"] == 2100)
            #expect(try store.get(Reference("memories", "k2102")) == nil)
            try store.close()
        }
    }

    private static func readme() throws -> String {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "README.md")
        return try String(contentsOf: page, encoding: .utf8)
    }

    /// The README's table of verbs has each that there is, and no other.
    @Test func theReadmesTableHasTheVerbs() throws {
        let table = try #require(
            try Self.readme().components(separatedBy: "\n| Verbs | |\n").dropFirst().first
        ).components(separatedBy: "\n\n")[0]
        var told: [String] = []
        for line in table.split(separator: "\n").dropFirst() {
            let cell = try #require(line.split(separator: "|").first)
            told += cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
        }
        try #require(told.count > 40)
        #expect(Set(told).count == told.count)
        let names = Tool.program.commands.map(\.name)
        for name in told {
            #expect(names.contains { $0 == name || $0.hasPrefix(name + " ") }, "\(name)")
        }
        for name in names {
            #expect(told.contains { name == $0 || name.hasPrefix($0 + " ") }, "\(name)")
        }
    }

    /// The commands of the README do what it says.
    @Test func theReadmesCommandsRun() throws {
        let text = try Self.readme()
        let blocks = text.components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count == 2)
        #expect(blocks[0].hasPrefix("mneme serve --root "))
        let place = try BuiltProgram()
        let ended = try place.served(
            "set -e\n" + blocks[1].replacing("localhost", with: "$address")
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        #expect(ended.output.hasPrefix("Remembered as bees."), "\(ended.output)")
        #expect(ended.output.contains("bees Ann keeps bees behind"), "\(ended.output)")
        #expect(ended.output.contains("all agree."), "\(ended.output)")
    }
}
