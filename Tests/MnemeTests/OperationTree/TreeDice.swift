// Chance: values, schemas. Few different values, so that they meet each other.

import MnemeBase
import MnemeModel

struct TreeDice {
    let random: SeededRandomness

    init(seed: UInt64) { random = SeededRandomness(seed: seed) }

    func below(_ bound: Int) -> Int { random.below(bound) }
    func one(in count: Int) -> Bool { random.below(count) == 0 }
    func pick<T>(_ list: [T]) -> T { list[random.below(list.count)] }
    func some<T>(_ list: [T], one in: Int) -> [T] { list.filter { _ in random.below(`in`) == 0 } }
    func list<T>(_ most: Int, _ make: () -> T) -> [T] {
        (0..<random.below(most + 1)).map { _ in make() }
    }

    static let start: Int64 = 1_700_000_000_000_000
    static let texts = ["a", "A", "b", "tea", "Tea", "green tea", "", "é", "e\u{301}", "z9"]
    static let words = ["open", "done", "gone"]
    private static let ways = ["a", "b", "b.c", "l", "l.x", "l.y"]
    static let owners = ["ann", "ann/work", "ann/home", "bob"]

    /// Paths into a json field.
    func paths(_ field: Field, _ more: [String] = []) -> [String] {
        (Self.ways + more).map { "\(field.name).\($0)" }
    }

    func uuid() -> UniqueID {
        UniqueID(high: 0x0190, low: UInt64(below(6)) | 0x8000_0000_0000_0000)
    }

    func value(_ type: FieldType) -> Value {
        switch type {
        case .bool: return .bool(one(in: 2))
        case .int: return .int(Int64(below(9)) - 2)
        case .float: return one(in: 4) ? .int(Int64(below(4))) : .float(Double(below(12)) / 2 - 2)
        case .text: return .text(pick(Self.texts))
        case .bytes: return .bytes(list(3) { UInt8(below(3)) })
        case .uuid: return .uuid(uuid())
        case .instant:
            return .instant(Instant(microseconds: Self.start + Int64(below(5) - 2) * 500_000))
        case .date: return .date(Day(number: Int32(19_000 + below(5))))
        case .json: return json(3)
        case .oneOf(let words): return .text(pick(words))
        case .array(let element): return .array(list(3) { value(element) })
        case .vector(let type):
            return .vector((0..<type.dimension).map { _ in Float(below(5)) / 2 })
        }
    }

    func json(_ depth: Int) -> Value {
        switch below(depth > 0 ? 9 : 5) {
        case 0: return .int(Int64(below(4)))
        case 1: return .float(Double(below(6)) / 2)
        case 2: return .text(pick(["tea", "t", "a", "A"]))
        case 3: return .bool(one(in: 2))
        case 4: return .null
        case 5: return .array(list(3) { json(depth - 1) })
        default:
            var members: [String: Value] = [:]
            for name in ["a", "b", "c", "l", "x", "y"] where one(in: 3) {
                members.updateValue(
                    name == "l" ? .array(list(3) { json(depth - 1) }) : json(depth - 1),
                    forKey: name
                )
            }
            return .map(members)
        }
    }

