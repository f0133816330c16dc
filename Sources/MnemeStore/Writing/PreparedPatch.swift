// A patch made ready outside the writer: names looked up and values as the fields keep them. What
// it makes of the record that is there is the writer's to find out.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeVectors

/// A patch that breaks no rule of the schema by itself.
struct PreparedPatch: Sendable {
    var collection: CollectionEntry
    var key: Key
    /// What names the record in the place of the key.
    var named: PatchName?
    var edits: [Edit]
    var condition: Filter?
    var orPut: [String: Value]?
    /// An instant where it was so many seconds from now.
    var expiry: Patch.Expiry
    var version: UInt64?
    var returns: Returns?
    /// When it was made ready, which is what fields are filled with that take the time.
    var time: Microseconds
    /// What was drawn for the record that it may put; nil where that is done when it is decided.
    var draws: Draws?
}

extension ChangePreparation {
    /// A patch with its values as the fields keep them.
    ///
    /// - Throws: as a put; `badRequest` for two edits of one part of a record.
    func prepare(_ patch: Patch) throws(MnemeError) -> PreparedPatch {
        let collection = try catalog.collection(patch.collection)
        if !patch.models.isEmpty { try collection.check(models: patch.models) }
        var edits: [Edit] = []
        edits.reserveCapacity(patch.edits.count)
        for edit in patch.edits { edits.append(try check(edit, collection)) }
        try checkApart(edits, collection)
        if let given = patch.orPut {
            for name in given.keys { _ = try collection.fieldNumber(name) }
        }
        var expiry = patch.expiry
        if case .after(let seconds) = expiry {
            expiry = .at(try ExpiresIn.end(after: seconds, from: now, "expiresIn"))
        }
        var condition: Filter?
        if let filter = patch.condition { condition = try collection.checked(filter) }
        let named = patch.by.isEmpty ? nil : try PatchName(patch, collection)
        return PreparedPatch(
            collection: collection,
            key: named == nil ? try check(patch.key, collection) : patch.key,
            named: named,
            edits: edits,
            condition: condition,
            orPut: named?.orPut ?? patch.orPut,
            expiry: expiry,
            version: patch.version,
            returns: patch.returns,
            time: clock.now(),
            draws: draws
        )
    }

    /// An edit with elements as the array keeps them.
    private func check(_ edit: Edit, _ collection: CollectionEntry) throws(MnemeError) -> Edit {
        let path = edit.path
        _ = try collection.fieldNumber(path.field)
        guard let field = collection.schema.field(path.field) else { return edit }
        if let refusal = collection.rules.refusal(of: field.name) { throw refusal }
        let place = "\(collection.schema.name).\(path)"
        if path.goesInside {
            guard field.type == .json else {
                throw MnemeError(
                    .wrongType,
                    "\(place): \"\(field.name)\" is \(field.type.named) field, which has no "
                        + "members. Change the field itself."
                )
            }
        }
        let element: FieldType =
            if case .array(let element) = field.type { element } else { .json }
        switch edit {
        case .addToSet(_, let values):
            return .addToSet(path, try elements(values, element, place))
        case .remove(_, let values): return .remove(path, try elements(values, element, place))
        case .append(_, let values, let limit):
            return .append(path, try elements(values, element, place), limit: limit)
        case .prepend(_, let values, let limit):
            return .prepend(path, try elements(values, element, place), limit: limit)
        case .increment(_, let step):
            let isWhole = if case .int = step { true } else { false }
            if field.type == .int, !isWhole {
                throw MnemeError(
                    .wrongType,
                    "\(place) is an int field, incremented by whole numbers, and got "
                        + "\(step.shown). Give a whole number."
                )
            }
            return edit
        case .set, .unset, .fill, .merge: return edit
        }
    }

    private func elements(
        _ values: [Value],
        _ type: FieldType,
        _ place: String
    ) throws(MnemeError) -> [Value] {
        var coerced: [Value] = []
        coerced.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard let element = value.coerced(to: type), !element.isNull || type == .json else {
                throw MnemeError(
                    .wrongType,
                    "\(place): element \(index) is \(value.shown), and the array holds "
                        + "\(type.named) values. Correct it."
                )
            }
            coerced.append(element)
        }
        return coerced
    }

    /// Refuses edits whose order would matter.
    private func checkApart(
        _ edits: [Edit],
        _ collection: CollectionEntry
    ) throws(MnemeError) {
        guard edits.count > 1 else { return }
        let paths = edits.map { [$0.path.field] + $0.path.members }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        for (path, next) in zip(paths, paths.dropFirst()) where next.starts(with: path) {
            throw MnemeError(
                .badRequest,
                "a patch of collection \"\(collection.schema.name)\" changes "
                    + "\"\(next.joined(separator: "."))\" twice. Make one edit of it, or send two "
                    + "patches."
            )
        }
    }
}
