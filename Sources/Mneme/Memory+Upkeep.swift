// Candidates for somebody's judgement, a page at a time. The memories of a scope are gone through
// by key, so that a page goes on where the one before ended, whatever was changed meanwhile.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// A page of candidates.
    ///
    /// - Throws: `.missingRole`, `.unknownCollection`, `.badOwner`; `.badRequest` for numbers out
    ///   of their bounds.
    /// - Complexity: O(memories looked at), each a search of the owner's where two are compared.
    func candidates(_ upkeep: Upkeep) throws(MnemeError) -> Candidates {
        guard (1...CandidateSearch.mostItems).contains(upkeep.limit) else {
            throw MnemeError(
                .badRequest,
                "the limit is \(upkeep.limit); give a number from 1 to "
                    + "\(CandidateSearch.mostItems)"
            )
        }
        for (name, number) in [("near", upkeep.near ?? 0), ("below", upkeep.below)]
        where !(0...1).contains(number) {
            throw MnemeError(.badRequest, "\(name) is \(number); give a number from 0 to 1")
        }
        var search = try CandidateSearch(upkeep, store.snapshot(), embedder)
        return try search.run()
    }
}

/// One page.
struct CandidateSearch {
    /// From what cosine on two memories are about the same.
    static let nearEnough = 0.8
    static let mostItems = 1000
    /// So many memories are looked at for a page.
    private static let mostLooked = 2048

    private let upkeep: Upkeep
    private let snapshot: Snapshot
    private let collection: CollectionEntry
    private let resemblance: Resemblance
    private var items: [Candidates.Item] = []

    init(
        _ upkeep: Upkeep,
        _ snapshot: Snapshot,
        _ embedder: StaticEmbedder?
    ) throws(MnemeError) {
        self.upkeep = upkeep
        self.snapshot = snapshot
        collection = try snapshot.catalog.collection(upkeep.collection)
        resemblance = Resemblance(
            snapshot: snapshot,
            collection: collection,
            embedder: embedder
        )
        _ = try snapshot.scope(of: upkeep.owner, collection)
        if upkeep.kind != .unlinked, upkeep.kind != .fading, vectorField == nil {
            throw MnemeError(
                .missingRole,
                "collection \"\(upkeep.collection)\" has no field of vectors by which memories "
                    + "could be compared; define one"
            )
        }
        if upkeep.kind == .contradictions, collection.schema.roles.text == nil {
            throw MemoryLayout.missing("text", collection.schema)
        }
    }

    /// The vectors by which memories are compared: the caller's, or else the embedder's.
    private var vectorField: String? {
        let names = collection.schema.fields.compactMap { field -> String? in
            if case .vector = field.type { field.name } else { nil }
        }
        return names.first { $0 != MemoryLayout.meaning } ?? names.first
    }

    mutating func run() throws(MnemeError) -> Candidates {
        var after = upkeep.after
        var looked = 0
        while items.count < upkeep.limit, looked < Self.mostLooked {
            let page = try page(after: after)
            for record in page {
                looked += 1
                after = record.reference.key
                try look(at: record)
                if items.count >= upkeep.limit || looked == Self.mostLooked { break }
            }
            if page.count < Self.pageSize, after == page.last?.reference.key || page.isEmpty {
                after = Key?.none
                break
            }
        }
        return Candidates(
            kind: upkeep.kind,
            items: items,
            looked: looked,
            next: after,
            sequence: snapshot.sequence
        )
    }

    private static let pageSize = 256

    /// The memories behind a key, by key.
    private func page(after key: Key?) throws(MnemeError) -> [Record] {
        var filter: Filter?
        if let key { filter = .compare(field: "$key", .gt(key.value)) }
        let comparesVectors = upkeep.kind == .duplicates || upkeep.kind == .contradictions
        let find = Find(
            upkeep.collection,
            owner: upkeep.owner,
            where: filter,
            order: [Order("$key")],
            limit: Self.pageSize,
            select: comparesVectors ? nil : plainFields
        )
        return try snapshot.find(find).rows.map(\.record)
    }

    /// Every field but vectors.
    private var plainFields: [Projection] {
        collection.schema.fields.compactMap { field in
            if case .vector = field.type { return nil }
            return Projection(stringLiteral: field.name)
        }
    }

    private mutating func look(at record: Record) throws(MnemeError) {
        let roles = collection.schema.roles
        guard record.isTrue(at: snapshot.instant, roles) else { return }
        switch upkeep.kind {
        case .duplicates:
            try compare(record, least: upkeep.near ?? 0.95) { _, _ in true }
        case .contradictions:
            guard let text = roles.text else { return }
            let plain = Resemblance.folded(record[text].text ?? "")
            try compare(record, least: upkeep.near ?? Self.nearEnough) { _, other in
                Resemblance.folded(other[text].text ?? "") != plain
            }
        case .fading:
            let ordinal = try snapshot.ordinal(record.reference)
            let access = try ordinal.flatMapThrowing { (one) throws(MnemeError) in
                try snapshot.access(of: one)
            }
            let strength = MemoryStrength(record, roles, access, now: snapshot.instant)
            guard !strength.isPinned, strength.value < upkeep.below else { return }
            items.append(Candidates.Item([record], score: strength.value))
        case .unlinked:
            if !record[roles.session].isNull { return }
            if case .array(let names) = record[roles.sources], !names.isEmpty { return }
            guard try snapshot.edges(of: record.reference, .both, types: nil).isEmpty else {
                return
            }
            items.append(Candidates.Item([record], score: 0))
        }
    }

    /// Adds the pairs of a memory with those that come behind it by key, so that each is told once.
    private mutating func compare(
        _ record: Record,
        least: Double,
        _ isOne: (Record, Record) -> Bool
    ) throws(MnemeError) {
        guard let field = vectorField, case .vector(let vector) = record[field] else { return }
        let hits = try resemblance.hits(
            field,
            vector,
            owner: record[collection.schema.roles.owner].text ?? "",
            least: least,
            without: [record.reference.key]
        )
        for hit in hits where Self.isBefore(record.reference.key, hit.record.reference.key) {
            guard items.count < upkeep.limit else { return }
            guard isOne(record, hit.record) else { continue }
            var first = record
            for field in collection.schema.fields {
                if case .vector = field.type { first.fields.removeValue(forKey: field.name) }
            }
            items.append(Candidates.Item([first, hit.record], score: hit.score))
        }
    }

    /// Whether a key stands before another; both are of the same kind.
    private static func isBefore(_ left: Key, _ right: Key) -> Bool {
        switch (left, right) {
        case (.int(let one), .int(let other)): one < other
        default:
            Array(left.description.utf8).lexicographicallyPrecedes(
                Array(right.description.utf8)
            )
        }
    }
}

extension Optional {
    fileprivate func flatMapThrowing<Result, Failure: Error>(
        _ body: (Wrapped) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        guard let self else { return nil }
        return try body(self)
    }
}
