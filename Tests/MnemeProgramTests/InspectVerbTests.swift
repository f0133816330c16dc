// Looks into files: what they say is what stands there, and agrees with each other.

import Foundation
import Mneme
import MnemeBase
import Testing

@testable import MnemeProgram

@Suite struct InspectVerbTests {
    /// A store with records, edges, words and vectors, closed.
    private func prepared() throws -> BuiltProgram {
        let place = try BuiltProgram()
        let memory = try Memory.open(place.path("s"))
        try memory.define(Schema(json: DefineVerb.example))
        _ = try memory.commit([
            .put(Put("notes", "tea", ["title": "Green tea", "stars": 4])),
            .put(Put("notes", "milk", ["title": "Milk for tea, tea", "stars": 2])),
            .link(
                Link("cites", from: Reference("notes", "tea"), to: Reference("notes", "milk"))
            ),
        ])
        _ = try memory.remember([Remember("Ada takes tea.", owner: "ada", key: "ada")])
        try memory.close()
        return place
    }

    private func json(_ place: BuiltProgram, _ line: String) throws -> [String: Value] {
        let ended = try place.shell("mneme inspect \(line) --store s --json")
        try #require(ended.status == 0 && ended.error.isEmpty, "\(line): \(ended)")
        guard case .map(let all) = try Value(json: ended.output),
            case .map(let found)? = all["inspected"]
        else { throw MnemeError(.badRequest, "no inspection: \(ended.output)") }
        return found
    }

    private func rows(_ found: [String: Value], _ name: String = "rows") -> [[String: Value]] {
        guard case .array(let rows)? = found[name] else { return [] }
        return rows.compactMap { if case .map(let row) = $0 { row } else { nil } }
    }

    /// Every frame's bytes are shown once, in order, as they stand in the file.
    @Test func framesAreShownByteByByte() throws {
        let place = try prepared()
        let segments = rows(try json(place, "log"))
        #expect(segments.first?["file"] == "000000000001.log")
        let frames = rows(try json(place, "log 1 --limit 1000"))
        #expect(frames.count > 8)
        #expect(frames.allSatisfy { $0["checksum"] == "matches" })
        let types = Set(frames.compactMap { $0["type"]?.text })
        #expect(types.isSuperset(of: ["schema", "put", "link", "owner", "commit", "close"]))
        let file = Array(try Data(contentsOf: URL(filePath: place.path("s/log/000000000001.log"))))
        for frame in frames {
            guard case .int(let start)? = frame["at"], case .int(let count)? = frame["bytes"] else {
                Issue.record("a frame without its place: \(frame)")
                continue
            }
            let notes = rows(try json(place, "log 1 --at \(start)"), "bytes")
            var next = start
            var hex = ""
            for note in notes {
                #expect(note["at"] == .int(next), "\(frame): \(note)")
                let digits = note["hex"]?.text ?? ""
                next += Int64(digits.count / 2)
                hex += digits
            }
            let bytes = file[Int(start)..<Int(start + count)]
            #expect(hex == bytes.map(Hexadecimal.byte).joined(), "\(frame)")
        }
    }

    @Test func damageIsSeen() throws {
        let place = try prepared()
        let frame = rows(try json(place, "log 1"))[0]
        guard case .int(let start)? = frame["at"] else { return }
        let path = place.path("s/log/000000000001.log")
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[Int(start) + 80] ^= 1
        try bytes.write(to: URL(filePath: path))
        #expect(rows(try json(place, "log 1"))[0]["checksum"] == "does not match")
        let wrong = try place.shell("mneme inspect log 1 --at 4104 --store s")
        #expect(wrong.status == 1 && wrong.error.contains("No frame begins at 4104"), "\(wrong)")
        for line in ["log 1 --at 5", "log nothing", "log 99", "log --sequence 999999"] {
            #expect(try place.shell("mneme inspect \(line) --store s").status != 0, "\(line)")
        }
    }

    /// What the table of ordinals says of a record leads to its frame.
    @Test func anOrdinalLeadsToItsFrame() throws {
        let place = try prepared()
        let found = try json(place, "ordinal notes/tea")
        #expect(found["what"] == "notes/tea")
        let notes = rows(found, "bytes")
        func meaning(_ field: String) -> String {
            notes.first { $0["field"]?.text == field }?["meaning"]?.text ?? ""
        }
        #expect(meaning("collection") == "notes" && meaning("flags") == "a record")
        #expect(meaning("death") == "it lives" && meaning("expiry") == "never")
        let offset = meaning("place").split(separator: " ").last ?? ""
        let frame = rows(try json(place, "log 1 --at \(offset)"), "bytes")
        #expect(frame.contains { $0["field"] == "key" && $0["meaning"] == "tea" }, "\(frame)")
        #expect(try place.shell("mneme inspect ordinal 999 --store s").status == 1)
        #expect(try place.shell("mneme inspect ordinal notes/no --store s").status == 1)
    }

