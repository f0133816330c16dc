// What records were, held as plainly as can be: every version of every record in an array.

import MnemeModel

/// All versions of the records of a store.
struct HistoryModel {
    /// One version; without fields the record was gone.
    struct Version {
        var number: UInt64
        var at: Int64
        var kind: History.Kind
        var signature = Signature()
        var fields: [String: Value]?
        var expiresAt: Int64 = .max
    }

    private(set) var versions: [Reference: [Version]] = [:]

    /// Every record that ever was.
    var references: [Reference] {
        versions.keys.sorted { "\($0)" < "\($1)" }
    }

    func standing(_ reference: Reference) -> Version? {
        guard let last = versions[reference]?.last, last.fields != nil else { return nil }
        return last
    }

    func standing(in collection: String) -> [(Reference, [String: Value])] {
        references.filter { $0.collection == collection }.compactMap { reference in
            standing(reference).flatMap { version in version.fields.map { (reference, $0) } }
        }
    }

    mutating func put(
        _ reference: Reference,
        _ fields: [String: Value],
        expiresAt: Int64 = .max,
        at now: Int64,
        _ signature: Signature
    ) {
        add(
            reference,
            Version(
                number: 0,
                at: now,
                kind: standing(reference) == nil ? .created : .updated,
                signature: signature,
                fields: fields,
                expiresAt: expiresAt
            )
        )
    }

    mutating func end(
        _ reference: Reference,
        _ kind: History.Kind,
        at now: Int64,
        _ signature: Signature = Signature()
    ) {
        guard standing(reference) != nil else { return }
        add(reference, Version(number: 0, at: now, kind: kind, signature: signature))
    }

    /// What hangs on a host goes with it, or lets go of it.
    mutating func endHost(_ host: Reference, at now: Int64, _ signature: Signature) {
        guard standing(host) != nil else { return }
        end(host, .deleted, at: now, signature)
        for (part, fields) in standing(in: "parts") {
            if fields["host"] == host.key.value {
                end(part, .deleted, at: now, signature)
            } else if fields["other"] == host.key.value {
                var left = fields
                left.removeValue(forKey: "other")
                put(part, left, at: now, signature)
            }
        }
    }

    /// Nothing of a record is left, whether it is there still or not.
    mutating func erase(_ reference: Reference) {
        versions.removeValue(forKey: reference)
    }

    mutating func advance(to now: Int64) {
        for reference in references {
            guard let last = standing(reference), last.expiresAt <= now else { continue }
            end(reference, .expired, at: last.expiresAt)
        }
    }

    private mutating func add(_ reference: Reference, _ version: Version) {
        var next = version
        next.number = (versions[reference]?.last?.number ?? 0) + 1
        versions[reference, default: []].append(next)
    }

    /// The fields of a record at an instant, nil where it was not there.
    func known(_ reference: Reference, at instant: Int64) -> [String: Value]? {
        guard let version = versions[reference]?.last(where: { $0.at <= instant }),
            instant < version.expiresAt
        else { return nil }
        return version.fields
    }

    /// What `history` answers to a question for everything, records included.
    func history(_ reference: Reference) -> [History.Version] {
        let all = versions[reference] ?? []
        return all.indices.reversed().map { index in
            let version = all[index]
            let before = index > 0 ? all[index - 1].fields ?? [:] : [:]
            let after = version.fields ?? [:]
            var changes: [String: History.FieldChange] = [:]
            for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
                changes[name] = History.FieldChange(
                    old: before[name] ?? .null,
                    new: after[name] ?? .null
                )
            }
            return History.Version(
                number: version.number,
                at: Instant(microseconds: version.at),
                kind: version.kind,
                signature: version.signature,
                changes: changes,
                record: version.fields.map { Record(reference, fields: $0) }
            )
        }
    }
}
