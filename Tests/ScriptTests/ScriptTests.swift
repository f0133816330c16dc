// Every script is run through every door and compared with what its file says.

import Doors
import Foundation
import Testing

@testable import MnemeModel

@Suite struct ScriptTests {
    /// Whether the files are written anew instead of being compared with.
    private static let records = ProcessInfo.processInfo.environment["MNEME_RECORD"] == "1"

    private static let names = ScriptFiles.names

    /// What is defined before the first step.
    private static func schemas(_ script: Script) throws -> [Schema] {
        try script.schemas.map { path in
            let url = ScriptFiles.project.appending(path: path)
            return try Schema(json: String(contentsOf: url, encoding: .utf8))
        }
    }

    /// What each step is answered through a door to a new store.
    private static func answers(_ script: Script, _ kind: DoorKind) async throws -> [String] {
        let schemas = try schemas(script)
        return try await kind.withDoor { door in
            for schema in schemas { _ = try await door.outcome(.define(schema)).get() }
            var plain = Plain(.script)
            var answers: [String] = []
            for step in script.steps {
                let outcome: Result<Response, MnemeError>
                do throws(MnemeError) {
                    let request = try Request(json: plain.filled(step.request))
                    outcome = await door.outcome(request)
                } catch {
                    outcome = .failure(error)
                }
                answers.append(plain.text(outcome))
            }
            return answers
        }
    }

    @Test(arguments: DoorKind.allCases)
    func scriptsAreAnsweredAsTheyStand(kind: DoorKind) async throws {
        if Self.records {
            guard kind == .inMemory else { return }
            for name in Self.names {
                var script = try ScriptFiles.read(name)
                var answers = try await Self.answers(script, kind)[...]
                script.blocks = script.blocks.map { block in
                    guard case .step(var step) = block else { return block }
                    step.answer = answers.popFirst() ?? ""
                    return .step(step)
                }
                try Data(script.text.utf8).write(to: ScriptFiles.directory.appending(path: name))
            }
            return
        }
        for name in Self.names {
            let script = try ScriptFiles.read(name)
            let answers = try await Self.answers(script, kind)
            for (index, step) in script.steps.enumerated() {
                #expect(
                    Array(answers[index].utf8) == Array(step.answer.utf8),
                    "\(name), step \(index + 1), \(step.request)\nis answered\n\(answers[index])"
                )
            }
        }
    }

    /// What is read and written again is the file, so that recording changes answers alone.
    @Test func filesAreAsTheyAreWritten() throws {
        for name in Self.names {
            let url = ScriptFiles.directory.appending(path: name)
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(Script(text).text == text, "\(name)")
        }
    }

    @Test func everyVerbAndTheMainErrorsAreInAScript() throws {
        #expect(Self.names.count >= 12)
        var verbs: Set<String> = []
        var codes: Set<Int> = []
        for step in try Self.names.flatMap({ try ScriptFiles.read($0).steps }) {
            switch try? Value(json: step.request) {
            case .map(let members)?: verbs.formUnion(members.keys)
            case .text(let verb)?: verbs.insert(verb)
            default: break
            }
            if let match = step.answer.firstMatch(of: /"code": ([0-9]+)/) {
                codes.insert(Int(match.output.1) ?? 0)
            }
        }
        for verb in Request.verbs { #expect(verbs.contains(verb), "\(verb)") }
        let ofRequests = [
            100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 111, 112, 113, 114, 115,
        ]
        for code in ofRequests + [200, 201, 205, 206] {
            #expect(codes.contains(code), "\(code)")
        }
    }
}
