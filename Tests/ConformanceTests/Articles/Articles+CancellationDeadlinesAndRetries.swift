// Sources/MnemeClient/MnemeClient.docc/CancellationDeadlinesAndRetries.md.

import MnemeClient

extension Articles {
    static func cancellationDeadlinesAndRetries(_ print: (String) -> Void) async throws {
        // The page begins.
        var options = ClientOptions()
        options.timeout = .seconds(5)
        options.connectTimeout = .seconds(2)
        let memory = try await Client.connect("localhost:7411", store: "notes", options: options)
        // The page ends.

        // The page begins.
        let asking = Task { try await memory.watch(Watch(waitMilliseconds: 60_000)) }
        asking.cancel()
        do {
            _ = try await asking.value
        } catch let error as MnemeError where error.code == .cancelled {
            print("It was cancelled.")
        }
        // The page ends.

        // The page begins.
        let request = Request.remember([Remember("Ann keeps bees", owner: "ann", key: "bees")])
        _ = try await memory.perform(request, timeout: .seconds(60), durability: .buffered)
        // The page ends.

        // The page begins.
        func keep(_ text: String, under key: String) async throws(MnemeError) {
            for attempt in 1... {
                do throws(MnemeError) {
                    _ = try await memory.remember(
                        [Remember(text, owner: "ann")],
                        idempotencyKey: key
                    )
                    return
                } catch {
                    let isLost = error.code == .outcomeUnknown || error.code == .disconnected
                    guard attempt < 5, isLost || error.action == .retry else { throw error }
                    try? await Task.sleep(for: .milliseconds(50 << attempt))
                }
            }
        }
        try await keep("The train to Lyon leaves at nine", under: "train-1")
        // The page ends.
        try await keep("The train to Lyon leaves at nine", under: "train-1")
        print("\(try await memory.statistics().records["memories"] ?? 0) memories")
        try await memory.close()
    }
}
