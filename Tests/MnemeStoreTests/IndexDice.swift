// Random schemas with indexes of every kind, records whose values meet often, and questions over
// them.

import MnemeBase
import MnemeModel

struct IndexDice {
    let random: SeededRandomness

    static let fields: [Field] = [
        Field("owner", .text), Field("n", .int), Field("f", .float), Field("t", .text),
        Field("s", .oneOf(["on", "off", "idle"])), Field("d", .date), Field("at", .instant),
        Field("u", .uuid), Field("b", .bool), Field("raw", .bytes),
        Field("tags", .array(.text)), Field("nums", .array(.int)), Field("data", .json),
        Field("moods", .json),
    ]
    static let single = ["owner", "n", "f", "t", "s", "d", "at", "u", "b", "raw"]
    static let spread = [
        "tags", "nums", "data", "data.theme", "data.n", "moods.name", "moods.force", "moods",
        "data.list", "data.a.b",
    ]
    static let folded: Set<String> = ["t", "s", "tags", "data.theme", "moods.name", "owner"]
    static let conditions = [
        "n > 1", "n between 0 and 2", "t is not null", "b", "b = true", "not b", "s = 'on'",
        "s in ('on', 'idle')", "n >= 0 and t is not null", "f <= 2", "n > 0 or b",
        "data.theme = 'Dark'", "d is not null and b", "f > 0 and f < 3", "owner = 'ann'",
        "lower(t) = 'a'", "n is null", "at >= instant '1970-01-01T00:00:00Z'",
    ]

    func below(_ count: Int) -> Int { random.below(count) }
    func chance(_ one: Int) -> Bool { random.below(one) == 0 }
    func pick<T>(_ all: [T]) -> T { all[random.below(all.count)] }

    func index(_ name: String, isUnique: Bool) throws -> Index {
        var paths: [String] = []
        let spread = chance(2) ? below(3) : 3
        for place in 0..<(1 + below(3)) {
            let path = place == spread ? pick(Self.spread) : pick(Self.single)
            if !paths.contains(path) { paths.append(path) }
        }
        return Index(
            name,
            on: paths.map { path in
                IndexField(
                    path,
                    descending: chance(3),
                    folded: Self.folded.contains(path) && chance(3)
                )
            },
            isUnique: isUnique,
            where: chance(3) ? try Expression(pick(Self.conditions)) : nil,
            hasDistinctNulls: isUnique && chance(2)
        )
    }

    // MARK: Values

    func text() -> String {
        pick([
            "", "a", "A", "ab", "Ab", "b\0", "caf\u{e9}", "CAFE\u{301}", "z", "stra\u{df}e", "on",
        ])
    }

    func value(_ path: String) -> Value {
        switch path {
        case "owner": .text(pick(["ann", "Ann", "ann/desk", "bob", "caf\u{e9}"]))
        case "n": .int(Int64(below(6)) - 2)
        case "f": pick([.float(-0.0), 0, .float(.nan), 2.5, .float(-.infinity), 2, 7.25])
        case "t": .text(text())
        case "s": .text(pick(["on", "off", "idle"]))
        case "d": .date(Day(number: Int32(below(5)) - 2))
        case "at": .instant(Instant(microseconds: Int64(below(5)) - 2))
        case "u": .uuid(UniqueID(high: UInt64(below(3)), low: UInt64(below(2))))
        case "b": .bool(chance(2))
        case "raw": .bytes(pick([[], [0], [0, 1], [255]]))
        case "tags": .array((0..<below(4)).map { _ in .text(text()) })
        case "nums": .array((0..<below(4)).map { _ in .int(Int64(below(5))) })
        default: json(3)
        }
    }

    func scalar() -> Value {
        pick([
            .null, true, false, 0, 1, 2, 2.5, .float(-0.0), 1.0, .int(1 << 60), .int((1 << 60) + 1),
            .float(0x1p60), "a", "A", "Dark", "dark", "", "caf\u{e9}", "on", .int(.max), .int(.min),
        ])
    }

    func json(_ depth: Int) -> Value {
        if depth == 0 || chance(4) { return scalar() }
        if chance(3) { return .array((0..<below(4)).map { _ in json(depth - 1) }) }
        var members: [String: Value] = [:]
        for name in ["theme", "n", "name", "force", "list", "a", "b"] where chance(3) {
            members[name] = json(depth - 1)
        }
        return .map(members)
    }

