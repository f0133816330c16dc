import Foundation
import MnemeModel
import Testing

@testable import MnemeCommandLine

private let port = Parameter(option: "port", .int(in: 1...9999), "where", default: 7411)
private let root = Parameter(required: "data-root", .text("DIR"), "where data is")
private let hosts = Parameter<[String]>(repeated: "host", .text("HOST"), "a host")
private let quiet = Parameter(flag: "quiet", "says nothing")

private let program = Program(
    "sample",
    version: "1",
    "Does things.",
    commands: [
        Command(
            "serve",
            "Serves",
            parameters: [
                port.declaration, root.declaration, hosts.declaration, quiet.declaration,
                Settings.file.declaration,
            ],
            run: { _ in }
        ),
        Command("ask", "Asks", parameters: [port.declaration], run: { _ in }),
    ]
)

/// A file of settings that goes with its owner.
private final class SettingsFile {
    let path: String

    init(_ text: String) throws {
        let directory = FileManager.default.temporaryDirectory
        path = directory.appending(path: "mneme-settings-\(UUID().uuidString)").path
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func read(
    _ words: [String],
    _ variables: [String: String] = [:]
) throws -> Invocation {
    let outcome = try program.parse(words, environment: Environment(variables))
    guard case .run(_, let invocation) = outcome else { throw Failure("\(words) show a text") }
    return invocation
}

private func message(_ words: [String], _ variables: [String: String] = [:]) -> String {
    do {
        _ = try program.parse(words, environment: Environment(variables))
        return "nothing is wrong"
    } catch {
        return error.message
    }
}

@Suite struct SettingsTests {
    @Test func whatIsNearerCounts() throws {
        let file = try SettingsFile("port = 1\ndata-root = /file\nquiet = yes\n")
        let variables = [
            "MNEME_PORT": "2", "MNEME_DATA_ROOT": "/variable", "MNEME_CONFIG": file.path,
        ]
        let invocation = try read(["serve", "--port", "3"], variables)
        #expect(invocation[port] == 3)
        #expect(invocation[root] == "/variable")
        #expect(invocation[quiet])
        #expect(invocation[hosts] == [])
        #expect(
            invocation.settings == [
                Setting(name: "port", text: "3", origin: .commandLine),
                Setting(
                    name: "data-root",
                    text: "/variable",
                    origin: .environment("MNEME_DATA_ROOT")
                ),
                Setting(name: "host", text: nil, origin: .standard),
                Setting(name: "quiet", text: "yes", origin: .file(file.path, line: 3)),
                Setting(name: "config", text: file.path, origin: .environment("MNEME_CONFIG")),
            ]
        )
    }

    @Test func anotherFileIsNotReadForNothing() throws {
        let named = try SettingsFile("data-root = /named\n")
        let other = try SettingsFile("data-root = /other\n")
        let invocation = try read(
            ["serve", "--config", named.path],
            ["MNEME_CONFIG": other.path]
        )
        #expect(invocation[root] == "/named")
    }

    @Test func linesAreReadAsTheyAreMeant() throws {
        let file = try SettingsFile(
            """
            # where things are

              data-root="/with blanks/and = signs"\r
            host = one
            \thost =  two\t
            quiet = off
            """
        )
        let invocation = try read(["serve", "--config", file.path])
        #expect(invocation[root] == "/with blanks/and = signs")
        #expect(invocation[hosts] == ["one", "two"])
        #expect(!invocation[quiet])
        #expect(invocation[port] == 7411)
        let quietly = invocation.settings.first { $0.name == "quiet" }
        #expect(quietly?.text == "no")
    }

    @Test func whatTheFileGivesIsNotMissing() throws {
        #expect(message(["serve"]).hasPrefix("serve needs --data-root DIR"))
        let file = try SettingsFile("data-root = /here\n")
        #expect(message(["serve", "--config", file.path]) == "nothing is wrong")
        #expect(message(["serve"], ["MNEME_DATA_ROOT": "/here"]) == "nothing is wrong")
        // A variable that is empty is none.
        #expect(message(["serve"], ["MNEME_DATA_ROOT": ""]).hasPrefix("serve needs"))
    }

    @Test(arguments: [
        ("prot = 1", "line 1: serve has no option prot. Did you mean \"port\"?"),
        ("\nport = much", "line 2: port takes a whole number from 1 to 9999 and got \"much\"."),
        ("port = 1\nport = 2", "line 2: port is given twice; see"),
        ("quiet = perhaps", "line 1: quiet takes yes or no and got \"perhaps\"."),
        ("config = more", "line 1: a file of options names no other one; leave config out."),
        ("port", "line 1 is no NAME = VALUE; mend it."),
        ("= 3", "line 1 is no NAME = VALUE; mend it."),
        ("data-root =", "line 1: data-root takes a text that is not empty and got \"\"."),
    ])
    func whatIsWrongIsSaidByItsLine(_ text: String, _ expected: String) throws {
        let file = try SettingsFile(text + "\n")
        let said = message(["serve", "--config", file.path])
        #expect(said.contains("\(file.path), \(expected)"), "\(said)")
    }

    @Test func whatIsWrongIsSaidByItsVariable() {
        let said = message(["serve"], ["MNEME_PORT": "much", "MNEME_DATA_ROOT": "/here"])
        #expect(said == "MNEME_PORT takes a whole number from 1 to 9999 and got \"much\".")
        let other = message(["serve"], ["MNEME_QUIET": "maybe", "MNEME_DATA_ROOT": "/here"])
        #expect(other == "MNEME_QUIET takes yes or no and got \"maybe\".")
    }

    @Test func aFileThatIsNotThereIsAnError() {
        let said = message(["serve", "--config", "/there/is/none"])
        #expect(said.contains("/there/is/none"))
    }

    @Test func onlyWhoLooksForSettingsFindsThem() throws {
        let variables = ["MNEME_PORT": "2"]
        #expect(try read(["ask"], variables)[port] == 7411)
        #expect(message(["ask", "--config", "x"]).contains("has no option --config"))
        guard case .show(let help) = try program.parse(["serve", "--help"]) else {
            throw Failure("no help")
        }
        #expect(help.contains("MNEME_CONFIG"))
        guard case .show(let other) = try program.parse(["ask", "--help"]) else {
            throw Failure("no help")
        }
        #expect(!other.contains("MNEME_CONFIG"))
    }
}
