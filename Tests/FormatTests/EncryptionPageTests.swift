// formats/encryption.md against the code, both directions.

import MnemeBase
import MnemeModel
import MnemePages
import Testing

@testable import MnemeLog
@testable import MnemeStore

@Suite struct EncryptionPageTests {
    /// Draws the same number always.
    private struct Constant: Randomness {
        func next() -> UInt64 { 0x1111_1111_1111_1111 }
    }

    private let page: FormatPage
    private let identity = StoreIdentity(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
    private let salt = [UInt8](0xa0..<0xc0)
    private let vault: Vault
    private let master: MasterKey
    private let key: SecretKey

    init() throws {
        page = try FormatPage("encryption.md")
        master = try #require(MasterKey(bytes: [UInt8](0..<32)))
        key = try #require(SecretKey([UInt8](0x40..<0x60)))
        vault = Vault(key, identity: identity.high, identity.low, randomness: Constant())
    }

    @Test func theIdentityFileIsWrittenAndRead() throws {
        let head = IdentityFile.head(identity, isEncrypted: true)
        let wrapped = WrappedKey(key, under: master, salt: salt, head: head)
        let bytes = IdentityFile(identity, wrapped).bytes
        try page.expect(Array(bytes[..<128]), "wrapped")
        #expect(bytes.count == 2176)
        #expect(bytes[2056...].elementsEqual(bytes[8..<128]))
        #expect(bytes[128..<2056].allSatisfy { $0 == 0 })
        let read = try IdentityFile(try page.example("wrapped"))
        #expect(read == IdentityFile(identity, wrapped))
        #expect(read.wrapped?.open(with: master, head: head)?.fingerprint == key.fingerprint)
        let other = try #require(MasterKey(bytes: [UInt8](1..<33)))
        #expect(read.wrapped?.open(with: other, head: head) == nil)
    }

    @Test func aHeaderIsWrittenAndRead() throws {
        let header = SegmentHeader(
            identity: LogIdentity(high: identity.high, low: identity.low),
            number: 3,
            firstSequence: 100,
            byteCount: 4 << 20,
            salt: salt
        )
        let bytes = header.bytes
        try page.expect(Array(bytes[..<64]), "header")
        try page.expect(Array(bytes[128..<168]), "salt")
        #expect(bytes[2048..<2216].elementsEqual(bytes[..<168]))
        let zeros = [UInt8](repeating: 0, count: 2048)
        for index in 0..<168 where index < 64 || index >= 128 {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(SegmentHeader(damaged)?.salt == salt)
            #expect(SegmentHeader(Array(damaged[..<2048]) + zeros) == nil)
        }
    }

    @Test func aFrameIsEncipheredAndOpened() throws {
        let content = FrameContent(
            type: 17,
            schemaVersion: 1,
            owner: 1,
            keyID: 1,
            columns: Array("ann/work".utf8)
        )
        let cipher = vault.segment(3, salt: salt)
        let head = FrameHead(
            content,
            sequence: 101,
            time: 1_700_000_000_000_000,
            epoch: 0,
            incarnation: 2
        )
        var writer = ByteWriter()
        _ = head.append(content, segment: 3, sealing: FrameSealer(cipher, vault), to: &writer)
        try page.expect(writer.bytes, "owner")
        let shown = try page.example("owner")
        let place = LogPlace(segment: 3, offset: 4096)
        let read = Frame(try FrameHead(shown), verifying: shown, place: place, opening: cipher)
        #expect(read?.content.columns == content.columns)
        #expect(read?.content.vectors == [] && read?.content.body == [])
        let other = vault.segment(4, salt: salt)
        #expect(
            Frame(try FrameHead(shown), verifying: shown, place: place, opening: other) == nil
        )
    }
}
