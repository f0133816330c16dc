// The columns of a store's frames for people who look into them. Format: formats/store.md#frames.

package import MnemeBase
internal import MnemeLog

/// Frames of a store, in words.
package enum FrameWords {
    /// What a type of frames is called.
    package static func name(of type: UInt8) -> String {
        switch type {
        case LogFrameType.commit: "commit"
        case LogFrameType.close: "close"
        case 3: "dictionary"
        case 4: "pack"
        case StoreFrameType.schema: "schema"
        case StoreFrameType.owner: "owner"
        case StoreFrameType.put: "put"
        case StoreFrameType.delete: "delete"
        case StoreFrameType.link: "link"
        case StoreFrameType.unlink: "unlink"
        case StoreFrameType.summary: "summary"
        case StoreFrameType.narrowErase, StoreFrameType.erase: "erase"
        case StoreFrameType.fork: "fork"
        case StoreFrameType.withdrawal: "withdrawal"
        default: "type \(type)"
        }
    }

    /// The columns of a frame, byte by byte.
    package static func columns(of type: UInt8, _ bytes: [UInt8], at offset: Int) -> [ByteNote] {
        var notes = ByteNotes(bytes, at: offset)
        switch type {
        case LogFrameType.commit, LogFrameType.close:
            return LogInspector.columns(bytes, at: offset)
        case StoreFrameType.owner:
            notes.run("path", count: bytes.count) { String(decoding: $0, as: UTF8.self) }
        case StoreFrameType.put: put(&notes)
        case StoreFrameType.delete, StoreFrameType.link, StoreFrameType.unlink,
            StoreFrameType.narrowErase:
            plain(&notes)
        default: break
        }
        notes.run("columns", count: notes.remaining) { "\($0.count) bytes" }
        return notes.notes
    }

    /// One line on what the columns of a frame say.
    package static func summary(of type: UInt8, _ bytes: [UInt8]) -> String {
        switch type {
        case StoreFrameType.put:
            guard let columns = try? PutColumns(bytes) else { return "" }
            return "ordinal \(columns.ordinal), collection \(columns.collection), key "
                + "\(columns.key)"
        case StoreFrameType.delete, StoreFrameType.link, StoreFrameType.unlink:
            guard let columns = try? PlainColumns(bytes) else { return "" }
            let ends = columns.from == 0 ? "" : ", from \(columns.from) to \(columns.to)"
            return "ordinal \(columns.ordinal), kind \(columns.kind)\(ends)"
        case StoreFrameType.owner: return String(decoding: bytes, as: UTF8.self)
        case LogFrameType.commit:
            let count = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            return "ends a batch of \(count)"
        default: return ""
        }
    }

    private static func put(_ notes: inout ByteNotes) {
        notes.number("ordinal", UInt64.self)
        notes.number("previous", UInt64.self, place)
        notes.number("expiry", Int64.self) { $0 == .max ? "never" : "\($0) µs since 1970" }
        notes.number("collection", UInt16.self) { "number \($0)" }
        notes.number("key kind", UInt8.self) { $0 == 1 ? "text" : $0 == 2 ? "int" : "uuid" }
        let vectors = Int(notes.number("vector count", UInt8.self))
        let keyCount = Int(notes.number("key count", UInt16.self) { "\($0) bytes" })
        notes.number("reserved", UInt16.self) { _ in "zero" }
        for _ in 0..<vectors {
            notes.number("vector field", UInt16.self) { "field \($0)" }
            notes.number("element", UInt8.self)
            notes.number("reserved", UInt8.self) { _ in "zero" }
            notes.number("dimension", UInt32.self)
        }
        notes.run("key", count: keyCount) { bytes in
            String(validating: bytes, as: UTF8.self) ?? "\(bytes.count) bytes"
        }
    }

    private static func plain(_ notes: inout ByteNotes) {
        notes.number("ordinal", UInt64.self)
        notes.number("previous", UInt64.self, place)
        notes.number("from", UInt64.self) { $0 == 0 ? "none" : "ordinal \($0)" }
        notes.number("to", UInt64.self) { $0 == 0 ? "none" : "ordinal \($0)" }
        notes.number("kind", UInt16.self) { "collection or edge type \($0)" }
    }

    private static func place(_ bits: UInt64) -> String {
        if bits == 0 { return "none: it is the first version" }
        let (segment, offset) = LogInspector.parts(ofPlace: bits)
        return "log/\(LogInspector.name(of: segment)) at \(offset)"
    }
}
