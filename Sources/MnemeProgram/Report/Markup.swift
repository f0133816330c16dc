// Pages of HTML and pictures of SVG as trees that are written once. Every text comes in through one
// door, which escapes it; what is written is well-formed XML too, so that any reader can hold it to
// that.

internal import MnemeCommandLine

/// A part of a page, as it is written.
struct Markup: Hashable, Sendable {
    /// What is written, escaped.
    let text: String

    private init(written text: String) { self.text = text }

    /// Nothing.
    static let empty = Markup(written: "")

    /// A text of any origin.
    static func words(_ text: String) -> Markup { Markup(written: escaped(text)) }

    /// Parts one after the other.
    static func parts(_ parts: [Markup]) -> Markup {
        Markup(written: parts.map(\.text).joined())
    }

    /// An element with what is in it.
    ///
    /// `name` and the names of attributes are this program's own words; values are any text.
    static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: [Markup] = []
    ) -> Markup {
        let given = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        // HTML knows an end only of elements that may have something in them.
        let isVoid = ["meta", "br", "hr"].contains("\(name)")
        if isVoid { return Markup(written: "<\(name)\(given)/>") }
        let inner = content.map(\.text).joined()
        return Markup(written: "<\(name)\(given)>\(inner)</\(name)>")
    }

    /// An element with a text of any origin in it.
    static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ text: String
    ) -> Markup {
        element(name, attributes, [.words(text)])
    }

    /// A style sheet of this program's own: it has no `<` and no `&` in it.
    static func style(_ sheet: StaticString) -> Markup {
        Markup(written: "<style>\(sheet)</style>")
    }

    /// A text with what HTML or XML would take for its own put so that it is seen and means
    /// nothing.
    ///
    /// Control characters, what turns the direction of writing, and what XML has no place for are
    /// shown as such.
    static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.shown.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}", "\u{fffe}", "\u{ffff}":
                escaped.append("\u{fffd}")
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}

// MARK: Tables

/// A table of a page: a head, and rows of cells.
struct MarkupTable: Sendable {
    /// What a cell shows.
    enum Cell: Sendable {
        case words(String)
        /// Set to the right, in digits of one width.
        case number(String)
        /// A bar of a share, 0 … 1, behind a text that says the same.
        case bar(Double, String)
    }

    private let caption: String
    private let columns: [String]
    private var rows: [[Cell]] = []

    /// An empty table; `caption` says what it tells.
    init(_ caption: String, _ columns: [String]) {
        self.caption = caption
        self.columns = columns
    }

    /// Whether there is no row.
    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row.
    ///
    /// - Precondition: there is a cell for every column.
    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a cell for every column")
        rows.append(cells)
    }

    /// It as a part of a page, which scrolls by itself where the page is narrow.
    var markup: Markup {
        let head = columns.enumerated().map { place, name in
            let isNumber = rows.allSatisfy { if case .number = $0[place] { true } else { false } }
            return Markup.element("th", ["scope": "col", "class": isNumber ? "n" : "w"], name)
        }
        let body = rows.map { Markup.element("tr", [:], $0.map(Self.cell)) }
        return .element(
            "div",
            ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            [
                .element(
                    "table",
                    [:],
                    [
                        .element("caption", [:], caption),
                        .element("thead", [:], [.element("tr", [:], head)]),
                        .element("tbody", [:], body),
                    ]
                )
            ]
        )
    }

    private static func cell(_ cell: Cell) -> Markup {
        switch cell {
        case .words(let text): return .element("td", [:], text)
        case .number(let text): return .element("td", ["class": "n"], text)
        case .bar(let share, let text):
            let width = Figures.decimal(max(0, min(1, share)) * 100, digits: 1)
            return .element(
                "td",
                ["class": "b"],
                [
                    .element(
                        "span",
                        ["class": "bar"],
                        [
                            .element("i", ["style": "width:\(width)%"])
                        ]
                    ),
                    .element("span", ["class": "n"], text),
                ]
            )
        }
    }
}
