import MnemeBase
import MnemeCommandLine
import Testing

@testable import MnemeProgram

private func read(_ line: String) throws(SynsetFault) -> Synset {
    let bytes = Array("before\n\(line)\nafter".utf8)
    return try SynsetReader.read(bytes, 7..<(7 + line.utf8.count))
}

/// Why a line is refused; nil when it is taken.
private func refusal(_ line: [UInt8]) -> SynsetFault? {
    do {
        _ = try SynsetReader.read(line, 0..<line.count)
        return nil
    } catch {
        return error
    }
}

@Suite struct SynsetReaderTests {
    @Test func aNoun() throws {
        let synset = try read(
            "00000042 05 n 02 hill_fox 0 Vulpes_montis a 004 @ 00000007 n 0000 + 00000009 v 0101 "
                + "+ 00000009 v 0201 %m 00000007 n 0000 | a fox of the hills; \"it | barks\"  "
        )
        #expect(synset.name.key == "n00000042")
        #expect(synset.lemmas == ["hill fox", "Vulpes montis"])
        #expect(synset.gloss == "a fox of the hills; \"it | barks\"")
        #expect(synset.text == "hill fox, Vulpes montis: a fox of the hills; \"it | barks\"")
        #expect(synset.pointerCount == 4)
        #expect(
            synset.pointers == [
                .init(type: .hypernym, to: SynsetName(part: .noun, offset: 7)),
                .init(type: .derivation, to: SynsetName(part: .verb, offset: 9)),
                .init(type: .memberMeronym, to: SynsetName(part: .noun, offset: 7)),
            ]
        )
    }

    @Test func aVerbHasFrames() throws {
        let synset = try read("12345678 29 v 01 yap 1 000 02 + 02 00 + 08 01 | bark in high notes")
        #expect(synset.name.key == "v12345678")
        #expect(synset.lemmas == ["yap"])
        #expect(synset.gloss == "bark in high notes")
    }

    @Test func markersOfAdjectivesAreDropped() throws {
        let synset = try read(
            "00000001 00 s 03 near_by(p) 0 of(a)x 0 (a) 0 001 & 00000002 a 0000 | not far"
        )
        #expect(synset.name == SynsetName(part: .adjective, offset: 1))
        #expect(synset.lemmas == ["near by", "of(a)x", "(a)"])
    }

    @Test func everySymbolHasATypeOfItsOwn() throws {
        let symbols = [
            "!", "@", "@i", "~", "~i", "#m", "#s", "#p", "%m", "%s", "%p", "=", "+", ";c", "-c",
            ";r", "-r", ";u", "-u", "*", ">", "^", "$", "&", "<", "\\",
        ]
        #expect(Set(symbols.compactMap(PointerType.init(symbol:))) == Set(PointerType.allCases))
        #expect(PointerType.allCases.count == 26)
        #expect(PointerType(symbol: "@x") == nil)
    }

    @Test(arguments: [
        ("", SynsetFault.missing("the offset of the synset")),
        ("123 05 n", .malformed("the offset of the synset", got: "123")),
        ("0000000x 05 n", .malformed("the offset of the synset", got: "0000000x")),
        ("00000001 05 x 01", .malformed("the type of the synset", got: "x")),
        ("00000001 05 n 0g a", .malformed("the number of words", got: "0g")),
        ("00000001 05 n 00 000 | x", .malformed("one word at least", got: "00")),
        ("00000001 05 n 02 a 0 003", .missing("the number of a word")),
        ("00000001 05 n 01 a 0 1", .malformed("the number of pointers", got: "1")),
        ("00000001 05 n 01 a 0 001 | x", .unknownPointer("|")),
        (
            "00000001 05 n 01 a 0 001 @ 0000002 n 0000 | x",
            .malformed("the offset of a target", got: "0000002")
        ),
        (
            "00000001 05 n 01 a 0 001 @ 00000002 q 0000 | x",
            .malformed("the part of speech of a target", got: "q")
        ),
        ("00000001 05 n 01 a 0 001 @ 00000002 n", .missing("the words that a pointer joins")),
        ("00000001 05 n 01 a 0 000", .withoutGloss),
        ("00000001 05 n 01 a 0 000 x", .withoutGloss),
    ])
    func malformedLinesAreRefused(_ line: String, _ fault: SynsetFault) {
        #expect(refusal(Array(line.utf8)) == fault)
    }

    @Test func everyCutIsRefusedOrHasAGloss() throws {
        let line = Array("00000042 05 n 01 fox 0 001 @ 00000007 n 0000 | a fox".utf8)
        let bar = try #require(line.firstIndex(of: UInt8(ascii: "|")))
        for count in 0..<line.count {
            let synset = try? SynsetReader.read(line, 0..<count)
            #expect((synset != nil) == (count > bar), "\(count) bytes")
        }
    }

    @Test func bytesThatAreNoTextAreRefused() {
        let line = Array("00000042 05 n 01 f".utf8) + [0xff] + Array("x 0 000 | g".utf8)
        #expect(refusal(line) == .notText)
    }
}

@Suite struct WordNetTests {
    private let noun = "00000003 05 n 01 fox 0 001 + 00000001 v 0101 | an animal"
    private let verb = "00000001 29 v 01 trick 0 001 + 00000003 n 0101 01 + 08 00 | to deceive"

    private func disk(_ files: [String: String]) throws -> MemoryDisk {
        let disk = MemoryDisk()
        for (name, text) in files {
            try disk.open("w/data.\(name)", .create).write(Array(text.utf8), at: 0)
        }
        return disk
    }

    private func failure(_ files: [String: String]) throws -> String {
        do {
            _ = try WordNet(directory: "w", on: disk(files))
            return "nothing is wrong"
        } catch let failure as Failure {
            return failure.message
        }
    }

    @Test func edgesJoinTheFiles() throws {
        let wordNet = try WordNet(
            directory: "w",
            on: disk([
                "noun": "  1 licence\n\(noun)\n", "verb": verb, "adj": "", "adv": "  1 licence\n",
            ])
        )
        #expect(wordNet.synsets.map(\.name.key) == ["n00000003", "v00000001"])
        #expect(
            wordNet.edges == [
                .init(type: .derivation, from: 0, to: 1), .init(type: .derivation, from: 1, to: 0),
            ]
        )
        #expect(wordNet.pointerCount == 2)
    }

    @Test func whatIsWrongIsFoundAtItsLine() throws {
        let rest = ["verb": verb, "adj": "", "adv": ""]
        func with(_ text: String) throws -> String {
            try failure(rest.merging(["noun": text]) { $1 })
        }
        #expect(try with("  licence\n\(noun)\nx").contains("w/data.noun:3: the offset"))
        #expect(try with("\(noun)\n\(noun)").contains("noun:2: the synset n00000003 was there"))
        #expect(try with("").contains("verb:1: the pointer derivation leads to n00000003"))
        #expect(try with(verb).contains("noun:1: the synset is of another part of speech"))
    }

    @Test func missingFilesNameThePackage() throws {
        let message = try failure(["noun": noun])
        #expect(message.contains("There is no file or directory w/data.verb."))
        #expect(message.contains("apt-get install wordnet-base"))
    }
}
