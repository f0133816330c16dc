// What forget takes restricts, all of it together; a call that names nothing is refused.

import Mneme
import Testing

@Suite struct ForgetTests {
    private let owners = ["a", "a/x", "b"]
    private let kinds: [MemoryKind] = [.working, .semantic]

    private func memory() throws -> Memory {
        let memory = try Memory.inMemory()
        for owner in owners {
            for kind in kinds {
                let key = Key.text("\(owner) \(kind)")
                _ = try memory.remember([Remember("tea", owner: owner, key: key, kind: kind)])
            }
        }
        return memory
    }

    private func keys(_ memory: Memory) throws -> Set<Key> {
        Set(try memory.find(Find("memories", limit: 100)).rows.map(\.record.reference.key))
    }

    /// Every combination of what can be given, against the same said of each memory.
    @Test func everythingGivenRestricts() throws {
        let all = try keys(memory())
        let named: [Key] = ["a working", "a/x semantic", "b working", "not there"]
        for givesKeys in [false, true] {
            for owner in [nil, "a", "a/x", "c"] {
                for filter in [nil, Filter.eq("kind", "working"), .and([])] {
                    let forget = Forget(
                        keys: givesKeys ? named : [],
                        owner: owner,
                        where: filter
                    )
                    guard givesKeys || owner != nil || filter == .eq("kind", "working") else {
                        continue
                    }
                    let expected = all.filter { key in
                        let parts = key.description.split(separator: " ")
                        let isOwned =
                            owner.map { parts[0] == $0 || parts[0].hasPrefix($0 + "/") } ?? true
                        let passes = filter == .eq("kind", "working") ? parts[1] == "working" : true
                        return (!givesKeys || named.contains(key)) && isOwned && passes
                    }
                    let memory = try memory()
                    #expect(try memory.forget(forget) == expected.count, "\(forget)")
                    #expect(try keys(memory) == all.subtracting(expected), "\(forget)")
                }
            }
        }
    }

    @Test(arguments: [nil, Filter.and([]), .and([.and([])])])
    func nothingGivenIsRefused(_ filter: Filter?) throws {
        let memory = try memory()
        let error = #expect(throws: MnemeError.self) { try memory.forget(Forget(where: filter)) }
        #expect(error?.code == .badRequest)
        #expect(error?.message.contains("give keys, an owner, a filter") == true)
        #expect(try keys(memory).count == 6)
    }

    @Test func whatCannotBeIsRefused() throws {
        let memory = try memory()
        for forget in [
            Forget(keys: ["a working"], where: .eq("king", "x")),
            Forget(keys: ["a working"], owner: "a//b"),
            Forget(keys: ["a working"], collection: "nowhere"),
        ] {
            #expect(throws: MnemeError.self) { try memory.forget(forget) }
        }
        #expect(try keys(memory).count == 6)
    }
}
