// Text as keys see it: NFC, so that texts that are canonically equivalent are one key; folded where
// an index takes texts that differ in case alone as one.
//
// The composition is the standard library's (`String._nfc`, an SPI that swift-foundation uses too);
// its Unicode version is the toolchain's. Normal forms of assigned characters never change between
// versions; a character that this version does not know is left as it is. Format: formats/keys.md.

@_spi(_Unicode) internal import Swift

/// Normal forms.
package enum KeyText {
    /// The UTF-8 bytes of the text in NFC.
    ///
    /// - Complexity: O(bytes); text without characters from U+0300 on is only copied.
    package static func normalized(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        // Below U+0300, whose first byte is 0xCC, everything is in NFC.
        if bytes.allSatisfy({ $0 < 0xcc }) { return bytes }
        var normalized: [UInt8] = []
        normalized.reserveCapacity(bytes.count)
        for scalar in text._nfc { normalized.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
        return normalized
    }

    /// The text without its case: of each character of the NFC the lower case of its upper case, in
    /// NFC again.
    ///
    /// Both are the full mappings of the Unicode Character Database without those of a language or
    /// a context, so ß and ss are one, and so are σ and ς.
    ///
    /// - Complexity: O(bytes).
    package static func folded(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for index in bytes.indices where (0x41...0x5a).contains(bytes[index]) {
                bytes[index] |= 0x20
            }
            return bytes
        }
        var folded = ""
        for scalar in text._nfc {
            for upper in scalar.properties.uppercaseMapping.unicodeScalars {
                folded += upper.properties.lowercaseMapping
            }
        }
        return normalized(folded)
    }
}
