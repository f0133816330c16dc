// Comparisons as far as they are decided by a field's bytes. Texts that are compared with are of
// ASCII alone: a text equals one when it has the same bytes, and does not when it has others and is
// of ASCII too. Of two texts that are not, only their characters say whether they are equal.

internal import MnemeBase

/// What bytes say of a comparison.
enum ByteVerdict {
    case holds
    case fails
    /// Values have to be made to know.
    case unsure

    init(_ holds: Bool) { self = holds ? .holds : .fails }
}

/// A comparison that bytes decide of most values.
enum ByteLook: Sendable {
    /// One of a few texts, or none of them.
    case texts([[UInt8]], isWanted: Bool)
    case truth(Bool, isWanted: Bool)
    /// Between two ends, or not; a missing end is none.
    case range(ByteRange, isWanted: Bool)
    /// An array that has one of a few texts.
    case element([[UInt8]])
    /// An object that has all of these members.
    case members([(name: [UInt8], value: ByteScalar)])

    /// No more texts and members are looked for one by one.
    private static let few = 8

    /// Nil where bytes do not decide it.
    init?(_ comparison: Comparison) {
        switch comparison {
        case .eq(let value):
            guard let look = ByteLook(value, isWanted: true) else { return nil }
            self = look
        case .ne(let value):
            guard let look = ByteLook(value, isWanted: false) else { return nil }
            self = look
        case .gt(let low): self.init(low, false, nil, false)
        case .gte(let low): self.init(low, true, nil, false)
        case .lt(let high): self.init(nil, false, high, false)
        case .lte(let high): self.init(nil, false, high, true)
        case .within(let low, let high): self.init(low, true, high, true)
        case .isIn(let values):
            guard let texts = ByteLook.asciiTexts(values) else { return nil }
            self = .texts(texts, isWanted: true)
        case .notIn(let values):
            guard let texts = ByteLook.asciiTexts(values) else { return nil }
            self = .texts(texts, isWanted: false)
        case .any(let values):
            guard let texts = ByteLook.asciiTexts(values) else { return nil }
            self = .element(texts)
        case .contains(.map(let wanted)):
            guard wanted.count <= ByteLook.few else { return nil }
            var members: [(name: [UInt8], value: ByteScalar)] = []
            for (name, value) in wanted {
                guard let name = name.ascii, let value = ByteScalar(value) else { return nil }
                members.append((name, value))
            }
            self = .members(members)
        case .all, .prefix, .exists, .contains, .some: return nil
        }
    }

    /// Of a member of an object; nil where bytes do not decide it.
    init?(_ comparison: Comparison, of member: String) {
        guard case .eq(let value) = comparison, let name = member.ascii,
            let value = ByteScalar(value)
        else { return nil }
        self = .members([(name, value)])
    }

    private init?(_ value: Value, isWanted: Bool) {
        switch value {
        case .text(let text):
            guard let text = text.ascii else { return nil }
            self = .texts([text], isWanted: isWanted)
        case .bool(let value): self = .truth(value, isWanted: isWanted)
        default:
            guard let number = ByteNumber(value) else { return nil }
            self = .range(
                ByteRange(low: number, hasLow: true, high: number, hasHigh: true),
                isWanted: isWanted
            )
        }
    }

    private init?(_ low: Value?, _ hasLow: Bool, _ high: Value?, _ hasHigh: Bool) {
        var range = ByteRange(hasLow: hasLow, hasHigh: hasHigh)
        if let low {
            guard let number = ByteNumber(low) else { return nil }
            range.low = number
        }
        if let high {
            guard let number = ByteNumber(high) else { return nil }
            range.high = number
        }
        self = .range(range, isWanted: true)
    }

