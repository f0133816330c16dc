// What transactions see of records that are put aside, and what they conflict with.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeStore

extension MarkTests {
    @Test func transactionsMarkAndAreHeldAgainstMarks() throws {
        let store = try store(0)
        let hub = Reference("hubs", "h")
        _ = try store.commit([
            .put(Put("hubs", "h", [:])), put("a", 1, "ann"), put("b", 2, "ann"),
            .link(Link("has", from: hub, to: item("a"))),
        ])
        let own = try store.begin()
        #expect(try own.change([.mark(Mark(.delete, item("b")))]) == [.deleted(true)])
        #expect(try own.get([item("b")]) == [nil])
        #expect(try own.get(Get([item("b")]).seeing(deleted: .include)).first ?? nil != nil)
        #expect(try own.count(Count("items")).rows == [["count": 1]])
        #expect(try store.snapshot().record(item("b")) != nil)
        _ = try own.commit(.buffered)
        #expect(try store.snapshot().record(item("b")) == nil)
        // A walk has seen what is put aside meanwhile.
        let walker = try store.begin()
        #expect(try walker.walk(Walk(from: [hub])).count == 1)
        _ = try walker.change([put("c", 1, "ann")])
        _ = try store.commit([.mark(Mark(.archive, item("a")))])
        #expect(
            code { () throws(MnemeError) in _ = try walker.commit(.buffered) } == .conflict
        )
        // Two who restore the same record: the second one's outcome is another now.
        let first = try store.begin()
        let second = try store.begin()
        for transaction in [first, second] {
            _ = try transaction.change([.mark(Mark(.restore, item("b")))])
        }
        _ = try first.commit(.buffered)
        #expect(
            code { () throws(MnemeError) in _ = try second.commit(.buffered) } == .conflict
        )
        #expect(try store.verify().findings == [])
    }
}
