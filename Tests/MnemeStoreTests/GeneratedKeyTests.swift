// Keys that a collection generates, beside those that are given.

import MnemeModel
import Testing

@testable import MnemeStore

@Suite struct GeneratedKeyTests {
    private static let schema = Schema(collections: [
        Collection("numbered", key: .int, fields: [Field("text", .text)])
    ])

    private static func put(_ key: Int64?) -> Change {
        .put(Put("numbered", key.map { .int($0) }, ["text": "x"]))
    }

    private func keys(_ committed: Committed) -> [Key] {
        committed.outcomes.compactMap { if case .put(let put) = $0 { put.key } else { nil } }
    }

    /// Given keys up to the greatest, in one batch or in two, and what is generated after them: the
    /// store opens again whatever they were, from its pages and from its log alone.
    @Test(
        arguments: [
            [1], [.max], [.max - 1], [.max - 1, .max], [.max, 5], [.min, -1, 0], [7, .max - 2],
        ] as [[Int64]]
    )
    func generatedKeysComeAfterGivenOnes(given: [Int64]) throws {
        for isOneBatch in [true, false] {
            let options = Kinds.options()
            let store = try Store.open("store", options: options)
            try store.define(Self.schema)
            let changes = given.map { Self.put($0) }
            if isOneBatch {
                _ = try store.commit(changes, .synced)
            } else {
                for change in changes { _ = try store.commit([change], .synced) }
            }
            // The greatest key of all leaves the generated ones where they were.
            var next = max(given.filter { $0 < .max }.max() ?? 0, 0) + 1
            func generate(_ store: Store) throws {
                guard next < .max else {
                    let error = #expect(throws: MnemeError.self) {
                        try store.commit([Self.put(nil)], .synced)
                    }
                    #expect(error?.code == .tooLarge)
                    return
                }
                #expect(keys(try store.commit([Self.put(nil)], .synced)) == [.int(next)])
                next += 1
            }
            try generate(store)
            try store.close()
            let again = try Store.open("store", .open, options: options)
            try generate(again)
            #expect(try again.verify().findings == [])
            try again.close()
            let rebuilt = try Store.open("store", .rebuild, options: options)
            #expect(try rebuilt.verify().findings == [])
            try generate(rebuilt)
            try rebuilt.close()
        }
    }
}
