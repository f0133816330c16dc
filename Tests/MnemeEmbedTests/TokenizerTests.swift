// The tokenizer against the reference's tokenisations (Golden/tokens.txt, written by
// tools/token-table/make.py --golden), and its fast path against the table.

import MnemeBase
import Testing

@testable import MnemeEmbed

@Suite struct TokenizerTests {
    @Test func agreesWithTheReference() throws {
        let cases = try Golden.read()
        #expect(cases.count > 600)
        for (text, tokens) in cases {
            #expect(Tokenizer.tokens(of: text) == tokens, "\(text.debugDescription)")
        }
    }

    @Test func asciiIsFoldedAsTheTableSays() {
        for byte in UInt8(0)..<0x80 {
            let fold = TokenTable.fold(UInt32(byte))
            #expect(Tokenizer.asciiKind(byte) == fold.kind, "\(byte)")
            guard fold.kind == .word || fold.kind == .alone else { continue }
            let lowered = byte >= 0x41 && byte <= 0x5A ? byte + 0x20 : byte
            #expect((fold.replacement ?? [byte]) == [lowered], "\(byte)")
        }
    }

    @Test func everyScalarFoldsToValidText() {
        for number in UInt32(0)...0x11_0000 {
            let fold = TokenTable.fold(number)
            guard let replacement = fold.replacement else { continue }
            #expect(!replacement.isEmpty && String(validating: replacement, as: UTF8.self) != nil)
        }
        #expect(TokenTable.fold(.max).kind == .dropped)
    }

    @Test func everyTokenIsFoundByItsText() {
        // "##x" as a whole word is the vocabulary's own spelling of a piece, found as it stands.
        for number in 0..<TokenTable.tokenCount {
            let token = Token(number)
            guard let text = TokenTable.text(of: token) else {
                Issue.record("token \(number) has no text")
                continue
            }
            var pieces: [Token] = []
            TokenTable.appendPieces(of: Array(text.utf8), to: &pieces)
            #expect(pieces == [token], "\(text)")
        }
        #expect(TokenTable.text(of: Token(TokenTable.tokenCount)) == nil)
    }

    @Test func wordsAreFoundAgainInTheirPieces() {
        let random = SeededRandomness(seed: 11)
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        for _ in 0..<2_000 {
            let word = (0..<(1 + random.below(100))).map { _ in letters[random.below(36)] }
            let tokens = Tokenizer.tokens(of: String(decoding: word, as: UTF8.self))
            let texts = tokens.compactMap { TokenTable.text(of: $0) }
            let joined = texts.prefix(1) + texts.dropFirst().map { String($0.dropFirst(2)) }
            #expect(joined.joined() == String(decoding: word, as: UTF8.self))
        }
    }

    @Test func tableIsTheOneThatTheIdentityNames() {
        // A table with other bytes makes other vectors: it needs a new identity, then this number.
        let bytes = TokenTable.bytes()
        let checksum = Checksum.xxh3(Array(bytes.dropLast(8)))
        var reader = ByteReader(bytes, (bytes.count - 8)..<bytes.count)
        #expect((try? reader.get(UInt64.self)) == checksum)
        #expect(StaticEmbedder().identity == "minilm-l6-static-256/1")
        #expect(checksum == 0x5b70_5747_d68b_6120)
    }
}