    func record() -> [String: Value] {
        var fields: [String: Value] = [:]
        for field in Self.fields where !chance(5) {
            fields[field.name] = value(field.name)
        }
        if !chance(4) {
            fields["moods"] = .array(
                (0..<below(4)).map { _ in
                    var mood: [String: Value] = [:]
                    if !chance(6) { mood["name"] = chance(8) ? scalar() : .text(text()) }
                    if !chance(6) { mood["force"] = pick([0, 0.25, 0.5, 1, 1.0, 2]) }
                    return .map(mood)
                }
            )
        }
        return fields
    }

    // MARK: Questions

    func filter(_ depth: Int = 3) -> Filter {
        switch below(depth > 0 ? 9 : 5) {
        case 5, 6, 7: .and((0..<(1 + below(3))).map { _ in filter(depth - 1) })
        case 8: chance(2) ? .not(filter(depth - 1)) : .or((0..<2).map { _ in filter(depth - 1) })
        default: comparison()
        }
    }

    private func comparison() -> Filter {
        if chance(5) {
            return .compare(field: "moods", .some(member(2)))
        }
        if chance(3) {
            let path = pick(Self.spread)
            return .compare(field: path, spreadComparison(path))
        }
        let path = pick(Self.single)
        return .compare(field: path, plainComparison(path))
    }

    private func plainComparison(_ path: String) -> Comparison {
        let (one, other) = (value(path), value(path))
        var all: [Comparison] = [
            .eq(one), .eq(one), .eq(one), .ne(one), .gt(one), .gte(one), .lt(one), .lte(one),
            .within(one, other), .isIn([one, other]), .isIn([one, other, .null]),
            .isIn([one, other, one, other, value(path), value(path), one, one, one, one]),
            .notIn([one]), .exists(chance(2)), .eq(.null), .ne(.null), .isIn([]),
        ]
        if path == "n" { all += [.gt(0.5), .lte(1.5), .eq(1.0), .isIn([1.0, 0.5, 2])] }
        if path == "f" { all += [.gt(1), .eq(2), .lt(.int((1 << 53) + 1))] }
        if let text = one.text { all += [.prefix(String(text.prefix(1))), .contains(other)] }
        return pick(all)
    }

    private func spreadComparison(_ path: String) -> Comparison {
        func element() -> Value {
            switch path {
            case "tags": .text(text())
            case "nums": .int(Int64(below(5)))
            default: chance(5) ? json(1) : scalar()
            }
        }
        func bound() -> Value {
            let value = element()
            return value.isNull ? 1 : value
        }
        let (one, other) = (element(), element())
        let arrays: [Comparison] = [
            .any([one, other]), .any([one]), .all([one, other]), .all([one]), .any([]), .all([]),
            .contains(one), .contains(.array([one, other])), .exists(chance(2)), .eq(.null),
            .eq(.array([one])), .eq(.array([])), .ne(.null),
            .any([one, other, one, one, one, one, one, one, one, one, 3].map { $0 }),
        ]
        if path == "tags" || path == "nums" {
            let fits = arrays.filter { comparison in
                if case .any(let values) = comparison, values.count == 11 { return path == "nums" }
                return true
            }
            return pick(fits)
        }
        return pick(
            arrays + [
                .eq(one), .eq(one), .eq(one), .ne(one), .gt(bound()), .gte(bound()), .lt(bound()),
                .lte(bound()), .within(bound(), bound()), .isIn([one, other]), .notIn([one]),
                .prefix("a"), .some(member(1)),
            ]
        )
    }

    private func member(_ depth: Int) -> Filter {
        if depth > 0, !chance(3) {
            let parts = [member(depth - 1), member(depth - 1)]
            return chance(6) ? .or(parts) : .and(parts)
        }
        let name = pick(["name", "force", "theme", "a.b"])
        let one: Value = name == "name" ? .text(text()) : pick([0, 0.25, 0.5, 1, 2])
        return .compare(
            field: name,
            pick([
                .eq(one), .eq(one), .gt(one), .lte(one), .isIn([one, scalar()]), .exists(chance(2)),
            ])
        )
    }

    func order() -> [Order] {
        (0..<below(3)).map { _ in Order(pick(Self.single), descending: chance(2)) }
    }

    func question() -> Find {
        Find(
            "items",
            owner: chance(4) ? pick(["ann", "bob", "no", "caf\u{e9}"]) : nil,
            where: chance(6) ? nil : filter(),
            order: order(),
            limit: chance(2) ? .max : below(12),
            offset: chance(4) ? below(6) : 0
        )
    }
}
