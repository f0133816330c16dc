// Every example of every help is run as it stands there, in a directory in which what it names is
// prepared.

import Foundation
import Mneme
import MnemeBase
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ExampleTests {
    /// A piece of WordNet with the dog and the cat that the demonstration asks for.
    private static let wordNet = [
        "noun": """
        02075296 05 n 01 carnivore 0 000 | a mammal that eats flesh
        02084071 05 n 01 dog 0 001 @ 02075296 n 0000 | a member of the genus Canis
        02121620 05 n 01 cat 0 001 @ 02075296 n 0000 | a feline with soft fur
        """,
        "verb": "", "adj": "", "adv": "",
    ]

    /// A mapping of a table, and what a store with the same collection was exported as.
    private static let tea = """
        {"source": {"format": "csv"}, "rules": [
            {"collection": "notes", "key": "id", "fields": {"title": "name", "stars": "rating"}}]}
        """
    private static let exported = """
        {"schema": \(DefineVerb.example), "sequence": 9, "version": 1}
        {"record": {"collection": "notes", "key": "tea", "fields": {"title": "Tea", "stars": 4}}}
        {"end": {"records": 1, "edges": 0}}

        """

    /// The token file of a server with one token.
    private static let tokens = """
        {"format": 1, "tokens": [{"name": "bot", "role": "write",
            "created": {"$instant": "2024-02-29T00:00:00Z"},
            "secrets": [{"hash": "\(String(repeating: "A", count: 43))="}]}]}
        """

    static func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        try place.write(DefineVerb.example, to: "schema.json")
        try place.write(
            "{\"id\": 1, \"user\": \"ada\", \"at\": \"2024-02-29\", \"text\": \"x\"}\n",
            to: "talk.jsonl"
        )
        try place.write("{\"id\": \"cake\", \"title\": \"Cake\"}\n", to: "notes.jsonl")
        try place.write("Dear Ada\n", to: "letter.txt")
        try place.write("# One note.\nget notes tea\n", to: "statements.txt")
        try place.write(
            "{\"commit\": {\"changes\": [{\"put\": {\"collection\": \"notes\", "
                + "\"key\": \"ran\", \"fields\": {\"title\": \"Ran\"}}}]}}\n"
                + "{\"get\": [\"notes/ran\"]}\n",
            to: "requests.jsonl"
        )
        try place.write(tea, to: "tea.mapping.json")
        try place.write("id,name,rating\nassam,Assam,4\nearl,\"Earl Grey\",5\n", to: "tea.csv")
        try place.write(exported, to: "old.export")
        try place.write(tokens, to: "served/.tokens")
        try place.write(#"{"up": [{"define": {}}], "down": []}"#, to: "migrations/0001-first.json")
        for (name, text) in wordNet { try place.write(text, to: "dict/data.\(name)") }
        let notes = try Memory.open(place.path("notes.mneme"))
        try notes.define(Schema(json: DefineVerb.example))
        _ = try notes.remember([
            Remember("Ada takes her tea without milk.", owner: "ada", key: "tea"),
            Remember("Tea grows in Assam.", owner: "ada", kind: .semantic),
        ])
        let keys: [Key] = ["tea", "milk", "cow"]
        _ = try notes.commit(keys.map { .put(Put("notes", $0, ["title": "Tea", "stars": 4])) })
        func link(_ from: Int, _ to: Int) -> Link {
            Link("cites", from: Reference("notes", keys[from]), to: Reference("notes", keys[to]))
        }
        // One edge is the one that an example removes.
        var numbers = try notes.relate([link(0, 1), link(1, 2)])
        while (numbers.last ?? 7) < 7 { numbers += try notes.relate([link(0, 2)]) }
        try #require(numbers.contains(7))
        _ = try notes.runGraphJob(GraphRun("ranks", .pageRank, types: ["cites"]))
        var jobs: [GraphJob] = []
        for _ in 0..<6000 {
            jobs = try notes.graphJobs().jobs
            if jobs.allSatisfy(\.hasEnded) { break }
            _ = Gate().wait(atMost: 10_000)
        }
        try #require(jobs.map(\.state) == [.done])
        try place.write("grace = 10\n", to: "mneme.conf")
        try notes.backup(to: place.path("kept/sunday"))
        try notes.remember("Ada takes her coffee black.", owner: "ada")
        try notes.backup(to: place.path("kept/monday"), base: place.path("kept/sunday"))
        try notes.close()
        let words = try Memory.open(place.path("wordnet.mneme"))
        try words.remember("dog: an animal", owner: "wordnet")
        try words.define(
            Schema(collections: [Collection("memories", fields: [], countsUsage: true)])
        )
        try words.close()
        let key = MasterKey.make()
        try key.write(to: place.path("master.key"))
        try MasterKey.make().write(to: place.path("next.key"))
        var options = MemoryOptions()
        options.masterKey = key
        let secret = try Memory.open(place.path("secret.mneme"), options: options)
        try secret.remember("Ada hides the tea.", owner: "ann")
        try secret.close()
        return place
    }

    /// The same, with sessions, facts, events and what else the memory layer has.
    static func preparedWithLayer() throws -> BuiltProgram {
        let place = try prepared()
        let notes = try Memory.open(place.path("notes.mneme"))
        try rememberMore(notes)
        try notes.close()
        return place
    }

    private static let examples = Tool.program.commands.flatMap(\.examples)

    /// A server on an address that is free, told to end as soon as it listens.
    private func serving(_ line: String, in place: BuiltProgram) -> String {
        var line = line.replacing("mneme serve", with: "\"$built\" serve")
            .replacing("/run/", with: place.path("") + "/")
        if !line.contains("--listen") { line += " --listen 127.0.0.1:0" }
        return """
            mkdir stores; : > said; \(line) > said 2> .log & server=$!
            for turn in {1..200}; do grep -q Listening said && break; sleep 0.05; done
            cat said; kill -TERM $server; wait $server
            """
    }

    /// The line while a server tells its figures on an address that is free.
    private func watching(_ line: String) -> String {
        let line = line.replacing("127.0.0.1:9411", with: "$figures")
        return """
            mkdir stores; : > said
            "$built" serve --root stores --listen 127.0.0.1:0 --metrics 127.0.0.1:0 > said 2> .log &
            server=$!
            for turn in {1..200}; do grep -q Figures said && break; sleep 0.05; done
            figures=$(sed -n 's|^Figures are on http://\\(.*\\)/metrics.$|\\1|p' said)
            \(line); status=$?
            kill -TERM $server; wait $server; exit $status
            """
    }

    /// The example with what a test machine lacks put in its place: all of WordNet, and `/tmp`.
    private func line(_ example: String, in place: BuiltProgram) -> String {
        var line = "mneme " + example.replacing("/tmp/", with: place.path("") + "/")
        if example.hasPrefix("demo") { line += " --wordnet dict" }
        if example.hasPrefix("import wordnet") { line += " dict" }
        if example.hasPrefix("top") { return watching(line) }
        let serves = example.hasPrefix("serve") && !example.hasSuffix("--check")
        return serves ? serving(line, in: place) : line
    }

    /// What verbs say that came to nothing.
    private static let nothings = [
        "Nothing was", "not there", "no path", "0 records", "nothing was forgotten", "Pruned 0",
        "nothing was deleted", "0 memories would go", "0 candidates", "No event is due",
        "There is no such episode", "There are no such", "no such scalar", "none of this name",
        "There is no job", "No record has a row", "No entry fits", "Nothing says where",
        "No vector field", "There are no backups", "There are no migrations", "Nothing is defined",
    ]

    @Test func everyExampleIsTaken() throws {
        let prepared = try Self.preparedWithLayer()
        #expect(Self.examples.count >= Tool.program.commands.count)
        for command in Tool.program.commands {
            #expect(!command.examples.isEmpty, "\(command.name) has no example")
        }
        for example in Self.examples {
            let place = try prepared.copy()
            if example.hasPrefix("demo") || example.hasPrefix("import wordnet") {
                try FileManager.default.removeItem(atPath: place.path("wordnet.mneme"))
            }
            let ended = try place.shell(line(example, in: place))
            #expect(ended.status == 0, "\(example): \(ended.error)")
            #expect(ended.error.isEmpty, "\(example): \(ended.error)")
            // The demonstration asks for what a piece of WordNet does not have.
            if example.hasPrefix("demo") { continue }
            for nothing in Self.nothings {
                #expect(!ended.output.contains(nothing), "\(example): \(ended.output)")
            }
        }
    }

    @Test func theDemonstrationNamesAProgramThatIsThere() throws {
        let place = try Self.prepared()
        let ended = try place.shell("mneme demo --wordnet dict --store new.mneme")
        let line = try #require(ended.output.split(separator: "\n").last)
        #expect(line.hasPrefix("Ask more: "))
        let again = try place.shell(String(line.dropFirst("Ask more: ".count)))
        #expect(again.status == 0, "\(line): \(again.error)")
        #expect(ended.output.contains("How is a dog related to a cat?"))
        #expect(ended.output.contains("by 2 hypernyms up and down"))
    }

    /// What is on disk is said once, and is what is there.
    @Test func theDemonstrationMeasuresTheDiskOnce() throws {
        let place = try Self.prepared()
        let ended = try place.shell("mneme demo --wordnet dict --store new.mneme")
        #expect(!ended.output.contains("page file"))
        let bytes = Figures.bytes(try DirectorySize.bytes(place.path("new.mneme")))
        let log = Figures.bytes(try DirectorySize.bytes(place.path("new.mneme/log")))
        #expect(ended.output.contains("on disk  \(bytes), of which the log is \(log) and the"))
    }
}
