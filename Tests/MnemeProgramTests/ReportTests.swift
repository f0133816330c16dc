// The page of a store: what it tells, that it is well-formed whatever the store holds, and that it
// fetches nothing.

import Foundation
import Mneme
import MnemeCommandLine
import Testing

@testable import MnemeProgram

@Suite struct ReportTests {
    private static let script = "<script>alert('&\"')</script>"

    /// A store whose names and texts are as bad as they can be.
    private func fill(_ memory: Memory) throws {
        var roles = Roles()
        roles.owner = "owner"
        let notes = Collection(
            "notes",
            fields: [
                Field("owner", .text), Field("title", .text, isSearchable: true),
                Field("meaning", .vector(VectorType(dimension: 4))),
            ],
            indexes: [Index("byTitle", on: ["title"])],
            roles: roles,
            countsUsage: true
        )
        try memory.define(
            Schema(
                collections: [notes],
                edgeTypes: [EdgeType("cites"), EdgeType("near", isUndirected: true)]
            )
        )
        let keys = [Self.script, "tea", "milk", "cow", "hay"].map { Key.text($0) }
        _ = try memory.commit(
            keys.enumerated().map { place, key in
                .put(
                    Put(
                        "notes",
                        key,
                        [
                            "owner": .text(place < 4 ? Self.script : "bob"),
                            "title": .text("]]> & \(Self.script) \(key)"),
                            "meaning": .vector([1, Float(place), 0, 0]),
                        ]
                    )
                )
            }
        )
        func link(_ type: String, _ from: Int, _ to: Int) -> Link {
            Link(type, from: Reference("notes", keys[from]), to: Reference("notes", keys[to]))
        }
        _ = try memory.relate([
            link("cites", 0, 1), link("cites", 0, 2), link("cites", 2, 3), link("near", 1, 2),
            link("cites", 3, 4),
        ])
        _ = try memory.commit([.delete(Reference("notes", "hay"))])
    }

    private func start() -> String { "notes/\(Self.script)" }

    private func gathered(_ around: String?, depth: Int = 2) throws -> StoreReport {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try fill(memory)
        let report = try StoreReport.read(
            memory,
            named: "my <store>",
            directory: place.path("s"),
            StoreReport.Wish(around: around, depth: depth)
        )
        try memory.close()
        return report
    }

