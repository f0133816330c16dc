// Backups that are asked for by name, through every door.

import Doors
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func backupsAreMadeAndRefused(kind: DoorKind) async throws {
        try await kind.withSample { door in
            _ = try await door.commit([put("a", ["count": 1])])
            let one = try await door.backup(Backup("one"))
            let committed = try await door.commit([put("b", ["count": 2])])
            let two = try await door.backup(Backup("two", base: "one", copies: true))
            #expect(one.base == nil && two.base == one.id && two.store == one.store)
            #expect(two.commit == committed.sequence && one.commit < two.commit)
            #expect(two.time != nil && two.segments == 1 && two.linkedBytes == 0)
            #expect(two.bytes > 4096)
            let refusals: [(Backup, MnemeError.Code)] = [
                (Backup("one"), .exists), (Backup("../one"), .badRequest),
                (Backup("/one"), .badRequest), (Backup(""), .badRequest),
                (Backup("three", base: "absent"), .badBackup),
                (Backup("three", base: "../s/one"), .badRequest),
                (Backup("three", bytesPerSecond: 0), .badRequest),
            ]
            for (wish, code) in refusals {
                do throws(MnemeError) {
                    _ = try await door.backup(wish)
                    Issue.record("\(wish) was not refused")
                } catch {
                    #expect(error.code == code, "\(error)")
                }
            }
            // None of them left anything in the way.
            _ = try await door.backup(Backup("three", base: "two"))
            #expect(try await door.verify().findings == [])
        }
    }
}
