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
            // Work behind commits when it comes to it, and numbers follow from that: what is only
            // its turn does not come again and again.
            var difference: String?
            for _ in 0..<3 {
                difference = try await Self.difference(seed, hasExpiry: hasExpiry, count: 220)
                if difference == nil { break }
            }
            if let difference { Issue.record("\(difference)") }
        }
    }

    /// What is answered otherwise by one of the doors; nil where nothing is.
    private static func difference(
        _ seed: UInt64,
        hasExpiry: Bool,
        count: Int
    ) async throws -> String? {
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
                // Work behind may commit too, and takes numbers for that.
                var plain = Plain(.withoutUpkeep)
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
                // What came before tells of work that only one of them had done by then.
                let before = (max(0, index - 8)..<index).map { earlier in
                    "before: \(requests[earlier].json()) \(answers[0][earlier])"
                }
                return """
                    seed \(seed), request \(index): \(request.json())
                    \(DoorKind.allCases[0]): \(wanted)
                    \(kind): \(own[index])
                    \(before.joined(separator: "\n"))
                    """
            }
        }
        // Sense and nonsense both came through.
        #expect(refused > count / 20 && refused < count * 3 / 4, "\(refused) of \(count) refused")
        return nil
    }

    /// Whether two answers are the same, byte for byte.
    ///
    /// Of a feed the lines are: an owner's records go by their keys, and of those that stores chose
    /// in the same millisecond any may be the first. Numbers of commits are left out there too.
    private static func isAlike(_ one: String, _ other: String, to request: Request) -> Bool {
        guard case .watch = request else { return Array(one.utf8) == Array(other.utf8) }
        let numbers = ["\"commit\":", "\"sequence\":", "\"next\":"]
        func lines(_ text: String) -> [Substring] {
            text.split(separator: "\n")
                .filter { line in !numbers.contains { line.contains($0) } }
                .sorted()
        }
        return lines(one) == lines(other)
    }
}
