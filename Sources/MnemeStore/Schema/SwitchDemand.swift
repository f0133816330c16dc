// What a switch of vectors demands of the records that are there: that nobody who asks by the name
// that stays misses a record which was found before, and that what the schema says of the name
// holds of what it means then.

internal import MnemeModel

/// What must hold of the two fields for a switch.
struct SwitchDemand {
    /// The two fields as they are called before.
    let old: VectorEntry
    let new: VectorEntry
    /// Whether whoever has the old vector must have the new one.
    let wantsAll: Bool
    /// Whether whoever has the new vector must have the old one.
    let wantsNoMore: Bool
    private let change: VectorSwitch
    /// What of the schema speaks of the name that stays; nil where nothing does.
    private let user: String?
    private let hasMarks: Bool

    /// - Throws: `.unknownCollection`, `.unknownField`.
    init(_ change: VectorSwitch, _ catalog: Catalog) throws(MnemeError) {
        let collection = try catalog.switchable(change.collection)
        old = try collection.vector(change.field)
        new = try collection.vector(change.successor)
        self.change = change
        let schema = collection.schema
        // Nothing but whether a vector is there can be asked by an expression.
        let check = schema.checks.first { $0.condition.fields.contains(change.field) }
        let generated = schema.fields.first {
            $0.generated?.fields.contains(change.field) ?? false
        }
        let speaker =
            check.map { "check \"\($0.name)\"" }
            ?? generated.map { "generated field \"\($0.name)\"" }
        let isRequired = schema.field(change.field)?.isRequired ?? false
        user = speaker ?? (isRequired ? "\"required\" of the field" : nil)
        wantsAll = !change.isPartial || user != nil
        wantsNoMore = speaker != nil
        hasMarks = collection.marks != nil
    }

    /// Refuses what a comparison of the two fields has found.
    ///
    /// `name`: what a record is called.
    /// - Throws: `.refused` with `vectorsMissing`.
    func check(
        _ gap: VectorGap,
        name: (UInt64) throws(StoreError) -> String
    ) throws(StoreError) {
        let (field, successor) = (change.field, change.successor)
        if wantsAll, gap.lackingCount > 0 {
            throw try refusal(
                gap.lackingCount,
                "a vector in \"\(field)\" and none in \"\(successor)\"",
                gap.lacking,
                has: field,
                lacks: successor,
                user.map { "\($0) speaks of \"\(field)\", so that \"partly\" does not do" }
                    ?? "give \"partly\" to leave them without",
                name
            )
        }
        if wantsNoMore, gap.surplusCount > 0 {
            throw try refusal(
                gap.surplusCount,
                "a vector in \"\(successor)\" and none in \"\(field)\"",
                gap.surplus,
                has: successor,
                lacks: field,
                "\(user ?? "the schema") speaks of \"\(field)\", and would say something else of "
                    + "them",
                name
            )
        }
    }

    private func refusal(
        _ count: Int,
        _ what: String,
        _ named: [UInt64],
        has: String,
        lacks: String,
        _ advice: String,
        _ name: (UInt64) throws(StoreError) -> String
    ) throws(StoreError) -> StoreError {
        var names: [String] = []
        for ordinal in named { names.append(quoted(try name(ordinal))) }
        let records = count == 1 ? "1 record of it has" : "\(count) records of it have"
        return .refused(
            MnemeError(
                .vectorsMissing,
                "collection \"\(change.collection)\" cannot switch \"\(change.field)\" to "
                    + "\"\(change.successor)\" yet: \(records) \(what)"
                    + " (\(names.joined(separator: ", "))\(count > names.count ? ", …" : "")). "
                    + "Find them where {\"and\": [{\"\(has)\": {\"exists\": true}}, "
                    + "{\"\(lacks)\": {\"exists\": false}}]}"
                    + (hasMarks ? ", with what is put aside," : "")
                    + " and give them what they lack; \(advice)"
            )
        )
    }
}
