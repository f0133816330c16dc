// A program's own types through every door, and all rows of a question one after the other.

import Doors
import MnemeModel
import Testing

private struct Leaf: Codable, Equatable {
    var count: Int
    var name: String?
    var tags: [String]?
    var at: Instant?
}

extension Conformance {
    @Test(arguments: DoorKind.allCases)
    func recordsAreAProgramsOwnTypes(kind: DoorKind) async throws {
        try await kind.withSample { door in
            let leaves = (0..<25).map { number in
                Leaf(
                    count: number,
                    name: number % 2 == 0 ? "leaf \(number)" : nil,
                    tags: ["green", "n\(number)"],
                    at: Instant("2024-02-29T12:00:00Z")
                )
            }
            var changes: [Change] = []
            for leaf in leaves {
                let key = Key.text("k\(leaf.count + 10)")
                changes.append(.put(try Put("things", key, encoding: leaf)))
            }
            _ = try await door.commit(changes)
            let named = Filter.compare(field: "name", .prefix("leaf"))
            let question = Find("things", where: named, limit: 4)
            var read: [Leaf] = []
            for try await row in door.rows(question) {
                read.append(try row.record.decoded())
            }
            #expect(read == leaves.filter { $0.name != nil })
            var keys: [Key] = []
            for try await row in door.rows(Find("things", limit: 7, offset: 3)) {
                keys.append(row.record.reference.key)
            }
            #expect(keys == (13..<35).map { Key.text("k\($0)") })
            var none = 0
            for try await _ in door.rows(Find("things", limit: 0)) { none += 1 }
            for try await _ in door.rows(Find("things", where: .eq("count", 99))) { none += 1 }
            #expect(none == 0)
        }
    }

    @Test(arguments: DoorKind.allCases)
    func rowsEndWithWhatTheFindThrows(kind: DoorKind) async throws {
        try await kind.withSample { door in
            var rows = door.rows(Find("nothing")).makeAsyncIterator()
            await #expect(throws: MnemeError.self) { try await rows.next() }
            let task = Task {
                var rows = door.rows(Find("nothing")).makeAsyncIterator()
                while !Task.isCancelled { await Task.yield() }
                return await Result { () async throws(MnemeError) in try await rows.next() }
            }
            task.cancel()
            guard case .failure(let error) = await task.value else {
                Issue.record("it was answered")
                return
            }
            #expect(error.code == .cancelled)
        }
    }
}

extension Result where Failure == MnemeError {
    fileprivate init(_ body: () async throws(MnemeError) -> Success) async {
        do throws(MnemeError) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
