// The requests of formats/tour.md and of formats/model-change.md are asked in their order, and
// answered as the pages say.

import Doors
import Foundation
import Testing

@testable import MnemeModel

@Suite struct TourTests {
    /// A request of the page, and what of its answer stands below it.
    private struct Step {
        let request: String
        var answers: [String] = []
    }

    /// The requests of a page, in their order.
    private static func steps(of page: String) throws -> [Step] {
        let url = ScriptFiles.project.appending(path: "formats/\(page)")
        var steps: [Step] = []
        let text = try String(contentsOf: url, encoding: .utf8)
        for block in text.matches(of: /(?s)```json( answer)?\n(.*?)```/) {
            let content = String(block.output.2)
            if block.output.1 == nil {
                steps.append(Step(request: content))
            } else {
                try #require(!steps.isEmpty)
                steps[steps.count - 1].answers.append(content)
            }
        }
        return steps
    }

    /// Whether `whole` has all that `part` has: of maps its members, of arrays every element.
    private static func holds(_ part: Value, in whole: Value) -> Bool {
        switch (part, whole) {
        case (.map(let some), .map(let all)):
            some.allSatisfy { name, value in all[name].map { holds(value, in: $0) } ?? false }
        case (.array(let some), .array(let all)):
            some.count == all.count && zip(some, all).allSatisfy { holds($0, in: $1) }
        default:
            part == whole
        }
    }

    @Test(arguments: DoorKind.allCases)
    func whatThePageSaysIsAnswered(kind: DoorKind) async throws {
        let steps = try Self.steps(of: "tour.md")
        #expect(steps.count >= 30)
        #expect(steps.count { !$0.answers.isEmpty } >= 20)
        try await Self.ask(steps, through: kind)
    }

    @Test(arguments: DoorKind.allCases)
    func aModelIsChangedAsThePageSays(kind: DoorKind) async throws {
        let steps = try Self.steps(of: "model-change.md")
        #expect(steps.count >= 20)
        #expect(steps.count { !$0.answers.isEmpty } >= 12)
        try await Self.ask(steps, through: kind)
    }

    private static func ask(_ steps: [Step], through kind: DoorKind) async throws {
        try await kind.withDoor { door in
            for step in steps {
                let outcome = await door.outcome(try Request(json: step.request))
                let text =
                    switch outcome {
                    case .success(let response): response.json()
                    case .failure(let error): "{\"code\": \(error.code.rawValue)}"
                    }
                if step.answers.isEmpty {
                    _ = try #require(try? outcome.get(), "\(step.request)\nis answered\n\(text)")
                }
                let whole = try Value(json: text)
                for answer in step.answers {
                    #expect(
                        Self.holds(try Value(json: answer), in: whole),
                        "\(step.request)\nis answered\n\(text)"
                    )
                }
            }
        }
    }
}
