// Random requests to the sample's store, sensible ones and others; the same for the same seed.

import MnemeBase
import MnemeModel

struct Dice {
    let random: SeededRandomness
    /// Whether records may expire: then the work behind commits as it likes.
    let hasExpiry: Bool
    /// No two records have the same, so that an order by it is one.
    private let serial: Serial

    private final class Serial: @unchecked Sendable { var next: Int64 = 0 }

    init(seed: UInt64, hasExpiry: Bool) {
        random = SeededRandomness(seed: seed)
        self.hasExpiry = hasExpiry
        serial = Serial()
    }

    func chance(_ one: Int) -> Bool { random.below(one) == 0 }
    func pick<Element>(_ all: [Element]) -> Element { all[random.below(all.count)] }
    func maybe<Element>(_ make: @autoclosure () -> Element) -> Element? {
        chance(2) ? make() : nil
    }

    private static let words = ["mill", "bees", "tea", "train", "roof", "café", "leaves", "the"]
    private static let owners = ["ann", "ann/work", "anna", "bob", "caf\u{e9}/x", "", "a//b"]
    private static let fields = [
        "name", "flag", "count", "size", "data", "id", "at", "day", "free", "mood", "tags",
        "sizes", "body", "near", "dot", "half", "owner", "nmae",
    ]

    func text() -> String {
        (0..<random.below(5)).map { _ in pick(Self.words) }.joined(separator: " ")
    }

    func key() -> Key {
        switch random.below(40) {
        case 0: .int(Int64(random.below(5)))
        case 1: .uuid(UniqueID(high: 1, low: 2))
        case 2: .text("")
        default: .text("k\(random.below(30))" + (chance(9) ? "/\u{e9}\0" : ""))
        }
    }

    func reference() -> Reference {
        switch random.below(30) {
        case 0: Reference("nothing", key())
        case 1: Reference("a/b", key())
        case 2: Reference("numbers", .int(Int64(random.below(9))))
        case 3: Reference("memories", .text("m\(random.below(9))"))
        default: Reference("things", key())
        }
    }

    func value(_ field: String) -> Value {
        if chance(60) { return pick([nil, 1, "x", .bytes([1]), [], [:], .vector([1])]) }
        return switch field {
        case "flag": .bool(chance(2))
        case "count": pick([.int(.min), .int(.max), .int(Int64(random.below(9)) - 4)])
        case "size":
            pick([.float(-0.0), 0.0, .float(.nan), .float(.infinity), 2.5, 3, -1e-300])
        case "data": .bytes((0..<random.below(9)).map { UInt8($0 * 31) })
        case "id": .uuid(UniqueID(high: UInt64(random.below(3)), low: .max))
        case "at": pick([.instant(Instant(microseconds: Int64(random.below(9)))), "2024-02-29"])
        case "day": pick([.date(Day(number: Int32(random.below(9)) - 4)), "2024-02-29"])
        case "free":
            pick([["a": [1, ["b": nil]]], [1, 2.5, "x"], "x", .float(-0.0), ["$uuid": "x"]])
        case "mood": pick(["good", "bad", "so so"])
        case "tags": .array((0..<random.below(3)).map { _ in .text(pick(Self.words)) })
        case "sizes": .array((0..<random.below(3)).map { .float(Double($0) / 3) })
        case "near": .vector((0..<3).map { _ in Float(random.below(9)) - 4 })
        case "dot", "half": .vector((0..<2).map { _ in Float(random.below(9)) - 4 })
        case "owner": .text(pick(Self.owners))
        default: .text(text())
        }
    }

    func change() -> Change {
        switch random.below(12) {
        case 0: return .delete(reference())
        case 1, 2:
            let fields: [String: Value] = chance(3) ? ["weight": 0.5] : [:]
            let type = pick(["joins", "cites", "cites", "counts"] + (chance(9) ? ["none"] : []))
            return .link(Link(type, from: reference(), to: reference(), fields: fields))
        case 3: return .unlink(pick([UInt64(random.below(400)), .max, 1 << 63]))
        case 4:
            let slot: Value = .text("s\(random.below(12))")
            return .put(Put("places", key(), ["slot": slot, "room": maybe(1) ?? nil]))
        case 5: return .put(Put("numbers", nil, ["text": .text(text())]))
        default:
            var fields: [String: Value] = [:]
            for name in Self.fields.dropLast() where chance(3) { fields[name] = value(name) }
            if chance(40) { fields["nmae"] = 1 }
            let expiresAt: Instant? =
                hasExpiry && chance(4) ? Instant(microseconds: Int64(random.below(2)) << 62) : nil
            return .put(
                Put("things", key(), fields, mode: pick(Put.Mode.allCases), expiresAt: expiresAt)
            )
        }
    }

