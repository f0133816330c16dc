// The store as a dictionary: what it should show, worked out without an index.

import MnemeBase
import MnemeModel

@testable import MnemeStore

/// The plain model of one store.
struct StoreModel {
    struct Item {
        var fields: [String: Value]
        var expiresAt: Int64
    }
    struct Line: Equatable {
        var type: String
        var from: String
        var to: String
    }
    var items: [String: Item] = [:]
    var edges: [UInt64: Line] = [:]
    var hasUnique = false
    var now: Int64 = 0

    /// What a change is refused with; nil when it was applied.
    ///
    /// An edge's number is not known here.
    mutating func apply(_ change: Change, _ links: inout [Line?]) -> MnemeError.Code? {
        switch change {
        case .put(let put):
            guard let key = put.key?.description else { return .wrongType }
            if put.mode == .insert, items[key] != nil { return .duplicate }
            if put.mode == .replaceOwned, let item = items[key],
                item.fields["owner"] ?? .null != put.fields["owner"] ?? .null
            {
                return .duplicate
            }
            let slot = put.fields["slot"] ?? .null
            let isTaken = items.contains {
                $0.key != key && $0.value.fields["slot"] ?? .null == slot
            }
            if hasUnique, isTaken { return .duplicate }
            items[key] = Item(
                fields: put.fields,
                expiresAt: put.expiresAt?.microseconds ?? .max
            )
        case .patch, .remove, .mark, .supersede:
            preconditionFailure("no test makes patches of this model")
        case .delete(let reference), .erase(let reference):
            remove(reference.key.description)
            let key = reference.key.description
            links = links.map { $0?.from == key || $0?.to == key ? nil : $0 }
        case .link(let link):
            let line = Line(
                type: link.type,
                from: link.from.key.description,
                to: link.to.key.description
            )
            guard items[line.from] != nil, items[line.to] != nil else { return .danglingEdge }
            links.append(line)
        case .unlink(let edge), .eraseEdge(let edge): edges[edge] = nil
        }
        return nil
    }

    mutating func remove(_ key: String) {
        items[key] = nil
        edges = edges.filter { $0.value.from != key && $0.value.to != key }
    }

    /// Lets time pass to an instant.
    mutating func advance(to instant: Int64) {
        now = instant
        for (key, item) in items where item.expiresAt <= instant { remove(key) }
    }

    func matching(_ find: Find) -> [String] {
        items.filter { key, item in
            if let owner = find.owner {
                guard let path = item.fields["owner"]?.text,
                    path == owner || path.hasPrefix(owner + "/")
                else { return false }
            }
            return find.filter?.holds { item.fields[$0] ?? .null } ?? true
        }.map(\.key)
    }

    /// Keys reached from a start, with the length of the shortest way.
    func reached(
        from start: String,
        _ types: [String]?,
        _ direction: Direction,
        hops: Int
    )
        -> [String: Int]
    {
        var distances = [start: 0]
        var frontier = [start]
        for hop in stride(from: 1, through: min(hops, 1000), by: 1) where !frontier.isEmpty {
            var next: [String] = []
            for node in frontier {
                for line in edges.values where types?.contains(line.type) ?? true {
                    for (near, far, isWay) in [
                        (line.from, line.to, direction != .in),
                        (line.to, line.from, direction != .out),
                    ] where isWay && near == node && distances[far] == nil {
                        distances[far] = hop
                        next.append(far)
                    }
                }
            }
            frontier = next
        }
        distances[start] = nil
        return distances
    }
}

/// Random changes and questions about the collection `items`.
struct StoreDice {
    let random: SeededRandomness
    static let words = ["apple", "stone", "river", "cloud", "tiger", "lemon"]
    static let owners = ["ann", "ann/desk", "ann/desk/deep", "bob", "bobby", "caf\u{e9}/x"]
    static let dimension = 4

    func key() -> String { "k\(random.below(24))" }
    func reference() -> Reference { Reference("items", .text(key())) }
    func chance(_ one: Int) -> Bool { random.below(one) == 0 }
    func pick<T>(_ all: [T]) -> T { all[random.below(all.count)] }

    func text() -> String {
        (0..<random.below(4)).map { _ in pick(Self.words) }.joined(separator: " ")
    }

    func vector() -> [Float] {
        (0..<Self.dimension).map { _ in Float(random.below(19)) - 9.5 }
    }

    func value(_ field: String) -> Value {
        switch field {
        case "rank": .int(Int64(random.below(7)) - 3)
        case "size": pick([.float(-0.0), .float(0), .float(.nan), .float(2.5), .float(-.infinity)])
        case "name": .text(pick(["", "a", "ab", "b\0", "caf\u{e9}", "cafe\u{301}", "z"]))
        case "flag": .bool(chance(2))
        case "day": .date(Day(number: Int32(random.below(5)) - 2))
        case "tags": .array((0..<random.below(3)).map { _ in .text(pick(Self.words)) })
        case "owner": .text(pick(Self.owners))
        case "slot": .int(Int64(random.below(60)))
        case "body": .text(text())
        case "place": .vector(vector())
        default: .null
        }
    }

    func change(_ edges: [UInt64], now: Int64) -> Change {
        switch random.below(10) {
        case 0: return .delete(reference())
        case 1, 2:
            return .link(Link(pick(["likes", "knows"]), from: reference(), to: reference()))
        case 3:
            let edge =
                edges.isEmpty || chance(5) ? UInt64(random.below(500)) + 1_000_000 : pick(edges)
            return chance(3) ? .eraseEdge(edge) : .unlink(edge)
        default:
            var fields: [String: Value] = ["slot": value("slot")]
            for name in ["rank", "size", "name", "flag", "day", "tags", "owner", "body", "place"]
            where !chance(4) {
                fields[name] = value(name)
            }
            let expiry = Instant(microseconds: now + Int64(random.below(40)))
            return .put(
                Put(
                    "items",
                    .text(key()),
                    fields,
                    mode: pick([.insert, .replaceOwned, .replace, .replace, .replace]),
                    expiresAt: chance(6) ? expiry : nil
                )
            )
        }
    }

    func filter(_ depth: Int = 3) -> Filter {
        switch random.below(depth > 0 ? 8 : 5) {
        case 5: return .and((0..<random.below(4)).map { _ in filter(depth - 1) })
        case 6: return .or((0..<random.below(4)).map { _ in filter(depth - 1) })
        case 7: return .not(filter(depth - 1))
        default: return comparison()
        }
    }

    private func comparison() -> Filter {
        if chance(6) {
            let part = Value.text(pick(Self.words))
            return .compare(
                field: "tags",
                pick([.any([part]), .all([part]), .contains(part), .exists(chance(2))])
            )
        }
        let field = pick(["rank", "size", "name", "flag", "day", "owner"])
        let (one, other) = (value(field), value(field))
        var all: [Comparison] = [
            .eq(one), .ne(one), .gt(one), .gte(one), .lt(one), .lte(one), .within(one, other),
            .isIn([one, other, .null]), .notIn([one]), .exists(chance(2)), .eq(.null), .eq(one),
        ]
        if let text = one.text { all += [.prefix(String(text.prefix(1))), .contains(other)] }
        return .compare(field: field, pick(all))
    }

    func select() -> [String] {
        (0..<random.below(5)).map { _ in
            pick(["rank", "size", "name", "flag", "day", "tags", "owner", "slot", "body", "place"])
        }
    }

    func order() -> [Order] {
        (0..<random.below(3)).map { _ in
            Order(pick(["rank", "size", "name", "flag", "day"]), descending: chance(2))
        }
    }
}
