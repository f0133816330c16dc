// Below which directories tokens are made and changed.

import Foundation
import Testing

@Suite struct TokenRootTests {
    @Test func tokensAreAddedWhereServersHaveTheirStores() throws {
        let place = try BuiltProgram()
        for verb in ["add ann --role read", "rotate ann", "revoke ann"] {
            let ended = try place.shell("mneme token \(verb) --root stroes")
            #expect(ended.status == 1)
            #expect(ended.error.contains("there is no directory stroes"), "\(ended.error)")
            #expect(ended.error.contains("mkdir -p stroes"), "\(ended.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: place.path("stroes")))
        let ended = try place.shell(
            "mkdir stores && mneme token add ann --role read --root stores && "
                + "mneme token list --root stores"
        )
        #expect(ended.status == 0 && ended.output.contains("ann: read"), "\(ended)")
    }
}
