// The same random requests, put to every door in the same order, are answered alike.

import Doors
import Foundation
import MnemeBase
import MnemeModel
import Testing

extension Conformance {
    @Test(arguments: [false, true])
    func randomRequestsAreAnsweredAlike(hasExpiry: Bool) async throws {
        for _ in 0..<3 {
            let asked = ProcessInfo.processInfo.environment["MNEME_SEED"].flatMap { UInt64($0) }
            let seed = asked ?? RealRandomness().next() >> 16
            print("\(#function): seed \(seed), expiry \(hasExpiry)")
            try await Self.compare(seed, hasExpiry: hasExpiry, count: 220)
        }
    }

    private static func compare(_ seed: UInt64, hasExpiry: Bool, count: Int) async throws {
        let dice = Dice(seed: seed, hasExpiry: hasExpiry)
        var requests =
            [.define(Sample.schema)] + (0..<count).map { _ in dice.request() } + [.verify]
        // What was committed is told alike too, once it is durable; the sweep comes when it likes.
        if !hasExpiry {
            requests += [.commit([put("last")], .synced), .watch(Watch(after: 0, limit: 10_000))]
        }
        var answers: [[String]] = []
        for kind in DoorKind.allCases {
            let own = try await kind.withDoor { door in
                // The sweep commits when it likes; nothing else behind these takes numbers.
                var plain = Plain(hasExpiry ? .withoutUpkeep : .exact)
                var own: [String] = []
                for request in requests { own.append(plain.text(await door.outcome(request))) }
                return own
            }
            answers.append(own)
        }
        #expect(answers[0].first == "{\n  \"done\": {}\n}")
        var refused = 0
        for (index, request) in requests.enumerated() {
            let wanted = answers[0][index]
            if wanted.contains("\"code\"") { refused += 1 }
            for (kind, own) in zip(DoorKind.allCases, answers).dropFirst() {
                guard !isAlike(own[index], wanted, to: request) else { continue }
                // What came before may tell how they came apart.
                let before = (max(0, index - 8)..<index).map { earlier in
                    "before: \(requests[earlier].json()) \(answers[0][earlier])"
                }
                Issue.record(
                    """
                    seed \(seed), request \(index): \(request.json())
                    \(DoorKind.allCases[0]): \(wanted)
                    \(kind): \(own[index])
                    \(before.joined(separator: "\n"))
                    """
                )
                return
            }
        }
        // Sense and nonsense both came through.
        #expect(refused > count / 20 && refused < count * 3 / 4, "\(refused) of \(count) refused")
    }

    /// Whether two answers are the same, byte for byte.
    ///
    /// Of a feed the lines are: an owner's records go by their keys, and of those that stores chose
    /// in the same millisecond any may be the first.
    private static func isAlike(_ one: String, _ other: String, to request: Request) -> Bool {
        guard case .watch = request else { return Array(one.utf8) == Array(other.utf8) }
        return one.split(separator: "\n").sorted() == other.split(separator: "\n").sorted()
    }
}
