import Testing

@testable import MnemeCommandLine

@Suite struct StatementTests {
    private func words(_ lines: String...) -> [[String]] {
        var reader = StatementReader()
        return lines.flatMap { reader.read($0) }.map(\.words)
    }

    @Test func wordsAreThoseOfAShell() {
        #expect(words("get notes tea") == [["get", "notes", "tea"]])
        #expect(
            words("  put  notes 'a b' \"c \\\"d\\\" \\n\" e\\ f") == [
                ["put", "notes", "a b", "c \"d\" \\n", "e f"]
            ]
        )
        #expect(words("find '' \"\"") == [["find", "", ""]])
        #expect(words("a'b'\"c\"d") == [["abcd"]])
        #expect(words("", "   ", "# all of it", "get a # b") == [["get", "a", "#", "b"]])
    }

    @Test func bracesGoOnToTheOneThatCloses() {
        let json = "{\"where\": {\"title\": \"a } \\\" b\"}, \"order\": [\"x\"]}"
        #expect(words("find \(json) --json") == [["find", json, "--json"]])
        #expect(words("find {\"a\":", "  1}") == [["find", "{\"a\":\n  1}"]])
        // Within a word they are letters.
        #expect(words("get a{b c") == [["get", "a{b", "c"]])
    }

    @Test func statementsEndWithTheirLineOrBefore() {
        #expect(words("begin; put a b ; commit;") == [["begin"], ["put", "a", "b"], ["commit"]])
        #expect(words("get a;b") == [["get", "a;b"]])
        #expect(words("get \\", "notes tea") == [["get", "notes", "tea"]])
        #expect(words("say 'two", "lines'") == [["say", "two\nlines"]])
    }

    @Test func whatIsOpenIsKeptUntilItIsGivenUp() {
        var reader = StatementReader()
        #expect(reader.read("get 'a").isEmpty && reader.isOpen)
        #expect(reader.openText == "get 'a\n")
        reader.giveUp()
        #expect(!reader.isOpen)
        let statements = reader.read("get b")
        #expect(statements.map(\.words) == [["get", "b"]] && statements.first?.line == 2)
    }

    @Test func aStatementKnowsItsLineAndStandsOnOne() {
        var reader = StatementReader()
        #expect(reader.read("# one").isEmpty)
        #expect(reader.read("find {").isEmpty)
        let found = reader.read("} ;")
        #expect(found.map(\.line) == [2])
        #expect(found.map(\.text) == ["find { }"])
        let quoted = reader.read("say 'a") + reader.read("b'")
        #expect(quoted.map(\.text) == ["say 'a\nb'"] && quoted.map(\.line) == [4])
        let joined = reader.read("get \\") + reader.read("x")
        #expect(joined.map(\.text) == ["get x"])
    }

    /// However a text is cut into lines, its words are those of the whole.
    @Test func noLineEndChangesTheWords() {
        let text = "put notes {\"a\": [1, {\"b\": \"c\"}]} --key 'x y' --insert"
        let whole = words(text)
        for place in text.indices where text[place] == " " {
            let before = String(text[..<place])
            let after = String(text[text.index(after: place)...])
            let found = words(before + " \\", after)
            // Within braces and quotes a backslash is of the text.
            let isInside = OpenWords(before).opening != .bare
            if !isInside { #expect(found == whole, "\(before)") }
        }
    }

    @Test func theWordAtTheCursorIsKnown() {
        #expect(OpenWords("get no") == OpenWords("get no"))
        let bare = OpenWords("get no")
        #expect(bare.words == ["get"] && bare.word == "no" && bare.opening == .bare)
        let next = OpenWords("get notes ")
        #expect(next.words == ["get", "notes"] && next.word.isEmpty)
        let quote = OpenWords("get notes 'a b")
        #expect(quote.word == "a b" && quote.opening == .quote("'"))
        let json = OpenWords("find {\"where\": {")
        #expect(json.words == ["find"] && json.word == "{\"where\": {")
        #expect(json.opening == .bracket)
        #expect(OpenWords("begin; get a").words == ["get"])
    }
}

@Suite struct PlaceTests {
    private enum Kind: String, CaseIterable, Sendable {
        case hard
        case soft
    }

    private static let program = Program(
        "mneme",
        version: "1",
        "x",
        commands: [
            Command(
                "import lines",
                "x",
                parameters: [
                    Parameter<String>(argument: "FILE", .text("FILE"), "x").declaration
                ]
            ) { _ in },
            Command(
                "get",
                "x",
                parameters: [
                    Parameter<String>(argument: "COLLECTION", .text("C"), "x").declaration,
                    Parameter<[String]>(rest: "KEY", .text("KEY"), "x").declaration,
                    Parameter<Kind?>(option: "mode", .word(Kind.self), "x").declaration,
                    Parameter(flag: "deleted", "x").declaration,
                ]
            ) { _ in },
        ],
        shared: [Program.json.declaration]
    )

    private func place(_ words: String..., beginning: String = "") -> WordPlace {
        Self.program.place(after: words, beginning: beginning)
    }

    @Test func verbsAndKindsComeFirst() {
        #expect(place().choices == ["import", "get"])
        #expect(place("import").choices == ["lines"])
        #expect(place("nothing").choices.isEmpty)
        #expect(place("import", "lines").parameter == "FILE")
    }

    @Test func argumentsAndOptionsAreToldApart() {
        #expect(place("get").parameter == "COLLECTION")
        let key = place("get", "notes", "--json", "--mode", "hard")
        #expect(key.parameter == "KEY" && key.given["COLLECTION"] == ["notes"])
        #expect(key.given["--mode"] == ["hard"])
        let mode = place("get", "notes", "--mode")
        #expect(mode.parameter == "--mode" && mode.choices == ["hard", "soft"])
        #expect(
            place("get", "--json", beginning: "--").choices == ["--mode", "--deleted"]
        )
        #expect(place("get", "--", beginning: "--").parameter == "COLLECTION")
    }
}

@Suite struct FittedTableTests {
    @Test func theWidestColumnsAreCut() {
        var table = TextTable([("key", .left), ("title", .left), ("stars", .right)])
        table.add(["tea", String(repeating: "x", count: 60), "4"])
        let (lines, leftOut) = table.fitted(width: 40)
        #expect(leftOut == 0 && lines.allSatisfy { $0.count <= 40 }, "\(lines)")
        #expect(lines[2].contains("…") && lines[2].hasSuffix("4"))
        #expect(table.fitted(width: 100).lines == table.lines())
    }

    @Test func columnsThatDoNotFitAreCounted() {
        var table = TextTable((0..<20).map { ("column \($0)", .left) })
        table.add((0..<20).map { "value \($0)" })
        let (lines, leftOut) = table.fitted(width: 50)
        #expect(leftOut == 15 && lines.allSatisfy { $0.count <= 50 }, "\(lines)")
    }
}
