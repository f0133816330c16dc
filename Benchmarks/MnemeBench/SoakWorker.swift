// One thread of the soak: a call of a random kind at each step.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine
internal import Synchronization

/// Calls everything that a store of memories can be asked for.
final class SoakWorker: Sendable {
    private let memory: Memory
    private let passages: Passages
    private let count: Int
    private let number: Int
    private let chance: SeededRandomness

    /// The thread of a number, over so many passages.
    init(_ memory: Memory, _ passages: Passages, _ count: Int, _ number: Int) {
        self.memory = memory
        self.passages = passages
        self.count = count
        self.number = number
        chance = SeededRandomness(seed: UInt64(100 + number))
    }

    /// One call.
    func step() throws {
        let one = chance.below(count)
        switch chance.below(20) {
        case 0...2: _ = try memory.commit([passages.put(one)], .buffered)
        case 3: _ = try memory.commit((0..<20).map { _ in passages.put(chance.below(count)) })
        case 4: _ = try memory.commit([.delete(Passages.reference(one))], .buffered)
        case 5: try link(one)
        case 6...9: try get(one)
        case 10: _ = try memory.find(Find(Passages.collection, owner: StoreRecords.owner(one)))
        case 11...12: _ = try memory.find(passages.find(one, byWords: true))
        case 13...14: _ = try memory.find(passages.find(one, byWords: false))
        case 15...16: try walk(one)
        case 17: try remember(one)
        case 18:
            _ = try memory.recall(Recall(MadeText.sentence(UInt64(one), words: 6), owner: owner))
        default: try getMany()
        }
    }

    /// Memories are this thread's own, so that they can be forgotten.
    private var owner: String { "thread\(number)" }

    private func get(_ one: Int) throws {
        guard let record = try memory.get(Passages.reference(one)) else { return }
        guard record["owner"] == .text(StoreRecords.owner(one)) else {
            throw Failure("Passage \(one) is another one. The store is wrong.")
        }
    }

    private func getMany() throws {
        _ = try memory.get((0..<10).map { _ in Passages.reference(chance.below(count)) })
    }

    private func link(_ one: Int) throws {
        let other = Passages.reference(chance.below(count))
        do {
            _ = try memory.relate([Link("next", from: Passages.reference(one), to: other)])
        } catch  where [.notFound, .danglingEdge].contains(error.code) {
            // One of them is deleted at the moment.
        }
    }

    private func walk(_ one: Int) throws {
        do {
            _ = try memory.walk(
                Walk(from: [Passages.reference(one)], direction: .both, hops: 2, limit: 100)
            )
        } catch  where [.notFound, .unknownEdgeType].contains(error.code) {
            // It is deleted at the moment, or nothing has been linked yet.
        }
    }

    private func remember(_ one: Int) throws {
        let text = MadeText.sentence(UInt64(one), words: 12)
        _ = try memory.remember([Remember(text, owner: owner)])
        if chance.below(200) == 0 { _ = try memory.forget(Forget(owner: owner)) }
    }
}
