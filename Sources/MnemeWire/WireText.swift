// Texts and byte strings of hello and welcome: a u16 count and the bytes.

internal import MnemeBase

extension ByteWriter {
    /// Appends a count and bytes.
    ///
    /// - Precondition: at most 65,535 bytes.
    mutating func put(counted bytes: [UInt8]) {
        put(UInt16(bytes.count))
        put(bytes)
    }

    /// Appends a count and UTF-8, cut to at most `limit` bytes at the end of a scalar.
    mutating func put(counted text: String, limit: Int) {
        put(counted: Array(text.cut(toUTF8: limit).utf8))
    }
}

extension ByteReader {
    /// Reads a count and bytes; nil when there are more than `limit`, or fewer than counted.
    mutating func counted(limit: Int) -> [UInt8]? {
        guard let count: UInt16 = try? get(), Int(count) <= limit else { return nil }
        return try? get(count: Int(count))
    }

    /// Reads a count and UTF-8; nil where it is not.
    mutating func countedText(limit: Int) -> String? {
        counted(limit: limit).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

extension String {
    /// The longest beginning of at most `limit` bytes of UTF-8 that ends with a scalar.
    func cut(toUTF8 limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var kept = String.UnicodeScalarView()
        var left = limit
        for scalar in unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
