// Text as keys see it: NFC, so that texts that are canonically equivalent are one key.
//
// The composition is the standard library's (`String._nfc`, an SPI that swift-foundation uses too);
// its Unicode version is the toolchain's. Normal forms of assigned characters never change between
// versions; a character that this version does not know is left as it is.

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
}