    @Test func thePageTellsWhatThereIs() throws {
        let report = try gathered(start())
        let page = try WrittenMarkup(ReportPage(report: report).text)
        #expect(
            page.all("section").map { $0.attributes["id"] ?? "" } == [
                "store", "growth", "segments", "collections", "indexes", "times", "owners",
                "around",
            ]
        )
        // Each link leads to a section that is there, and each picture has a title of its own.
        let marks = Set(page.elements.compactMap { $0.attributes["id"] })
        for link in page.all("a") {
            #expect(marks.contains(String(link.attributes["href"]?.dropFirst() ?? "?")))
        }
        let marked = page.elements.compactMap { $0.attributes["id"] }
        #expect(marks.count == marked.count, "\(marked)")
        for picture in page.all("svg") where picture.attributes["role"] == "img" {
            #expect(marks.contains(picture.attributes["aria-labelledby"] ?? "?"), "\(picture)")
        }
        let cells = page.all("td").map(\.text)
        for text in [
            "notes", "cites", "notes.byTitle", "notes.meaning", "keys (B-tree)", "as written",
            "get a record", "walk one hop", Self.script, "notes/\(Self.script)",
        ] {
            #expect(cells.contains(text), "\(text)")
        }
        #expect(page.all("h1").map(\.text) == ["my <store>"])
    }

    /// Whatever stands in a store stays a text, and nothing is fetched or run.
    @Test func nothingOfTheStoreIsMarkup() throws {
        let text = ReportPage(report: try gathered(start())).text
        let page = try WrittenMarkup(text)
        #expect(!text.contains("<script"))
        let known: Set = [
            "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "p",
            "nav", "ul", "li", "a", "main", "section", "dl", "div", "dt", "dd", "table",
            "caption", "thead", "tbody", "tr", "th", "td", "span", "i", "figure", "figcaption",
            "details", "summary", "footer", "svg", "line", "text", "polygon", "polyline", "rect",
            "defs", "marker", "path", "g", "circle",
        ]
        for element in page.elements {
            #expect(known.contains(element.name), "\(element)")
            for (name, value) in element.attributes {
                #expect(!name.hasPrefix("on") && name != "src", "\(element)")
                if name == "href" { #expect(value.hasPrefix("#"), "\(element)") }
            }
        }
        #expect(!text.contains("@import") && !text.contains("url(http"))
    }

    @Test func theSameReportIsTheSamePage() throws {
        let report = try gathered(nil)
        #expect(ReportPage(report: report).text == ReportPage(report: report).text)
        #expect(report.neighbourhood?.isChosen == true)
        #expect(report.neighbourhood == (try gathered(nil).neighbourhood))
    }

    @Test func aNeighbourhoodHasAllEdgesBetweenItsRecords() throws {
        let all = try #require(try gathered(start()).neighbourhood)
        #expect(all.nodes.map(\.hop) == [0, 1, 1, 2])
        let cow = try #require(all.nodes.last)
        #expect(cow.reference == Reference("notes", "cow"))
        #expect(all.nodes[cow.parent ?? 0].reference == Reference("notes", "milk"))
        #expect(all.types == ["cites", "near"] && all.undirected == ["near"])
        #expect(all.edges.count == 4 && all.isComplete)
        #expect(all.nodes[0].words.contains("]]> & <script>"), "\(all.nodes[0].words)")
        let near = try #require(try gathered(start(), depth: 1).neighbourhood)
        #expect(near.nodes.count == 3 && near.edges.count == 3)
        #expect(throws: Failure.self) { try gathered("notes/nobody") }
    }

    /// Several edges alike are one line that says how many, whichever way they lead.
    @Test func edgesAlikeAreCounted() throws {
        let memory = try Memory.inMemory()
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: [])],
                edgeTypes: [EdgeType("cites"), EdgeType("near", isUndirected: true)]
            )
        )
        let (tea, milk) = (Reference("notes", "tea"), Reference("notes", "milk"))
        _ = try memory.commit([
            .put(Put("notes", "tea", [:])), .put(Put("notes", "milk", [:])),
        ])
        _ = try memory.relate(
            (0..<3).map { _ in Link("cites", from: tea, to: milk) }
                + [Link("cites", from: milk, to: tea)]
                + [Link("near", from: tea, to: milk), Link("near", from: milk, to: tea)]
        )
        let found = try Neighbourhood.read(
            around: tea,
            depth: 1,
            try memory.describe(),
            in: memory
        )
        try memory.close()
        #expect(found.edges.count == 6)
        let picture = try WrittenMarkup(NeighbourhoodPicture(found).markup.text)
        let edges = picture.all("path").filter {
            $0.attributes["class"]?.hasPrefix("edge ") == true
        }
        #expect(edges.count == 3, "\(edges)")
        let labels = picture.all("text").filter {
            $0.attributes["class"]?.contains("soft") == true
        }
        #expect(labels.map(\.text) == ["cites ×3, cites, near ×2"], "\(labels)")
        #expect(edges.contains { $0.text == "notes/tea cites notes/milk ×3" }, "\(edges)")
    }

    @Test func largeNeighbourhoodsAreBounded() throws {
        let memory = try Memory.inMemory()
        let keys = try memory.remember((0..<90).map { Remember("note \($0)", owner: "ann") })
        let references = keys.map { Reference("memories", $0) }
        _ = try memory.relate(
            (1..<90).map { Link("cites", from: references[0], to: references[$0]) }
        )
        let found = try Neighbourhood.read(
            around: references[0],
            depth: 2,
            try memory.describe(),
            in: memory
        )
        #expect(found.nodes.count == Neighbourhood.limit && !found.isComplete)
        let picture = try WrittenMarkup(NeighbourhoodPicture(found).markup.text)
        #expect(picture.all("circle").count == Neighbourhood.limit)
        try memory.close()
    }

    /// An empty store, and one without files, have all of their sections too.
    @Test func anEmptyStoreHasAPage() throws {
        let memory = try Memory.inMemory()
        let report = try StoreReport.read(memory, named: "", directory: nil, StoreReport.Wish())
        #expect(report.neighbourhood == nil && report.files == nil)
        #expect(report.owners.remark == "No record has an owner.")
        let page = try WrittenMarkup(ReportPage(report: report).text)
        #expect(page.all("section").count == 8)
        try memory.close()
    }

    @Test func theProgramWritesThePage() throws {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try fill(memory)
        try memory.close()
        let first = try place.shell("mneme report --store s --out page.html")
        #expect(first.status == 0 && first.output.hasPrefix("Wrote page.html"), "\(first)")
        let page = try String(contentsOfFile: place.path("page.html"), encoding: .utf8)
        _ = try WrittenMarkup(page)
        let again = try place.shell("mneme report --store s --out page.html")
        #expect(again.status != 0 && again.error.contains("page.html"), "\(again)")
        let replaced = try place.shell(
            "mneme report --store s --out page.html --replace --around notes/tea --json"
        )
        #expect(replaced.status == 0 && replaced.output.contains("\"bytes\""), "\(replaced)")
        #expect(
            try String(contentsOfFile: place.path("page.html"), encoding: .utf8)
                .contains("Around notes/tea")
        )
        for line in [
            "--out other.html --around notes/none", "--out other.html --around none",
            "--out other.html --metrics localhost:1", "--out none/other.html",
        ] {
            let refused = try place.shell("mneme report --store s \(line)")
            #expect(refused.status != 0 && !refused.error.isEmpty, "\(line): \(refused)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: place.path(""))
        #expect(!left.contains { $0.hasPrefix("other") }, "\(left)")
    }
}
