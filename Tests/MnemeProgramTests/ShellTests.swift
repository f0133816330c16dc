// Statements from files and standard input: the verbs of the command line against one open store.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct ShellTests {
    private let schema =
        "define '{\"collections\": [{\"name\": \"notes\", \"fields\": [{\"name\": \"title\", "
        + "\"type\": \"text\", \"searchable\": true}, {\"name\": \"stars\", \"type\": \"int\"}]}]}'"

    private func place(_ statements: String) throws -> BuiltProgram {
        let place = try BuiltProgram()
        try place.write(schema + "\n" + statements, to: "all.txt")
        return place
    }

    @Test func aFileIsDoneStatementByStatement() throws {
        let place = try place(
            """
            # Two notes.
            put notes {"title": "Tea, green",
                       "stars": 4} --key tea
            mneme put notes {"title": "Milk"} --key milk; get notes/milk
            {"count": {"collection": "notes"}}
            """
        )
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        #expect(ended.output.contains("Put notes/tea.\nPut notes/milk.\nnotes/milk\n"))
        let again = try place.shell(
            "mneme shell --store s --csv < <(echo 'find {\"collection\": \"notes\"}')"
        )
        #expect(
            again.output
                == "$collection,$key,stars,title,score\nnotes,milk,,Milk,0.0\n"
                + "notes,tea,4,\"Tea, green\",0.0\n",
            "\(again)"
        )
    }

    @Test func theFirstFailureEndsItAndIsNamed() throws {
        let place = try place(
            """

            put notes {"title": "a"} --key a
            get notes nothing
            put notes {"title": "b"} --key b
            gett notes a
            """
        )
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 1 && ended.error.hasPrefix("mneme: all.txt, line 4: There is no"))
        #expect(try place.shell("mneme get notes/b --store s").status == 1)
        let goesOn = try place.shell(
            "mneme shell --store t --create --keep-going < all.txt"
        )
        #expect(goesOn.status == 1 && goesOn.error.contains("line 4: There is no record"))
        #expect(goesOn.error.contains("line 6: There is no verb \"gett\"."), "\(goesOn.error)")
        #expect(try place.shell("mneme get notes/b --store t").status == 0)
        try place.write("get 'notes", to: "open.txt")
        let open = try place.shell("mneme shell --store t --file open.txt")
        #expect(open.status == 2, "\(open)")
        #expect(open.error.contains("the statement that begins on line 1"), "\(open)")
    }

    @Test func aTransactionIsAllOrNothing() throws {
        let place = try place(
            """
            begin
            put notes {"title": "a"} --key a
            get notes/a
            rollback
            begin
            put notes {"title": "b"} --key b
            commit
            """
        )
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        #expect(ended.output.contains("notes/a\n") && ended.output.contains("Rolled back"))
        #expect(try place.shell("mneme get notes/a --store s").status == 1)
        #expect(try place.shell("mneme get notes/b --store s").status == 0)
        for (statements, wanted) in [
            ("commit", "No transaction is open."), ("begin\nbegin", "open already"),
            ("begin\nverify", "verify is no part of a transaction."),
        ] {
            try place.write(statements + "\n", to: "wrong.txt")
            let wrong = try place.shell("mneme shell --store s --file wrong.txt")
            #expect(wrong.status != 0 && wrong.error.contains(wanted), "\(wrong)")
        }
    }

    @Test func verbsThatNeedItClosedFindItClosed() throws {
        let place = try place("put notes {\"title\": \"a\"} --key a\nrebuild\nget notes/a\n")
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 0 && ended.output.contains("Rebuilt in"), "\(ended)")
        #expect(ended.output.hasSuffix("title  a\n"))
    }

    @Test func filesReadFilesButNotThemselves() throws {
        let place = try place(".read more.txt\nget notes/a\n")
        try place.write("put notes {\"title\": \"a\"} --key a\n", to: "more.txt")
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 0 && ended.output.hasSuffix("title  a\n"), "\(ended)")
        try place.write(".read self.txt\n", to: "self.txt")
        let endless = try place.shell("mneme shell --store s --file self.txt")
        #expect(endless.status == 2 && endless.error.contains("read too deep"), "\(endless)")
    }

    @Test func itSpeaksToAServer() throws {
        let place = try place("put notes {\"title\": \"a\"} --key a\nbegin\nget notes/a\ncommit\n")
        let ended = try place.shell(
            """
            mkdir stores; : > said; "$built" serve --root stores --listen unix:$PWD/sock > said &
            server=$!
            for turn in {1..400}; do grep -q Listening said && break; sleep 0.05; done
            mneme shell --connect unix:$PWD/sock --store s --create --file all.txt; status=$?
            kill -TERM $server; wait $server; exit $status
            """
        )
        #expect(ended.status == 0 && ended.output.contains("notes/a\n"), "\(ended)")
    }

    @Test func aTransactionThatIsLeftOpenIsSaid() throws {
        let place = try place("begin\nput notes {\"title\": \"a\"} --key a\n")
        let ended = try place.shell("mneme shell --store s --create --file all.txt")
        #expect(ended.status == 1, "\(ended)")
        #expect(ended.error.contains("nothing of it was kept"), "\(ended)")
    }

    @Test func whatIsExplainedIsSaid() throws {
        let place = try place("explain find {\"collection\": \"notes\"}\n.mode json\ndescribe\n")
        let ended = try place.shell("mneme shell --store s --create --table --file all.txt")
        #expect(ended.output.contains("How it was answered:"), "\(ended)")
        #expect(ended.output.contains("{\"schema\":{"))
    }

    @Test func formsOfRows() throws {
        let rows = AnswerRows(
            try Value(
                json: """
                    {"found": {"rows": [
                        {"record": {"collection": "a", "key": 1, "fields": {"t": "x\\ny"}},
                            "score": 1},
                        {"edge": {"id": 7, "type": "cites", "from": "a/1", "to": "a/2"},
                            "score": 0}],
                        "next": "abc"}}
                    """
            )
        )
        #expect(
            rows.columns == ["$collection", "$id", "$key", "$type", "$from", "$to", "t", "score"]
        )
        #expect(rows.isList && rows.next == "abc" && rows.rows.count == 2)
        #expect(RowLayout.csv(rows).hasSuffix("a,,1,,,,\"x\ny\",1\n,7,,cites,a/1,a/2,,0\n"))
        #expect(!AnswerRows(["done": [:]]).isList)
        let empty = AnswerRows(["found": ["rows": []]])
        #expect(RowLayout.table(empty, width: 80) == ["(0 rows)"])
    }
}

