// The program on encrypted stores: where it takes the key from, and what it says of one that does
// not fit.

import Foundation
import Mneme
import Testing

@testable import MnemeCommandLine
@testable import MnemeProgram

@Suite struct KeyVerbTests {
    private let place: BuiltProgram
    private static let stats = "mneme stats --store secret.mneme"

    init() throws { place = try ExampleTests.prepared() }

    private func expect(_ line: String, _ words: String...) throws {
        let ended = try place.shell(line)
        #expect(ended.status != 0, "\(line)")
        for word in words { #expect(ended.error.contains(word), "\(line): \(ended.error)") }
    }

    private func succeed(_ line: String) throws {
        let ended = try place.shell(line)
        #expect(ended.status == 0, "\(line): \(ended.error)")
    }

    @Test func theKeyComesFromAFileOrTheEnvironment() throws {
        try succeed(Self.stats + " --key-file master.key")
        try succeed("MNEME_KEY_FILE=master.key " + Self.stats)
        try succeed("MNEME_KEY=$(cat master.key) " + Self.stats)
        // The option counts more.
        try succeed("MNEME_KEY=nonsense " + Self.stats + " --key-file master.key")
        try expect(Self.stats, "is encrypted", "--key-file")
        try expect("MNEME_KEY=12ab " + Self.stats, "64 hexadecimal digits")
        try expect(Self.stats + " --key-file next.key", "not that of secret.mneme")
        try expect(Self.stats + " --key-file nowhere.key", "nowhere.key")
        try expect(Self.stats + " --key-file letter.txt", "letter.txt")
        try expect("mneme stats --store notes.mneme --key-file master.key", "not encrypted")
        try expect("chmod 640 master.key; \(Self.stats) --key-file master.key", "chmod 600")
    }

    @Test func aKeyFileIsMadeOnceAndForItsOwner() throws {
        try succeed("mneme key make one.key")
        let mode = try place.shell("stat -c %a one.key; wc -c < one.key")
        #expect(mode.output == "600\n65\n", "\(mode.output)")
        try expect("mneme key make one.key", "there already")
        let raw = "head -c 32 /dev/urandom > raw.key; chmod 600 raw.key; "
        try succeed(raw + "mneme remember x --owner a --store raw.mneme --key-file raw.key")
    }

    @Test func whatIsWrittenNamesNoKey() throws {
        let key = try String(contentsOf: URL(filePath: place.path("master.key")), encoding: .utf8)
        let digits = key.trimmingCharacters(in: .newlines)
        let read = try MasterKey.read(place.path("master.key"))
        for text in [
            "\(read)", String(reflecting: read), String(describing: Mirror(reflecting: read)),
        ] {
            #expect(!text.contains(digits.prefix(8)))
        }
        var dumped = ""
        dump(read, to: &dumped)
        #expect(!dumped.contains(digits.prefix(8)))
    }

    @Test func overAConnectionItIsRefused() throws {
        for line in ["stats", "demo"] {
            try expect(
                "mneme \(line) --connect 127.0.0.1:1 --key-file master.key",
                "the server has the key"
            )
        }
    }

    /// A store whose name no server takes is refused only after the key was.
    @Test func theDemonstrationTakesIt() throws {
        try expect("MNEME_KEY=12ab mneme demo --store demo.mneme", "64 hexadecimal digits")
        try expect("mneme demo --store demo.mneme --key-file letter.txt", "letter.txt")
    }

    @Test func everyVerbTakesIt() throws {
        let key = " --key-file master.key"
        for line in [
            "mneme verify --store secret.mneme", "mneme checkpoint --store secret.mneme",
            "mneme rebuild --store secret.mneme", "mneme backup --store secret.mneme kept/secret",
            "mneme restore kept/secret --to new.mneme", "mneme verify --store new.mneme",
            "mneme salvage secret.mneme --to saved.mneme", "mneme verify --store saved.mneme",
            "mneme compact --store secret.mneme",
        ] {
            try succeed(line + key)
        }
        try succeed("mneme backup verify kept/secret")
        for key in ["", " --key-file next.key"] {
            try expect(
                "mneme restore kept/secret --to another.mneme\(key)",
                "kept/secret",
                "nothing was made in another.mneme"
            )
        }
        try expect(
            "mneme key rotate secret.mneme --key-file master.key --new-key-file master.key",
            "has that key already",
            "key make"
        )
        try succeed("mneme key rotate secret.mneme --key-file master.key --new-key-file next.key")
        try expect(Self.stats + key, "not that of")
        try succeed(Self.stats + " --key-file next.key")
        try expect("mneme key rotate notes.mneme --key-file master.key --new-key-file next.key")
    }
}
