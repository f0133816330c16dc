import MnemeModel
import Testing

@testable import MnemeCommandLine

private enum Metric: String, CaseIterable, Sendable {
    case cosine
    case dot
}

private let question = Parameter(argument: "QUESTION", .text("QUESTION"), "what is asked")
private let store = Parameter(required: "store", .text("DIR"), "the store's directory")
private let limit = Parameter(
    option: "limit",
    .int(in: 1...100),
    "at most this many",
    default: 10
)
private let owner = Parameter<String?>(option: "owner", .text("OWNER"), "whose they are")
private let metric = Parameter(option: "metric", .word(Metric.self), "nearness", default: .cosine)
private let beams = Parameter(
    option: "beam",
    .list(of: .int(in: 1...1000)),
    "beams",
    default: [16, 24]
)
private let tags = Parameter<[String]>(repeated: "tag", .text("TAG"), "a tag")
private let explain = Parameter(flag: "explain", "shows the parts of each score")
private let keys = Parameter<[String]>(rest: "KEY", .text("KEY"), "keys")
private let position = Parameter<Int?>(option: "position", .int(in: -9...9), "where it stands")
private let directory = Parameter(argument: "DIR", .text("DIR"), "a directory", default: "/here")

private let program = Program(
    "sample",
    version: "1.2",
    "Does things.",
    commands: [
        Command(
            "recall",
            "Recalls",
            parameters: [
                question.declaration, store.declaration, limit.declaration, owner.declaration,
                metric.declaration, beams.declaration, tags.declaration, explain.declaration,
                position.declaration,
            ],
            examples: ["recall \"a dog\" --store here"],
            run: { _ in }
        ),
        Command("forget", "Forgets", parameters: [keys.declaration], run: { _ in }),
        Command("import lines", "Imports lines", run: { _ in }),
        Command(
            "import words",
            "Imports words",
            parameters: [directory.declaration],
            run: { _ in }
        ),
        Command("fail", "Fails", run: { _ in throw Failure("It is broken.") }),
        Command(
            "refuse",
            "Refuses",
            run: { _ in throw MnemeError(.badOwner, "It has no owner.") }
        ),
        Command(
            "misuse",
            "Misuses",
            run: { _ in throw CommandLineError("Give less.") }
        ),
    ],
    shared: [Program.json.declaration]
)

private func read(_ words: String...) throws -> Invocation {
    guard case .run(_, let invocation) = try program.parse(words) else {
        throw Failure("\(words) show a text")
    }
    return invocation
}

private func shown(_ words: String...) throws -> String {
    guard case .show(let text) = try program.parse(words) else {
        throw Failure("\(words) run a command")
    }
    return text
}

private func message(_ words: String...) -> String {
    do {
        _ = try program.parse(words)
        return "nothing is wrong"
    } catch {
        return error.message
    }
}

@Suite struct ProgramTests {
    @Test func defaultsStandWhereNothingIsGiven() throws {
        let invocation = try read("recall", "a dog", "--store", "here")
        #expect(invocation[question] == "a dog")
        #expect(invocation[store] == "here")
        #expect(invocation[limit] == 10)
        #expect(invocation[owner] == nil)
        #expect(invocation[metric] == .cosine)
        #expect(invocation[beams] == [16, 24])
        #expect(invocation[tags] == [])
        #expect(!invocation[explain])
        #expect(!invocation.has(limit))
    }

    @Test func valuesAreRead() throws {
        let invocation = try read(
            "recall",
            "--limit=7",
            "--tag",
            "a",
            "--owner",
            "x=y",
            "--explain",
            "--tag",
            "b",
            "--beam",
            "1,2,3",
            "--metric",
            "dot",
            "--store=here",
            "what",
            "--position",
            "-3"
        )
        #expect(invocation[question] == "what")
        #expect(invocation[limit] == 7)
        #expect(invocation.has(limit))
        #expect(invocation[owner] == "x=y")
        #expect(invocation[metric] == .dot)
        #expect(invocation[beams] == [1, 2, 3])
        #expect(invocation[tags] == ["a", "b"])
        #expect(invocation[explain])
        #expect(invocation[position] == -3)
    }

    @Test func argumentsMayLookLikeOptionsAfterTwoDashes() throws {
        #expect(try read("recall", "--store", "s", "--", "--limit")[question] == "--limit")
        #expect(try read("forget", "a", "-5", "-", "--", "--b")[keys] == ["a", "-5", "-", "--b"])
        #expect(try read("forget")[keys] == [])
    }

    @Test func verbsMayHaveKinds() throws {
        #expect(try read("import", "words")[directory] == "/here")
        #expect(try read("import", "words", "there")[directory] == "there")
        #expect(message("import").contains("import takes one of lines, words."))
        #expect(message("import", "word").contains("got \"word\". Did you mean \"words\"?"))
    }

