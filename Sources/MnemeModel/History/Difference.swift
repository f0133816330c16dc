// What of a version differs from the next one, kept so that the older comes back from the newer. Of
// a long text that was changed in one place, only that place is kept. The bytes:
// formats/history.md.

package import MnemeBase

/// What turns the fields of a version into those of the version before.
package struct Difference: Hashable, Sendable {
    /// What becomes of one field.
    package enum Part: Hashable, Sendable {
        /// It had this value.
        case value(Value)
        /// It had none.
        case none
        /// It was a text that begins with so many bytes of the newer one, ends with so many of its
        /// last bytes, and had this between.
        case middle(prefix: Int, String, suffix: Int)
    }

    /// The fields that differ, by name.
    package var parts: [String: Part]

    /// A difference of its parts.
    package init(parts: [String: Part] = [:]) { self.parts = parts }

    /// What turns `newer` into `older`.
    ///
    /// - Complexity: O(size of both).
    package init(from newer: [String: Value], to older: [String: Value]) {
        parts = [:]
        for (name, value) in older where newer[name] != value {
            parts[name] = .value(value)
            if case .text(let new)? = newer[name], case .text(let old) = value,
                let middle = Self.middle(new, old)
            {
                parts[name] = middle
            }
        }
        for name in newer.keys where older[name] == nil { parts[name] = Part.none }
    }

    /// The fields that `newer` had before.
    ///
    /// - Returns: nil where the difference is none of these fields.
    /// - Complexity: O(size of the fields).
    package func applied(to newer: [String: Value]) -> [String: Value]? {
        var fields = newer
        for (name, part) in parts {
            switch part {
            case .value(let value): fields[name] = value
            case .none: fields.removeValue(forKey: name)
            case .middle(let prefix, let text, let suffix):
                guard case .text(let new)? = newer[name] else { return nil }
                let bytes = Array(new.utf8)
                guard prefix >= 0, suffix >= 0, prefix <= bytes.count - suffix else { return nil }
                let old = bytes[..<prefix] + Array(text.utf8) + bytes[(bytes.count - suffix)...]
                guard let old = String(validating: old, as: UTF8.self) else { return nil }
                fields[name] = .text(old)
            }
        }
        return fields
    }

    /// What the two texts do not share, where that is worth the trouble.
    private static func middle(_ new: String, _ old: String) -> Part? {
        let (new, old) = (Array(new.utf8), Array(old.utf8))
        let shorter = min(new.count, old.count)
        var prefix = 0
        while prefix < shorter, new[prefix] == old[prefix] { prefix += 1 }
        // A letter is not cut: what is between must be text by itself.
        while prefix > 0, prefix < old.count, old[prefix] & 0xc0 == 0x80 { prefix -= 1 }
        while prefix > 0, prefix < new.count, new[prefix] & 0xc0 == 0x80 { prefix -= 1 }
        var suffix = 0
        while suffix < shorter - prefix, new[new.count - 1 - suffix] == old[old.count - 1 - suffix] {
            suffix += 1
        }
        while suffix > 0, old[old.count - suffix] & 0xc0 == 0x80 { suffix -= 1 }
        guard prefix + suffix >= 16 else { return nil }
        let between = old[prefix..<(old.count - suffix)]
        guard let text = String(validating: between, as: UTF8.self) else { return nil }
        return .middle(prefix: prefix, text, suffix: suffix)
    }
}

extension Difference {
    /// The bytes: formats/history.md.
    ///
    /// - Throws: as `Value.cbor`.
    package func encoded() throws(CBORError) -> [UInt8] {
        var members: [String: Value] = [:]
        for (name, part) in parts {
            switch part {
            case .value(let value): members[name] = [value]
            case .none: members[name] = []
            case .middle(let prefix, let text, let suffix):
                members[name] = [.int(Int64(prefix)), .text(text), .int(Int64(suffix))]
            }
        }
        return try Value.map(members).cbor()
    }

    /// Reads the bytes.
    ///
    /// - Returns: nil where they are no difference.
    package init?(_ bytes: [UInt8]) {
        guard case .map(let members)? = try? Value(cbor: bytes) else { return nil }
        parts = [:]
        for (name, value) in members {
            guard case .array(let values) = value else { return nil }
            switch values.count {
            case 0: parts[name] = Part.none
            case 1: parts[name] = .value(values[0])
            case 3:
                guard let prefix = values[0].int, let text = values[1].text,
                    let suffix = values[2].int, let prefix = Int(exactly: prefix),
                    let suffix = Int(exactly: suffix)
                else { return nil }
                parts[name] = .middle(prefix: prefix, text, suffix: suffix)
            default: return nil
            }
        }
    }
}
