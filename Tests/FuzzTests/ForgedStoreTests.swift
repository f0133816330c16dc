import MnemeBase
import MnemeModel
import MnemeStore
import Testing

@testable import FuzzTargets
@testable import Mneme

/// Stores whose files were changed behind their checksums open and answer, or refuse to, and never
/// end the process.
@Suite struct ForgedStoreTests {
    /// The same forgeries every time; other seeds are for whoever looks for more.
    static let seed: UInt64 = 1
    static let rounds = 60

    @Test func theStoreAnswersBeforeItIsForged() throws {
        let store = try ForgedStore()
        let disk = try ForgedStore.disk(store.files)
        let memory = try ForgedStore.open(disk, .open)
        #expect(try memory.verify().findings.isEmpty)
        for question in ForgedStore.questions {
            #expect(throws: Never.self, "\(question)") {
                try memory.perform(Request(json: question))
            }
        }
        try memory.close()
        for (path, bytes) in store.files where path.hasSuffix(".log") {
            var sealed = bytes
            try seal(&sealed, path)
            #expect(sealed == bytes, "\(path) is not sealed as it was written")
        }
    }

    @Test(arguments: [StoreMode.rebuild, .open])
    func forgedFramesAreReplayedOrRefused(_ mode: StoreMode) throws {
        let random = SeededRandomness(seed: Self.seed)
        let store = try ForgedStore()
        for _ in 0..<Self.rounds {
            var files = store.files
            for (path, bytes) in store.files where path.hasSuffix(".log") {
                // What the log makes nothing of is changed more often than what it does.
                let parts = LogSeal.frames(in: bytes).flatMap { frame in
                    let payload = (frame.lowerBound + 72)..<frame.upperBound
                    return [frame, payload, payload, payload].filter { !$0.isEmpty }
                }
                guard !parts.isEmpty else { continue }
                var forged = bytes
                ByteScript(script(random)[...]).apply(to: &forged, parts)
                try seal(&forged, path)
                files[path] = forged
            }
            try exercise(files, mode)
        }
    }

    @Test func forgedPagesAreReadOrRefused() throws {
        let random = SeededRandomness(seed: Self.seed)
        let store = try ForgedStore()
        let path = ForgedStore.directory + "/pages"
        let bytes = try #require(store.files[path])
        let runs = ForgedPages.runs(in: bytes)
        #expect(runs.count > 8)
        for _ in 0..<Self.rounds {
            var files = store.files
            var forged = bytes
            ByteScript(script(random)[...]).apply(to: &forged, runs.map(\.bytes))
            for run in runs where forged[run.bytes] != bytes[run.bytes] {
                let sum = Checksum.xxh3(Array(forged[run.bytes].dropFirst(8)), seed: run.seed)
                forged.put(sum, at: run.bytes.lowerBound)
            }
            files[path] = forged
            try exercise(files, .open)
        }
    }

    private func seal(_ bytes: inout [UInt8], _ path: String) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let number = try #require(UInt64(name.dropLast(4)))
        LogSeal.seal(&bytes, number: number, isHonest: true)
    }

    /// One change or a few.
    private func script(_ random: SeededRandomness) -> [UInt8] {
        (0..<(ByteScript.step * (1 + random.below(3)))).map { index in
            // A run of one value to the end is rare.
            let byte = UInt8(truncatingIfNeeded: random.next())
            return index % ByteScript.step == 1 && random.below(8) > 0 ? byte & 15 : byte
        }
    }

    private func exercise(_ files: [String: [UInt8]], _ mode: StoreMode) throws {
        let disk = try ForgedStore.disk(files)
        guard let memory = try? ForgedStore.open(disk, mode) else { return }
        try ForgedStore.ask(memory)
    }
}
