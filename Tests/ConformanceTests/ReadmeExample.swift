// The program on the first screen of README.md, three times: with each of the lines that open. What
// stands between the marks is that program without its imports; ReadmeTests hold them against the
// page, letter by letter, and what they print.

import Doors
import Mneme
import MnemeClient

enum ReadmeExample {
    /// As it stands on the page.
    static func inDirectory(_ print: (String) -> Void) async throws {
        // The program begins.
        let memory: any Door = try Memory.open("/tmp/mneme-example")
        if try await memory.statistics().records["memories"] == 0 {
            _ = try await memory.remember([
                Remember("Ann keeps bees behind the old mill", owner: "ann"),
                Remember("The roof of the mill was mended in May", owner: "ann"),
                Remember("The train to Lyon leaves at nine", owner: "ann"),
            ])
        }
        for item in try await memory.recall("Who keeps beehives?", owner: "ann", limit: 2).items {
            let parts = item.parts.map { "\($0.signal) \(Int(($0.value * 100).rounded()))" }
            print("\(Int((item.score * 100).rounded())) \(item.record["text"].text ?? "")")
            print("   \(parts.joined(separator: " + "))")
        }
        try await memory.close()
        // The program ends.
    }

    /// With the line for this process alone.
    static func inMemory(_ print: (String) -> Void) async throws {
        // The program begins.
        let memory: any Door = try Memory.inMemory()
        if try await memory.statistics().records["memories"] == 0 {
            _ = try await memory.remember([
                Remember("Ann keeps bees behind the old mill", owner: "ann"),
                Remember("The roof of the mill was mended in May", owner: "ann"),
                Remember("The train to Lyon leaves at nine", owner: "ann"),
            ])
        }
        for item in try await memory.recall("Who keeps beehives?", owner: "ann", limit: 2).items {
            let parts = item.parts.map { "\($0.signal) \(Int(($0.value * 100).rounded()))" }
            print("\(Int((item.score * 100).rounded())) \(item.record["text"].text ?? "")")
            print("   \(parts.joined(separator: " + "))")
        }
        try await memory.close()
        // The program ends.
    }
}

extension ReadmeExample {
    /// The address on the page leads to the server of a test.
    enum Client {
        @TaskLocal static var address = ""

        static func connect(
            _ address: String,
            store: String
        ) async throws(MnemeError) -> MnemeClient.Client {
            guard address == "localhost:7411" else {
                throw MnemeError(.badRequest, "the page has another address: \(address)")
            }
            return try await .connect(Self.address, store: store, options: .patient)
        }
    }

    /// With the line for a store behind a server.
    static func behindServer(_ print: (String) -> Void) async throws {
        // The program begins.
        let memory: any Door = try await Client.connect("localhost:7411", store: "example")
        if try await memory.statistics().records["memories"] == 0 {
            _ = try await memory.remember([
                Remember("Ann keeps bees behind the old mill", owner: "ann"),
                Remember("The roof of the mill was mended in May", owner: "ann"),
                Remember("The train to Lyon leaves at nine", owner: "ann"),
            ])
        }
        for item in try await memory.recall("Who keeps beehives?", owner: "ann", limit: 2).items {
            let parts = item.parts.map { "\($0.signal) \(Int(($0.value * 100).rounded()))" }
            print("\(Int((item.score * 100).rounded())) \(item.record["text"].text ?? "")")
            print("   \(parts.joined(separator: " + "))")
        }
        try await memory.close()
        // The program ends.
    }
}
