// What went wrong is told in the words of who typed it: options where a verb was typed, members
// where a request was. What was not there is said alike by verbs that are alike.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ProgramWordsTests {
    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [EdgeType("knows", isUnique: true)]
            )
        )
        _ = try memory.commit(["a", "b"].map { .put(Put("notes", .text($0), [:])) })
        _ = try memory.relate([
            Link("knows", from: Reference("notes", "a"), to: Reference("notes", "b"))
        ])
        _ = try memory.remember([Remember("Ada likes tea", owner: "ada", key: "tea")])
        try memory.close()
        return place
    }

    @Test func errorsNameOptions() throws {
        let place = try prepared()
        try place.write("x", to: "page.html")
        for (line, told, untold) in [
            ("link knows notes/a notes/b", "or link with --replace", "mode"),
            ("report --out page.html", "or give --replace", "mode"),
            ("graph result none", "mneme graph jobs tells which there are", "graph.job"),
            ("graph forget none", "mneme graph jobs tells which there are", "graph.job"),
            ("pin none", "check the collection and the key", "orPut"),
            ("forget tea --erase --mode soft", "has --erase and --mode soft", "forget has erase"),
        ] {
            let ended = try place.shell("mneme \(line) --store s")
            #expect(ended.status == 1 && ended.error.contains(told), "\(line): \(ended)")
            #expect(!ended.error.contains(untold), "\(line): \(ended)")
        }
        // In the shell it is the same.
        try place.write("pin none\n", to: "statements.txt")
        let shell = try place.shell("mneme shell --file statements.txt --store s")
        #expect(shell.error.contains("check the collection and the key"), "\(shell)")
    }

    @Test func requestsAreAnsweredAsTheyAreSpelled() throws {
        let place = try prepared()
        for (request, told) in [
            (
                "{\"relate\": {\"links\": [{\"type\": \"knows\", \"from\": \"notes/a\", "
                    + "\"to\": \"notes/b\"}]}}", "with the mode replace"
            ), ("{\"graph.job\": {\"do\": \"result\", \"name\": \"none\"}}", "\"graph.job\""),
            ("{\"pin\": {\"keys\": [\"none\"]}}", "(orPut)"),
        ] {
            let ended = try place.shell("mneme perform '\(request)' --store s")
            #expect(ended.status == 1 && ended.error.contains(told), "\(request): \(ended)")
        }
    }

    @Test func aServerThatWantsATokenIsToldOfByItsOption() throws {
        let place = try prepared()
        #expect(try place.shell("mneme token add --root . bot --role write").status == 0)
        let ended = try place.served("mneme get notes/a --connect $address --store s")
        #expect(ended.status == 1 && ended.error.contains("--token-file"), "\(ended)")
        #expect(!ended.error.contains("method"), "\(ended)")
    }

    /// A verb that is not one of the program's has its errors as they are.
    @Test func aPhraseNeedsTheOptionThatItNames() {
        let bare = Command("x", "Does nothing", run: { _ in })
        let message = "unlink it first, or link with the mode replace"
        #expect(ProgramWords.told(message, in: bare) == message)
        #expect(
            ProgramWords.told(message, in: LinkVerb.command)
                == "unlink it first, or link with --replace"
        )
    }

    /// What wants something of a record needs it; what wants it gone is content where it is.
    @Test func whatIsNotThereIsSaid() throws {
        let place = try prepared()
        for (line, status, said) in [
            ("touch none", 1, "none: not there in memories, and not touched"),
            ("touch tea none", 1, "none: not there in memories"),
            ("pin none", 1, "there is no memories/none"),
            ("delete notes/none", 0, "It was not there."),
            ("unlink 999", 0, "The edge was not there."),
            ("unlink 999 --dry-run", 0, "Edge 999 is not there; nothing was changed."),
            ("forget none", 0, "Not there: none. Nothing was forgotten."),
            ("forget tea --owner bob", 0, "Not there, or not of that kind: tea."),
            ("forget --owner nobody", 0, "nothing was forgotten."),
            ("procedure delete none --owner ada", 0, "Not there; nothing was deleted."),
        ] {
            let ended = try place.shell("mneme \(line) --store s")
            #expect(ended.status == Int32(status), "\(line): \(ended)")
            #expect((ended.output + ended.error).contains(said), "\(line): \(ended)")
        }
        let some = try place.shell("mneme touch tea none --store s")
        #expect(some.output.hasPrefix("tea was used 2 times"), "\(some)")
        let forgotten = try place.shell("mneme forget tea none --store s")
        #expect(forgotten.output.hasPrefix("Forgot 1 memory."), "\(forgotten)")
        #expect(forgotten.output.contains("The others of those named"), "\(forgotten)")
    }

    @Test func aDryRunChangesNothing() throws {
        let place = try prepared()
        let put = try place.shell("mneme procedure put tea x --owner ada --store s")
        #expect(put.status == 0, "\(put)")
        let memory = try Memory.open(place.path("s"))
        let edge = try #require(try memory.find(Find(edges: "knows")).edges.first).id
        try memory.close()
        for (line, said) in [
            ("unlink \(edge) --dry-run", "Edge \(edge) would go; nothing was changed."),
            ("procedure delete tea --owner ada --dry-run", "tea would go; nothing was changed."),
        ] {
            for _ in 0..<2 {
                let ended = try place.shell("mneme \(line) --store s")
                #expect(ended.status == 0 && ended.output == said + "\n", "\(line): \(ended)")
            }
        }
        #expect(try place.shell("mneme unlink \(edge) --store s").output == "Unlinked.\n")
    }

    @Test func aPurgeOverAConnectionTellsWhatCanBeTyped() throws {
        let place = try prepared()
        let ended = try place.served("mneme purge --owner ada --connect $address --store s")
        let words = BuiltProgram.flat(ended.output)
        #expect(ended.status == 0 && words.contains("no connection does"), "\(ended)")
        #expect(words.contains("mneme verify --store ROOT/s --erased-owner ada"), "\(ended)")
        // With the directory that was served it is what proves it.
        let lines = ended.output.split(separator: "\n").filter { $0.contains("  mneme ") }
        #expect(lines.count == 2, "\(ended)")
        for line in lines {
            let proof = try place.shell(String(line.replacing("ROOT", with: ".")))
            #expect(proof.status == 0, "\(line): \(proof)")
        }
    }

    @Test func aJobIsLeftToSomebodyAlone() throws {
        let place = try prepared()
        let run = "graph run '{\"measure\": \"degree\"}' --leave"
        let alone = try place.shell("mneme \(run) --store s")
        #expect(alone.status == 2 && alone.error.contains("give --connect"), "\(alone)")
        let jobs = try place.shell("mneme graph jobs --store s")
        #expect(jobs.output == "There is no job.\n", "\(jobs)")
        try place.write(run + "\n", to: "statements.txt")
        let shell = try place.shell("mneme shell --file statements.txt --store s")
        #expect(shell.status == 0 && shell.output.contains("degree"), "\(shell)")
        let forgotten = try place.shell("mneme graph forget degree --store s")
        #expect(forgotten.status == 0, "\(forgotten)")
        let served = try place.served("mneme \(run) --connect $address --store s")
        #expect(served.status == 0 && served.output.contains("degree"), "\(served)")
    }

    @Test func aSessionHasTheIDThatItWasGiven() throws {
        let place = try BuiltProgram()
        let open = "mneme session open --owner ada --id talk --store s"
        let first = try place.shell(open)
        #expect(first.status == 0 && first.output.hasPrefix("Session talk of ada: started."))
        let added = try place.shell("mneme session append talk 'Tea?' --store s")
        #expect(added.status == 0, "\(added)")
        let again = try place.shell(open)
        #expect(again.output.hasPrefix("Session talk of ada: going on."), "\(again)")
        let other = try place.shell("mneme session open --owner ada --id chat --store s")
        #expect(other.status == 1 && other.error.contains("session talk"), "\(other)")
        #expect(try place.shell("mneme session end talk --store s").status == 0)
        let ended = try place.shell(open)
        #expect(ended.status == 1 && ended.error.contains("has ended"), "\(ended)")
    }
}
