// Schema files of strangers: what is read is spelled and read again as the same schema; what is
// valid takes records, or refuses them in so many words.

internal import MnemeBase
internal import MnemeModel

/// JSON text as a schema.
enum SchemaTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        guard let value = try? Value(json: bytes), let schema = try? Schema(spelling: value) else {
            return nil
        }
        guard let again = try? Schema(json: schema.json()),
            (try? again.spelling.cbor()) == (try? schema.spelling.cbor())
        else { return "a schema does not come back" }
        let isValid = (try? schema.validate()) != nil
        guard ((try? again.validate()) != nil) == isValid else {
            return "a schema is valid the first time alone, or the second"
        }
        guard isValid else { return nil }
        for collection in schema.collections {
            if let broken = put(collection.fields, FieldRules(collection), collection.checkInOrder)
            {
                return "collection \(collection.name): \(broken)"
            }
        }
        for type in schema.edgeTypes {
            if let broken = put(type.fields, FieldRules(type), type.checkInOrder) {
                return "edge type \(type.name): \(broken)"
            }
        }
        return nil
    }

    private typealias Checked = [(place: Int, value: Value)]

    /// Holds records against the fields and their rules, as a store does with what is put.
    private static func put(
        _ fields: [Field],
        _ rules: FieldRules,
        _ check: ([String: Value], Bool) throws(MnemeError) -> Checked
    ) -> String? {
        let random = SeededRandomness(seed: 1)
        for round in 0..<4 {
            var given: [String: Value] = [:]
            for (place, field) in fields.enumerated() where (round + place) % 4 > 0 {
                given[field.name] = value(of: field, round + place)
            }
            do throws(MnemeError) {
                // A collection without rules is not asked for them.
                if !rules.isPlain {
                    given = try rules.completed(given, at: 1_700_000_000_000_000, random)
                }
                var checked = try check(given, true)
                guard checked.allSatisfy({ fields.indices.contains($0.place) }) else {
                    return "a field that is none"
                }
                if !rules.isPlain { try rules.finish(&checked) }
                guard zip(checked, checked.dropFirst()).allSatisfy({ $0.place < $1.place }) else {
                    return "fields do not come in their order"
                }
            } catch {
                if error.message.isEmpty { return "a refusal without a word" }
            }
        }
        return nil
    }

    /// A value that a field may take, or another one.
    private static func value(of field: Field, _ round: Int) -> Value {
        let values = SampleRecord.all[0].sorted { $0.key < $1.key }.map(\.value)
        for value in values where round % 3 > 0 {
            if let fit = value.coerced(to: field.type) { return fit }
        }
        return values[round % values.count]
    }

    static var seeds: [FuzzSeed] {
        [
            FuzzSeed("records", Array(records.utf8)),
            FuzzSeed("edges", Array(edges.utf8)),
            FuzzSeed("nothing", Array("{}".utf8)),
        ]
    }

    private static let records = #"""
        {"collections": [
          {"name": "people", "key": "int", "fields": [{"name": "name", "type": "text"}]},
          {"name": "notes", "key": "uuid", "fields": [
            {"name": "owner", "type": "text", "required": true},
            {"name": "text", "type": "text", "maximumLength": 200, "default": "tea"},
            {"name": "long", "type": "text", "generated": "upper(text) || 's'"},
            {"name": "number", "type": "int", "fill": "next"},
            {"name": "share", "type": "float"}, {"name": "flag", "type": "bool"},
            {"name": "at", "type": "instant", "fill": "now"},
            {"name": "changed", "type": "instant", "fill": "changed"},
            {"name": "day", "type": "date"}, {"name": "id", "type": "uuid"},
            {"name": "kind", "type": {"oneOf": ["a", "b"]}},
            {"name": "tags", "type": {"array": "text"}},
            {"name": "meaning", "type": {"vector": {"dimension": 4}}},
            {"name": "person", "type": "int"}, {"name": "data", "type": "json"}],
           "indexes": [
            {"name": "by_number", "fields": ["number"], "unique": true},
            {"name": "by_kind", "fields": ["kind", "at"], "where": "flag is not null"}],
           "checks": [{"name": "some", "condition": "length(text) > 0"}],
           "references": [{"name": "who", "fields": ["person"], "to": "people"}],
           "roles": {"owner": "owner", "text": "text", "time": "at"}}]}
        """#

    private static let edges = #"""
        {"collections": [{"name": "notes", "fields": [{"name": "text", "type": "text"}]}],
         "edges": [{"name": "cites", "from": "notes", "to": "notes", "history": {}, "fields": [
            {"name": "weight", "type": "float", "default": 0.5}]}]}
        """#
}
