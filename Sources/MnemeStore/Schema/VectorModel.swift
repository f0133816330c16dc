// Vectors that a field does not take, and those of another model than its own: what is seen of them
// before anything is compared. A model is a name; whether a vector is of the model that it is said
// to be of, nobody can tell.

internal import MnemeModel

extension VectorEntry {
    /// Refuses a question whose vector the field does not take, or that is of another model.
    ///
    /// - Throws: `.badVector`, `.wrongModel`.
    func check(_ near: Near, of collection: String) throws(MnemeError) {
        if let model = near.model { try check(model: model, of: collection) }
        try type.check(near.vector, VectorSubject(askedOf: name, in: collection))
    }

    /// Refuses a model that is not the field's.
    ///
    /// - Throws: `.wrongModel`.
    fileprivate func check(model: String, of collection: String) throws(MnemeError) {
        if model == type.model { return }
        throw MnemeError(
            .wrongModel,
            "\(collection).\(name) "
                + (type.model == nil
                    ? "does not say of which model its vectors are, and takes \(type.wanted)"
                    : "takes vectors of \(type.wanted)")
                + "; one of \(quoted(model)) was given. "
                + (type.model == nil
                    ? "Leave the model out, or define a field whose type names it."
                    : "Embed with the field's model, or name the field that has your model's "
                        + "vectors.")
        )
    }
}

extension CollectionEntry {
    /// Refuses vectors of models that are not those of their fields.
    ///
    /// - Throws: `.unknownField`, `.wrongModel`.
    func check(models: [String: String]) throws(MnemeError) {
        for (field, model) in models.sorted(by: { $0.key < $1.key }) {
            try vector(field).check(model: model, of: schema.name)
        }
    }
}
