// Groups and their figures: what a count makes of the values that it is told of. Pure.

internal import MnemeModel

/// Groups while they are being counted.
struct Figures {
    /// No answer has more groups.
    static let groupLimit = 1 << 20

    private let groups: [Projection]
    /// The figures in the order of their names.
    private let names: [String]
    private let aggregates: [Aggregate]
    private var places: [[SameValue]: Int] = [:]
    private var keys: [[Value]] = []
    private var tallies: [[Tally]] = []

    /// Nothing counted yet.
    init(_ count: Count) {
        groups = count.groups
        names = count.aggregates.keys.sorted()
        aggregates = names.compactMap { count.aggregates[$0] }
        // Everything is one group, also where there is nothing.
        if groups.isEmpty {
            keys = [[]]
            tallies = [aggregates.map(Tally.init)]
        }
    }

    /// The group of what has these values.
    ///
    /// - Throws: `.tooLarge` for one group too many.
    mutating func place(_ value: (String) -> Value) throws(MnemeError) -> Int {
        if groups.isEmpty { return 0 }
        let key = groups.map { part in
            switch part {
            case .field(let name): SameValue(value(name))
            case .computed(_, let expression): SameValue(expression.evaluate(value))
            }
        }
        if let known = places[key] { return known }
        guard keys.count < Self.groupLimit else {
            throw MnemeError(
                .tooLarge,
                "there are more than \(Self.groupLimit) groups; group by less, or filter more"
            )
        }
        places[key] = keys.count
        keys.append(key.map(\.value))
        tallies.append(aggregates.map(Tally.init))
        return keys.count - 1
    }

    /// Counts something into a group.
    mutating func add(to place: Int, _ value: (String) -> Value) {
        for index in aggregates.indices {
            switch aggregates[index].operand {
            case nil: tallies[place][index].raise(by: 1)
            case .field(let name)?: tallies[place][index].add(value(name))
            case .computed(let expression)?:
                tallies[place][index].add(expression.evaluate(value))
            }
        }
    }

    /// Counts so many of which nothing but that is asked.
    mutating func add(_ count: Int, to place: Int) {
        for index in aggregates.indices { tallies[place][index].raise(by: count) }
    }

    /// What tells arrays and objects apart that the order of values does not: their CBOR, by the
    /// group's place and the part's.
    ///
    /// So that the order of groups is that of what makes them, and not that in which they were met,
    /// which is the plan's.
    private func nestedBytes() -> [Int: [Int: [UInt8]]] {
        var bytes: [Int: [Int: [UInt8]]] = [:]
        for (place, key) in keys.enumerated() {
            for (part, value) in key.enumerated() {
                switch value {
                case .array, .map: bytes[place, default: [:]][part] = (try? value.cbor()) ?? []
                default: break
                }
            }
        }
        return bytes
    }

    /// The groups in order, with their figures.
    ///
    /// - Throws: `.tooLarge` for a sum that no int is.
    func rows(_ count: Count) throws(MnemeError) -> [[String: Value]] {
        var rows: [(place: Int, row: [String: Value])] = []
        let having = count.having.map(FilterTest.init)
        for place in keys.indices {
            var row: [String: Value] = [:]
            for (part, value) in zip(groups, keys[place]) {
                if case .null = value { continue }
                row[part.name] = value
            }
            for (index, name) in names.enumerated() {
                let value = try tallies[place][index].value(name)
                if case .null = value { continue }
                row[name] = value
            }
            if let having, !having.holds({ row[$0] ?? .null }) { continue }
            rows.append((place, row))
        }
        let bytes = nestedBytes()
        rows.sort { left, right in
            for part in count.order {
                let result = Value.compare(
                    left.row[part.field] ?? .null,
                    right.row[part.field] ?? .null
                )
                if result != 0 { return (result < 0) != part.isDescending }
            }
            let (one, other) = (keys[left.place], keys[right.place])
            for part in one.indices {
                let result = Value.compare(one[part], other[part])
                if result != 0 { return result < 0 }
            }
            for part in one.indices {
                guard let a = bytes[left.place]?[part], let b = bytes[right.place]?[part],
                    a != b
                else { continue }
                return a.lexicographicallyPrecedes(b)
            }
            return left.place < right.place
        }
        return rows.prefix(count.limit ?? .max).map(\.row)
    }
}

/// One figure of a group while it is being counted.
private enum Tally {
    case count(Int, ofValues: Bool)
    case sum(Sum)
    case average(Sum)
    case least(Value)
    case most(Value)
    case different(Set<SameValue>)

    init(_ aggregate: Aggregate) {
        switch aggregate.function {
        case .count: self = .count(0, ofValues: aggregate.operand != nil)
        case .sum: self = .sum(Sum())
        case .avg: self = .average(Sum())
        case .min: self = .least(.null)
        case .max: self = .most(.null)
        case .distinct: self = .different([])
        }
    }

    /// So many more, of whatever values.
    mutating func raise(by count: Int) {
        if case .count(let before, let ofValues) = self {
            self = .count(before + count, ofValues: ofValues)
        }
    }

    /// Nulls are skipped.
    mutating func add(_ value: Value) {
        if case .null = value { return }
        switch self {
        case .count(let count, let ofValues): self = .count(count + 1, ofValues: ofValues)
        case .sum(var sum):
            sum.add(value)
            self = .sum(sum)
        case .average(var sum):
            sum.add(value)
            self = .average(sum)
        case .least(let known):
            if known.isNull || Value.compare(value, known) < 0 { self = .least(value) }
        case .most(let known):
            if known.isNull || Value.compare(value, known) > 0 { self = .most(value) }
        case .different(var values):
            // So that it is changed in its place.
            self = .count(0, ofValues: false)
            values.insert(SameValue(value))
            self = .different(values)
        }
    }

    func value(_ name: String) throws(MnemeError) -> Value {
        switch self {
        case .count(let count, _): .int(Int64(count))
        case .sum(let sum): try sum.value(name)
        case .average(let sum): sum.average
        case .least(let value), .most(let value): value
        case .different(let values): .int(Int64(values.count))
        }
    }
}

/// Numbers that are added up: ints exactly, floats with what rounding loses.
private struct Sum {
    private var ints: Int128 = 0
    private var float = 0.0
    private var lost = 0.0
    private var hasFloats = false
    private var count = 0

    /// What is no number is skipped.
    mutating func add(_ value: Value) {
        switch value {
        case .int(let int):
            ints += Int128(int)
            count += 1
        case .float(let next):
            let sum = float + next
            // What the smaller of both loses (Neumaier 1974).
            if sum.isFinite {
                lost += abs(float) >= abs(next) ? (float - sum) + next : (next - sum) + float
            }
            float = sum
            hasFloats = true
            count += 1
        default: return
        }
    }

    private var total: Double { (float.isFinite ? float + lost : float) + Double(ints) }

    /// Null of nothing.
    func value(_ name: String) throws(MnemeError) -> Value {
        if count == 0 { return .null }
        if hasFloats { return .float(total) }
        guard let sum = Int64(exactly: ints) else {
            throw MnemeError(
                .tooLarge,
                "the sum \(quoted(name)) is \(ints), which is no 64-bit int; add up floats, as by "
                    + "{\"sum\": {\"value\": \"float(field)\"}}, or filter more"
            )
        }
        return .int(sum)
    }

    /// Null of nothing.
    var average: Value { count == 0 ? Value.null : .float(total / Double(count)) }
}
