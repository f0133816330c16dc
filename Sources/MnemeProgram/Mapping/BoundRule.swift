// A rule beside what the store has defined: what it names is there, and its values become those of
// the fields that they go into.

internal import Mneme
internal import MnemeBase
internal import MnemeCommandLine

/// What a row makes, before it is committed.
enum MadeChange: Sendable {
    case record(Change, in: String)
    case edge(Link)
}

/// A rule and the definitions that it writes by.
struct BoundRule: Sendable {
    let rule: Rule
    private let types: [FieldType]
    private let keys: [String: KeyType]
    /// What records are held against where nothing is written.
    private let collection: Collection?
    private let edgeType: EdgeType?

    /// A rule in a schema.
    ///
    /// - Throws: `Failure` where it names a collection, edge type or field that is not there.
    init(_ rule: Rule, in schema: Schema) throws(Failure) {
        self.rule = rule
        func find(_ name: String) throws(Failure) -> Collection {
            if let found = schema.collections.first(where: { $0.name == name }) { return found }
            throw Failure(
                "\(rule.place): the store has no collection \(quoted(name)). It has: "
                    + "\(listed(schema.collections.map(\.name))). Define it first (mneme define), "
                    + "or "
                    + "correct the name.",
                code: .unknownCollection
            )
        }
        let fields: [Field]
        let what: String
        switch rule.target {
        case .records(let name, _, _, _):
            let found = try find(name)
            (collection, edgeType) = (found, nil)
            keys = [name: found.key]
            (fields, what) = (found.fields, "collection \(quoted(name))")
        case .edges(let name, let from, let to):
            guard let type = schema.edgeTypes.first(where: { $0.name == name }) else {
                throw Failure(
                    "\(rule.place): the store has no edge type \(quoted(name)). It has: "
                        + "\(listed(schema.edgeTypes.map(\.name))). Define it first (mneme "
                        + "define), "
                        + "or correct the name.",
                    code: .unknownEdgeType
                )
            }
            (collection, edgeType) = (nil, type)
            var keys = [from.collection: try find(from.collection).key]
            keys[to.collection] = try find(to.collection).key
            self.keys = keys
            (fields, what) = (type.fields, "edge type \(quoted(name))")
        }
        var types: [FieldType] = []
        for (name, _) in rule.fields {
            guard let field = fields.first(where: { $0.name == name }) else {
                throw Failure(
                    "\(rule.place): \(what) has no field \(quoted(name)). Its fields: "
                        + "\(listed(fields.map(\.name))). Define it, or correct the name.",
                    code: .unknownField
                )
            }
            types.append(field.type)
        }
        self.types = types
    }

