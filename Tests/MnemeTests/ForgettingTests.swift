// Forgetting softly, with what was made of it, what fades and hangs on nothing, and pruning.

import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import Mneme

@Suite struct ForgettingTests {
    private let clock = TurnedClock()
    private let day: Microseconds = 86_400_000_000

    private func memory() throws -> Memory {
        var options = StoreOptions()
        options.disk = MemoryDisk()
        options.clock = clock
        options.worksInBackground = false
        return try Memory(
            store: Store.open("facts", .create, options: options),
            options: MemoryOptions()
        )
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do { try body() } catch { return (error as? MnemeError)?.code }
        return nil
    }

    private func made(_ key: Key, from sources: [Key] = [], _ text: String = "Tea.") -> Remember {
        var made = Remember("\(text) \(key)", owner: "ann", key: key)
        made.source.from = sources
        return made
    }

    private func keys(_ memory: Memory) throws -> Set<Key> {
        Set(try memory.find(Find("memories", limit: 100)).rows.map(\.record.reference.key))
    }

    @Test func whatWasMadeOfItAloneGoesToo() throws {
        let memory = try memory()
        _ = try memory.remember([
            made("a"), made("b"), made("ofA", from: ["a"]), made("ofBoth", from: ["a", "b"]),
            made("further", from: ["ofA", "a"]), made("ofB", from: ["memories/b"]),
        ])
        var forget = Forget(keys: ["a"])
        forget.derived = true
        let forgotten = try memory.forgetting(forget)
        #expect(forgotten.count == 3 && forgotten.derived == 2)
        #expect(try keys(memory) == ["b", "ofBoth", "ofB"])
        forget.keys = ["b"]
        #expect(try memory.forgetting(forget).derived == 2)
        #expect(try keys(memory) == [])
        forget.keys = ["none"]
        #expect(try memory.forgetting(forget).count == 0)
    }

    @Test func aSourceThatWasPutAsideHoldsUnlessItIsPutAsideAnew() throws {
        for (second, left) in [(Forget.Mode.soft, Set<Key>()), (.hard, ["ofBoth", "further"])] {
            let memory = try memory()
            _ = try memory.remember([
                made("a"), made("b"), made("ofBoth", from: ["a", "memories/b", "a-site/page"]),
                made("further", from: ["ofBoth"]),
            ])
            var forget = Forget(keys: ["a"])
            forget.derived = true
            forget.mode = .soft
            #expect(try memory.forgetting(forget).derived == 0)
            forget.keys = ["b"]
            forget.mode = second
            #expect(try memory.forgetting(forget).derived == 2 - left.count)
            #expect(try keys(memory) == left)
        }
    }

    @Test func whatOthersHaveHoldsWhatWasMadeOfIt() throws {
        let memory = try memory()
        var his = made("his")
        his.owner = "bob"
        _ = try memory.remember([made("a"), his, made("ofBoth", from: ["a", "his"])])
        var forget = Forget(keys: ["a"])
        forget.derived = true
        let permit = Permit("ann", .write, owners: ["ann"])
        let request = Request.forget(forget)
        let forgotten = try memory.store.permitting(permit, request) { () throws(MnemeError) in
            try memory.forgetting(forget)
        }
        #expect(forgotten.count == 1 && forgotten.derived == 0)
        #expect(try keys(memory) == ["his", "ofBoth"])
    }

    @Test func whatIsPutAsideCanComeBack() throws {
        let memory = try memory()
        _ = try memory.remember([made("a"), made("b"), made("c")])
        for (mode, key) in [(Forget.Mode.soft, Key.text("a")), (.archive, "b")] {
            var forget = Forget(keys: [key])
            forget.mode = mode
            #expect(try memory.forgetting(forget).count == 1)
        }
        #expect(try keys(memory) == ["c"])
        for signals in [Set(Signal.allCases), [.text, .meaning]] {
            let items = try memory.recall(Recall("tea", owner: "ann", signals: signals)).items
            #expect(items.map(\.record.reference.key) == ["c"])
        }
        let all = Find("memories", limit: 9).seeing(deleted: .include, archived: .include)
        #expect(try memory.find(all).rows.count == 3)
        _ = try memory.commit([.mark(Mark(.restore, Reference("memories", "a")))])
        #expect(try keys(memory) == ["a", "c"])
        var both = Forget(keys: ["a"], erases: true)
        both.mode = .archive
        #expect(code { _ = try memory.forgetting(both) } == .badRequest)
        // A collection of somebody's own says itself by what it is put aside.
        try memory.define(
            Schema(collections: [MnemeModel.Collection("plain", fields: [Field("a", .int)])])
        )
        _ = try memory.commit([.put(Put("plain", "p", ["a": 1]))])
        var plain = Forget(keys: ["p"], collection: "plain")
        plain.mode = .soft
        #expect(code { _ = try memory.forgetting(plain) } == .badRequest)
    }

