// Chance: what is defined and dropped in the middle of everything.

import MnemeModel

extension TreeDice {
    func definition(_ model: PlainModel, name: String) -> Request {
        let collection = collection(model)
        var grown = collection
        switch below(8) {
        case 0, 1:
            let type = pick([.int, .text, .bool, .array(.text), .json] as [FieldType])
            var field = Field(name, type)
            if one(in: 2) { field.standard = value(type) }
            if field.standard == .null { field.standard = Value?.none }
            if field.standard == nil, one(in: 3) {
                do {
                    field = Field(name, .int, generated: try Expression("n * 2"))
                } catch {
                    preconditionFailure("\(error)")
                }
            }
            grown.fields.append(field)
        case 2, 3, 4:
            guard let index = index(name, collection), collection.indexes.count < 7 else {
                return .describe
            }
            grown.indexes.append(index)
        case 5:
            if collection.indexes.isEmpty || one(in: 9) {
                return .drop(.index(collection: collection.name, name: "nothing"))
            }
            let name = pick(collection.indexes).name
            // What gives way is found by it.
            if name == "byOwn" || name == "byPer" { return .describe }
            return .drop(.index(collection: collection.name, name: name))
        case 6:
            if one(in: 2), !model.schema.edgeTypes.isEmpty {
                var type = pick(model.schema.edgeTypes)
                if one(in: 2) {
                    return .drop(one(in: 2) ? .edgeType(type.name) : .collection(collection.name))
                }
                if let index = type.indexes.first, one(in: 2) {
                    return .drop(.edgeIndex(type: type.name, name: index.name))
                }
                let index = Index(
                    name,
                    on: pick([["w"], ["$from", "w"], ["s", "$to"], ["$to", "$from"]])
                )
                type.indexes.append(index)
                if one(in: 2) { type = EdgeType(type.name, indexes: [index]) }
                return .define(Schema(edgeTypes: [type]), waits: false)
            }
            return .define(
                Schema(edgeTypes: [
                    EdgeType(
                        name,
                        fields: [Field("w", .int), Field("s", .text)],
                        isUnique: one(in: 2),
                        isUndirected: one(in: 2)
                    )
                ]),
                waits: false
            )
        default:
            if model.schema.collections.count > 4 { return .describe }
            return .define(
                Schema(collections: [
                    Collection(name, key: pick(KeyType.allCases), fields: collection.plainFields)
                ]),
                waits: false
            )
        }
        if one(in: 2) {
            // What is new alone.
            grown = Collection(
                collection.name,
                fields: grown.fields.filter { !collection.fields.contains($0) },
                indexes: grown.indexes.filter { !collection.indexes.contains($0) }
            )
        }
        return .define(Schema(collections: [grown]), waits: false)
    }
}

extension Collection {
    fileprivate var plainFields: [Field] {
        fields.filter { ["n", "t", "j", "ts", "e"].contains($0.name) }
    }
}
