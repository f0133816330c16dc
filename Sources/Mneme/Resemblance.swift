// Which memories of an owner say nearly the same as a text: by a vector of the caller's, by the
// built-in embedder's, or where there is neither, by the text itself.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

/// Looks for memories that are similar.
struct Resemblance {
    let snapshot: Snapshot
    let collection: CollectionEntry
    let embedder: StaticEmbedder?
    /// How many are told at most.
    static let limit = 8
    /// How many are looked at when others than the owner's are among them.
    private static let reach = 64

    /// A memory that is similar, and what it is.
    struct Hit {
        let ordinal: UInt64
        let record: Record
        let score: Double
    }

    /// The field and vector by which memories are compared; nil where there is none.
    func question(_ memory: Remember, _ plan: RememberPlan) -> (field: String, vector: [Float])? {
        if let given = memory.vectors.min(by: { $0.key < $1.key }) {
            return (given.key, given.value)
        }
        guard let embedder, MemoryLayout.isEmbedded(collection.schema, by: embedder),
            let vector = plan.vector(of: memory)
        else { return nil }
        return (MemoryLayout.meaning, vector)
    }

    /// Those of the owner alone that are true now and not put aside, the nearest first.
    ///
    /// - Throws: as `find`.
    func hits(
        _ field: String,
        _ vector: [Float],
        owner: String,
        least: Double,
        without own: Set<Key> = []
    ) throws(MnemeError) -> [Hit] {
        let scope = try snapshot.scope(of: owner.isEmpty ? nil : owner, collection)
        if case .nobody = scope { return [] }
        let answer = try snapshot.nearestRecords(
            Near(field, vector),
            collection,
            scope,
            limit: Self.reach,
            filter: try standing()
        )
        var hits: [Hit] = []
        for hit in answer.hits {
            if Double(hit.score) < least || hits.count == Self.limit { break }
            guard let record = try record(hit.ordinal, owner), !own.contains(record.reference.key)
            else { continue }
            hits.append(Hit(ordinal: hit.ordinal, record: record, score: Double(hit.score)))
        }
        return hits
    }

    /// Those of the owner alone whose text is the same but for case and spaces.
    func hits(text: String, owner: String) throws(MnemeError) -> [Hit] {
        guard let field = collection.schema.roles.text,
            collection.texts.contains(where: { $0.name == field })
        else { return [] }
        let scope = try snapshot.scope(of: owner.isEmpty ? nil : owner, collection)
        if case .nobody = scope { return [] }
        let found = try snapshot.matchingRecords(
            Match(field, text),
            collection,
            scope,
            limit: Self.reach,
            filter: try standing()
        )
        let plain = Self.folded(text)
        var hits: [Hit] = []
        for hit in found {
            guard let record = try record(hit.ordinal, owner),
                let other = record[field].text, Self.folded(other) == plain
            else { continue }
            hits.append(Hit(ordinal: hit.ordinal, record: record, score: 1))
            if hits.count == Self.limit { break }
        }
        return hits
    }

    /// Holds for what is not put aside; nil where nothing ever is.
    private func standing() throws(MnemeError) -> Filter? {
        guard let filter = try collection.filter(nil, seeing: Sight()) else { return nil }
        return try collection.checked(filter)
    }

    /// A record of the owner's that is true now.
    private func record(_ ordinal: UInt64, _ owner: String) throws(MnemeError) -> Record? {
        guard let record = try snapshot.recordWithoutVectors(ordinal, collection),
            record.isTrue(at: snapshot.instant, collection.schema.roles)
        else { return nil }
        guard let field = collection.schema.roles.owner else { return record }
        return (record[field].text ?? "") == owner ? record : nil
    }

    /// A text but for case and spaces; most are ASCII, which takes little time.
    static func folded(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var isBehindSpace = true
        for byte in text.utf8 {
            switch byte {
            case 0x80...:
                return text.lowercased().split(whereSeparator: \.isWhitespace)
                    .joined(separator: " ")
            case 0x09...0x0d, 0x20:
                if !isBehindSpace { bytes.append(0x20) }
                isBehindSpace = true
                continue
            case 0x41...0x5a: bytes.append(byte | 0x20)
            default: bytes.append(byte)
            }
            isBehindSpace = false
        }
        if isBehindSpace, !bytes.isEmpty { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The cosine of two vectors.
    static func cosine(_ left: [Float], _ right: [Float]) -> Double {
        guard left.count == right.count else { return -1 }
        var (dot, ours, theirs) = (0.0, 0.0, 0.0)
        for (one, other) in zip(left, right) {
            dot += Double(one) * Double(other)
            ours += Double(one) * Double(one)
            theirs += Double(other) * Double(other)
        }
        let length = (ours * theirs).squareRoot()
        return length > 0 ? dot / length : -1
    }
}

extension Record {
    /// Whether what it says is true at an instant.
    func isTrue(at instant: Instant, _ roles: Roles) -> Bool {
        if let from = roles.validFrom, case .instant(let begin) = self[from], instant < begin {
            return false
        }
        if let to = roles.validTo, case .instant(let end) = self[to], end <= instant {
            return false
        }
        return true
    }

    subscript(_ role: String?) -> Value { role.map { self[$0] } ?? .null }
}
