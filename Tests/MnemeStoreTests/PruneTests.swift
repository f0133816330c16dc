// Pruning: what nobody wants goes, no chain breaks, and what was erased goes out of old backups.

import MnemeBase
import MnemeModel
import SimulatedWorld
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct PruneTests {
    private func world() throws -> GrowingStore {
        var world = try GrowingStore(SimulatedDisk())
        try world.grow(10)
        return world
    }

    private func backup(
        _ world: inout GrowingStore,
        _ name: String,
        on base: String? = nil
    ) throws {
        try world.grow(3)
        var options = BackupOptions()
        options.base = base.map { "kept/" + $0 }
        _ = try world.store.backup(to: "kept/" + name, options)
    }

    private func prune(
        _ world: GrowingStore,
        keep: Int? = nil,
        before: Instant? = nil,
        ledgers: [String] = [],
        isDryRun: Bool = false
    ) throws -> PrunedBackups {
        var wishes = PruneOptions()
        wishes.keep = keep
        wishes.before = before
        wishes.ledgers = ledgers
        wishes.isDryRun = isDryRun
        let dry = wishes.isDryRun
        var first = wishes
        first.isDryRun = true
        // What a dry run says is what is done.
        let said = try Store.pruneBackups(in: "kept", first, options: world.options)
        if dry { return said }
        let done = try Store.pruneBackups(in: "kept", wishes, options: world.options)
        #expect(said.removed == done.removed && said.kept == done.kept)
        #expect(said.rewritten.map(\.directory) == done.rewritten.map(\.directory))
        return done
    }

    private func names(_ world: GrowingStore) throws -> [String] {
        try Store.backups(in: "kept", options: world.options).map(\.name)
    }

    @Test func whatNobodyWantsGoesAndNoChainBreaks() throws {
        var world = try world()
        try backup(&world, "a")
        try backup(&world, "b", on: "a")
        try backup(&world, "c", on: "b")
        try backup(&world, "side", on: "a")
        try backup(&world, "d")
        try backup(&world, "e", on: "d")
        // Nothing is asked for.
        #expect(try prune(world).removed == [])
        // What e goes on from stays, though only one is wanted.
        let dry = try prune(world, keep: 1, isDryRun: true)
        #expect(dry.removed.map(\.directory).count == 4)
        #expect(try names(world).count == 6)
        // c and side go on from a.
        let some = try prune(world, keep: 3)
        #expect(Set(some.removed.map(\.directory)) == ["kept/b", "kept/c"])
        #expect(some.removed.map(\.directory) == ["kept/c", "kept/b"])
        #expect(
            try Store.verifyBackups(["kept/a", "kept/side"], options: world.options).count == 2
        )
        let made = try Store.backups(in: "kept", options: world.options)
            .compactMap { try? $0.contents.get().made }
        // Only those before an instant, and the newest stays whatever it is.
        let none = try prune(world, before: made.min())
        #expect(none.removed == [])
        let late = Instant(microseconds: (made.max()?.microseconds ?? 0) + 1)
        #expect(
            Set(try prune(world, before: late).removed.map(\.directory)) == ["kept/side", "kept/a"]
        )
        #expect(try names(world) == ["d", "e"])
        #expect(!world.disk.holds("kept/a") && !world.disk.holds("kept/side"))
        try world.expectRestored(["kept/d", "kept/e"], as: world.history.last?.picture)
    }

    /// What goes on from it could not be restored once the pruning is through.
    @Test func nothingGoesOnFromWhatAnInterruptedPruningMadeAnew() throws {
        var world = try world()
        try backup(&world, "a")
        _ = try world.store.backup(to: "kept/other")
        try world.disk.rename("kept/other", to: "kept/a.pruned")
        try world.grow(2)
        try expectRefusal(.badBackup, "backup prune") { try backup(&world, "b", on: "a") }
        #expect(!world.disk.holds("kept/b/manifest"))
    }

    /// Only the backup that goes knows of the erasure.
    @Test func whatOnlyAnUnwantedBackupKnowsIsErasedFirst() throws {
        var world = try world()
        try backup(&world, "a")
        try world.store.close()
        _ = try world.restore(["kept/a"], to: "s")
        let branch = try Store.open("s", .open, options: world.options)
        _ = try branch.commit([.erase(Kinds.thing("a3"))])
        _ = try branch.backup(to: "kept/b")
        try branch.close()
        try world.reopen()
        try backup(&world, "c")
        // In the way of what is made anew: the pruning fails there.
        try world.disk.createDirectory("kept/c.pruned/log/mine")
        #expect(throws: MnemeError.self) { try prune(world, keep: 1) }
        #expect(try names(world).contains("b"))
    }

    @Test func whatWasErasedGoesOutOfOldBackups() throws {
        var world = try world()
        try backup(&world, "a")
        try backup(&world, "b", on: "a")
        try world.commit([.erase(Kinds.thing("a3")), .delete(Kinds.thing("a4"))])
        let then = try Picture(world.store)
        var options = BackupOptions()
        options.base = "kept/b"
        _ = try world.store.backup(to: "kept/c", options)
        let last = try FoundBackup(world.disk, "kept/c").manifest
        let pruned = try prune(world)
        #expect(pruned.rewritten.map(\.chain) == [["kept/a", "kept/b", "kept/c"]])
        #expect(pruned.rewritten.map(\.directory) == ["kept/c"])
        let made = try FoundBackup(world.disk, "kept/c").manifest
        #expect(pruned.rewritten.map(\.exactFrom) == [made.exactFrom])
        #expect(pruned.rewritten.map(\.sequence) == [made.lastSequence])
        #expect(made.exactFrom > last.lastSequence)
        // It is of the same instant as what it was made of.
        #expect(made.time == last.time && made.made == last.made)
        #expect(pruned.removed.map(\.directory) == ["kept/a", "kept/b"])
        #expect(try world.disk.list("kept") == ["c"])
        _ = try Store.verifyBackups(["kept/c"], options: world.options)
        #expect(try FoundBackup(world.disk, "kept/c").manifest.base == nil)
        _ = try Store.restore(["kept/c"], to: "new", options: world.options)
        let restored = try Store.open("new", .open, options: world.options)
        let picture = try Picture(restored)
        #expect(picture.records == then.records && picture.edges == then.edges)
        #expect(try restored.verify().findings == [])
        try restored.close()
        for key in ["a3"] { #expect(try frames(world.disk, "new", of: key).isEmpty) }
        // There is nothing left to do.
        let again = try prune(world)
        #expect(again.rewritten == [] && again.removed == [] && again.kept == ["kept/c"])
        // The store goes on with a full backup.
        options.base = "kept/c"
        try expectRefusal(.badBackup, "the store does not have", "backup prune") {
            _ = try world.store.backup(to: "kept/d", options)
        }
        try backup(&world, "d")
    }

    /// Its end is still found at its instant, and nothing before that.
    @Test func whatIsMadeAnewIsOfTheSameInstant() throws {
        var world = try world()
        try backup(&world, "a")
        try backup(&world, "b", on: "a")
        let then = try #require(world.history.last?.picture)
        let end = try FoundBackup(world.disk, "kept/b").manifest
        try world.grow(3)
        try world.commit([.erase(Kinds.thing("a3"))])
        let dry = try prune(world, ledgers: ["store"], isDryRun: true)
        #expect(dry.rewritten.map(\.exactFrom) == [nil])
        #expect(dry.rewritten.map(\.time) == [Instant(microseconds: end.time)])
        let pruned = try prune(world, ledgers: ["store"])
        let rewritten = try #require(pruned.rewritten.first)
        #expect(rewritten.directory == "kept/b" && rewritten.time == dry.rewritten[0].time)
        let now = world.options.clock.now()
        for (number, instant) in [end.time, end.time + 1, now, now + 1_000_000].enumerated() {
            let target = "at \(number)"
            let summary = try Store.restore(
                ["kept/b"],
                to: target,
                at: .time(Instant(microseconds: instant)),
                options: world.options
            )
            #expect(summary.time == Instant(microseconds: end.time))
            let restored = try Store.open(target, .open, options: world.options)
            let picture = try Picture(restored)
            #expect(picture.edges.count <= then.edges.count)
            #expect(picture.records.count == then.records.count - 1)
            try restored.close()
        }
        try expectRefusal(.notExact) {
            let before = Instant(microseconds: end.time - 1)
            _ = try Store.restore(
                ["kept/b"],
                to: "early",
                at: .time(before),
                options: world.options
            )
        }
        // What is told of its points is so.
        let (first, last) = try (#require(rewritten.exactFrom), #require(rewritten.sequence))
        for sequence in [first, last] {
            let target = "sequence \(sequence)"
            _ = try Store.restore(
                ["kept/b"],
                to: target,
                at: .sequence(sequence),
                options: world.options
            )
        }
        try expectRefusal(.notExact) {
            let point = RestorePoint.sequence(first - 1)
            _ = try Store.restore(["kept/b"], to: "early", at: point, options: world.options)
        }
        try expectRefusal(.badRequest) {
            let point = RestorePoint.sequence(last + 1)
            _ = try Store.restore(["kept/b"], to: "late", at: point, options: world.options)
        }
    }

    /// What was compacted before its backup stays restorable where it was.
    @Test func whatNeedsNoCompactionKeepsItsPoints() throws {
        var world = try world()
        try backup(&world, "a")
        try world.commit([.erase(Kinds.thing("a3"))])
        try world.store.checkpointNow()
        try world.store.compactAll()
        try world.grow(2)
        try backup(&world, "b", on: "a")
        let pruned = try prune(world)
        let rewritten = try #require(pruned.rewritten.first)
        let (first, last) = try (#require(rewritten.exactFrom), #require(rewritten.sequence))
        let summary = try #require(
            try Store.backups(in: "kept", options: world.options).first?.contents.get()
        )
        #expect(summary.exactFrom == first && summary.sequence == last)
        for (number, sequence) in [first, last].enumerated() {
            _ = try Store.restore(
                ["kept/b"],
                to: "new \(number)",
                at: .sequence(sequence),
                options: world.options
            )
        }
        try expectRefusal(.notExact) {
            let point = RestorePoint.sequence(first - 1)
            _ = try Store.restore(["kept/b"], to: "early", at: point, options: world.options)
        }
    }

    /// A backup of before that is made anew does not become the newest one.
    @Test func theNewestStaysTheNewest() throws {
        var world = try world()
        try backup(&world, "a")
        try world.commit([.erase(Kinds.thing("a3"))])
        try world.store.checkpointNow()
        try world.store.compactAll()
        try backup(&world, "b")
        #expect(try prune(world).rewritten.map(\.directory).first == "kept/a")
        #expect(try prune(world, keep: 1).removed.map(\.directory) == ["kept/a"])
        #expect(try names(world) == ["b"])
    }

    /// The erasure is in no backup yet, but in the store.
    @Test func otherLedgersAreAsked() throws {
        var world = try world()
        try backup(&world, "a")
        try world.commit([.erase(Kinds.thing("a3"))])
        #expect(try prune(world).rewritten == [])
        let pruned = try prune(world, ledgers: ["store"])
        #expect(pruned.rewritten.map(\.erased) == [1] && pruned.removed == [])
        _ = try Store.restore(["kept/a"], to: "new", ledger: .none, options: world.options)
        #expect(try frames(world.disk, "new", of: "a3").isEmpty)
        #expect(try !frames(world.disk, "new", of: "a5").isEmpty)
    }

    @Test func everyEndOfATreeIsMadeAnew() throws {
        var world = try world()
        try backup(&world, "a")
        try backup(&world, "b", on: "a")
        try backup(&world, "c", on: "a")
        try world.commit([.erase(Kinds.thing("a3"))])
        try backup(&world, "d")
        let pruned = try prune(world)
        #expect(pruned.rewritten.map(\.directory) == ["kept/b", "kept/c", "kept/d"])
        #expect(try names(world).sorted() == ["b", "c", "d"])
        for name in ["b", "c", "d"] {
            _ = try Store.restore(
                ["kept/" + name],
                to: "new " + name,
                ledger: .none,
                options: world.options
            )
            #expect(try frames(world.disk, "new " + name, of: "a3").isEmpty)
        }
    }

    @Test func directoriesThatAreNone() throws {
        var world = try world()
        try backup(&world, "a")
        try world.disk.createDirectory("served/notes")
        try world.disk.createDirectory("served/empty")
        _ = try world.store.backup(to: "served/notes/a")
        _ = try world.store.backup(to: "served/other/b")
        for isDryRun in [true, false] {
            var wishes = PruneOptions()
            wishes.keep = 1
            wishes.isDryRun = isDryRun
            for (path, words) in [
                ("served", "stand in served/notes, served/other: prune each"),
                ("served/empty", "has no backups, and nothing was pruned"),
                ("kept/a", "is a backup itself"), ("store", "is a store"),
            ] {
                try expectRefusal(.badRequest, words) {
                    _ = try Store.pruneBackups(in: path, wishes, options: world.options)
                }
            }
            let one = try Store.pruneBackups(in: "served/notes", wishes, options: world.options)
            #expect(one.kept == ["served/notes/a"])
        }
        try expectRefusal(.badRequest, "can be listed") {
            _ = try Store.pruneBackups(in: "absent", options: world.options)
        }
    }
}