    func filter(_ depth: Int = 3) -> Filter {
        switch random.below(depth > 0 ? 7 : 4) {
        case 4: return .and((0..<random.below(3)).map { _ in filter(depth - 1) })
        case 5: return .or((0..<random.below(3)).map { _ in filter(depth - 1) })
        case 6: return .not(filter(depth - 1))
        default: break
        }
        let field = pick(Self.fields)
        let (one, other) = (value(field), value(field))
        return .compare(
            field: field,
            pick([
                .eq(one), .ne(one), .gt(one), .gte(one), .lt(one), .lte(one), .isIn([one, other]),
                .notIn([one]), .any([one]), .all([one, other]), .prefix(pick(Self.words)),
                .exists(chance(2)), .contains(one), .within(one, other), .eq(nil), .eq(one),
            ])
        )
    }

    func limit() -> Int { pick([0, 1, 2, 5, 10, 1000, .max, chance(5) ? -1 : 3]) }

    func find() -> Find {
        let field = pick(["near", "dot", "half"])
        let vector = (0..<(field == "near" ? 3 : 2)).map { _ in Float(random.below(9)) - 4 }
        let way = random.below(6)
        return Find(
            chance(30) ? "nothing" : "things",
            owner: chance(4) ? pick(Self.owners) : nil,
            where: maybe(filter()),
            near: way == 0 ? Near(field, vector, minimum: maybe(0), isExact: chance(2)) : nil,
            match: way == 1 ? Match("body", text()) : nil,
            // Rows that are alike in the field come as the index has them that is chosen.
            order: way > 3 ? [Order(pick(Self.fields), descending: chance(2)), Order("$key")] : [],
            limit: limit(),
            offset: chance(3) ? random.below(4) : 0,
            select: chance(3) ? [.field(pick(Self.fields))] : chance(9) ? [] : nil
        )
    }

    func remember() -> Remember {
        serial.next += 1
        return Remember(
            text() + " \(serial.next)",
            owner: pick(Self.owners.filter { !$0.isEmpty || chance(9) }),
            key: chance(6) ? nil : .text("m\(random.below(9))"),
            kind: pick(MemoryKind.allCases),
            // So old, or still to come, that its age is the same to all doors.
            time: Instant(microseconds: pick([0, 4_000_000_000_000_000])),
            importance: pick([0, 0.5, 1, chance(9) ? .nan : 0.25]),
            decayRate: pick([0, 0.1, 3]),
            isPinned: chance(4),
            speaker: maybe("ann"),
            tags: chance(3) ? ["x", "é"] : [],
            data: chance(3) ? value("free") : nil,
            links: chance(5) ? [MemoryLink("near", to: .text("m\(random.below(9))"))] : []
        )
    }

    /// A recall that is no use of what it answers with: that would be written some seconds behind
    /// it, and take numbers of commits and of edges there, so that doors of which one is slower
    /// would come apart.
    func recall() -> Recall {
        var recall = Recall(
            text(),
            owner: chance(2) ? pick(Self.owners) : nil,
            where: chance(4) ? .eq("kind", "semantic") : chance(9) ? filter() : nil,
            around: chance(4) ? [.text("m\(random.below(9))")] : [],
            hops: random.below(3),
            limit: limit(),
            tokens: maybe(random.below(400)),
            minimumSimilarity: chance(4) ? 0.25 : nil,
            signals: Set(Signal.allCases.filter { _ in !chance(5) })
        )
        recall.touches = false
        return recall
    }

    func request() -> Request {
        switch random.below(24) {
        case 0: .describe
        case 1:
            .define(
                Schema(collections: [
                    Collection("more\(random.below(3))", fields: [Field("f", .int)])
                ])
            )
        case 2, 3: .get((0..<random.below(9)).map { _ in reference() })
        case 4, 5, 6, 7: .find(find())
        case 8:
            .walk(
                Walk(
                    from: (0..<random.below(3)).map { _ in reference() },
                    types: chance(3) ? ["joins"] : nil,
                    direction: pick(Direction.allCases),
                    hops: pick([0, 1, 2, 9, .max]),
                    limit: limit(),
                    countOnly: chance(4)
                )
            )
        case 9:
            .path(
                Path(
                    from: reference(),
                    to: reference(),
                    direction: pick(Direction.allCases),
                    hops: random.below(9)
                )
            )
        case 10: .statistics
        case 11:
            .relate([
                Link(pick(["near", "far"]), from: reference(), to: reference())
            ])
        case 12, 13: .remember((0..<random.below(4)).map { _ in remember() })
        case 14, 15: .recall(recall())
        case 16:
            .forget(
                Forget(
                    keys: (0..<random.below(2)).map { _ in .text("m\(random.below(9))") },
                    owner: chance(3) ? pick(Self.owners) : nil
                )
            )
        default: .commit((0..<random.below(7)).map { _ in change() }, pick([.buffered, .none]))
        }
    }
}
