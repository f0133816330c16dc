// The store key as it stands in the identity file: enciphered under a key that follows from the
// master key. Format: formats/encryption.md#identity-file.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages

/// A store key that only the master key opens.
struct WrappedKey: Equatable {
    static let saltCount = 32

    /// What the wrapping key follows from beside the master key.
    let salt: [UInt8]
    /// The store key, enciphered.
    let sealed: [UInt8]
    let tag: [UInt8]

    /// As it was read.
    init(salt: [UInt8], sealed: [UInt8], tag: [UInt8]) {
        (self.salt, self.sealed, self.tag) = (salt, sealed, tag)
    }

    /// Wraps a store key; `head` is what stands before it in the file.
    init(_ key: SecretKey, under master: MasterKey, salt: [UInt8], head: [UInt8]) {
        let wrapped = Self.cipher(master, salt, head).seal(key, head: head)
        self.init(salt: salt, sealed: wrapped.sealed, tag: wrapped.tag)
    }

    /// The store key; nil when the master key is another one, or the bytes were changed.
    func open(with master: MasterKey, head: [UInt8]) -> SecretKey? {
        Self.cipher(master, salt, head).open(sealed, head: head, tag: tag)
    }

    /// `head` ends with the identity.
    private static func cipher(_ master: MasterKey, _ salt: [UInt8], _ head: [UInt8]) -> Cipher {
        let info = Array("mneme master".utf8) + head.suffix(16)
        return Cipher(master.secret.derived(salt: salt, info: info))
    }
}
