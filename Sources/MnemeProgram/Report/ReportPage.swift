// The page of a store: one file of HTML with its style and its pictures in it, which fetches
// nothing and needs no script to be read. What is told is `StoreReport`.

internal import Mneme
internal import MnemeCommandLine

/// The page of a store.
struct ReportPage: Sendable {
    let report: StoreReport

    /// A part of the page under a title of its own.
    struct Section: Sendable {
        /// Where links lead.
        var mark: String
        var title: String
        var content: [Markup]
    }

    /// The page, as its file has it.
    var text: String {
        let sections = [
            store, growth, segments, collections, indexes, times, owners, around,
        ]
        let links = sections.map { section in
            Markup.element(
                "li",
                [:],
                [.element("a", ["href": "#\(section.mark)"], section.title)]
            )
        }
        let body = Markup.element(
            "body",
            [:],
            [
                .element(
                    "header",
                    [:],
                    [
                        .element("h1", [:], report.name),
                        .element("p", ["class": "soft"], lead),
                        .element("nav", ["aria-label": "Sections"], [.element("ul", [:], links)]),
                    ]
                ),
                .element("main", [:], sections.map(Self.shown)),
                .element("footer", ["class": "soft"], [.element("p", [:], ending)]),
            ]
        )
        let page = Markup.element("html", ["lang": "en"], [head, body])
        return "<!DOCTYPE html>\n" + page.text + "\n"
    }

    private var lead: String {
        "A store of Mneme as it was at \(report.made), commit "
            + "\(Figures.count(Int(clamping: report.statistics.sequence)))."
    }

    private var ending: String {
        "Made by mneme \(Tool.version). This page fetches nothing, and holds all that it shows: "
            + "whoever may not read the store should not have it either."
    }

    private var head: Markup {
        .element(
            "head",
            [:],
            [
                .element("meta", ["charset": "utf-8"]),
                .element(
                    "meta",
                    [
                        "http-equiv": "Content-Security-Policy",
                        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
                    ]
                ),
                .element(
                    "meta",
                    ["name": "viewport", "content": "width=device-width, initial-scale=1"]
                ),
                .element("title", [:], "\(report.name) · Mneme"),
                .style(ReportStyle.sheet),
            ]
        )
    }

    private static func shown(_ section: Section) -> Markup {
        .element(
            "section",
            ["id": section.mark, "aria-labelledby": "h-\(section.mark)"],
            [.element("h2", ["id": "h-\(section.mark)"], section.title)] + section.content
        )
    }

    /// A paragraph.
    static func paragraph(_ text: String) -> Markup { .element("p", [:], text) }

    /// Figures under their names.
    static func facts(_ facts: [(name: String, value: String)]) -> Markup {
        .element(
            "dl",
            [:],
            facts.map { name, value in
                .element("div", [:], [.element("dt", [:], name), .element("dd", [:], value)])
            }
        )
    }

    /// What opens when it is asked for.
    static func details(_ title: String, _ content: [Markup]) -> Markup {
        .element("details", [:], [.element("summary", [:], title)] + content)
    }

    /// What a section that needs the files says over a connection.
    static let filesOnly = paragraph(
        "This stands in the files: make the report of the store's directory, when no server has it "
            + "open, or of a backup that was restored."
    )
}
