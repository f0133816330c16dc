// The quotas of a collection, made ready for the writer: by what they speak of, and within that the
// longest path first.

internal import MnemeModel
internal import MnemeTree

/// The quotas of a collection.
struct QuotaBook: Sendable {
    /// Quotas that speak of the same.
    struct Chapter: Sendable {
        let subject: Quota.Subject
        /// The field of whose values each is bounded by itself, and the place of the index that
        /// finds them.
        let field: (number: UInt16, index: Int)?
        fileprivate var rules: [(path: [UInt8], quota: Quota)]

        /// The one that counts for an owner; nil where none does.
        ///
        /// `path`: in normal form, empty for nobody.
        func quota(of path: [UInt8]) -> Quota? {
            rules.first { rule in
                rule.path.isEmpty || rule.path == path
                    || path.starts(with: rule.path) && path[rule.path.count] == UInt8(ascii: "/")
            }?.quota
        }
    }

    let chapters: [Chapter]
    /// The place of the index that finds the records of an owner; nil where none does.
    let owners: Int?

    /// The quotas of a schema; nil where it has none.
    init?(_ schema: Collection, _ numbers: [String: UInt16], _ indexes: [IndexEntry]) {
        guard let quotas = schema.quotas, !quotas.isEmpty else { return nil }
        let owner = schema.roles.owner.flatMap { numbers[$0] }
        owners = owner.flatMap { owner in indexes.firstIndex { $0.finds(owner) } }
        var chapters: [Chapter] = []
        for quota in quotas {
            let rule = (path: quota.owner.map(KeyText.normalized) ?? [], quota: quota)
            if let place = chapters.firstIndex(where: { $0.subject == quota.subject }) {
                chapters[place].rules.append(rule)
                continue
            }
            var field: (number: UInt16, index: Int)?
            if let name = quota.field, let number = numbers[name] {
                let place =
                    indexes.firstIndex { entry in
                        owner.map { entry.finds($0, number) } ?? false
                    } ?? indexes.firstIndex { $0.finds(number) }
                guard let place else { continue }
                field = (number, place)
            }
            chapters.append(Chapter(subject: quota.subject, field: field, rules: [rule]))
        }
        for place in chapters.indices {
            chapters[place].rules.sort { $0.path.count > $1.path.count }
        }
        self.chapters = chapters
    }
}

extension IndexEntry {
    /// Whether it has every record, and begins with these fields.
    func finds(_ fields: UInt16...) -> Bool {
        isPlain && parts.count >= fields.count && zip(parts, fields).allSatisfy { $0.field == $1 }
    }
}

extension CollectionDraft {
    /// Holds quotas against what else is defined of the collection.
    ///
    /// - Throws: `.badSchema` where an owner or a field is named that it does not have, or where
    ///   the index is missing by which records are found.
    func checkQuotas() throws(MnemeError) {
        guard let quotas = schema.quotas else { return }
        let owner = schema.roles.owner.flatMap { fieldNumbers[$0] }
        for (index, quota) in quotas.enumerated() {
            let place = "collection \"\(schema.name)\", quotas[\(index)]"
            func bad(_ what: String) -> MnemeError { MnemeError(.badSchema, "\(place) \(what)") }
            if quota.owner != nil, owner == nil {
                throw bad(
                    "names an owner, and no field of the collection has that role. Give one the "
                        + "role, or leave the owner out."
                )
            }
            if quota.depth != nil, owner == nil {
                throw bad(
                    "has a depth, and no field of the collection has the owner role. Give one the "
                        + "role, or leave the depth out."
                )
            }
            if let name = quota.field {
                guard let field = fieldNumbers[name] else {
                    throw bad(
                        "is per \(quoted(name)), which the collection does not have. Its fields: "
                            + "\(listed(schema.fields.map(\.name)))."
                    )
                }
                let isFound = indexes.contains { entry in
                    entry.finds(field) || owner.map { entry.finds($0, field) } ?? false
                }
                guard isFound else {
                    throw bad(
                        "is per \(quoted(name)), and no index finds the records of a value. Define "
                            + "a plain one that begins with it, or with the owner and it."
                    )
                }
            } else if quota.evicts, let owner, !indexes.contains(where: { $0.finds(owner) }) {
                throw bad(
                    "evicts, and no index finds the records of an owner. Define a plain one that "
                        + "begins with \(quoted(schema.roles.owner ?? ""))."
                )
            }
        }
    }
}

extension CollectionEntry {
    /// Refuses to let an index go that quotas need.
    ///
    /// - Throws: `.schemaConflict`.
    func checkQuotas(without index: IndexEntry) throws(MnemeError) {
        var rest = CollectionDraft(self)
        rest.removeIndex(index.number)
        do throws(MnemeError) { try rest.checkQuotas() } catch {
            throw MnemeError(
                .schemaConflict,
                "index \(quoted(index.index.name)) of collection \(quoted(schema.name)) cannot be "
                    + "dropped: by it a quota finds the records that it bounds. Define the "
                    + "collection again with other quotas first."
            )
        }
    }
}
