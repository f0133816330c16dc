// Fields that go. What is left of one in frames is never read again: its number names nothing from
// then on, and is not given to another field. A vector field's index goes in the same commit, the
// words of a searched one behind it.

internal import MnemeModel

extension Catalog {
    /// Refuses to let a field go that something speaks of.
    ///
    /// - Throws: `.unknownField`; `.schemaConflict`, which names what needs it.
    func checkNobodyNeeds(_ field: String, of collection: CollectionEntry) throws(MnemeError) {
        _ = try collection.fieldNumber(field)
        let schema = collection.schema
        var users: [String] = []
        for index in schema.indexes {
            let isUser =
                index.fields.contains { $0.name == field }
                || index.condition?.fields.contains(field) ?? false
            if isUser { users.append("index \"\(index.name)\"") }
        }
        for rule in schema.references where rule.fields.contains(field) {
            users.append("reference \"\(rule.name)\"")
        }
        for check in schema.checks where check.condition.fields.contains(field) {
            users.append("check \"\(check.name)\"")
        }
        for other in schema.fields where other.generated?.fields.contains(field) ?? false {
            users.append("generated field \"\(other.name)\"")
        }
        if case .map(let roles) = schema.roles.spelling {
            for (role, name) in roles.sorted(by: { $0.key < $1.key }) where name.text == field {
                users.append("role \(role)")
            }
        }
        for other in collections {
            for reference in other.references
            where reference.target == collection.number && reference.rule.on.contains(field) {
                users.append(
                    "reference \"\(reference.rule.name)\" of collection \"\(other.schema.name)\""
                )
            }
        }
        guard users.isEmpty else {
            throw MnemeError(
                .schemaConflict,
                "field \"\(field)\" of collection \"\(schema.name)\" cannot be dropped: it is "
                    + "needed by \(users.joined(separator: ", ")). Drop indexes that have it "
                    + "first; references, checks, generated fields and roles stay as long as their "
                    + "collection."
            )
        }
    }
}
