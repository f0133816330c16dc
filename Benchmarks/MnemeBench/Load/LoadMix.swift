// A load of a few verbs over data of its own, and how often each comes.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// One kind of request of a load.
enum LoadVerb: String, CaseIterable, Sendable {
    case get, find, recall, put
}

/// Verbs with their shares.
struct LoadMix: Sendable {
    private let wheel: [LoadVerb]

    /// Reads `get=60,find=20`.
    init(_ text: String) throws(CommandLineError) {
        var wheel: [LoadVerb] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let verb = LoadVerb(rawValue: String(sides[0])),
                let share = Int(sides[1]), (1...1000).contains(share)
            else {
                let known = LoadVerb.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandLineError(
                    "--mix: \"\(part)\" is no VERB=SHARE; verbs are \(known), shares 1 to 1000."
                )
            }
            wheel += Array(repeating: verb, count: share)
        }
        guard !wheel.isEmpty else { throw CommandLineError("--mix names no verb.") }
        self.wheel = wheel
    }

    /// The verbs that occur.
    var verbs: [LoadVerb] { LoadVerb.allCases.filter { wheel.contains($0) } }

    /// A verb by its share.
    func draw(_ chance: SeededRandomness) -> LoadVerb { wheel[chance.below(wheel.count)] }
}

/// The data that a load works on, and its requests.
struct LoadData: Sendable {
    static let collection = "load"
    static let owner = "load"
    /// Memories that recalls look through.
    static let memoryCount = 1000
    private static let groupSize = 20

    let recordCount: Int
    let valueByteCount: Int
    /// How long puts are waited for.
    let durability: Durability

    /// What must be defined.
    static var schema: Schema {
        Schema(collections: [
            Collection(
                collection,
                fields: [Field("value", .bytes), Field("group", .int)],
                indexes: [Index("byGroup", on: ["group"])]
            )
        ])
    }

    func reference(_ number: Int) -> Reference {
        Reference(Self.collection, .text("key:\(number)"))
    }

    func put(_ number: Int) -> Change {
        .put(Put(Self.collection, .text("key:\(number)"), fields(number)))
    }

    /// The fields of a record as it is put first.
    func fields(_ number: Int) -> [String: Value] {
        fields(number, SeededRandomness(seed: UInt64(number)))
    }

    /// Fields with a value by chance.
    private func fields(_ number: Int, _ chance: SeededRandomness) -> [String: Value] {
        var value: [UInt8] = []
        value.reserveCapacity(valueByteCount + 7)
        while value.count < valueByteCount {
            var word = chance.next()
            for _ in 0..<8 {
                value.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        value.removeLast(value.count - valueByteCount)
        return ["value": .bytes(value), "group": .int(Int64(number / Self.groupSize))]
    }

    /// The requests that fill an empty store.
    var filling: [Request] {
        var requests: [Request] = [.define(Self.schema)]
        for first in stride(from: 0, to: recordCount, by: 1000) {
            let last = min(first + 1000, recordCount)
            requests.append(.commit((first..<last).map(put), .synced))
        }
        let memories = (0..<Self.memoryCount).map { number in
            var memory = Remember(
                MadeText.sentence(UInt64(number), words: 12),
                owner: "\(Self.owner)/\(number % 10)"
            )
            memory.key = .text("memory:\(number)")
            return memory
        }
        requests.append(.remember(memories))
        return requests
    }

    /// A request of a verb.
    func request(_ verb: LoadVerb, _ chance: SeededRandomness) -> Request {
        let number = chance.below(recordCount)
        switch verb {
        case .get: return .get([reference(number)])
        case .find:
            let group = Int64(number / Self.groupSize)
            return .find(Find(Self.collection, where: .eq("group", .int(group)), limit: 10))
        case .recall:
            return .recall(
                Recall(
                    MadeText.sentence(chance.next() % UInt64(Self.memoryCount), words: 5),
                    owner: "\(Self.owner)/\(number % 10)",
                    limit: 5
                )
            )
        case .put:
            let put = Put(Self.collection, .text("key:\(number)"), fields(number, chance))
            return .commit([.put(put)], durability)
        }
    }
}

/// The work of a mix.
final class MixWork: LoadWork {
    private let store: String
    private let mix: LoadMix
    private let data: LoadData
    private let verbs: [LoadVerb]

    let operations: [String]

    /// A mix over a store that is filled.
    init(store: String, _ mix: LoadMix, _ data: LoadData) {
        self.store = store
        self.mix = mix
        self.data = data
        verbs = mix.verbs
        operations = verbs.map(\.rawValue)
    }

    func speech() -> any LoadSpeech { MnemeSpeech(store: store) }

    func next(_ chance: SeededRandomness) -> LoadTask? {
        let verb = mix.draw(chance)
        let place = verbs.firstIndex(of: verb) ?? 0
        return LoadTask(operation: place, messages: [.request(data.request(verb, chance))])
    }

    func done(_ task: LoadTask) {}
}
