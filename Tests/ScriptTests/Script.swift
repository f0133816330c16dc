// A golden script: requests and what was answered, as Tests/ScriptTests/README.md has it.

import MnemeModel

/// A file of requests and answers.
struct Script {
    /// A request, and the answer that it had.
    struct Step {
        /// As it stands in the file.
        let request: String
        var answer: String
    }

    /// What the file has to say: blocks of comment, and steps.
    enum Block {
        case comment(String)
        case step(Step)
    }
    var blocks: [Block] = []

    var steps: [Step] {
        blocks.compactMap { if case .step(let step) = $0 { step } else { nil } }
    }

    /// The schema files that its comments name, from the project's directory.
    var schemas: [String] {
        comments.flatMap { comment in
            comment.split(separator: "\n").compactMap { line in
                line.hasPrefix(Script.schemaMark)
                    ? String(line.dropFirst(Script.schemaMark.count)) : nil
            }
        }
    }

    /// What the line of a comment begins with that names a schema file.
    private static let schemaMark = "# schema: "

    var comments: [String] {
        blocks.compactMap { if case .comment(let comment) = $0 { comment } else { nil } }
    }

    /// Reads the text of a file.
    init(_ text: String) {
        for block in text.split(separator: "\n\n").map(String.init) {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            guard !lines.allSatisfy({ $0.isEmpty || $0.hasPrefix("#") }) else {
                let comment = lines.filter { !$0.isEmpty }.joined(separator: "\n")
                if !comment.isEmpty { blocks.append(.comment(comment)) }
                continue
            }
            let parts = lines.split(separator: "---", maxSplits: 1).map {
                $0.filter { !$0.isEmpty }.joined(separator: "\n")
            }
            let answer = parts.count == 2 ? parts[1] : ""
            blocks.append(.step(Step(request: parts[0], answer: answer)))
        }
    }

    /// The text of the file.
    var text: String {
        blocks.map { block in
            switch block {
            case .comment(let comment): comment
            case .step(let step): "\(step.request)\n---\n\(step.answer)"
            }
        }.joined(separator: "\n\n") + "\n"
    }
}
