import MnemeBase
import MnemeGraph
import MnemeLog
import MnemeModel
import MnemePages
import MnemeTree
import Testing

@testable import FuzzTargets

/// What the fuzzer changes is met behind the checksums, and not at them; and what does not hold is
/// told.
@Suite struct ForgeryTests {
    @Test func everyChangeToPagesThatIsSealedReadsBack() throws {
        for pages in [ForgedPages.plain, .packed] {
            #expect(pages.partCount > 12)
            for part in 2..<UInt8(clamping: pages.partCount) {
                // Bytes of a packed block may make another page, which nobody could unpack.
                let offset: UInt16 = 17
                let script = ByteScript(ByteScript.store(1, part: part, at: offset)[...])
                let sealed = try open(pages.forged(script, isSealed: true))
                if let sealed, pages.bytes == ForgedPages.plain.bytes {
                    var scrub = PageScrub(sealed)
                    while scrub.step() {}
                    #expect(scrub.damage.isEmpty, "part \(part)")
                }
                let unsealed = try open(pages.forged(script, isSealed: false))
                guard let unsealed else { continue }
                // What only the checkpoint before has is not read.
                var scrub = PageScrub(unsealed)
                while scrub.step() {}
                #expect(!scrub.damage.isEmpty || sealed != nil, "part \(part)")
            }
        }
    }

    @Test func aChangeThatIsNotSealedIsDamage() throws {
        let pages = ForgedPages.plain
        var damaged = 0
        for part in 2..<UInt8(clamping: pages.partCount) {
            let script = ByteScript(ByteScript.store(1, part: part, at: 17)[...])
            guard let file = try open(pages.forged(script, isSealed: false)) else {
                damaged += 1
                continue
            }
            var scrub = PageScrub(file)
            while scrub.step() {}
            damaged += scrub.damage.isEmpty ? 0 : 1
        }
        // All but those that the older checkpoint alone has.
        #expect(damaged > pages.partCount / 2)
    }

    @Test func aRootBlockWithMorePayloadThanOneHasIsNotTaken() throws {
        let pages = ForgedPages.plain
        var checkpoints: Set<UInt64> = []
        for part in UInt8(0)..<2 {
            // 4,097 bytes of payload.
            let script = ByteScript.store(1, part: part, at: 56)
            let longer = script + ByteScript.store(16, part: part, at: 57)
            let opened = try open(pages.forged(ByteScript(longer[...]), isSealed: true))
            let file = try #require(opened)
            checkpoints.insert(file.checkpointNumber)
            #expect(try pages.tree.count(in: file.root.view) >= 90)
        }
        // The other one was.
        #expect(checkpoints == [1, 2])
    }

    @Test func aCountOfEntriesThatCannotBeIsDamage() throws {
        let pages = ForgedPages.plain
        var refused = (trees: 0, columns: 0)
        for part in 2..<UInt8(clamping: pages.partCount) {
            for byte in [UInt8(4), 0x80] {
                let script = ByteScript(ByteScript.store(byte, part: part, at: 38)[...])
                guard let file = try open(pages.forged(script, isSealed: true)) else { continue }
                let view = file.root.view
                let sum = try? pages.tree.count(in: view)
                let columns = try? pages.adjacency.tree.count(in: view)
                _ = try? pages.adjacency.tree.estimate(high: 3, in: view)
                refused.trees += sum == nil ? 1 : 0
                refused.columns += columns == nil ? 1 : 0
            }
        }
        #expect(refused.trees > 0 && refused.columns > 0)
    }

    private func open(_ bytes: [UInt8]) throws -> PageFile? {
        let disk = MemoryDisk()
        do throws(DiskError) {
            try disk.open(ForgedPages.path, .create).write(bytes, at: 0)
        } catch {
            throw PageError.disk(error)
        }
        let opened = try? PageFile.open(
            disk,
            path: ForgedPages.path,
            identity: ForgedPages.identity
        )
        return opened?.file
    }

    @Test func aBodyThatIsSealedIsReplayed() throws {
        let log = ForgedLog.sample
        let frames = log.parts.indices.filter { log.parts[$0].bytes.lowerBound >= LogSeal.header }
        let part = try #require(frames.first)
        let place = log.parts[part].bytes.lowerBound + 100
        var files = log.files
        files[log.parts[part].file].bytes[place] ^= 1
        let unsealed = LogReading(files: files, isTrue: true, isForgotten: false).run()
        #expect(unsealed != nil, "a true log would have been refused")
        let number = files[log.parts[part].file].number
        LogSeal.seal(&files[log.parts[part].file].bytes, number: number, isHonest: true)
        #expect(LogReading(files: files, isTrue: true, isForgotten: false).run() == nil)
    }

    @Test func theSampleLogHasEveryKindOfFrame() throws {
        let log = ForgedLog.sample
        #expect(log.files.count == 4)
        #expect(SegmentNumber.isCold(log.files[3].number))
        let types = Set(
            log.parts.filter { $0.bytes.lowerBound >= LogSeal.header }
                .map { log.files[$0.file].bytes[$0.bytes.lowerBound + 4] }
        )
        // Commits, packs, records and links.
        #expect(types.isSuperset(of: [1, 4, ForgedLog.recordType, ForgedLog.linkType]))
        for file in log.files {
            var sealed = file.bytes
            LogSeal.seal(&sealed, number: file.number, isHonest: true)
            #expect(sealed == file.bytes, "segment \(file.number) is not sealed as it was written")
        }
    }

    @Test func theSeedsOfConditionsAreTaken() throws {
        for seed in FilterTarget.seeds {
            let rest = Array(seed.bytes.dropFirst())
            #expect(throws: Never.self, "\(seed.name)") {
                switch seed.bytes[0] {
                case 0: _ = try Filter(spelling: try Value(json: rest))
                case 1: _ = try Find(spelling: try Value(json: rest))
                case 2: _ = try Pattern(spelling: try Value(json: rest))
                case 3: _ = try Expression(String(decoding: rest, as: UTF8.self))
                case 4: _ = try QueryParser.parts(of: String(decoding: rest, as: UTF8.self))
                case 5: _ = try Recurrence(spelling: try Value(json: rest))
                default: _ = try Filter(spelling: try Value(cbor: rest))
                }
            }
        }
        for seed in SchemaTarget.seeds {
            #expect(throws: Never.self, "\(seed.name)") {
                try Schema(json: String(decoding: seed.bytes, as: UTF8.self)).validate()
            }
        }
    }

    @Test func scriptsChangeWhatTheySay() {
        var bytes = [UInt8](repeating: 0, count: 16)
        ByteScript(ByteScript.store(7, part: 1, at: 2)[...]).apply(to: &bytes, [0..<8, 8..<16])
        #expect(bytes[10] == 7 && bytes.filter { $0 != 0 }.count == 1)
        // Eight bytes, signed; then two bytes added; then all of the rest.
        ByteScript([0, 7, 0, 0, 0xff][...]).apply(to: &bytes, [0..<8, 8..<16])
        #expect(bytes.long(0) == .max)
        ByteScript([0, 9, 0, 0, 2][...]).apply(to: &bytes, [0..<8])
        #expect(bytes[0] == 1 && bytes[1] == 0 && bytes[2] == 0xff)
        ByteScript([1, 16, 4, 0, 5][...]).apply(to: &bytes, [0..<8, 8..<16])
        #expect(bytes[12..<16] == [5, 5, 5, 5])
    }
}
