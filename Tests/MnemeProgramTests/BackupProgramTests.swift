// Backing up, looking at backups and restoring, as a person would.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct BackupProgramTests {
    @Test func aStoreIsBackedUpAndRestored() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store s
            mneme backup --store s kept/one --rate 1000
            mneme remember "Coffee grows in Kenya." --owner ada --key coffee --store s
            mneme backup --store s kept/two --base kept/one --copy
            mneme backup verify kept/one kept/two
            mneme backup list kept
            mneme restore kept/one --to r1
            mneme restore kept/one kept/two --to r2
            mneme restore kept/one kept/two --to r3 --time 2100-01-01T00:00:00Z
            mneme verify --store r2
            mneme get memories coffee --store r2
            mneme stats --store r1 --json; mneme stats --store r3 --json
            """
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("Backed up to kept/one in ") }, "\(ended.output)")
        #expect(lines.contains { $0.hasPrefix("kept/two is whole: an increment, ") })
        #expect(lines.contains { $0.hasPrefix("one: a full backup, 1 segment with ") })
        #expect(lines.contains { $0.hasPrefix("two: an increment on one, 1 segment with ") })
        #expect(lines.contains { $0.hasPrefix("Restored to r2 in ") && $0.contains("2 records") })
        #expect(ended.output.contains("Coffee grows in Kenya."))
        #expect(lines.contains { $0.contains("\"memories\":1,") })
        #expect(lines.contains { $0.contains("\"memories\":2,") })
    }

    /// The example of the README: a chain, an instant that lies in it, and its end.
    @Test func aChainIsMadeReadAndGivenUp() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store notes.mneme
            mneme backup --store notes.mneme kept/sunday
            mneme remember "Coffee grows in Kenya." --owner ada --key coffee --store notes.mneme
            mneme backup --store notes.mneme kept/monday --base kept/sunday
            at=$(date -u +%FT%T.%6NZ)
            mneme forget coffee --store notes.mneme
            mneme backup --store notes.mneme kept/tuesday --base kept/monday
            mneme backup list kept
            mneme backup verify kept/sunday kept/monday kept/tuesday
            mneme restore kept/sunday kept/monday kept/tuesday --time $at --to then.mneme
            mneme get memories coffee --store then.mneme
            mneme backup --store notes.mneme kept/next-sunday
            mneme backup prune kept --keep 1
            mneme restore kept/next-sunday --to again.mneme
            ls kept
            """
        )
        #expect(ended.status == 0 && ended.error.isEmpty, "\(ended)")
        #expect(ended.output.contains("tuesday: an increment on monday"), "\(ended.output)")
        #expect(ended.output.contains("Coffee grows in Kenya."), "\(ended.output)")
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("Removed: kept/") }.count == 3, "\(ended.output)")
        #expect(
            lines.contains { $0.hasPrefix("Restored to again.mneme") && $0.contains("1 record ") }
        )
        #expect(lines.last == "next-sunday")
    }

    @Test func anErasureSaysWhenItHolds() throws {
        let place = try BuiltProgram()
        let made = try place.shell(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store s
            mneme remember "Coffee grows in Kenya." --owner ada --key coffee --store s
            mneme backup --store s kept/one
            """
        )
        try #require(made.status == 0, "\(made)")
        let told = "Make a backup beside the earlier ones now"
        let absent = "What is not there cannot be erased"
        for (line, words) in [
            ("delete memories tea --erase", ["Deleted.", told]),
            ("delete memories tea --erase", ["It was not there.", absent]),
            ("forget tea --erase", ["Not there: tea. Nothing was forgotten.", absent]),
            ("forget tea coffee --erase", ["Forgot 1 memory.", told, absent]),
        ] {
            let ended = try place.shell("mneme \(line) --store s")
            #expect(ended.status == 0, "\(line): \(ended)")
            for word in words { #expect(ended.output.contains(word), "\(line): \(ended)") }
        }
        let restored = try place.shell("mneme restore kept/one --to r1 --ledger s")
        let words = "2 records and edges of that point had been erased"
        #expect(restored.output.contains(words), "\(restored)")
        // A ledger that lacks a part is not believed.
        let emptied = try place.shell(
            "rm s/log/*; mneme restore kept/one --to r2 --ledger s; ls -d r2"
        )
        #expect(emptied.error.contains("does not say all that was erased"), "\(emptied)")
        #expect(!FileManager.default.fileExists(atPath: place.path("r2")))
    }

    @Test func whatAPruningDoesIsSaidAsItIs() throws {
        let place = try BuiltProgram()
        let ended = try place.shell(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store s
            mneme remember "Coffee grows in Kenya." --owner ada --key coffee --store s
            mneme backup --store s kept/one
            mneme delete memories tea --erase --store s
            mneme backup prune kept --ledger s --dry-run
            mneme backup prune kept --ledger s
            mneme backup list kept
            mkdir -p served; mv kept served/s
            ! mneme backup prune served --keep 1 2> told
            cat told
            """
        )
        #expect(ended.status == 0, "\(ended)")
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("Would be 1 backup in kept: 0 as before, 1 made anew."))
        #expect(lines.contains("1 backup in kept: 0 as before, 1 made anew."), "\(ended.output)")
        let made = try #require(lines.first { $0.hasPrefix("Made anew: kept/one") })
        let listed = try #require(lines.first { $0.hasPrefix("one: a full backup") })
        let range = try #require(listed.split(separator: "restorable at ").last.map(String.init))
        #expect(made.contains("It is restorable at \(range), and at any instant"), "\(lines)")
        #expect(ended.output.contains("those below it stand in served/s: prune each"), "\(lines)")
    }

    @Test func whatIsWrongIsSaid() throws {
        let place = try BuiltProgram()
        let made = try place.shell(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store s
            mneme backup --store s one
            mkdir empty; touch file; mkdir -p kept/half/log kept/other
            cp -r one kept/bad; printf x | dd of=kept/bad/log/000000000001.log bs=1 seek=4200 \
                conv=notrunc status=none
            """
        )
        try #require(made.status == 0, "\(made)")
        let wrong: [(line: String, status: Int32, word: String)] = [
            ("backup --store s one", 1, "is a backup already"),
            ("backup --store s s", 1, "inside the store"),
            ("backup --store s file", 1, "no directory"),
            ("backup --store s /proc/x", 1, "/proc/x"),
            ("backup --store s two --base empty", 1, "empty is no backup"),
            ("backup --store absent two", 1, "is not a store"),
            ("backup --store s", 2, "needs TARGET"),
            ("backup --store s two --rate 0", 2, "--rate takes a whole number"),
            ("backup verify kept/bad", 1, "kept/bad/log/000000000001.log"),
            ("backup verify kept/half", 1, "is no backup"),
            ("backup list file", 1, "no directory"),
            ("restore kept/bad --to new", 1, "kept/bad/log/000000000001.log"),
            ("restore one --to s", 1, "is a store"),
            ("restore one --to new --sequence 9999", 1, "is not in the backups"),
            ("restore one --to new --time 2001-01-01", 1, "no commit that early"),
            ("restore one --to new --time 2001-01-01 --sequence 3", 2, "not both"),
            ("restore one", 2, "needs --to"),
            ("restore --to new", 2, "needs BACKUP"),
        ]
        for (line, status, word) in wrong {
            let ended = try place.shell("mneme \(line)")
            #expect(ended.status == status, "\(line): \(ended)")
            #expect(ended.error.contains(word), "\(line): \(ended.error)")
        }
        for name in ["new", "two"] {
            #expect(!FileManager.default.fileExists(atPath: place.path(name)), "\(name)")
        }
        let listed = try place.shell("mneme backup list kept; mneme backup list empty")
        #expect(listed.output.contains("bad: a full backup"))
        #expect(!listed.output.contains("half"))
        #expect(listed.output.contains("There are no backups in empty."))
    }

    @Test func overAConnection() throws {
        let place = try BuiltProgram()
        let ended = try place.served(
            """
            set -e
            mneme remember "Tea grows in Assam." --owner ada --key tea --store s --connect $address
            mneme backup --store s monday --connect $address
            mneme backup --store s tuesday --base monday --connect $address --json
            mneme restore kept/s/monday kept/s/tuesday --to new
            ! mneme backup --store s ../x --connect $address 2>&1
            """,
            "--backups kept"
        )
        #expect(ended.status == 0, "\(ended)")
        #expect(ended.output.contains("Restored to new in "), "\(ended)")
        #expect(ended.output.contains("is no name of a backup"), "\(ended)")
        let refused = try place.served("mneme backup --store s monday --connect $address")
        #expect(refused.status == 1 && refused.error.contains("--backups DIR"), "\(refused)")
    }
}
