// Connections that are lost, at every frame boundary and inside of frames: every call ends once and
// says the truth.

import Mneme
import MnemeBase
import MnemeClient
import MnemeModel
import MnemeTransport
import Testing

@Suite struct LossTests {
    /// What a put came to: nil where it was acknowledged.
    private func check(_ key: String, _ error: MnemeError?, _ memory: Memory, _ note: String) throws
    {
        let isThere = try memory.get(Reference("things", .text(key))) != nil
        switch error?.code {
        case nil: #expect(isThere, "\(note): \(key) was acknowledged")
        case .outcomeUnknown: break
        case .disconnected: #expect(!isThere, "\(note): \(key) was said not to be sent")
        default: Issue.record("\(note): \(key) ended with \(String(describing: error))")
        }
    }

    @Test func aConnectionMayEndAnywhere() async throws {
        for isTowardsServer in [true, false] {
            for frames in 1...4 {
                for bytes in [0, 1, 4, 11, 12, 13, 20] {
                    let cut = Cut(isTowardsServer: isTowardsServer, frames: frames, bytes: bytes)
                    try await survive(cut)
                }
            }
        }
    }

    private func survive(_ cut: Cut) async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let proxy = try FaultyProxy(to: server.address) { $0 < 2 ? cut : nil }
        let client = try await connect {
            try await Client.connect(proxy.address, options: .patient)
        }
        for number in 0..<3 {
            let error = await failure { try await client.perform(put("\(number)", number)) }
            try check("\(number)", error, memory, "\(cut)")
            // A put whose outcome is not known may be written between two looks.
            let reference = Reference("things", .text("\(number)"))
            let before = try await memory.get(reference)
            let record = try await client.get(reference)
            let after = try await memory.get(reference)
            #expect(record == before || record == after, "\(cut)")
        }
        try await client.close()
        let other = try FaultyProxy(to: server.address) { $0 < 2 ? cut : nil }
        let blocking = try await connect {
            try BlockingClient.connect(other.address, options: .patient)
        }
        for number in 3..<6 {
            let results = blocking.perform([put("\(number)", number), .describe])
            try check("\(number)", results[0].error, memory, "\(cut)")
            #expect(results[1] == .success(.schema(memory.schema)), "\(cut)")
            let before = try memory.perform(get("\(number)"), durability: nil)
            let record = try blocking.perform(get("\(number)"))
            let after = try memory.perform(get("\(number)"), durability: nil)
            #expect(record == before || record == after, "\(cut)")
        }
        server.stop()
    }

    /// A connection that is cut before its welcome fails, and says so.
    private func connect<Connected>(
        _ body: () async throws -> Connected
    ) async throws -> Connected {
        for _ in 0..<100 {
            do {
                return try await body()
            } catch let error as MnemeError {
                #expect(error.code == .disconnected)
            }
        }
        return try await body()
    }

    @Test(arguments: [1, 2, 3])
    func manyTasksSurviveManyLosses(_ number: UInt64) async throws {
        let seed = number &* 0x9e37_79b9_7f4a_7c15
        print("losses: seed \(seed)")
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let chance = SeededRandomness(seed: seed)
        let proxy = try FaultyProxy(to: server.address) { _ in
            let frames = chance.below(60)
            return Cut(
                isTowardsServer: chance.below(2) == 0,
                frames: frames,
                bytes: chance.below(40)
            )
        }
        var options = ClientOptions.patient
        options.attempts = 1000
        options.reconnects = 1000
        let chosen = options
        let client = try await connect {
            try await Client.connect(proxy.address, options: chosen)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<30 {
                        let key = "\(task).\(number)"
                        let error = await failure { try await client.perform(put(key, number)) }
                        try check(key, error, memory, "seed \(seed)")
                        // Reads always come through; what was acknowledged stays.
                        let record = try await client.get(Reference("things", .text(key)))
                        if error == nil {
                            #expect(record?["number"] == .int(Int64(number)), "seed \(seed)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try memory.perform(.verify, durability: nil).findings == [])
        let blocking = try await connect {
            try BlockingClient.connect(proxy.address, options: chosen)
        }
        for number in 0..<20 {
            let keys = (0..<6).map { "blocking \(number).\($0)" }
            let results = blocking.perform(keys.flatMap { [put($0, number), get($0)] })
            for (index, key) in keys.enumerated() {
                try check(key, results[2 * index].error, memory, "seed \(seed)")
                #expect(results[2 * index + 1].error == nil, "seed \(seed)")
            }
        }
    }

    @Test func aServerThatComesBackIsFoundAgain() async throws {
        let memory = try makeMemory()
        let path = "/tmp/mneme-client-\(RealRandomness().next()).sock"
        let first = try TestServer(memory, at: .unix(path: path))
        var fewer = ClientOptions.patient
        fewer.reconnects = 3
        let client = try await Client.connect(first.address, options: fewer)
        let blocking = try BlockingClient.connect(first.address, options: .patient)
        _ = try await client.perform(put("a", 1))
        first.stop()
        let server = try TestServer(memory, at: .unix(path: path))
        #expect(try await client.get(Reference("things", "a"))?["number"] == 1)
        #expect(try blocking.perform(get("a")) == memory.perform(get("a"), durability: nil))
        server.stop()
        var options = ClientOptions.patient
        options.reconnects = 2
        let error = await failure { try await Client.connect(server.address, options: options) }
        #expect(error?.code == .disconnected)
        // Nothing was sent, so a write says that and nothing else.
        let other = await failure { try await client.perform(put("b")) }
        #expect(other?.code == .disconnected)
        #expect(try await memory.get(Reference("things", "b")) == nil)
        try await client.close()
        // Its listener looks after the socket's file when it goes.
        withExtendedLifetime(first) {}
    }
}

extension Response {
    var findings: [String] {
        if case .verified(let verification) = self { verification.findings } else { ["no answer"] }
    }
}

extension Result where Failure == MnemeError {
    var error: MnemeError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
