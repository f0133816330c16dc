// The shell as somebody uses it who sits before it for the first time: keys go in, and what stands
// on the screen at the end is compared with what was seen before. MNEME_RECORD=1 writes it down.

import Foundation
import Mneme
import Testing

@testable import MnemeProgram

@Suite struct ShellTerminalTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "golden/shell.txt")

    private let schema =
        "define '{\"collections\": [{\"name\": \"notes\", \"fields\": [{\"name\": \"title\", "
        + "\"type\": \"text\", \"searchable\": true}, {\"name\": \"stars\", \"type\": \"int\"}]}], "
        + "\"edges\": [{\"name\": \"cites\"}]}'"

    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let made = try place.shell("mneme \(schema) --store notes.mneme")
        try #require(made.status == 0, "\(made.error)")
        return place
    }

    @Test func aFirstSessionLooksAsItDid() throws {
        let place = try prepared()
        let terminal = try TestTerminal(place, ["shell", "--store", "notes.mneme"])
        let ready = "mneme> "
        try terminal.wait(until: ready)
        // A word that is wrong, and what is meant.
        try terminal.type("gett notes tea\r", until: ready)
        // Verbs and collections are completed, JSON needs no quotes.
        try terminal.type("pu\t", until: "mneme> pu")
        try terminal.type("t no\t", until: "mneme> put notes ")
        try terminal.type("{\"ti\t", until: "mneme> put notes {\"title\": ")
        try terminal.type("\"Green tea\", \"stars\": 5} --key gr\u{fc}n\r", until: ready)
        // A statement over lines.
        try terminal.type("put notes {\"title\": \"Milk\",\r", until: "   ...> ")
        try terminal.type("  \"stars\": 2} --key milk\r", until: ready)
        // The arrow brings it back; another key makes another record of it.
        try terminal.type(
            "\u{1b}[A",
            until: ready + "put notes {\"title\": \"Milk\",   \"stars\": 2} --key milk"
        )
        try terminal.type("\u{7f}\u{7f}lk2\r", until: ready)
        // Names, values and keys are those of the store.
        try terminal.type("find {\"coll\t", until: "mneme> find {\"collection\": ")
        try terminal.type("\"no\t", until: "mneme> find {\"collection\": \"notes\"")
        try terminal.type(
            ", \"where\": {\"title\": \"Gr\t",
            until: "mneme> find {\"collection\": \"notes\", \"where\": {\"title\": \"Green tea\""
        )
        try terminal.type("}}\r", until: ready)
        try terminal.type("get notes m\t", until: "mneme> get notes milk")
        // What was typed is given up by control-C, what is open too.
        try terminal.type("\u{3}", until: ready)
        try terminal.type("put notes {\r", until: "   ...> ")
        try terminal.type("\u{3}", until: ready)
        // A transaction.
        try terminal.type("begin\r", until: "mneme (open)> ")
        try terminal.type("delete notes/milk2\r", until: "mneme (open)> ")
        try terminal.type("verify\r", until: "mneme (open)> ")
        try terminal.type("rollback\r", until: ready)
        // What is linked is followed, a line for each record and each path.
        try terminal.type("link cites notes/gr\u{fc}n notes/milk\r", until: ready)
        try terminal.type("link cites notes/milk2 notes/milk\r", until: ready)
        try terminal.type(
            "walk {\"from\": [\"notes/gr\u{fc}n\"], \"direction\": \"both\", \"hops\": 2}\r",
            until: ready
        )
        try terminal.type(
            "paths {\"from\": \"notes/gr\u{fc}n\", \"to\": \"notes/milk2\", "
                + "\"direction\": \"both\"}\r",
            until: ready
        )
        // Forms of answers.
        try terminal.type(
            "find {\"collection\": \"notes\", \"order\": [\"stars\"]}\r",
            until: ready
        )
        try terminal.type(".mode csv\r", until: ready)
        try terminal.type(
            "find {\"collection\": \"notes\", \"order\": [\"stars\"]}\r",
            until: ready
        )
        try terminal.type(".mode table\r", until: ready)
        try terminal.type("remember \"Ada likes tea.\" --owner ada --key tea\r", until: ready)
        try terminal.type("recall tea --owner ada\r", until: ready)
        try terminal.type("inspect tree\r", until: ready)
        try terminal.type(".nothing\r", until: ready)
        #expect(try terminal.end("\u{4}") == 0)
        let seen = terminal.screen.lines.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["MNEME_RECORD"] == "1" {
            try Data(seen.utf8).write(to: Self.golden)
        }
        #expect(seen == (try String(contentsOf: Self.golden, encoding: .utf8)), "\(seen)")
        let history = try String(contentsOfFile: place.path(".mneme_history"), encoding: .utf8)
        #expect(history.contains("grün"))
        let rights = try place.shell("stat -c %a .mneme_history")
        #expect(rights.output == "600\n", "\(rights)")
    }

    @Test func theSignalEndsNothingThatWaits() throws {
        let place = try prepared()
        let terminal = try TestTerminal(place, ["shell", "--store", "notes.mneme"])
        try terminal.wait(until: "mneme> ")
        terminal.interrupt()
        // The signal may be slow, and end the first of them.
        try terminal.type("put notes '{\"title\": \"x\"}' --key a\r", until: "mneme> ")
        try terminal.type("get notes/a\r", until: "mneme> ")
        try terminal.type("put notes '{\"title\": \"x\"}' --key b\r", until: "mneme> ")
        #expect(try terminal.end(".quit\r") == 0)
        #expect(try place.shell("mneme get notes/b --store notes.mneme").status == 0)
    }
}