    @Test func pagesAndTreesAreShown() throws {
        let place = try prepared()
        let roots = rows(try json(place, "roots"), "bytes")
        #expect(roots.contains { $0["field"] == "checksum" && $0["meaning"] == "matches" })
        let overview = rows(try json(place, "page"))
        for row in overview {
            guard let page = row["root"]?.text else { continue }
            let notes = rows(try json(place, "page \(page)"), "bytes")
            #expect(notes.contains { $0["field"] == "id" && $0["meaning"] == .text(page) })
        }
        let ordinals = rows(try json(place, "page ordinals:0 --limit 100"))
        #expect(ordinals.contains { $0["what"] == "notes/milk" })
        let tree = rows(try json(place, "tree --limit 100"))
        var meanings: [String] = []
        for node in tree {
            let page = node["page"]?.text ?? ""
            meanings += rows(try json(place, "page \(page) --limit 1000"), "bytes")
                .compactMap { $0["meaning"]?.text }
        }
        #expect(meanings.contains("notes: key \"tea\""))
        #expect(meanings.contains { $0.hasPrefix("notes: index by_stars 4, ordinal ") })
        #expect(meanings.contains("number of the owner \"ada\""))
        #expect(try place.shell("mneme inspect page tree:99999 --store s").status == 1)
        #expect(try place.shell("mneme inspect page nothing --store s").status == 1)
    }

    @Test func edgesWordsAndVectorsAreShown() throws {
        let place = try prepared()
        let edges = rows(try json(place, "adjacency notes/tea"))
        #expect(edges.count == 1 && edges[0]["other"] == "notes/milk")
        #expect(edges[0]["side"] == "leaves" && edges[0]["type"] == "cites")
        #expect(rows(try json(place, "adjacency notes/milk"))[0]["side"] == "arrives")
        let postings = rows(try json(place, "postings notes title tea"))
        let times = postings.map { ($0["what"]?.text ?? "", $0["times"]) }
        #expect(times.contains { $0.0 == "notes/tea" && $0.1 == 1 })
        #expect(times.contains { $0.0 == "notes/milk" && $0.1 == 2 }, "\(postings)")
        let milk = postings.first { $0["what"] == "notes/milk" }
        #expect(milk?["positions"] == [2, 3], "\(postings)")
        #expect(rows(try json(place, "postings notes title coffee")).isEmpty)
        let vector = try json(place, "vectors memories meaning ada")
        #expect(rows(vector, "bytes").contains { $0["field"] == "code" }, "\(vector)")
        #expect(vector["vectors"] == 1)
        #expect(try place.shell("mneme inspect vectors notes title --store s").status == 1)
        let remote = try place.shell("mneme inspect page --connect localhost")
        #expect(remote.status != 0)
    }

    /// Whatever stands in the files, a look at them ends with an answer or an error.
    @Test func damagedBytesEndNothing() throws {
        let place = try prepared()
        let log = URL(filePath: place.path("s/log/000000000001.log"))
        let pages = URL(filePath: place.path("s/pages"))
        let (wholeLog, wholePages) = (try Data(contentsOf: log), try Data(contentsOf: pages))
        let starts = rows(try json(place, "log 1 --limit 1000")).compactMap { row -> Int? in
            if case .int(let start)? = row["at"] { Int(start) } else { nil }
        }
        for round in 0..<12 {
            var (damagedLog, damagedPages) = (wholeLog, wholePages)
            let start = starts[round % starts.count]
            // Lengths and counts above all, which lead on.
            for place in [start, start + 52 + round % 3 * 4, 4096 * (round % 2) + 16] {
                damagedLog[place] ^= UInt8(1 << (round % 8))
            }
            for place in [16, 56, 60, 64] { damagedPages[place + round % 4] ^= UInt8(0x80 | round) }
            try damagedLog.write(to: log)
            try damagedPages.write(to: pages)
            for line in ["log", "log 1", "log 1 --at \(start)", "log --sequence 5", "roots"] {
                let ended = try place.shell("mneme inspect \(line) --store s")
                #expect(ended.status <= 1, "\(round), \(line): \(ended)")
            }
        }
    }
}
