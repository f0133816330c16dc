// What mneme serve does when it is asked to read its settings again, and what it says of them.

import Foundation
import Testing

@Suite struct ServeReloadTests {
    private func lines(_ event: String, of place: BuiltProgram) throws -> [String] {
        let text = try String(contentsOfFile: place.path("log"), encoding: .utf8)
        return text.split(separator: "\n").map(String.init).filter { $0.contains(" \(event) ") }
    }

    /// A line of the shell that hangs up on the server and waits until its log has another line of
    /// an event.
    private func hangUp(untilTold event: String) -> String {
        """
        before=$(grep -c ' \(event) ' log); kill -HUP $server
        for turn in {1..400}; do
            test $(grep -c ' \(event) ' log) -gt $before && break; sleep 0.02
        done
        """
    }

    @Test func aChangedFileCountsOrIsToldToWait() throws {
        let place = try BuiltProgram()
        try place.write("slow = 86400000\ndurability = synced\n", to: "mneme.conf")
        let ended = try place.served(
            """
            mneme remember 'Ada drinks tea' --owner ada --store tea --connect "$address"
            printf 'slow = 0\\ndurability = buffered\\nconnections = 7\\n' > mneme.conf
            \(hangUp(untilTold: "settings-waiting"))
            mneme recall tea --owner ada --store tea --connect "$address"
            \(hangUp(untilTold: "settings-waiting"))
            printf 'slow = 86400000\\nconnections = 7\\n' > mneme.conf
            \(hangUp(untilTold: "settings-read"))
            """,
            "--config mneme.conf --log log"
        )
        #expect(ended.status == 0, "\(ended)")
        let read = try lines("settings-read", of: place)
        #expect(read.count == 2, "\(read)")
        #expect(read.first?.contains(" names=\"connections, slow\"") == true, "\(read)")
        #expect(read.last?.contains(" names=slow") == true, "\(read)")
        // What waits is told each time.
        let waiting = try lines("settings-waiting", of: place)
        #expect(waiting.count == 2, "\(waiting)")
        #expect(waiting.allSatisfy { $0.contains(" names=durability ") }, "\(waiting)")
        let slow = try lines("slow-request", of: place)
        #expect(slow.contains { $0.contains(" verb=recall ") }, "\(slow)")
        #expect(!slow.contains { $0.contains(" verb=remember ") }, "\(slow)")
    }

    @Test(arguments: [
        ("lisen = 127.0.0.1:7", "no option lisen"), ("slow = fast", "slow"),
        ("slow-values = yes", "--slow MILLISECONDS"), ("grace", "NAME = VALUE"),
    ])
    func aFileThatDoesNotHoldChangesNothing(_ line: String, _ said: String) throws {
        let place = try BuiltProgram()
        try place.write("slow = 0\n", to: "mneme.conf")
        let ended = try place.served(
            """
            printf 'log-level = error\\n%s\\n' '\(line)' > mneme.conf
            \(hangUp(untilTold: "settings-unreadable"))
            mneme remember 'Ada drinks tea' --owner ada --store tea --connect "$address"
            """,
            "--config mneme.conf --log log"
        )
        #expect(ended.status == 0, "\(ended)")
        let told = try lines("settings-unreadable", of: place)
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.contains(said) == true, "\(told)")
        #expect(told.first?.contains("The settings stay as they were.") == true, "\(told)")
        // Neither the line that is right nor the one that is not has changed anything.
        let slow = try lines("slow-request", of: place)
        #expect(slow.contains { $0.contains(" verb=remember ") }, "\(slow)")
    }
}
