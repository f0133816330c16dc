// Whether a store has what a job over a graph speaks of.

internal import MnemeModel

extension Catalog {
    /// Expects the types, the collection and the fields of a run to be there, and to fit.
    ///
    /// - Throws: `.unknownCollection`, `.unknownEdgeType`, `.unknownField`, `.wrongType`,
    ///   `.badOwner`.
    func check(_ run: GraphRun) throws(MnemeError) {
        let types = try followedTypes(run)
        if let weight = run.weight {
            try expectNumber(weight, of: types, .wrongType, "the job weighs edges by")
        }
        if let owner = run.owner, let fault = Owner.fault(in: owner) {
            throw MnemeError(.badOwner, "the owner \(quoted(owner)) \(fault)")
        }
        guard let name = run.collection else { return }
        let entry = try collection(name)
        try entry.check(owner: run.owner)
        guard let field = run.field else { return }
        _ = try entry.fieldNumber(field)
        guard let found = entry.schema.field(field) else { return }
        guard found.generated == nil else {
            throw MnemeError(
                .wrongType,
                "the field \(quoted(field)) of \(quoted(name)) is worked out from others; name "
                    + "one that records give"
            )
        }
        guard found.type == .float || found.type == .int && !run.isOfFloats else {
            throw MnemeError(
                .wrongType,
                "the field \(quoted(field)) of \(quoted(name)) cannot hold a "
                    + "\(run.measure.rawValue), which is \(run.isOfFloats ? "a float" : "an int"); "
                    + "name a field of \(run.isOfFloats ? "floats" : "ints or floats")"
            )
        }
    }

    /// The types whose edges a run follows.
    func followedTypes(_ run: GraphRun) throws(MnemeError) -> [EdgeTypeEntry] {
        guard let names = run.types else { return edgeTypes }
        var types: [EdgeTypeEntry] = []
        for name in names {
            let type = try edgeType(name)
            if !types.contains(where: { $0.number == type.number }) { types.append(type) }
        }
        return types
    }
}
