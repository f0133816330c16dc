// AES-256-GCM and HKDF against published vectors, and what a cipher refuses.

import Testing

@testable import MnemeBase

@Suite struct CipherTests {
    /// A message of McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
    struct Vector: Sendable {
        var key: String
        var nonce: String
        var head: String
        var plain: String
        var sealed: String
        var tag: String
    }

    private static let zeros = String(repeating: "00", count: 32)
    private static let twice = String(
        repeating: "feffe9928665731c6d6a8f9467308308",
        count: 2
    )

    static let vectors = [
        Vector(
            key: zeros,
            nonce: "000000000000000000000000",
            head: "",
            plain: "",
            sealed: "",
            tag: "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        Vector(
            key: zeros,
            nonce: "000000000000000000000000",
            head: "",
            plain: "00000000000000000000000000000000",
            sealed: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"
        ),
        Vector(
            key: twice,
            nonce: "cafebabefacedbaddecaf888",
            head: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            plain: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ]

    static func bytes(_ digits: String) -> [UInt8] {
        let letters = Array(digits)
        return stride(from: 0, to: letters.count, by: 2).compactMap {
            UInt8(String(letters[$0...($0 + 1)]), radix: 16)
        }
    }

    private static func nonce(_ bytes: [UInt8]) throws -> Nonce {
        var reader = ByteReader(bytes)
        return Nonce(try reader.get(), try reader.get())
    }

    private static func cipher(_ digits: String) throws -> Cipher {
        Cipher(try #require(SecretKey(bytes(digits))))
    }

    /// What is sealed, and its tag.
    private static func seal(
        _ cipher: Cipher,
        _ plain: [UInt8],
        _ head: [UInt8],
        _ nonce: Nonce
    ) -> (sealed: [UInt8], tag: [UInt8]) {
        var sealed = plain
        var tag = [UInt8](repeating: 0, count: 16)
        unsafe sealed.withUnsafeMutableBytes { bytes in
            unsafe tag.withUnsafeMutableBytes { tag in
                unsafe head.withUnsafeBytes { head in
                    guard let tag = tag.baseAddress else { return }
                    unsafe cipher.seal(bytes, head: head, nonce, tag: tag)
                }
            }
        }
        return (sealed, tag)
    }

    private static func open(
        _ cipher: Cipher,
        _ sealed: [UInt8],
        _ head: [UInt8],
        _ nonce: Nonce,
        _ tag: [UInt8]
    ) -> [UInt8]? {
        // Room also where nothing is to be opened.
        var plain = [UInt8](repeating: 9, count: max(sealed.count, 1))
        let isOpen = unsafe sealed.withUnsafeBytes { bytes in
            unsafe tag.withUnsafeBytes { tag in
                unsafe head.withUnsafeBytes { head in
                    unsafe plain.withUnsafeMutableBytes { plain in
                        guard let tag = tag.baseAddress, let to = plain.baseAddress else {
                            return false
                        }
                        return unsafe cipher.open(
                            bytes,
                            head: head,
                            nonce,
                            tag: tag,
                            into: to
                        )
                    }
                }
            }
        }
        if !isOpen, !sealed.isEmpty {
            #expect(plain.allSatisfy { $0 == 0 }, "what does not open is wiped")
        }
        return isOpen ? Array(plain.prefix(sealed.count)) : nil
    }

    @Test(arguments: vectors)
    func publishedMessages(vector: Vector) throws {
        let cipher = try Self.cipher(vector.key)
        let nonce = try Self.nonce(Self.bytes(vector.nonce))
        let (plain, head) = (Self.bytes(vector.plain), Self.bytes(vector.head))
        let made = Self.seal(cipher, plain, head, nonce)
        #expect(made.sealed == Self.bytes(vector.sealed))
        #expect(made.tag == Self.bytes(vector.tag))
        #expect(Self.open(cipher, made.sealed, head, nonce, made.tag) == plain)
        // Again, by the same context, the other way round and back.
        #expect(Self.seal(cipher, plain, head, nonce) == made)
    }

    @Test func whatWasChangedDoesNotOpen() throws {
        let cipher = try Self.cipher(Self.twice)
        let (plain, head) = ([UInt8](0..<100), [UInt8](100..<164))
        let nonce = Nonce(7, 8)
        let made = Self.seal(cipher, plain, head, nonce)
        #expect(Self.open(cipher, made.sealed, head, nonce, made.tag) == plain)
        for place in 0..<(100 + 64 + 16) {
            var (sealed, head, tag) = (made.sealed, head, made.tag)
            if place < 100 {
                sealed[place] ^= 1
            } else if place < 164 {
                head[place - 100] ^= 0x80
            } else {
                tag[place - 164] ^= 4
            }
            #expect(Self.open(cipher, sealed, head, nonce, tag) == nil, "byte \(place)")
        }
        for other in [Nonce(6, 8), Nonce(7, 9)] {
            #expect(Self.open(cipher, made.sealed, head, other, made.tag) == nil)
        }
        let another = try Self.cipher(Self.zeros)
        #expect(Self.open(another, made.sealed, head, nonce, made.tag) == nil)
    }

    @Test func oneCipherServesManyThreads() async throws {
        let cipher = try Self.cipher(Self.twice)
        await withTaskGroup(of: Bool.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { round in
                        let plain = [UInt8](repeating: UInt8(thread), count: round * 7)
                        let nonce = Nonce(UInt64(thread), UInt32(round))
                        let made = Self.seal(cipher, plain, [1, 2], nonce)
                        return Self.open(cipher, made.sealed, [1, 2], nonce, made.tag) == plain
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    /// RFC 5869, appendix A.
    @Test func publishedDerivations() {
        let ones = [UInt8](repeating: 0x0b, count: 22)
        #expect(
            KeyDerivation.bytes(
                from: ones,
                salt: [UInt8](0...12),
                info: [UInt8](0xf0...0xf9),
                count: 42
            )
                == Self.bytes(
                    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                        + "34007208d5b887185865"
                )
        )
        #expect(
            KeyDerivation.bytes(
                from: [UInt8](0...0x4f),
                salt: [UInt8](0x60...0xaf),
                info: [UInt8](0xb0...0xff),
                count: 82
            )
                == Self.bytes(
                    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                        + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                        + "cc30c58179ec3e87c14c01d5c1f3434f1d87"
                )
        )
        #expect(
            KeyDerivation.bytes(from: ones, salt: [], info: [], count: 42)
                == Self.bytes(
                    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                        + "9d201395faa4b61a96c8"
                )
        )
    }

    @Test func keysFollowFromSaltAndInfo() throws {
        let key = try #require(SecretKey([UInt8](0..<32)))
        let same = key.derived(salt: [1], info: [2])
        #expect(same.fingerprint == key.derived(salt: [1], info: [2]).fingerprint)
        #expect(same.fingerprint != key.derived(salt: [1], info: [3]).fingerprint)
        #expect(same.fingerprint != key.derived(salt: [2], info: [2]).fingerprint)
        #expect(SecretKey([UInt8](0..<31)) == nil)
        #expect(SecretKey([UInt8](0..<33)) == nil)
    }
}
