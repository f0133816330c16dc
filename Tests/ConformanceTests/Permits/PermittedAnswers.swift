// What answers and refusals under a permit say besides records: what they list, what others have
// changed meanwhile, and where an answer goes on.

import Doors
import MnemeModel
import Testing

@Suite struct PermittedAnswers {
    private func put(_ key: String, _ owner: String, _ state: String = "a") throws -> Request {
        try Request(
            json: """
                {"commit": {"changes": [{"put": {"collection": "notes", "key": "\(key)",
                    "fields": {"owner": "\(owner)", "state": "\(state)"}}}]}}
                """
        )
    }

    /// What there is besides is not listed to those who do not reach it.
    @Test func noRefusalListsWhatIsNotReached() async throws {
        let (house, admin) = try await PermittedNotes.house()
        let door = try await house.open(Permit("notes", .write, collections: ["notes", "gone"]))
        for (json, name) in [
            (#"{"get": ["gone/a"]}"#, "papers"), (#"{"find": {"edges": "none"}}"#, "cites"),
            (#"{"history": {"reference": "notes/a"}}"#, "papers"),
        ] {
            let told = try await PermittedNotes.refusal(admin, json)
            #expect(told?.message.contains(name) == true, "\(json): \(String(describing: told))")
            let hidden = try await PermittedNotes.refusal(door, json)
            #expect(hidden?.code == told?.code)
            #expect(hidden?.message.contains(name) == false, "\(String(describing: hidden))")
        }
        // Nor where changes are made ready by two.
        let puts = Array(
            repeating: #"{"put": {"collection": "gone", "fields": {}}}"#,
            count: 1000
        )
        let many = #"{"commit": {"changes": [\#(puts.joined(separator: ","))]}}"#
        #expect(try await PermittedNotes.refusal(door, many)?.code == .unknownCollection)
        #expect(try await PermittedNotes.refusal(door, many)?.message.contains("papers") == false)
        let described = try await door.perform(.describe)
        guard case .schema(let schema) = described else { throw MnemeError(.badRequest, "") }
        #expect(schema.collections.map(\.name) == ["notes"])
        #expect(schema.edgeTypes.map(\.name) == ["knows", "touches"])
        await house.remove()
    }

    /// A transaction does not depend on what it does not see, and is not told of it.
    @Test func aTransactionIsToldOfNoConflictWithOthers() async throws {
        let (house, admin) = try await PermittedNotes.house()
        _ = try await admin.perform(put("mine", "ann"))
        _ = try await admin.perform(put("his", "bob"))
        let ann = try await house.open(Permit("ann", .write, owners: ["ann"]))
        for (door, conflicts) in [(admin, true), (ann, false)] {
            let began = try await door.perform(.begin)
            guard case .began(let id, _) = began else { throw MnemeError(.badRequest, "") }
            for json in [
                #"{"find": {"collection": "notes"}}"#, #"{"get": ["notes/his"]}"#,
                #"""
                {"commit": {"changes": [{"patch": {"collection": "notes", "key": "mine",
                    "set": {"state": "b"}}}]}}
                """#,
            ] {
                _ = try await door.perform(.inside(transaction: id, try Request(json: json)))
            }
            _ = try await admin.perform(put("his", "bob", "c"))
            _ = try await admin.perform(put("new-\(conflicts)", "bob"))
            do throws(MnemeError) {
                _ = try await door.perform(.commitTransaction(id, .synced))
                #expect(!conflicts)
            } catch {
                #expect(conflicts && error.code == .conflict, "\(error)")
            }
        }
        // With what it sees it conflicts as any.
        guard case .began(let id, _) = try await ann.perform(.begin) else {
            throw MnemeError(.badRequest, "")
        }
        for json in [
            #"{"find": {"collection": "notes"}}"#,
            #"{"commit": {"changes": [{"delete": "notes/mine"}]}}"#,
        ] {
            _ = try await ann.perform(.inside(transaction: id, try Request(json: json)))
        }
        _ = try await admin.perform(put("more", "ann"))
        await #expect(throws: MnemeError.self) {
            _ = try await ann.perform(.commitTransaction(id, .synced))
        }
        await house.remove()
    }

    /// An answer goes on where nobody names the one owner of the permit, too.
    @Test func anAnswerGoesOnWithinTheOneOwnerOfAPermit() async throws {
        let (house, admin) = try await PermittedNotes.house()
        for number in 100..<400 {
            let owner = number % 3 == 0 ? "bob" : "ann"
            _ = try await admin.perform(put("n\(number)", owner, "s\(number)"))
        }
        let bob = try await house.open(Permit("bob", .read, owners: ["bob"]))
        for order in ["state", "$key"] {
            var find = Find("notes", order: [Order(order)], limit: 7)
            var keys: [String] = []
            repeat {
                guard case .found(let found) = try await bob.perform(.find(find)) else {
                    throw MnemeError(.badRequest, "")
                }
                keys += found.rows.map { $0.record.reference.key.description }
                find.after = found.next
            } while find.after != nil
            #expect(keys == (100..<400).filter { $0 % 3 == 0 }.map { "n\($0)" }, "\(order)")
        }
        await house.remove()
    }
}
