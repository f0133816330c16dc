// The memory layer's own vectors may be asked for a recall, as others may.

import Foundation
import Mneme
import Testing

@Suite struct OwnRecallTests {
    private func recall(of memory: Memory, _ field: String = "meaning") -> Double? {
        let memories = memory.schema.collections.first { $0.name == "memories" }
        guard case .vector(let type)? = memories?.field(field)?.type else { return nil }
        return type.recall
    }

    /// The definition of memories with another recall for their meaning.
    private func asking(_ recall: Double, of memory: Memory) throws -> Schema {
        var memories = try #require(memory.schema.collections.first { $0.name == "memories" })
        let place = try #require(memories.fields.firstIndex { $0.name == "meaning" })
        guard case .vector(var type) = memories.fields[place].type else {
            Issue.record("meaning is no vector")
            return Schema()
        }
        type.recall = recall
        memories.fields[place].type = .vector(type)
        return Schema(collections: [memories])
    }

    @Test func memoriesAreAskedForARecall() throws {
        let path = "/tmp/mneme-recall-\(UInt64.random(in: 0 ..< .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = MemoryOptions()
        options.vectors["other"] = VectorType(dimension: 3, recall: 0.8)
        let memory = try Memory.open(path, options: options)
        #expect(recall(of: memory) == nil && recall(of: memory, "other") == 0.8)
        try memory.define(asking(1, of: memory))
        #expect(recall(of: memory) == 1)
        _ = try memory.remember("bees live under the roof", owner: "ann")
        let items = try memory.recall("Who lives under the roof?", owner: "ann").items
        #expect(items.count == 1)
        // Closing would write what the answer had as used.
        try memory.flushTouches()
        let sequence = try memory.statistics().sequence
        try memory.close()
        // An opening defines what is missing, and that is nothing here.
        options.vectors["other"] = VectorType(dimension: 3)
        let again = try Memory.open(path, options: options)
        #expect(recall(of: again) == 1 && recall(of: again, "other") == 0.8)
        #expect(try again.statistics().sequence == sequence)
        var seen = 0
        let checked = try again.checkVectors(VectorQuestion(collection: "memories")) { done, _ in
            seen = done
        }
        #expect(seen == 1 && checked.fields.map(\.name) == ["meaning"])
        #expect(checked.fields.first?.wanted == 1 && checked.isReached)
        try again.close()
        // What is asked for anew is taken over.
        options.vectors["other"] = VectorType(dimension: 3, recall: 0.9)
        let third = try Memory.open(path, options: options)
        #expect(recall(of: third, "other") == 0.9)
        try third.close()
    }
}
