// A schema for people, with everything that is defined.

internal import Mneme
internal import MnemeCommandLine

/// Sets schemas in lines.
enum SchemaLayout {
    /// The collections with their fields and all that holds of them, then the edge types.
    static func lines(_ schema: Schema) -> [String] {
        var lines = schema.collections.flatMap { self.lines($0) + [""] }
        guard !schema.edgeTypes.isEmpty else {
            return lines.isEmpty ? ["Nothing is defined yet."] : lines.dropLast()
        }
        var table = TextTable([
            ("edge type", .left), ("from", .left), ("to", .left), ("fields", .left),
        ])
        for type in schema.edgeTypes {
            let fields = type.fields.map { field in
                let notes = notes(on: field)
                return "\(field.name): \(name(of: field.type))"
                    + (notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))")
            }
            let parts = [fields.joined(separator: ", ")] + rules(of: type)
            table.add([
                type.name, type.from ?? "any", type.to ?? "any",
                parts.filter { !$0.isEmpty }.joined(separator: "; "),
            ])
        }
        lines += table.lines()
        for type in schema.edgeTypes {
            let rules = type.indexes.map(line) + type.checks.map(line)
            lines += rules.map { "\($0), of \(type.name)" }
        }
        return lines
    }

    private static func lines(_ collection: Collection) -> [String] {
        var table = TextTable([("field", .left), ("type", .left), ("notes", .left)], indent: 2)
        table.add(["(key)", collection.key.rawValue, ""])
        let roles = roles(of: collection)
        for field in collection.fields {
            let notes = (roles[field.name] ?? []) + notes(on: field)
            table.add([field.name, name(of: field.type), notes.joined(separator: ", ")])
        }
        return ["collection \(collection.name)"] + table.lines() + collection.indexes.map(line)
            + collection.references.map(line) + collection.checks.map(line)
            + TenancyLayout.lines(collection)
    }

    // MARK: Fields

    /// What holds of a field besides its type.
    private static func notes(on field: Field) -> [String] {
        var notes: [String] = []
        if field.isRequired { notes.append("required") }
        if field.isSearchable { notes.append("searchable" + rules(of: field.search)) }
        if let length = field.maximumLength {
            notes.append("at most \(Figures.count(length, unit(of: field.type)))")
        }
        if let standard = field.standard { notes.append("default \(standard.json())") }
        if let fill = field.fill { notes.append(words(for: fill, field.type)) }
        if let expression = field.generated { notes.append("always \(expression)") }
        return notes
    }

    /// How the words are cut and counted, where a definition said it.
    private static func rules(of search: SearchRules) -> String {
        let rules = [
            search.language.map { $0 == "none" ? "words as they are" : "in \($0)" },
            search.k1.map { "k1 \($0)" }, search.b.map { "b \($0)" },
        ].compactMap(\.self)
        return rules.isEmpty ? "" : " (\(rules.joined(separator: ", ")))"
    }

    private static func unit(of type: FieldType) -> String {
        switch type {
        case .bytes: "byte"
        case .array: "element"
        default: "character"
        }
    }

    private static func words(for fill: Fill, _ type: FieldType) -> String {
        let time = type == .date ? "day" : "instant"
        return switch fill {
        case .now: "filled with the \(time) of the first put"
        case .changed: "filled with the \(time) of each change"
        case .uuid: "filled with a new UUID"
        case .hex: "filled with 32 random hexadecimal digits"
        case .next: "filled with the next number"
        }
    }

    /// What fields are for, by name; one may have several roles.
    private static func roles(of collection: Collection) -> [String: [String]] {
        let roles = collection.roles
        let named: [(String?, String)] = [
            (roles.owner, "the owner"), (roles.text, "the text"), (roles.time, "the time"),
            (roles.importance, "the importance"), (roles.decayRate, "the decay rate"),
            (roles.pinned, "the pin"), (roles.session, "the session"),
            (roles.position, "the position"), (roles.speaker, "the speaker"),
            (roles.validFrom, "from when on it is true"), (roles.validTo, "up to when it is true"),
            (roles.deletedAt, "since when it is deleted"),
            (roles.active, "false where it is deleted"),
            (roles.archivedAt, "since when it is archived"),
            (roles.archived, "true where it is archived"),
            (roles.triggerAt, "when it is due"), (roles.status, "the status"),
            (roles.payload, "what it is about"), (roles.recurrence, "how it comes again"),
            (roles.occurrence, "which occurrence was claimed"),
            (roles.claimedAt, "when it was claimed"),
            (roles.leaseUntil, "up to when it is its claimer's"),
        ]
        var byField: [String: [String]] = [:]
        for case (let field?, let role) in named { byField[field, default: []].append(role) }
        return byField
    }

    private static func name(of type: FieldType) -> String {
        switch type {
        case .oneOf(let texts): "one of \(texts.joined(separator: ", "))"
        case .array(let element): "array of \(name(of: element))"
        case .vector(let vector):
            "vector of \(vector.dimension), \(vector.element.rawValue), \(vector.metric.rawValue)"
                + (vector.model.map { ", of \($0)" } ?? "")
                + (vector.recall.map { ", recall \($0)" } ?? "")
        case .bool, .int, .float, .text, .bytes, .uuid, .instant, .date, .json: "\(type)"
        }
    }

    // MARK: What holds of all

    private static func line(_ index: Index) -> String {
        let fields = index.fields.map { part in
            part.path.description + (part.isFolded ? " folded" : "")
                + (part.isDescending ? " descending" : "")
                + (part.isContaining ? " by what it contains" : "")
        }
        return "  \(index.isUnique ? "unique " : "")index \(index.name) on "
            + fields.joined(separator: ", ")
            + (index.condition.map { " where \($0)" } ?? "")
            + (index.hasDistinctNulls ? ", nulls distinct" : "")
    }

    private static func line(_ check: Check) -> String {
        "  check \(check.name): \(check.condition)"
    }

    private static func line(_ rule: ReferenceRule) -> String {
        let on = rule.on.isEmpty ? "" : " by \(rule.on.joined(separator: ", "))"
        let effect =
            switch rule.onDelete {
            case .restrict: "is refused"
            case .cascade: "deletes here too"
            case .setNull: "takes the name out"
            }
        return "  reference \(rule.name): \(rule.fields.joined(separator: ", ")) names "
            + "\(rule.to)\(on); a delete there \(effect)"
    }

    private static func rules(of type: EdgeType) -> [String] {
        var rules: [String] = []
        if type.isUnique { rules.append("one between two records") }
        if type.isUndirected { rules.append("the same both ways") }
        if !type.allowsLoops { rules.append("no loops") }
        if type.countsUsage { rules.append("usage is counted") }
        if let history = type.history { rules.append(words(for: history)) }
        if let from = type.validFrom { rules.append("true from \(from) on") }
        if let to = type.validTo { rules.append("true up to \(to)") }
        return rules
    }

    private static func words(for rule: HistoryRule) -> String {
        "what has ended is kept "
            + (rule.days.map { "for \(Figures.count($0, "day"))" } ?? "for good")
    }
}