    func key(_ type: KeyType) -> Key {
        switch type {
        case .text: .text(pick(["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "é", "e\u{301}"]))
        // Below those that the store makes, so that none is named before it is made.
        case .int: .int(Int64(-1 - below(9)))
        case .uuid: .uuid(uuid())
        }
    }

    // MARK: Schemas

    private func expression(_ text: String) -> Expression {
        do { return try Expression(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    /// Two to four collections with rules of all kinds, and types of edges between them.
    func schema() -> Schema {
        let names = (0..<(2 + below(3))).map { "c\($0)" }
        var collections = names.map { collection($0) }
        for place in collections.indices { refer(&collections, place) }
        for place in collections.indices {
            for number in 0..<below(4) {
                if let index = index("i\(number)", collections[place]) {
                    collections[place].indexes.append(index)
                }
            }
        }
        let types = (0..<3).map { number in
            EdgeType(
                "e\(number)",
                from: one(in: 3) ? pick(names) : String?.none,
                to: one(in: 4) ? pick(names) : String?.none,
                fields: [
                    Field("w", .int, standard: one(in: 2) ? 3 : Value?.none), Field("s", .text),
                ],
                checks: one(in: 3) ? [Check("small", expression("w < 6"))] : [],
                isUnique: number > 0,
                isUndirected: one(in: 2),
                allowsLoops: one(in: 2),
                indexes: one(in: 2)
                    ? [Index("byW", on: ["w", "$from"])] : [Index("byTo", on: ["$to"])]
            )
        }
        return Schema(collections: collections, edgeTypes: types)
    }

    private func collection(_ name: String) -> Collection {
        let types: [(String, FieldType)] = [
            ("b", .bool), ("n", .int), ("x", .float), ("t", .text), ("y", .bytes), ("u", .uuid),
            ("i", .instant), ("d", .date), ("j", .json), ("o", .oneOf(Self.words)),
            ("ts", .array(.text)), ("ns", .array(.int)),
            ("v", .vector(VectorType(dimension: 2, metric: .l2))),
        ]
        var fields: [Field] = []
        for (name, type) in types where ["n", "t"].contains(name) || !one(in: 3) {
            var field = Field(name, type, isRequired: one(in: 12))
            if one(in: 5), name != "v" { field.standard = value(type) }
            if field.standard == .null { field.standard = Value?.none }
            if one(in: 6), ["t", "y", "ts", "ns"].contains(name) {
                field.maximumLength = 2 + below(4)
                if let standard = field.standard, standard.text?.count ?? 9 > 2 {
                    field.standard = Value?.none
                }
            }
            fields.append(field)
        }
        if one(in: 3) { fields.append(Field("q", .int, isRequired: one(in: 2), fill: .next)) }
        if one(in: 3) { fields.append(Field("w", .instant, fill: .changed)) }
        if one(in: 3) { fields.append(Field("m", pick([.date, .instant]), fill: .now)) }
        if one(in: 2) {
            let (type, text): (FieldType, String) = pick([
                (.text, "lower(t)"), (.int, "n + 1"), (.text, "coalesce(t, 'none')"),
                (.bool, "n > 2 and t is not null"),
                (.text, "case when n < 2 then 'few' when n < 4 then t else 'many' end"),
            ])
            fields.append(Field("g", type, isRequired: one(in: 9), generated: expression(text)))
        }
        fields.append(Field("e", .text))
        var roles = Roles()
        if one(in: 3) {
            fields.append(Field("own", .text))
            roles.owner = "own"
        }
        if one(in: 2) {
            fields += [Field("vf", .instant), Field("vt", .instant)]
            if !one(in: 6) { roles.validFrom = "vf" }
            if !one(in: 6) { roles.validTo = "vt" }
        }
        addMarks(&fields, &roles)
        let checks = ["n < 6", "n is null or n > -2", "length(t) < 9", "not (n = 3 and t = 'b')"]
        return Collection(
            name,
            key: pick([.text, .text, .int, .uuid]),
            fields: fields,
            indexes: [Index("byE", on: ["e"], isUnique: true, hasDistinctNulls: true)],
            checks: some(checks, one: 5).enumerated().map { Check("k\($0)", expression($1)) },
            roles: roles,
            history: one(in: 3) ? HistoryRule() : HistoryRule?.none
        )
    }

    /// References of a collection: to keys, by a field, and by an array.
    private func refer(_ collections: inout [Collection], _ place: Int) {
        func type(_ key: KeyType) -> FieldType { key == .text ? .text : key == .int ? .int : .uuid }
        if one(in: 2) {
            let to = pick(collections)
            collections[place].fields.append(Field("r", type(to.key)))
            collections[place].references.append(
                ReferenceRule(
                    "r",
                    ["r"],
                    to: to.name,
                    onDelete: pick(ReferenceRule.OnDelete.allCases)
                )
            )
        }
        if one(in: 3) {
            let to = pick(collections)
            collections[place].fields.append(Field("rs", .array(type(to.key))))
            collections[place].references.append(
                ReferenceRule(
                    "rs",
                    ["rs"],
                    to: to.name,
                    onDelete: pick(ReferenceRule.OnDelete.allCases)
                )
            )
        }
        if one(in: 3) {
            collections[place].fields.append(Field("re", .text))
            collections[place].references.append(
                ReferenceRule(
                    "re",
                    ["re"],
                    to: pick(collections).name,
                    on: ["e"],
                    onDelete: pick(ReferenceRule.OnDelete.allCases)
                )
            )
        }
    }

    /// An index of any kind over fields that the collection has.
    func index(_ name: String, _ collection: Collection) -> Index? {
        let isUnique = one(in: 4)
        // A rule that takes a name out must not run into another record.
        let names = ["r", "rs", "re"]
        var parts: [IndexField] = []
        var isSpread = false
        for field in some(collection.fields, one: 4)
        where parts.count < 3 && !(isUnique && names.contains(field.name)) {
            var hasCase = false
            switch field.type {
            case .vector: continue
            case .array(let element):
                if isSpread { continue }
                isSpread = true
                hasCase = element == .text
            case .json:
                if isSpread { continue }
                isSpread = true
                if !isUnique, one(in: 3) {
                    parts.append(IndexField(field.name, contains: true))
                    continue
                }
                parts.append(
                    IndexField(pick([field.name] + paths(field)), descending: one(in: 3))
                )
                continue
            case .text, .oneOf: hasCase = true
            default: break
            }
            parts.append(
                IndexField(field.name, descending: one(in: 3), folded: hasCase && one(in: 3))
            )
        }
        if parts.isEmpty { return nil }
        let conditions = [
            "n > 1", "t is not null", "t = 'tea'", "n between 0 and 4", "b",
            "da is null", "ac",
        ]
        var condition: Expression?
        if one(in: 3) {
            let chosen = expression(pick(conditions))
            if chosen.fields.allSatisfy({ collection.field($0) != nil }) { condition = chosen }
        }
        return Index(
            name,
            on: parts,
            isUnique: isUnique,
            where: condition,
            hasDistinctNulls: isUnique && one(in: 2)
        )
    }
}
