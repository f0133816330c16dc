// Sources/MnemeClient/MnemeClient.docc/TokensAndTLS.md.

import MnemeClient

extension Articles {
    static func tokensAndTLS(_ print: (String) -> Void) async throws {
        let token = place.token
        // The page begins.
        var options = ClientOptions()
        options.token = token
        options.tls = ClientTLS(authorities: "ca.pem")
        let memory = try await Client.connect("localhost:7411", store: "notes", options: options)
        // The page ends.
        let bees = Remember("Ann keeps bees", owner: "ann", key: "bees")
        print(try await memory.remember([bees])[0].description)
        try await memory.close()

        // The page begins.
        var shown = ClientOptions()
        shown.tls = ClientTLS(authorities: "ca.pem", certificate: "ann.pem")
        let ann = try await Client.connect("localhost:7411", store: "notes", options: shown)
        do throws(MnemeError) {
            _ = try await ann.remember("Bob keeps tea", owner: "bob")
        } catch {
            print("\(error.code)")
        }
        // The page ends.
        try await ann.close()
    }
}
