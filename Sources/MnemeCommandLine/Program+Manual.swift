// Manual pages, made from the declarations that the parser reads. Source: man(7), groff_man(7).

/// A page of a manual.
package struct ManualPage: Sendable {
    /// The name of its file: `mneme-serve.1`.
    package let name: String
    /// What is in it.
    package let text: String
}

extension Program {
    /// A page on the program, and one on each of its verbs.
    ///
    /// - Complexity: O(characters of the help).
    package var manual: [ManualPage] { [overview] + commands.map { page(on: $0) } }

    private var overview: ManualPage {
        var page = Roff(name, version)
        page.section("NAME", "\(name) \\- " + Roff.escaped(summary))
        page.begin("SYNOPSIS")
        page.line(".B \(Roff.escaped(name))\n.I VERB\n[\\fIARGUMENT\\fR ...] [\\fIOPTION\\fR ...]")
        page.begin("VERBS")
        for command in commands {
            page.item("\\fB\(Roff.escaped(pageName(command)))\\fR(1)", command.summary)
        }
        page.begin("OPTIONS OF EVERY VERB")
        for declaration in shared { page.item(declaration) }
        page.begin("EXIT STATUS")
        page.item("0", "It is done.")
        page.item("1", "The data or the store is wrong.")
        page.item("2", "The command line is wrong.")
        return ManualPage(name: "\(name).1", text: page.text)
    }

    private func page(on command: Command) -> ManualPage {
        var page = Roff(pageName(command), version)
        page.section("NAME", "\(pageName(command)) \\- \(Roff.escaped(command.summary))")
        let arguments = command.parameters.filter { !$0.isOption }
        let options = command.parameters.filter(\.isOption)
        page.begin("SYNOPSIS")
        page.line(".B \(Roff.escaped("\(name) \(command.name)"))")
        let forms = (arguments + options.filter(\.isRequired)).map(\.form)
        page.line((forms.map(Roff.escaped) + ["[\\fIOPTION\\fR ...]"]).joined(separator: " "))
        page.begin("DESCRIPTION")
        page.paragraph(command.summary + ".")
        for paragraph in command.details { page.paragraph(paragraph) }
        if command.readsSettings { page.paragraph(Settings.help) }
        if !arguments.isEmpty { page.begin("ARGUMENTS") }
        for declaration in arguments { page.item(declaration) }
        if !options.isEmpty { page.begin("OPTIONS") }
        for declaration in options { page.item(declaration) }
        page.begin("EXAMPLES")
        page.line(".nf")
        for example in command.examples { page.line(Roff.escaped("\(name) \(example)")) }
        page.line(".fi")
        page.section("SEE ALSO", ".BR \(name) (1)")
        return ManualPage(name: "\(pageName(command)).1", text: page.text)
    }

    private func pageName(_ command: Command) -> String {
        ([name] + command.words).joined(separator: "-")
    }
}

/// A page as it is written.
private struct Roff {
    private(set) var text: String

    init(_ name: String, _ version: String) {
        text = ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"mneme \(version)\" \"Mneme\"\n"
    }

    mutating func line(_ line: String) { text += line + "\n" }

    mutating func begin(_ section: String) { line(".SH \(section)") }

    mutating func section(_ section: String, _ content: String) {
        begin(section)
        line(content)
    }

    mutating func paragraph(_ content: String) { line(".PP\n" + Self.escaped(content)) }

    /// `term` is roff already.
    mutating func item(_ term: String, _ content: String) {
        line(".TP\n\(term)\n" + Self.escaped(content))
    }

    mutating func item(_ declaration: ParameterDeclaration) {
        let form = declaration.isOption ? declaration.form : declaration.name
        item("\\fB\(Self.escaped(form))\\fR", declaration.summary + declaration.note + ".")
    }

    /// A text in which nothing is a command.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case ".", "'":
                if escaped.isEmpty || escaped.last == "\n" { escaped += "\\&" }
                escaped.append(character)
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
