// formats/backup.md against the code, both directions.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeLog
@testable import MnemePages
@testable import MnemeStore

@Suite struct BackupPageTests {
    private let manifest = BackupManifest(
        identity: StoreIdentity(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210),
        id: UniqueID(high: 0x1111_1111_1111_1111, low: 0x2222_2222_2222_2222),
        base: BackupManifest.End(
            id: UniqueID(high: 0x3333_3333_3333_3333, low: 0x4444_4444_4444_4444),
            sequence: 102,
            place: LogPlace(segment: 3, offset: 5000),
            checksum: 77
        ),
        firstSequence: 1,
        lastSequence: 120,
        commit: 119,
        time: 1_700_000_000_000_000,
        end: LogPlace(segment: 4, offset: 4800),
        checksum: 78,
        incarnation: 2,
        epoch: 0,
        made: 1_700_000_100_000_000,
        identityFile: BackupManifest.Identity(byteCount: 40, checksum: 79),
        segments: [
            BackupManifest.Segment(
                number: (1 << 35) + 2,
                making: .inBase,
                byteCount: 8192,
                checksum: 82,
                firstSequence: 1,
                cold: BackupManifest.Cold(segments: 1...2, lastSequence: 99, asOf: 101, hash: 83)
            ),
            BackupManifest.Segment(
                number: 3,
                making: .linked,
                byteCount: 4 << 20,
                checksum: 80,
                firstSequence: 100
            ),
            BackupManifest.Segment(
                number: 4,
                making: .copied,
                byteCount: 4800,
                checksum: 81,
                firstSequence: 113
            ),
        ]
    )

    @Test func theManifestIsWrittenAndRead() throws {
        let page = try FormatPage("backup.md")
        try page.expect(manifest.bytes, "manifest")
        let shown = try page.example("manifest")
        #expect(try BackupManifest(shown) == manifest)
        for index in shown.indices {
            var damaged = shown
            damaged[index] ^= 1
            #expect(throws: ManifestError.self) { try BackupManifest(damaged) }
        }
        for count in shown.indices {
            #expect(throws: ManifestError.self) { try BackupManifest(Array(shown.prefix(count))) }
        }
    }

    @Test func theFirstVersionIsReadStill() throws {
        var old = manifest
        old.version = 1
        old.firstSequence = 100
        old.segments.removeFirst()
        let page = try FormatPage("backup.md")
        try page.expect(old.bytes, "manifest-1")
        #expect(try BackupManifest(try page.example("manifest-1")) == old)
    }

    @Test func aNewerManifestIsRefusedAsNewer() throws {
        var bytes = manifest.bytes
        bytes[16] = 3
        var sum = ByteWriter()
        sum.put(Checksum.xxh3(Array(bytes.dropFirst(8))))
        bytes.replaceSubrange(0..<8, with: sum.bytes)
        #expect(throws: ManifestError.newer(3)) { try BackupManifest(bytes) }
    }
}
