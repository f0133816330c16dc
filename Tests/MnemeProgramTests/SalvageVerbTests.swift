// The program on a store that is damaged, or that is only to be read.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct SalvageVerbTests {
    private static let segment = "notes.mneme/log/000000000001.log"

    /// The place in the log of a text that stands there as it is.
    private func place(of text: String, in place: BuiltProgram) throws -> Int {
        let bytes = try Data(contentsOf: URL(filePath: place.path(Self.segment)))
        return try #require(bytes.range(of: Data(text.utf8))).lowerBound
    }

    private func flip(_ offset: Int, in place: BuiltProgram) throws {
        let file = try FileHandle(forUpdating: URL(filePath: place.path(Self.segment)))
        try file.seek(toOffset: UInt64(offset))
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data([byte ^ 8]))
        try file.close()
    }

    @Test func aDamagedStoreComesOutButForWhatIsDamaged() throws {
        let place = try ExampleTests.prepared()
        // The key of a note, in the columns of its frame.
        try flip(try self.place(of: "Assam", in: place), in: place)
        try FileManager.default.removeItem(atPath: place.path("notes.mneme/pages"))
        let refused = try place.shell("mneme stats --store notes.mneme")
        #expect(refused.status != 0)
        for word in ["log/000000000001.log", "sequence", "mneme salvage", "restore a backup"] {
            #expect(refused.error.contains(word), "\(refused.error)")
        }
        let listed = try place.shell("mneme salvage notes.mneme --dry-run")
        #expect(listed.status == 1, "\(listed.error)")
        #expect(listed.error.contains("Not everything can be"), "\(listed.error)")
        #expect(listed.output.contains("What would be brought out"), "\(listed.output)")
        let saved = try place.shell("mneme salvage notes.mneme --to saved.mneme")
        #expect(saved.status == 1, "\(saved.error)")
        #expect(saved.error.contains("saved.mneme holds the rest"), "\(saved.error)")
        #expect(saved.output.contains("records of notes"), "\(saved.output)")
        let words = BuiltProgram.flat(saved.output)
        #expect(words.contains("it says that it was a put of memories/"), "\(saved.output)")
        #expect(saved.output.contains("Beware:"), "\(saved.output)")
        let json = try place.shell("mneme salvage notes.mneme --dry-run --json")
        let report = try Value(json: json.output)
        guard case .map(let members) = report, case .array(let losses) = members["losses"] else {
            Issue.record("\(json.output)")
            return
        }
        #expect(losses.count == 1 && members["isComplete"] == false)
        #expect(members["records"] == ["memories": 2, "notes": 3])
        let found = try place.shell(
            "mneme verify --store saved.mneme && mneme get notes tea --store saved.mneme"
        )
        #expect(found.status == 0 && found.output.contains("all agree"), "\(found.error)")
        let again = try place.shell("mneme salvage notes.mneme --to saved.mneme")
        #expect(again.status != 0 && again.error.contains("not empty"), "\(again.error)")
    }

    @Test func aWholeStoreComesOutWithStatusZero() throws {
        let place = try ExampleTests.prepared()
        for line in ["--dry-run", "--to saved.mneme"] {
            let ended = try place.shell("mneme salvage notes.mneme \(line)")
            #expect(ended.status == 0 && ended.error.isEmpty, "\(ended.error)")
            #expect(ended.output.contains("Nothing is lost"), "\(ended.output)")
        }
        #expect(try place.shell("ls saved.mneme").output == "lock\nlog\npages\nstore\n")
        // Without its page file nothing says whether that is all of the log.
        let ended = try place.shell("rm notes.mneme/pages; mneme salvage notes.mneme --dry-run")
        let words = BuiltProgram.flat(ended.output)
        #expect(ended.status == 0 && !words.contains("Nothing is lost"), "\(ended.output)")
        #expect(words.contains("whether more came after it is not known"), "\(ended.output)")
    }

    @Test func aSalvageThatFindsNoRoomLeavesNothing() throws {
        let place = try ExampleTests.prepared()
        let limited = try place.shell(
            "ulimit -f 24; mneme salvage notes.mneme --to cut.mneme; ls -A cut.mneme"
        )
        #expect(limited.status == 0 && limited.error.contains("room"), "\(limited.error)")
        #expect(limited.output == "lock\nlog\n", "\(limited.output)")
        let again = try place.shell("mneme salvage notes.mneme --to cut.mneme")
        #expect(again.status == 0, "\(again.error)")
    }

    @Test func whatIsOnlyReadStaysAsItIs() throws {
        let place = try ExampleTests.prepared()
        let sum =
            "find notes.mneme -type f | sort | xargs sha256sum; ls -l --time-style=full-iso "
            + "notes.mneme notes.mneme/log"
        let before = try place.shell(sum).output
        for line in [
            "stats", "verify", "describe", "get notes tea", "recall tea",
            "walk '{\"from\": [\"notes/tea\"]}'",
            "find '{\"collection\": \"notes\"}'",
            "path '{\"from\": \"notes/tea\", \"to\": \"notes/milk\"}'",
        ] {
            let ended = try place.shell("mneme \(line) --store notes.mneme --read-only")
            #expect(ended.status == 0 && ended.error.isEmpty, "\(line): \(ended.error)")
        }
        #expect(try place.shell(sum).output == before)
        let put = try place.shell(
            "mneme put notes '{\"title\": \"x\"}' --store notes.mneme --read-only"
        )
        #expect(put.status != 0)
        let remote = try place.shell("mneme stats --read-only --connect 127.0.0.1:1")
        #expect(remote.status != 0 && remote.error.contains("--read-only"), "\(remote.error)")
    }

    /// What was damaged and is derived again is said on standard error.
    @Test func aDamagedPageFileIsDerivedAgain() throws {
        let place = try ExampleTests.prepared()
        let damage = "dd if=/dev/urandom of=notes.mneme/pages bs=8192 count=3 conv=notrunc"
        _ = try place.shell(damage + " 2> /dev/null")
        let ended = try place.shell("mneme get notes tea --store notes.mneme")
        #expect(ended.status == 0 && ended.output.contains("Tea"), "\(ended.error)")
        #expect(ended.error.contains("derived again from the log"), "\(ended.error)")
        let again = try place.shell("mneme verify --store notes.mneme")
        #expect(again.status == 0 && again.error.isEmpty, "\(again.error)")
    }

    /// Who asks whether anything is damaged hears of what opening found, mended or not.
    @Test(arguments: [" --read-only", ""])
    func verifyTellsOfADamagedPageFile(option: String) throws {
        let place = try ExampleTests.prepared()
        let damage = "dd if=/dev/urandom of=notes.mneme/pages bs=8192 count=3 conv=notrunc"
        _ = try place.shell(damage + " 2> /dev/null")
        let ended = try place.shell("mneme verify --store notes.mneme --json" + option)
        #expect(ended.status == 1 && ended.output.contains("page file"), "\(ended.output)")
        let again = try place.shell("mneme verify --store notes.mneme" + option)
        #expect(again.status == (option.isEmpty ? 0 : 1), "\(again.error)")
    }

    /// Text of a record does not reach the terminal as orders.
    @Test func whatWouldSteerATerminalIsShown() throws {
        let place = try ExampleTests.prepared()
        let put = "mneme put notes '{\"title\": \"a\\u001b[31mb\\u0007\\u009b\"}' --key odd"
        let made = try place.shell(put + " --store notes.mneme")
        #expect(made.status == 0, "\(made.error)")
        let ended = try place.shell("mneme get notes odd --store notes.mneme")
        #expect(ended.status == 0 && ended.output.contains("a\u{241b}[31mb\u{2407}\u{fffd}"))
        #expect(!ended.output.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })
    }
}
