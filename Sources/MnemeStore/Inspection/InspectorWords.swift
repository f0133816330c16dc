// What numbers and keys of a state are called: collections, edge types, indexes, owners, records.

internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// Words for what stands in the pages of a state.
struct InspectorWords: Sendable {
    private let reader: StateReader

    init(_ reader: StateReader) { self.reader = reader }

    private var catalog: Catalog { reader.state.catalog }

    /// A collection or an edge type by its number.
    func kind(_ number: UInt16) -> String {
        if let collection = catalog.collection(number: number) { return collection.schema.name }
        if let type = catalog.edgeType(number: number) { return type.type.name }
        return "number \(number)"
    }

    /// What a kind of page holds.
    func kind(_ kind: UInt8) -> String {
        switch kind {
        case 0x10: "ordinals"
        case 0x11: "head of a vector index"
        case 0x12: "codes of a graph"
        case 0x13: "links of a graph"
        default: "kind \(kind)"
        }
    }

    /// An owner by his number.
    func owner(_ number: UInt32) -> String {
        if number == 0 { return "none" }
        let path = try? onTree { () throws(TreeError) in
            try reader.state.tree.value(StoreKeys.ownerName(number), in: reader.view)
        }
        guard let path else { return "owner \(number)" }
        return "owner \(number), \(quoted(String(decoding: path, as: UTF8.self)))"
    }

    /// The record or the edge of an ordinal.
    func what(_ ordinal: UInt64) -> String {
        guard let entry = try? reader.entry(ordinal) else {
            return "ordinal \(ordinal), which is gone"
        }
        let ended = entry.death == OrdinalEntry.forever ? "" : ", ended"
        if entry.flags & OrdinalFlags.edge != 0 {
            return "edge \(ordinal) of type \(kind(entry.collection))\(ended)"
        }
        guard let reference = try? reader.reference(ordinal) else {
            return "a record of \(kind(entry.collection))\(ended)"
        }
        return "\(reference)\(ended)"
    }

    /// A row on an ordinal of a page.
    func row(_ ordinal: UInt64, _ page: InspectedPage) -> [Value] {
        let start = OrdinalTable.offset(ordinal)
        let death = page.number(start + 16, UInt64.self)
        return [
            Value(ordinal), .text(what(ordinal)), Value(page.number(start + 8, UInt64.self)),
            death == OrdinalEntry.forever ? .null : Value(death),
            .text(place(page.number(start, UInt64.self))),
        ]
    }

    /// Where a frame stands.
    func place(_ bits: UInt64) -> String {
        if bits == 0 { return "nowhere" }
        let (segment, offset) = LogInspector.parts(ofPlace: bits)
        let packed = bits >> 63 == 1 ? ", frame \(bits >> 24 & 0x3ff) of a pack" : ""
        return "log/\(LogInspector.name(of: segment)) at \(offset)\(packed)"
    }

    var ordinalWords: OrdinalWords {
        OrdinalWords(
            place: place,
            owner: owner,
            collection: { kind($0) },
            flags: { flags in
                var words: [String] = []
                if flags & OrdinalFlags.edge != 0 { words.append("an edge") }
                if flags & OrdinalFlags.archived != 0 { words.append("archived") }
                return words.isEmpty ? "a record" : words.joined(separator: ", ")
            }
        )
    }

    // MARK: Keys

    /// What a key of the tree means.
    func key(_ bytes: [UInt8]) -> String {
        var key = KeyReader(bytes)
        guard let (collection, index) = try? key.getIndex() else { return "part of a key" }
        let rest = Array(bytes[min(4, bytes.count)...])
        if collection == 0 {
            switch index {
            case 1: return "number of the owner \(quoted(String(decoding: rest, as: UTF8.self)))"
            case 2: return "path of owner \((try? key.getOrdinal()).map { "\($0)" } ?? "?")"
            case 3: return "expiry " + parts(&key)
            default: return "the store's own, index \(index)"
            }
        }
        let name = kind(collection)
        switch index {
        case 0: return "\(name): key " + parts(&key, endsInOrdinal: false)
        case 32_768:
            return "\(name): usage of owner \((try? key.getOrdinal()).map { "\($0)" } ?? "?")"
        default: return "\(name): \(indexName(collection, index)) " + parts(&key)
        }
    }

    private func indexName(_ collection: UInt16, _ index: UInt16) -> String {
        let entry = catalog.collection(number: collection)
        if let found = entry?.indexes.first(where: { $0.number == index }) {
            return "index \(found.index.name)"
        }
        return "index \(index)"
    }

    /// The fields of a key, and the ordinal that ends it.
    private func parts(_ key: inout KeyReader, endsInOrdinal: Bool = true) -> String {
        var words: [String] = []
        while key.remaining > (endsInOrdinal ? 8 : 0) {
            guard let field = try? key.getField() else {
                words.append("…")
                return words.joined(separator: ", ")
            }
            words.append(shown(field))
        }
        if endsInOrdinal, let ordinal = try? key.getOrdinal() { words.append("ordinal \(ordinal)") }
        return words.joined(separator: ", ")
    }

    private func shown(_ field: KeyField) -> String {
        switch field {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .number(let number, let excess): excess == 0 ? "\(number)" : "\(number) and \(excess)"
        case .instant(let instant): Instant(microseconds: instant).description
        case .date(let day): "day \(day)"
        case .uuid(let high, let low): Hexadecimal.word(high) + Hexadecimal.word(low)
        case .text(let text): quoted(text)
        case .bytes(let bytes): "\(bytes.count) bytes"
        }
    }

    /// What stands under a key.
    func value(_ key: [UInt8], _ bytes: [UInt8]) -> String {
        guard key.starts(with: [0, 0]) == false || key.count < 4 || key[3] != 2 else {
            return quoted(String(decoding: bytes, as: UTF8.self))
        }
        guard bytes.count >= 8 else { return "\(bytes.count) bytes" }
        let number = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let more = bytes.count > 8 ? ", and \(bytes.count - 8) bytes beside it" : ""
        return key.starts(with: [0, 0]) && key.count > 3 && key[3] == 1
            ? "owner \(number)" : "ordinal \(number)\(more)"
    }
}
