// Backups that clients ask for: where the server's owner allows them, and nowhere else.

import Foundation
import Mneme
import MnemeBase
import MnemeModel
import Testing

@testable import MnemeServer

@Suite struct BackupTests {
    private func backup(_ guest: Guest, _ backup: Backup) throws -> BackupSummary {
        guard case .backedUp(let summary) = try guest.perform(.backup(backup)) else {
            throw MnemeError(.badRequest, "another answer")
        }
        return summary
    }

    private func refusal(_ guest: Guest, _ backup: Backup) -> MnemeError? {
        do {
            _ = try self.backup(guest, backup)
            return nil
        } catch {
            return error as? MnemeError
        }
    }

    @Test func withoutADirectoryThereAreNone() throws {
        let world = try ServerWorld()
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        let told = try #require(refusal(guest, Backup("monday")))
        #expect(told.code == .denied && told.message.contains("--backups"))
    }

    @Test func aServedStoreIsBackedUpAndRestored() throws {
        let kept = "/tmp/mneme-kept-\(RealRandomness().next())"
        defer { try? FileManager.default.removeItem(atPath: kept) }
        let world = try ServerWorld { $0.backups = kept }
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        _ = try guest.perform(.define(ServerWorld.schema))
        _ = try guest.perform(.commit([ServerWorld.put("a", "one")], .synced))
        let monday = try backup(guest, Backup("monday"))
        _ = try guest.perform(.commit([ServerWorld.put("b", "two")], .synced))
        let wish = Backup("tuesday", base: "monday", copies: true, bytesPerSecond: 1 << 30)
        let tuesday = try backup(guest, wish)
        #expect(tuesday.base == monday.id && tuesday.commit > monday.commit)
        // Another store of the server has names of its own.
        let other = try world.guest(store: "t")
        #expect(try backup(other, Backup("monday")).store != monday.store)
        #expect(refusal(other, Backup("x", base: "tuesday"))?.code == .badBackup)
        let chain = [kept + "/s/monday", kept + "/s/tuesday"]
        #expect(try Memory.verifyBackups(chain) == [monday, tuesday])
        #expect(try Memory.backups(in: kept + "/s").map(\.name) == ["monday", "tuesday"])
        let summary = try Memory.restore(chain, to: world.root + "/restored")
        #expect(summary.sequence == tuesday.commit)
        let restored = try world.guest(store: "restored", existing: true)
        #expect(try world.text(restored, "a") == "one")
        #expect(try world.text(restored, "b") == "two")
        _ = try restored.perform(.commit([ServerWorld.put("c", "three")], .synced))
        #expect(world.stop() == [:])
    }

    @Test func namesLeadNowhereElse() throws {
        let kept = "/tmp/mneme-kept-\(RealRandomness().next())"
        defer { try? FileManager.default.removeItem(atPath: kept) }
        let world = try ServerWorld { $0.backups = kept }
        defer { world.remove() }
        let guest = try world.guest(store: "s")
        let bad = [
            "", ".", "..", "../x", "a/b", "/etc", "/tmp/x", "a/../../b", ".hidden", "a\0b", "ä",
            "a b", "..\\x", String(repeating: "a", count: 65),
        ]
        for name in bad {
            for wish in [Backup(name), Backup("fine", base: name)] {
                let told = try #require(refusal(guest, wish))
                #expect(told.code == .badRequest && told.message.contains("no name"))
            }
        }
        for rate in [0, -1, .min, 999_999] {
            let told = refusal(guest, Backup("fine", bytesPerSecond: rate))
            #expect(told?.code == .badRequest)
        }
        #expect(!RealDisk().holds(kept))
        #expect(refusal(guest, Backup("fine", base: "absent"))?.code == .badBackup)
        #expect(refusal(guest, Backup("fine"))?.code == nil)
        #expect(refusal(guest, Backup("fine"))?.code == .exists)
    }
}