@Suite struct JSONPlaceTests {
    @Test func placesInJSON() {
        let name = JSONPlace("{\"where\": {\"ti")
        #expect(name.path == ["where"] && name.isName && name.isInText && name.begun == "ti")
        let value = JSONPlace("{\"collection\": \"notes\", \"where\": {\"title\": {\"eq\": \"T")
        #expect(value.path == ["where", "title", "eq"] && !value.isName && value.begun == "T")
        #expect(value.texts == ["collection": "notes"])
        let list = JSONPlace("{\"order\": [\"stars\", \"")
        #expect(list.path == ["order"] && !list.isName && list.isInText)
        let next = JSONPlace("{\"a\": {\"b\": 1}, ")
        #expect(next.path.isEmpty && next.isName && !next.isInText)
    }

    /// What the shell offers is what requests take.
    @Test func offeredWordsAreKnown() {
        let wanted = [
            "find": "\"collection\": \"a\"", "count": "\"collection\": \"a\"",
            "walk": "\"from\": \"a/1\"", "path": "\"from\": \"a/1\", \"to\": \"a/2\"",
            "recall": "\"question\": \"x\"", "commit": "\"changes\": []",
        ]
        for (verb, members) in RequestWords.members {
            for member in members where !(wanted[verb] ?? "").contains("\"\(member)\"") {
                let text = "{\"\(verb)\": {\(wanted[verb] ?? ""), \"\(member)\": null}}"
                let said = wrong { try Request(json: text) }
                #expect(!said.contains("has no member"), "\(verb).\(member): \(said)")
            }
        }
    }

    private func wrong(_ body: () throws -> Request) -> String {
        do {
            _ = try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
