// What answers are held against by is never less than what they come to.

import Testing

@testable import MnemeModel

@Suite struct AnswerLengthTests {
    @Test(arguments: 1...20) func nothingIsLongerThanItsBound(seed: UInt64) throws {
        let random = RandomNoun(seed: seed)
        for _ in 0..<50 {
            let value = random.values.value()
            #expect(try value.cbor().count <= value.mostBytes, "seed \(seed): \(value)")
            let record = random.record()
            #expect(try record.spelling.cbor().count <= record.mostBytes, "seed \(seed): \(record)")
            let edge = random.edge()
            #expect(try edge.spelling.cbor().count <= edge.mostBytes, "seed \(seed): \(edge)")
            let committed = random.committed()
            var most = 256
            for outcome in committed.outcomes {
                most += outcome.mostBytes
                switch outcome {
                case .putReturning(let patched), .patched(let patched):
                    most += patched.record?.mostBytes ?? 0
                case .deletedReturning(let record): most += record.mostBytes
                case .linkedReturning(_, let edge): most += edge?.mostBytes ?? 0
                default: break
                }
            }
            for reference in committed.evicted { most += reference.mostBytes }
            let count = try Response.committed(committed).spelling.cbor().count
            #expect(count <= most, "seed \(seed): \(committed)")
        }
    }
}
