// What a shell is told about itself: words that begin with a dot, and the few that everybody types
// without one.

internal import MnemeCommandLine

/// A statement to the shell itself.
enum OwnCommand: Hashable, Sendable {
    /// Help, on a verb where one is named.
    case help(String)
    /// The form of answers from now on; nil asks for it.
    case form(Output.Form?)
    /// Whether it is said how long statements take.
    case timing(Bool)
    /// Runs the statements of a file.
    case read(String)
    case quit
    /// Something else behind a dot; with what is wrong.
    case wrong(String)

    /// The words that a shell takes for itself.
    static let words = [".help", ".mode", ".quit", ".read", ".timing"]

    /// The command of a statement; nil where it is a verb.
    init?(_ statement: Statement) {
        let rest = Array(statement.words.dropFirst())
        switch statement.words.first {
        case ".help": self = .help(rest.joined(separator: " "))
        case "help" where rest.isEmpty: self = .help("")
        case ".quit", ".exit": self = .quit
        case "quit" where rest.isEmpty, "exit" where rest.isEmpty: self = .quit
        case ".mode":
            if let word = rest.first {
                let forms = Output.Form.allCases.map(\.rawValue).joined(separator: ", ")
                if let form = Output.Form(rawValue: word) {
                    self = .form(form)
                } else {
                    self = .wrong(".mode takes one of \(forms) and got \"\(word)\".")
                }
            } else {
                self = .form(nil)
            }
        case ".timing":
            switch rest {
            case ["on"], []: self = .timing(true)
            case ["off"]: self = .timing(false)
            default: self = .wrong(".timing takes on or off.")
            }
        case ".read":
            self =
                rest.count == 1
                ? .read(rest[0]) : .wrong(".read takes the name of one file of statements.")
        case let word? where word.hasPrefix("."):
            let known = Self.words.joined(separator: ", ")
            self = .wrong("The shell has no \(word). It has \(known).")
        default: return nil
        }
    }

    /// What can be typed.
    static var help: String {
        let verbs = ShellCommands.program.verbs.joined(separator: ", ")
        let own = [
            (".help [VERB]", "this, or what a verb takes; VERB --help is the same"),
            (".mode [FORM]", "how answers look: table, lines, json or csv"),
            (".read FILE", "runs the statements of a file"),
            (".timing on|off", "says how long each statement takes"),
            (".quit", "leaves, as control-D does"),
            ("begin, commit, rollback", "a transaction around the statements between them"),
            ("explain find …", "how the answer came about"),
            ("{\"describe\": {}}", "any request in JSON, as perform takes it"),
        ]
        let widest = own.map(\.0.count).max() ?? 0
        let lines = own.map { "  \($0)\(TextFlow.blanks(widest - $0.count))  \($1)" }
        return (["Of the shell itself:"] + lines).joined(separator: "\n") + "\n\n"
            + TextFlow.wrapped("Verbs: \(verbs).", width: Program.width, hanging: 2)
    }
}
