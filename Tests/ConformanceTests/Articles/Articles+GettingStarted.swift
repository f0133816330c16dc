// Sources/MnemeClient/MnemeClient.docc/GettingStarted.md.

import MnemeClient

extension Articles {
    static func gettingStarted(_ print: (String) -> Void) async throws {
        // The page begins.
        let memory = try await Client.connect("localhost:7411", store: "notes")
        _ = try await memory.remember("Ann keeps bees behind the old mill", owner: "ann")
        _ = try await memory.remember("The train to Lyon leaves at nine", owner: "ann")
        for item in try await memory.recall("Who keeps beehives?", owner: "ann", limit: 1).items {
            print(item.record["text"].text ?? "")
        }
        try await memory.close()
        // The page ends.

        // The page begins.
        let waiting = try BlockingClient.connect("localhost:7411", store: "notes")
        print("\(try waiting.statistics().records["memories"] ?? 0) memories")
        waiting.close()
        // The page ends.
    }
}