    @Test(arguments: [
        (["recal", "x"], "There is no verb \"recal\". Did you mean \"recall\"?"),
        (["quux"], "There is no verb \"quux\". See"),
        (["--store", "x"], "The verb comes first"),
        (["recall", "x", "--stroe", "y"], "no option --stroe. Did you mean \"--store\"?"),
        (["recall", "x", "-limit", "y"], "no option -limit. Did you mean \"--limit\"?"),
        (["recall", "x", "--zzz"], "recall has no option --zzz. See"),
        (["recall", "x"], "recall needs --store DIR: the store's directory."),
        (["recall", "--store", "y"], "recall needs QUESTION: what is asked."),
        (["recall", "a", "dog", "--store", "y"], "got \"dog\" on top. Put quotes"),
        (["recall", "x", "--store"], "no value came after --store"),
        (["recall", "x", "--store", "--limit", "1"], "no value came after --store"),
        (["recall", "x", "--store", "y", "--store", "z"], "recall takes --store once."),
        (["recall", "x", "--store", "y", "--explain=no"], "--explain without a value"),
        (
            ["recall", "x", "--limit", "0"],
            "--limit takes a whole number from 1 to 100 and got \"0\""
        ),
        (["recall", "x", "--limit", "1e1"], "got \"1e1\""),
        (["recall", "x", "--metric", "l3"], "--metric takes one of cosine, dot and got \"l3\""),
        (["recall", "x", "--beam", "1,,2"], "--beam takes values with commas between them"),
        (["recall", "x", "--owner", ""], "--owner takes a text that is not empty"),
        (["import", "lines", "x"], "import lines takes no arguments and got \"x\"."),
        ([], "Give a verb: recall, forget, import, fail"),
        (["help", "remember"], "There is no verb \"remember\"."),
    ])
    func whatIsWrongIsNamed(_ words: [String], _ part: String) {
        do {
            _ = try program.parse(words)
            Issue.record("\(words) were taken")
        } catch {
            #expect(error.message.contains(part), "\(error.message)")
        }
    }

    @Test func helpComesFromTheDeclarations() throws {
        let help = try shown("recall", "--store", "--help")
        #expect(help == (try shown("help", "recall")))
        #expect(
            help.hasPrefix("usage: sample recall QUESTION --store DIR [OPTION …]\n\nRecalls.\n")
        )
        for line in [
            "\n  QUESTION", "\n  --store DIR", "the store's directory (required)",
            "\n  --limit N", "at most this many (default: 10)",
            "\n  --metric cosine|dot", "nearness (default: cosine)",
            "\n  --beam N,…", "(default: 16,24)", "a tag (may be repeated)", "\n  --json ",
            "\nExamples:\n  sample recall \"a dog\" --store here",
        ] {
            #expect(help.contains(line), "\(line) in:\n\(help)")
        }
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func theProgramHasHelpAndAVersion() throws {
        let help = try shown("--help")
        for command in program.commands { #expect(help.contains("\n  \(command.name) ")) }
        #expect(try shown("-h") == help)
        #expect(try shown("help") == help)
        #expect(try shown("help", "--help") == help)
        #expect(try shown("help", "-h") == help)
        #expect(try shown("import", "--help").contains("Kinds:\n  import lines"))
        #expect(try shown("import", "words", "-h").contains("[DIR]"))
        #expect(try shown("--version") == "sample 1.2")
        #expect(try read("forget", "--", "--help")[keys] == ["--help"])
    }

    @Test func theStatusSaysWhoIsGuilty() {
        #expect(program.run(["forget"]) == 0)
        #expect(program.run(["fail"]) == 1)
        #expect(program.run(["refuse", "--json"]) == 1)
        #expect(program.run(["misuse"]) == 2)
        #expect(program.run(["forgot"]) == 2)
    }
}

@Suite struct NearestWordTests {
    @Test(arguments: [
        ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "ab", 1),
        ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
    func distances(_ left: String, _ right: String, _ distance: Int) {
        #expect(NearestWord.distance(left, right) == distance)
        #expect(NearestWord.distance(right, left) == distance)
    }

    @Test func theNearestOfSeveral() {
        #expect(NearestWord.to("lmit", among: ["list", "limit", "lift"]) == "limit")
        #expect(NearestWord.to("check", among: ["recall", "checkpoint"]) == "checkpoint")
        #expect(NearestWord.to("xyz", among: ["recall", "limit"]) == nil)
        #expect(NearestWord.to("x", among: []) == nil)
    }
}

@Suite struct ArgumentWordTests {
    @Test func wordsAreUTF8() throws {
        let words = ["mneme", "put", "Ünïcode", "", "{\"a\": 1}", "日本"]
        #expect(try ArgumentWords.words(words.map { Array($0.utf8) }) == Array(words.dropFirst()))
        #expect(try ArgumentWords.words([]) == [])
        // The name is the system's, and is not looked at.
        #expect(try ArgumentWords.words([[0xff]]) == [])
    }

    @Test func otherBytesAreRefused() {
        let bad: [[UInt8]] = [
            [0xff], [0x61, 0x80], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80],
            [0xf5, 0x80, 0x80, 0x80],
            Array("{\"text\": \"".utf8) + [0xe9] + Array("\"}".utf8),
        ]
        for word in bad {
            do throws(CommandLineError) {
                _ = try ArgumentWords.words([[0x6d], [0x61], word, [0x62]])
                Issue.record("\(word) was taken")
            } catch {
                #expect(error.message.hasPrefix("Argument 2 is not UTF-8"))
            }
        }
    }
}
