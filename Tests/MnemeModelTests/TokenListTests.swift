// Tokens as a list: who is let in, until when, and what the file says of them.

import Foundation
import MnemeBase
import Testing

@testable import MnemeModel

@Suite struct TokenListTests {
    private func entry(_ name: String, _ text: String, until: Instant? = nil) -> TokenEntry {
        TokenEntry(
            Permit(name, .write, owners: ["ann"], expiresAt: until),
            stores: ["main"],
            created: Instant(microseconds: 1),
            secrets: [TokenEntry.Secret(hash: TokenText.hash(Array(text.utf8)))]
        )
    }

    private func code(_ body: () throws -> Void) -> MnemeError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? MnemeError)?.code
        }
    }

    private func admit(_ list: TokenList, _ text: String, at now: Int64) throws -> Admission {
        try list.admit(TokenText.hash(Array(text.utf8)), at: Instant(microseconds: now))
    }

    @Test func aTokenHas256BitsByChance() {
        let first = TokenText.draw(RealRandomness())
        let second = TokenText.draw(RealRandomness())
        #expect(first != second && first.hasPrefix("mn_") && first.utf8.count == 46)
        #expect(
            first.dropFirst(3).allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        )
    }

    @Test func hashesAreThoseOfTheStandard() {
        #expect(Base64.encode(StrongHash.of([])) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        #expect(
            Base64.encode(StrongHash.of(Array("abc".utf8)))
                == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        )
        #expect(StrongHash.isSame([1, 2], [1, 2]) && !StrongHash.isSame([1, 2], [1, 3]))
        #expect(!StrongHash.isSame([1], [1, 2]))
    }

    @Test func aTokenLetsInUntilItIsRevokedOrOver() throws {
        var list = TokenList()
        try list.add(entry("a", "one"))
        try list.add(entry("b", "two", until: Instant(microseconds: 10)))
        #expect(try admit(list, "one", at: 5).permit.name == "a")
        #expect(try admit(list, "one", at: 5).opens("main"))
        #expect(try !admit(list, "one", at: 5).opens("other"))
        #expect(try admit(list, "two", at: 9).permit.name == "b")
        #expect(code { _ = try admit(list, "two", at: 10) } == .tokenExpired)
        #expect(code { _ = try admit(list, "three", at: 5) } == .unauthenticated)
        #expect(code { _ = try admit(list, "", at: 5) } == .unauthenticated)
        try list.expire("a", at: Instant(microseconds: 5))
        #expect(code { _ = try admit(list, "one", at: 5) } == .tokenExpired)
        try list.revoke("a")
        #expect(code { _ = try admit(list, "one", at: 1) } == .unauthenticated)
        #expect(code { try list.revoke("a") } == .notFound)
        #expect(code { try list.add(entry("b", "x")) } == .duplicate)
    }

    @Test func aRotatedTokenLetsInForTheGrace() throws {
        var list = TokenList()
        try list.add(entry("a", "one"))
        for (step, text) in ["two", "three"].enumerated() {
            try list.rotate(
                "a",
                to: TokenText.hash(Array(text.utf8)),
                until: Instant(microseconds: 100 + Int64(step)),
                now: Instant(microseconds: 50)
            )
        }
        // The grace of the first rotation is not made longer by the second.
        #expect(try admit(list, "one", at: 99).permit.expiresAt == Instant(microseconds: 100))
        #expect(code { _ = try admit(list, "one", at: 100) } == .tokenExpired)
        #expect(try admit(list, "two", at: 100).permit.name == "a")
        #expect(code { _ = try admit(list, "two", at: 101) } == .tokenExpired)
        #expect(try admit(list, "three", at: 1000).permit.expiresAt == nil)
        try list.rotate(
            "a",
            to: TokenText.hash([]),
            until: Instant(microseconds: 2000),
            now: Instant(microseconds: 2000)
        )
        #expect(code { _ = try admit(list, "three", at: 2000) } == .unauthenticated)
    }

    @Test func thePagesExampleIsAFile() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "formats/security.md"),
            encoding: .utf8
        )
        let blocks = page.components(separatedBy: "```json\n").dropFirst()
        let example = try #require(blocks.first?.components(separatedBy: "```").first)
        let list = try TokenList(json: example)
        #expect(try list.entry("ann-app").permit.owners == ["ann"])
        #expect(try Value(json: example) == list.spelling)
    }

    @Test func theFileSaysItAll() throws {
        var list = TokenList()
        try list.add(entry("a", "one", until: Instant(microseconds: 10)))
        try list.rotate(
            "a",
            to: TokenText.hash([1]),
            until: Instant(microseconds: 7),
            now: Instant(microseconds: 5)
        )
        #expect(try TokenList(spelling: Value(json: list.json(pretty: true))) == list)
        #expect(!list.json().contains("one"))
        let shown = try list.entry("a").shownSpelling.json()
        #expect(!shown.contains("hash") && shown.contains("rotates"))
        for wrong in [
            "{}", "[]", #"{"format": 2, "tokens": []}"#, #"{"format": 1, "tokens": [{}]}"#,
            #"{"format": 1, "more": 1}"#,
            #"{"format": 1, "tokens": [{"name": "a b", "role": "read", "created": "2024-01-01"}]}"#,
            #"{"format": 1, "tokens": [{"name": "a", "role": "king", "created": "2024-01-01"}]}"#,
            #"""
            {"format": 1, "tokens": [{"name": "a", "role": "read", "owners": [],
            "created": "2024-01-01"}]}
            """#,
            #"""
            {"format": 1, "tokens": [{"name": "a", "role": "read", "verbs": ["fly"],
            "created": "2024-01-01"}]}
            """#,
            #"""
            {"format": 1, "tokens": [{"name": "a", "role": "read", "owners": ["/"],
            "created": "2024-01-01"}]}
            """#,
            #"""
            {"format": 1, "tokens": [{"name": "a", "role": "read", "created": "2024-01-01",
            "secrets": [{"hash": "AA=="}]}]}
            """#,
        ] {
            #expect(throws: MnemeError.self, "\(wrong)") { try TokenList(json: wrong) }
        }
    }
}
