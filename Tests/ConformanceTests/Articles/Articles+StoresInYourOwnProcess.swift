// Sources/Mneme/Mneme.docc/StoresInYourOwnProcess.md.

import Mneme

extension Articles {
    private static func waiting(_ print: (String) -> Void) throws {
        // The page begins.
        let memory = try Memory.open("diary.mneme")
        _ = try memory.remember("Ann keeps bees behind the old mill", owner: "ann")
        for item in try memory.recall("Who keeps beehives?", owner: "ann", limit: 1).items {
            print(item.record["text"].text ?? "")
        }
        try memory.close()
        // The page ends.
    }

    static func storesInYourOwnProcess(_ print: (String) -> Void) async throws {
        try waiting(print)
        // The page begins.
        let memory: any Door = try Memory.inMemory()
        let keys = try await memory.remember([
            Remember("Ann keeps bees behind the old mill", owner: "ann", key: "bees"),
            Remember("The train to Lyon leaves at nine", owner: "ann", key: "train"),
        ])
        print("\(keys.count) memories")
        try await memory.close()
        // The page ends.
        try permitted(print)
    }

    private static func permitted(_ print: (String) -> Void) throws {
        let memory = try Memory.inMemory()
        // The page begins.
        let ann = try memory.permitted(by: Permit("ann", .write, owners: ["ann"]))
        do throws(MnemeError) {
            _ = try ann.remember("Bob keeps tea", owner: "bob")
        } catch {
            print("\(error.code)")
        }
        // The page ends.
        try memory.close()
    }
}
