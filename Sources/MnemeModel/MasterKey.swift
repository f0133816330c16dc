// The key that a store's own key is kept under. It is no part of the store.
// Format: formats/encryption.md#keys.

package import MnemeBase

/// A master key: 32 bytes, kept apart from the store that it opens.
///
/// It is wiped from memory when its last copy goes, and is never printed.
public struct MasterKey: Sendable {
    /// Bytes of a key.
    public static let byteCount = SecretKey.byteCount

    /// What is opened with it.
    package let secret: SecretKey

    private init(_ secret: SecretKey) { self.secret = secret }

    /// A key of its bytes, nil where there are not exactly 32.
    public init?(bytes: [UInt8]) {
        guard let secret = SecretKey(bytes) else { return nil }
        self.secret = secret
    }

    /// A key of 64 hexadecimal digits, nil for anything else.
    public init?(hexadecimal: String) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for letter in hexadecimal.utf8 {
            guard let digit = Self.digit(letter) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { return nil }
        self.init(bytes: bytes)
    }

    /// The key that a key file holds, nil where it is none.
    ///
    /// 32 bytes, or 64 hexadecimal digits and at most one line end.
    public init?(fileBytes: [UInt8]) {
        if let key = MasterKey(bytes: fileBytes) {
            self = key
            return
        }
        var text = fileBytes[...]
        if text.last == 10 { text = text.dropLast() }
        if text.last == 13 { text = text.dropLast() }
        self.init(hexadecimal: String(decoding: text, as: UTF8.self))
    }

    /// A fresh key, drawn from the system's generator.
    public static func make() -> MasterKey {
        MasterKey(SecretKey(drawnFrom: RealRandomness()))
    }

    /// Its digits and a line end, as a key file holds them.
    package var fileBytes: [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = unsafe secret.withBytes { unsafe Array($0) }
        return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] } + [10]
    }

    private static func digit(_ letter: UInt8) -> UInt8? {
        switch letter {
        case 48...57: letter - 48
        case 97...102: letter - 87
        case 65...70: letter - 55
        default: nil
        }
    }
}

extension MasterKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Nothing of the key.
    public var description: String { "a master key" }
    /// Nothing of the key.
    public var debugDescription: String { description }
    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
