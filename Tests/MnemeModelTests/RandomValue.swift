import MnemeBase

@testable import MnemeModel

/// Makes values, the nasty ones more often than chance would.
struct RandomValue {
    let random: SeededRandomness
    /// Whether there may be values that do not equal themselves.
    let hasNaN: Bool

    init(seed: UInt64, hasNaN: Bool = true) {
        random = SeededRandomness(seed: seed)
        self.hasNaN = hasNaN
    }

    /// A value with arrays and maps at most `depth` deep.
    func value(depth: Int = 3) -> Value {
        switch random.below(depth > 0 ? 12 : 10) {
        case 0: .null
        case 1: .bool(random.below(2) == 0)
        case 2: .int(int())
        case 3: .float(float())
        case 4: .text(text())
        case 5: .bytes((0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case 6: .uuid(UniqueID(high: random.next(), low: random.next()))
        case 7: .instant(Instant(microseconds: int()))
        case 8: .date(Day(number: Int32(truncatingIfNeeded: int())))
        case 9: .vector((0..<random.below(20)).map { _ in single() })
        case 10: .array((0..<random.below(5)).map { _ in value(depth: depth - 1) })
        default: .map(members(depth: depth - 1))
        }
    }

    func members(depth: Int) -> [String: Value] {
        var members: [String: Value] = [:]
        for _ in 0..<random.below(5) { members[text()] = value(depth: depth) }
        return members
    }

    func int() -> Int64 {
        switch random.below(4) {
        case 0: [0, -1, 23, 24, 255, 256, 65_535, 65_536, .min, .max, .min + 1][random.below(11)]
        case 1: Int64(random.below(2000)) - 1000
        default: Int64(bitPattern: random.next()) >> Int64(random.below(64))
        }
    }

    func float() -> Double {
        let special: [Double] = [
            0, -0.0, .nan, .infinity, -.infinity, 1.5, 65_504, 0x1p-24, .leastNonzeroMagnitude,
            .greatestFiniteMagnitude, 0.1, 1e20, 9_007_199_254_740_992,
        ]
        let value =
            switch random.below(3) {
            case 0: special[random.below(special.count)]
            case 1: Double(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
            default: Double(bitPattern: random.next())
            }
        return value.isNaN && !hasNaN ? 1 : value
    }

    func single() -> Float {
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        return value.isNaN ? (hasNaN ? .nan : 1) : value
    }

    func text() -> String {
        let pieces = [
            "", "a", "é", "e\u{301}", "\u{0}", "\"\\/", "\u{1f600}", "$uuid", "$", "\n\t",
        ]
        return (0..<random.below(4)).map { _ in pieces[random.below(pieces.count)] }.joined()
    }
}

extension Value {
    /// Equality to the last bit, any NaN equal to any other, texts by their scalars.
    func isSame(_ other: Value) -> Bool {
        switch (self, other) {
        case (.float(let a), .float(let b)):
            a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
        case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
        case (.vector(let a), .vector(let b)):
            a.count == b.count
                && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
        case (.array(let a), .array(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.isSame($1) }
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { name, value in b[name]?.isSame(value) ?? false }
        default: self == other
        }
    }
}

/// The bytes of hexadecimal digits; blanks between them do not count.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// What a closure throws; nil when it does not.
func error<Failure: Error>(_ body: () throws(Failure) -> some Any) -> Failure? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}