    private static func asciiTexts(_ values: [Value]) -> [[UInt8]]? {
        guard values.count <= few else { return nil }
        var texts: [[UInt8]] = []
        for value in values {
            guard let text = value.text?.ascii else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// What the bytes of a value say.
    func verdict(on bytes: Span<UInt8>, _ range: Range<Int>) -> ByteVerdict {
        var rest = ItemBytes(range)
        switch self {
        case .texts(let texts, let isWanted):
            guard let text = rest.string(bytes, major: 3), let found = texts.have(text, bytes)
            else { return .unsure }
            return ByteVerdict(found == isWanted)
        case .truth(let value, let isWanted):
            guard let found = rest.bool(bytes) else { return .unsure }
            return ByteVerdict((found == value) == isWanted)
        case .range(let wanted, let isWanted):
            guard let found = wanted.has(bytes, &rest) else { return .unsure }
            return ByteVerdict(found == isWanted)
        case .element(let texts): return texts.verdict(on: bytes, &rest)
        case .members(let members): return members.verdict(on: bytes, &rest)
        }
    }
}

/// A text of ASCII, a truth value or an int.
enum ByteScalar: Sendable {
    case text([UInt8])
    case truth(Bool)
    case int(Int64)

    /// Nil of anything else.
    init?(_ value: Value) {
        switch value {
        case .text(let text):
            guard let text = text.ascii else { return nil }
            self = .text(text)
        case .bool(let value): self = .truth(value)
        case .int(let value): self = .int(value)
        default: return nil
        }
    }

    /// Whether an item equals it, nil where its bytes do not say; goes on behind the item only
    /// where they do.
    @inline(__always)
    fileprivate func equals(_ bytes: Span<UInt8>, _ rest: inout ItemBytes) -> Bool? {
        switch self {
        case .text(let text):
            guard let found = rest.string(bytes, major: 3) else { return nil }
            return text.equals(found, bytes)
        case .truth(let value): return rest.bool(bytes).map { $0 == value }
        case .int(let value): return rest.int(bytes).map { $0 == value }
        }
    }
}

/// A number or an instant.
enum ByteNumber: Sendable {
    case int(Int64)
    case float(Double)
    case instant(Int64)

    /// Nil of anything else, and of NaN, which has a place of its own in the order.
    init?(_ value: Value) {
        switch value {
        case .int(let value): self = .int(value)
        case .float(let value):
            if value.isNaN { return nil }
            self = .float(value)
        case .instant(let instant): self = .instant(instant.microseconds)
        default: return nil
        }
    }
}

/// Numbers of one kind between two ends.
struct ByteRange: Sendable {
    var low: ByteNumber?
    /// Whether an end is in it.
    var hasLow: Bool
    var high: ByteNumber?
    var hasHigh: Bool

    /// Whether a value is in it; nil of another kind than the ends', and of NaN.
    @inline(__always)
    fileprivate func has(_ bytes: Span<UInt8>, _ rest: inout ItemBytes) -> Bool? {
        switch low ?? high {
        case .int?:
            guard let value = rest.int(bytes) else { return nil }
            return isAbove(value) { if case .int(let end) = $0 { end } else { nil } }
        case .float?:
            guard let value = rest.float(bytes), !value.isNaN else { return nil }
            return isAbove(value) { if case .float(let end) = $0 { end } else { nil } }
        case .instant?:
            guard let value = rest.instant(bytes)?.microseconds else { return nil }
            return isAbove(value) { if case .instant(let end) = $0 { end } else { nil } }
        case nil: return nil
        }
    }

    /// Whether a number is in it; nil where an end is of another kind.
    @inline(__always)
    private func isAbove<Number: Comparable>(
        _ value: Number,
        _ end: (ByteNumber) -> Number?
    ) -> Bool? {
        if let low {
            guard let low = end(low) else { return nil }
            guard hasLow ? value >= low : value > low else { return false }
        }
        if let high {
            guard let high = end(high) else { return nil }
            guard hasHigh ? value <= high : value < high else { return false }
        }
        return true
    }
}

extension [UInt8] {
    /// Whether a text of ASCII equals one that stands in bytes; nil where that is not of ASCII.
    @inline(__always)
    fileprivate func equals(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool? {
        var isSame = count == range.count
        var all: UInt8 = 0
        if isSame {
            for index in indices {
                let byte = bytes[range.lowerBound + index]
                all |= byte
                if byte != self[index] { isSame = false }
            }
        } else {
            for index in range { all |= bytes[index] }
        }
        return isSame ? true : all < 0x80 ? false : nil
    }
}

extension [[UInt8]] {
    /// Whether one of them equals a text in bytes; nil where its bytes do not say.
    @inline(__always)
    fileprivate func have(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool? {
        var isUnsure = false
        for text in self {
            switch text.equals(range, bytes) {
            case true?: return true
            case nil: isUnsure = true
            case false?: break
            }
        }
        return isUnsure ? nil : false
    }

    /// Whether an array of texts has one of them.
    fileprivate func verdict(on bytes: Span<UInt8>, _ rest: inout ItemBytes) -> ByteVerdict {
        guard let head = rest.head(bytes), head.major == 4, head.information != 31 else {
            return .unsure
        }
        var isUnsure = false
        for _ in 0..<head.argument {
            guard let range = rest.string(bytes, major: 3) else { return .unsure }
            switch have(range, bytes) {
            case true?: return .holds
            case nil: isUnsure = true
            case false?: break
            }
        }
        return isUnsure ? .unsure : .fails
    }
}

extension [(name: [UInt8], value: ByteScalar)] {
    /// Whether an object has all of them.
    fileprivate func verdict(on bytes: Span<UInt8>, _ rest: inout ItemBytes) -> ByteVerdict {
        guard let head = rest.head(bytes), head.major == 5, head.information != 31 else {
            return .unsure
        }
        var isUnsure = false
        var found = 0
        for _ in 0..<head.argument {
            guard let name = rest.string(bytes, major: 3) else { return .unsure }
            var wanted: ByteScalar?
            for member in self {
                switch member.name.equals(name, bytes) {
                case true?: wanted = member.value
                case nil: isUnsure = true
                case false?: break
                }
            }
            let start = rest
            if let wanted {
                found += 1
                switch wanted.equals(bytes, &rest) {
                case true?: continue
                case false?: return .fails
                case nil: return .unsure
                }
            }
            rest = start
            // What has items in it may be followed by what is wanted.
            guard rest.skipPlain(bytes) else { return .unsure }
        }
        return isUnsure ? .unsure : ByteVerdict(found == count)
    }
}

extension String {
    /// Its bytes where all of them are ASCII.
    fileprivate var ascii: [UInt8]? {
        let bytes = Array(utf8)
        return bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
    }
}
