// Tables and comma-separated values of answers that have lists in their rows: recalls, walks and
// paths, by their verbs, by perform and in the shell.

import Foundation
import Mneme
import Testing

@testable import MnemeProgram

@Suite struct AnswerTableTests {
    private static let long =
        "Tea comes from China and is picked in spring, as everybody knows who has read about it in "
        + "the long book of tea"

    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(
            Schema(
                collections: [Collection("notes", fields: []), Collection("people", fields: [])],
                edgeTypes: [EdgeType("cites", fields: [Field("weight", .float)])]
            )
        )
        _ = try memory.commit(
            ["tea", "milk", "cow"].map { .put(Put("notes", .text($0), [:])) }
                + [.put(Put("people", "ada", [:]))]
        )
        func link(_ from: Reference, _ to: Reference, _ weight: Double) -> Link {
            Link("cites", from: from, to: to, fields: ["weight": .float(weight)])
        }
        let note = { (key: Key) in Reference("notes", key) }
        _ = try memory.relate([
            link(note("tea"), note("milk"), 0.5), link(note("cow"), note("milk"), 0.25),
            link(Reference("people", "ada"), note("tea"), 1),
        ])
        _ = try memory.remember([
            Remember("Ada likes tea", owner: "ada", key: "likes"),
            Remember(Self.long, owner: "ada", key: "china"),
        ])
        try memory.close()
        return place
    }

    private let walk = "{\"from\": [\"notes/tea\"], \"direction\": \"both\", \"hops\": 2}"
    private let paths =
        "{\"from\": \"notes/tea\", \"to\": \"notes/cow\", \"direction\": \"both\"}"

    private func lines(_ words: String, _ place: BuiltProgram) throws -> [String] {
        let ended = try place.shell("mneme \(words) --store s")
        #expect(ended.status == 0 && ended.error.isEmpty, "\(words): \(ended)")
        return ended.output.split(separator: "\n").map(String.init)
    }

    private func cells(_ line: String?) -> [String] {
        (line ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    @Test func aRecallIsALineAMemory() throws {
        let place = try prepared()
        let table = try lines("recall tea --owner ada --table", place)
        #expect(cells(table.first) == ["rank", "key", "score", "signals", "text"], "\(table)")
        #expect(table.count == 5 && table.allSatisfy { $0.count <= 100 }, "\(table)")
        #expect(cells(table[2]).first == "1" && cells(table[3]).first == "2", "\(table)")
        #expect(table[3].contains("Tea comes from China") && table[3].hasSuffix("…"), "\(table)")
        #expect(table[2].contains("window 0.") && !table.joined().contains("{"), "\(table)")
        // However it is asked.
        let request = "{\"recall\": {\"question\": \"tea\", \"owner\": \"ada\", \"touch\": false}}"
        #expect(try lines("perform '\(request)' --table", place).first == table.first)
        try place.write(request + "\n", to: "statements.txt")
        let shell = try lines("shell --file statements.txt --table", place)
        #expect(shell.first == table.first && shell.count == 5, "\(shell)")
        // A table has no room for what is explained.
        let explained = try lines("recall tea --owner ada --table --explain", place)
        #expect(explained.contains { $0.contains("+ ") && $0.contains(" = ") }, "\(explained)")
        #expect(try lines("recall x --owner bob --table", place) == ["Nothing was recalled."])
    }

    /// What a terminal of any width has room for is shown, the text last.
    @Test func aRecallFitsTheTerminal() throws {
        let memory = try Memory.inMemory()
        _ = try memory.remember([
            Remember(Self.long, owner: "ada"), Remember("Tea.", owner: "ada", key: "short"),
        ])
        let recalled = try memory.recall(Recall("tea", owner: "ada"))
        try memory.close()
        #expect(recalled.items.count == 2)
        for width in [80, 100, 132, 200] {
            let lines = RecalledTable.lines(recalled, width: width)
            #expect(lines.allSatisfy { $0.count <= width }, "\(width): \(lines)")
            // A key can be taken from the table.
            for item in recalled.items {
                let key = item.record.reference.key.description
                #expect(lines.contains { $0.contains(key) }, "\(width): \(lines)")
            }
        }
    }

    @Test func aWalkIsALineARecord() throws {
        let place = try prepared()
        let table = try lines("walk '\(walk)' --table", place)
        #expect(
            cells(table.first)
                == ["record", "depth", "edge", "type", "direction", "from", "properties"],
            "\(table)"
        )
        let rows = table.map(cells)
        #expect(
            rows.contains { row in
                row.starts(with: ["notes/milk", "1"])
                    && Array(row.dropFirst(3)) == ["cites", "out", "notes/tea", "weight", "0.5"]
            },
            "\(table)"
        )
        #expect(
            rows.contains { row in
                row.starts(with: ["notes/cow", "2"])
                    && Array(row.dropFirst(3)) == ["cites", "in", "notes/milk", "weight", "0.25"]
            },
            "\(table)"
        )
        #expect(table.last == "(3 records)", "\(table)")
        let counted = "{\"from\": [\"notes/tea\"], \"countOnly\": true}"
        #expect(try lines("walk '\(counted)' --table", place) == ["(1 record)"])
        let csv = try lines("walk '\(walk)' --csv", place)
        #expect(
            csv.first == "reference,depth,direction,edge.weight,from,id,path,type",
            "\(csv)"
        )
        #expect(csv.contains { $0.hasPrefix("notes/milk,1,out,0.5,notes/tea,") }, "\(csv)")
    }

    @Test func aPathIsALine() throws {
        let place = try prepared()
        let table = try lines("paths '\(paths)' --table", place)
        #expect(cells(table.first) == ["edges", "path"], "\(table)")
        #expect(table[2].hasSuffix("2  tea —cites→ milk ←cites— cow"), "\(table)")
        #expect(table.last == "(1 path)")
        let strongest = paths.dropLast() + ", \"strength\": \"weight\"}"
        let strong = try lines("paths '\(strongest)' --table", place)
        #expect(cells(strong.first) == ["edges", "strength", "path"], "\(strong)")
        #expect(cells(strong[2]).starts(with: ["2", "0.125", "tea"]), "\(strong)")
        let cheapest = paths.dropLast() + ", \"cost\": \"weight\"}"
        let cheap = try lines("perform '{\"paths\": \(cheapest)}' --table", place)
        #expect(cells(cheap[2]).starts(with: ["2", "0.750", "tea"]), "\(cheap)")
        // Against the one edge that there is; collections are named where there are several.
        let back = "{\"from\": \"notes/tea\", \"to\": \"people/ada\", \"direction\": \"in\"}"
        let one = try lines("paths '\(back)' --table", place)
        #expect(one[2].hasSuffix("1  notes/tea ←cites— people/ada"), "\(one)")
        let none = "{\"from\": \"notes/tea\", \"to\": \"people/ada\"}"
        #expect(try lines("paths '\(none)' --table", place) == ["There is no path."])
        let csv = try lines("paths '\(paths)' --csv", place)
        #expect(csv == ["cost,edges,path", "2.0,2,tea —cites→ milk ←cites— cow"], "\(csv)")
    }

    /// Programs read values, and no JSON in them; --json has all as it is.
    @Test func commasHaveAColumnEach() throws {
        let place = try prepared()
        let csv = try lines("recall tea --owner ada --csv", place)
        let columns = (csv.first ?? "").split(separator: ",").map(String.init)
        for column in ["$key", "rank", "part.window", "text", "score"] {
            #expect(columns.contains(column), "\(column): \(columns)")
        }
        #expect(!csv.joined().contains("{") && !columns.contains("parts"), "\(csv)")
        let json = try lines("recall tea --owner ada --json", place)
        guard case .recalled(let recalled) = try Response(json: json.joined()) else {
            Issue.record("\(json)")
            return
        }
        #expect(recalled.items.count == 2 && !recalled.items[0].parts.isEmpty)
    }
}
