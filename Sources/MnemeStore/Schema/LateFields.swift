// Fields that were defined when there were records already. A frame says under which schema it was
// written; what was defined later and has a default or an expression is put into the fields when
// they are read, in every path, as if the record had been put with it. Frames stay as they are.
// Format: formats/store.md#late-fields.

internal import MnemeBase
internal import MnemeModel

/// A field that older records have though their frames do not.
struct LateField: Sendable {
    /// The version of the catalog that has it first.
    let since: UInt32
    /// Its place in the schema.
    let place: Int
    let number: UInt16
}

extension CollectionEntry {
    /// The fields of a version with those that were defined after its frame was written; nil where
    /// there are none of these.
    ///
    /// `fields` are those of the frame by number, ascending, `vectors` the numbers of its vectors,
    /// and `version` is the schema under which it was written.
    ///
    /// - Complexity: O(fields) where one is late, else O(1).
    func completed(
        _ fields: [(number: UInt16, value: Value)],
        vectors: [UInt16],
        since version: UInt32
    ) -> [(number: UInt16, value: Value)]? {
        guard version < lateVersion else { return nil }
        // What is late has higher numbers than what was there. A frame that has it all the same was
        // written by nobody, and keeps what it has.
        var completed = fields
        for field in late where field.since > version {
            let known = completed
            if known.contains(where: { $0.number >= field.number }) { continue }
            let value = rules.late(field.place) { name in
                guard let number = fieldNumbers[name] else { return .null }
                if let found = known.first(where: { $0.number == number }) { return found.value }
                // Of a vector it is asked only whether it is there.
                return vectors.contains(number) ? .vector([]) : .null
            }
            if case .null = value { continue }
            completed.append((field.number, value))
        }
        return completed.count > fields.count ? completed : nil
    }
}

extension Catalog {
    /// The body of a version with what was defined later; nil where there is nothing to add.
    ///
    /// - Throws: what is wrong with the bytes.
    func completed(
        _ body: [UInt8],
        of collection: UInt16,
        vectors: [UInt16],
        since version: UInt32
    ) throws(CBORError) -> [UInt8]? {
        guard version < lateVersion, let entry = self.collection(number: collection),
            version < entry.lateVersion
        else { return nil }
        let fields = try Value.decodeFields(body)
        let completed = entry.completed(
            fields.map { ($0.0, $0.1) },
            vectors: vectors,
            since: version
        )
        guard let completed else { return nil }
        return try Value.encodeFields(completed.map { ($0.number, $0.value) })
    }
}
