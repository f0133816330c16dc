// Sources/MnemeClient/MnemeClient.docc/Errors.md.

import MnemeClient

extension Articles {
    static func errors(_ print: (String) -> Void) async throws {
        let memory = try await Client.connect("localhost:7411", store: "notes")
        let notes = Collection("notes", fields: [Field("title", .text)])
        try await memory.define(Schema(collections: [notes]))
        _ = try await memory.commit([.put(Put("notes", "bees", [:]))])
        // The page begins.
        do throws(MnemeError) {
            let put = Put("notes", "bees", ["title": "Bees"], mode: .insert)
            _ = try await memory.commit([.put(put)])
        } catch {
            switch error.action {
            case .fixInput: print("Refused: \(error.code) (\(error.code.rawValue))")
            case .retry: print("Later: \(error.message)")
            case .reopen: print("Connect again, and look what is there.")
            case .report: print("\(error)")
            }
        }
        // The page ends.
        try await memory.close()
    }
}