    @Test func candidatesComeInPages() throws {
        let memory = try memory()
        _ = try memory.remember([
            Remember("Ann lives in the city of Lyon.", owner: "ann", key: "a"),
            Remember("ann lives in the city of lyon.", owner: "ann", key: "b"),
            Remember("Ann lives in the city of Lyon.", owner: "bob", key: "c"),
            Remember("The oven is hot.", owner: "ann", key: "d"),
            Remember(
                "The dog barks.",
                owner: "ann",
                key: "e",
                links: [MemoryLink("ABOUT", to: "d")]
            ),
        ])
        func pairs(_ candidates: Candidates) -> [[Key]] {
            candidates.items.map { $0.records.map(\.reference.key) }
        }
        let duplicates = try memory.upkeep(Upkeep(.duplicates))
        #expect(pairs(duplicates) == [["a", "b"]] && duplicates.next == nil)
        #expect(duplicates.looked == 5 && (duplicates.items.first?.score ?? 0) > 0.95)
        #expect(duplicates.items.first?.records.first?["meaning"] ?? .null == .null)
        // The same words are no contradiction.
        #expect(try memory.upkeep(Upkeep(.contradictions)).items.isEmpty)
        var near = Upkeep(.contradictions, owner: "ann", near: 0)
        let all = pairs(try memory.upkeep(near))
        #expect(all.contains(["a", "d"]) && !all.contains(["a", "b"]))
        #expect(!all.contains { $0.contains("c") } && all.allSatisfy { $0.count == 2 })
        // Page by page it is the same.
        near.limit = 1
        var unlinked = Upkeep(.unlinked, limit: 1)
        var found: [[Key]] = []
        repeat {
            let page = try memory.upkeep(unlinked)
            found += pairs(page)
            unlinked.after = page.next
        } while unlinked.after != nil
        #expect(found == [["a"], ["b"], ["c"]])
        for wrong in [
            Upkeep(.fading, below: 2), Upkeep(.duplicates, near: .nan),
            Upkeep(.fading, limit: 0), Upkeep(.fading, limit: 1001),
        ] {
            #expect(code { _ = try memory.upkeep(wrong) } == .badRequest)
        }
    }

    @Test func whatFadesIsToldByItsLastUse() throws {
        let memory = try memory()
        _ = try memory.remember([made("a"), made("b"), made("c")])
        try memory.pin(Pin(["b"]))
        clock.advance(by: 20 * day)
        _ = try memory.touch(Touch(["c"]))
        clock.advance(by: day)
        let fading = try memory.upkeep(Upkeep(.fading))
        #expect(fading.items.map { $0.records.map(\.reference.key) } == [["a"]])
        #expect(abs((fading.items.first?.score ?? 0) - 0.5 * 0.12246) < 1e-4)
    }

    /// Against the order said plainly, down to every count.
    @Test func theWeakestGoFirst() throws {
        let names: [Key] = ["old", "new", "weak", "used", "over", "pin"]
        // The weakest first.
        let order: [Key] = ["over", "weak", "old", "used", "new"]
        for left in 0...6 {
            let memory = try memory()
            var over = made("over")
            over.validTo = Instant(microseconds: clock.now() + day)
            var weak = made("weak")
            weak.importance = 0.1
            _ = try memory.remember([made("old"), weak, made("used"), over, made("pin")])
            try memory.pin(Pin(["pin"]))
            clock.advance(by: 3 * day)
            _ = try memory.touch(Touch(["used"], reinforcement: 0))
            clock.advance(by: day)
            _ = try memory.remember([
                made("new"), Remember("Tea.", owner: "bob", key: "other"),
            ])
            let going = order.prefix(max(0, 6 - left))
            var prune = Prune("ann", records: left, isDry: true)
            let dry = try memory.prune(prune)
            #expect(dry.isDry && dry.references.map(\.key) == Array(going))
            #expect(try keys(memory) == Set(names + ["other"]))
            prune.isDry = false
            let pruned = try memory.prune(prune)
            #expect(pruned.count == going.count && (pruned.bytes ?? 0) == dry.bytes)
            #expect(try keys(memory) == Set(names + ["other"]).subtracting(going))
        }
    }

    @Test func bytesAndStrengthBoundToo() throws {
        let memory = try memory()
        _ = try memory.remember([made("a"), made("b")])
        clock.advance(by: 30 * day)
        _ = try memory.remember([made("c"), made("d")])
        #expect(try memory.prune(Prune("ann", below: 0.1, isDry: true)).count == 2)
        let one = try #require(try memory.prune(Prune("ann", records: 3, isDry: true)).bytes)
        #expect(one > 0)
        #expect(try memory.prune(Prune("ann", bytes: 3 * one + one / 2)).count == 1)
        #expect(try memory.prune(Prune("ann", below: 0.1)).count == 1)
        #expect(try keys(memory) == ["c", "d"])
        #expect(try memory.prune(Prune("ann", bytes: 0)).count == 2)
        #expect(try memory.prune(Prune("nobody", records: 0)).count == 0)
        for wrong in [
            Prune("ann"), Prune(records: -1), Prune(bytes: -1), Prune(below: .nan),
            Prune(below: 1.5),
        ] {
            #expect(code { _ = try memory.prune(wrong) } == .badRequest)
        }
    }
}