    /// Makes what a row makes by this rule.
    ///
    /// - Throws: `Failure` that names the place in the mapping and what came.
    func make(_ scope: inout RowScope, _ body: (MadeChange) throws(Failure) -> Void) throws(Failure)
    {
        guard let each = rule.each else {
            if let change = try change(&scope) { try body(change) }
            return
        }
        defer { (scope.element, scope.index, scope.name) = (nil, 0, nil) }
        switch try each.value(&scope) {
        case .null: return
        case .array(let values):
            for (index, value) in values.enumerated() {
                (scope.element, scope.index) = (value, index)
                if let change = try change(&scope, at: "[\(index)]") { try body(change) }
            }
        case .map(let members):
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                (scope.element, scope.index, scope.name) = (member.value, index, member.key)
                if let change = try change(&scope, at: ".\(member.key)") { try body(change) }
            }
        case let other:
            throw Failure(
                "\(each.place) should be an array or an object to go through, and is \(other.shown)"
                    + "; where it is JSON as text, add \"as\": \"json\"",
                code: .wrongType
            )
        }
    }

    /// As above, naming the element in what is thrown.
    private func change(_ scope: inout RowScope, at element: String) throws(Failure) -> MadeChange?
    {
        do throws(Failure) {
            return try change(&scope)
        } catch {
            let what = rule.each?.paths.first?.description ?? "each"
            throw Failure("\(what)\(element): \(error.message)", code: error.code)
        }
    }

    private func change(_ scope: inout RowScope) throws(Failure) -> MadeChange? {
        if let skip = rule.skip, try holds(skip, &scope) { return nil }
        var fields: [String: Value] = [:]
        for (index, (name, derivation)) in rule.fields.enumerated() {
            let value = try derivation.value(&scope)
            guard !value.isNull else { continue }
            fields[name] = try fit(value, to: types[index], derivation.place)
        }
        switch rule.target {
        case .records(let name, let key, let expiresAt, let mode):
            let expiry = try instant(expiresAt, &scope)
            // Nobody would see it, and what else the row makes could not name it.
            if let expiry, expiry.microseconds <= RealClock().now() { return nil }
            let key = try self.key(key, in: name, &scope)
            return .record(Self.change(name, key, fields, expiry, mode), in: name)
        case .edges(let type, let from, let to):
            return .edge(
                Link(
                    type,
                    from: Reference(
                        from.collection,
                        try key(from.key, in: from.collection, &scope)
                    ),
                    to: Reference(to.collection, try key(to.key, in: to.collection, &scope)),
                    fields: fields
                )
            )
        }
    }

    private static func change(
        _ collection: String,
        _ key: Key,
        _ fields: [String: Value],
        _ expiresAt: Instant?,
        _ mode: Rule.Mode
    ) -> Change {
        let sorted = fields.sorted { $0.key < $1.key }
        let edits: [Edit]
        switch mode {
        case .replace: return .put(Put(collection, key, fields, expiresAt: expiresAt))
        case .insert:
            return .put(Put(collection, key, fields, mode: .insert, expiresAt: expiresAt))
        case .set: edits = sorted.map { .set(FieldPath($0.key), $0.value) }
        case .fill: edits = sorted.map { .fill(FieldPath($0.key), $0.value) }
        }
        return .patch(
            Patch(
                collection,
                key,
                edits,
                orPut: [:],
                expiry: expiresAt.map { .at($0) } ?? .kept
            )
        )
    }

    private func holds(_ filter: Filter, _ scope: inout RowScope) throws(Failure) -> Bool {
        var values: [String: Value] = [:]
        for field in filter.fields { values[field] = try scope.value(RowPath(field)) }
        return filter.holds { values[$0] ?? .null }
    }

    private func fit(
        _ value: Value,
        to type: FieldType,
        _ place: String
    ) throws(Failure) -> Value {
        do throws(Failure) {
            let fitted = try Cast.fit(value, to: type)
            if case .vector(let type) = type, case .vector(let vector) = fitted,
                vector.count != type.dimension
            {
                throw Failure(
                    "the vector has \(Figures.count(vector.count, "component")), and the field "
                        + "takes "
                        + "\(type.dimension)",
                    code: .badVector
                )
            }
            return fitted
        } catch {
            throw Failure("\(place): \(error.message)", code: error.code)
        }
    }

    private func key(
        _ derivation: Derivation,
        in collection: String,
        _ scope: inout RowScope
    ) throws(Failure) -> Key {
        let value = try derivation.value(&scope)
        let type = keys[collection] ?? .text
        let key: Key? =
            switch value {
            case .text(let text) where !text.isEmpty: Key.text(text).coerced(to: type)
            case .int(let number): type == .text ? .text(String(number)) : .int(number)
            case .uuid(let id): type == .text ? .text(id.description) : .uuid(id)
            default: nil
            }
        if let key = key?.coerced(to: type) { return key }
        throw Failure(
            "\(derivation.place) should be a key of \(quoted(collection)), of type \(type), and is "
                + "\(value.shown)",
            code: .wrongType
        )
    }

    private func instant(
        _ derivation: Derivation?,
        _ scope: inout RowScope
    ) throws(Failure) -> Instant? {
        guard let derivation else { return nil }
        switch try fit(try derivation.value(&scope), to: .instant, derivation.place) {
        case .null: return nil
        case .instant(let instant): return instant
        case let other:
            throw Failure("\(derivation.place) should be an instant, and is \(other.shown)")
        }
    }

    /// Holds what was made against the definitions, as far as that goes without the store.
    ///
    /// - Throws: `Failure` as the store would refuse it.
    func check(_ change: MadeChange) throws(Failure) {
        do {
            switch change {
            case .record(.put(let put), _): _ = try collection?.check(fields: put.fields)
            case .record: break
            case .edge(let link): _ = try edgeType?.check(fields: link.fields)
            }
        } catch {
            throw Failure(error.message, code: error.code)
        }
    }
}
