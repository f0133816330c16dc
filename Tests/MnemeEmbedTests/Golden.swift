// Reads Golden/tokens.txt: a JSON string in ASCII, a tab, token numbers. The file lies beside this
// source, so no bundle is needed.

import Glibc
import MnemeBase

@testable import MnemeEmbed

enum Golden {
    struct Malformed: Error {
        let line: Int
    }

    static func read() throws -> [(text: String, tokens: [Token])] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let file = try RealDisk().open("/\(folder)/Golden/tokens.txt", .read)
        let bytes = try file.read(at: 0, count: Int(try file.byteCount()))
        try file.close()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return try lines.enumerated().map { number, line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count == 2, let text = unquoted(parts[0]) else {
                throw Malformed(line: number + 1)
            }
            return (text, parts[1].split(separator: " ").compactMap { Token($0) })
        }
    }

    /// A JSON string without its quotes and escapes; surrogate pairs are joined.
    private static func unquoted(_ written: Substring) -> String? {
        var units: [UInt16] = []
        var rest = Array(written.utf8.dropFirst().dropLast())[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                units.append(UInt16(byte))
                continue
            }
            guard let escape = rest.popFirst() else { return nil }
            switch escape {
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF8.self)
                guard let unit = UInt16(digits, radix: 16) else { return nil }
                units.append(unit)
                rest = rest.dropFirst(4)
            default: units.append(UInt16(escape))
            }
        }
        return String(decoding: units, as: UTF16.self)
    }
}
