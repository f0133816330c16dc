// What the functions give: formats/expressions.md#functions. Null gives null, and so does a kind
// that a function does not take, but for those that are about null: coalesce, nullif and kind.

extension ExpressionFunction {
    /// What it makes of its arguments.
    func call(_ arguments: [ExpressionNode], _ value: (String) -> Value) -> Value {
        switch self {
        case .coalesce: return ExpressionFunction.first(arguments, value)
        case .min, .max: return outermost(arguments, value)
        case .nullif, .has, .contains, .substring:
            return combine(arguments.map { $0.evaluate(value) })
        default: break
        }
        guard let subject = arguments.first?.evaluate(value) else { return .null }
        switch self {
        case .lower, .upper, .trim: return subject.text.map(textual) ?? .null
        case .length: return ExpressionFunction.length(of: subject)
        case .abs, .round, .floor, .ceil: return numeric(subject)
        case .text, .int, .float, .bool, .uuid, .instant: return converted(subject)
        case .date:
            guard arguments.count > 1 else { return ExpressionFunction.day(subject) }
            guard let local = ExpressionFunction.local(subject, arguments[1].evaluate(value))
            else { return .null }
            return .date(local.day)
        case .kind: return .text(subject.isNothing ? "null" : ValueKinds(of: subject).named)
        default:
            guard arguments.count > 1 else { return calendar(subject) }
            guard let local = ExpressionFunction.local(subject, arguments[1].evaluate(value))
            else { return .null }
            return calendar(.instant(local))
        }
    }

    private static func first(_ arguments: [ExpressionNode], _ value: (String) -> Value) -> Value {
        for argument in arguments {
            let result = argument.evaluate(value)
            if !result.isNothing { return result }
        }
        return .null
    }

    private func outermost(_ arguments: [ExpressionNode], _ value: (String) -> Value) -> Value {
        var found: Value?
        for argument in arguments {
            let next = argument.evaluate(value)
            guard let best = found else {
                // By itself it must have an order too.
                guard ExpressionRelation.lessOrEqual.holds(next, next) != nil else { return .null }
                found = next
                continue
            }
            let relation = self == .min ? ExpressionRelation.less : .greater
            guard let isFurther = relation.holds(next, best) else { return .null }
            if isFurther { found = next }
        }
        return found ?? .null
    }

    private func combine(_ values: [Value]) -> Value {
        guard values.count >= 2 else { return .null }
        switch self {
        case .nullif:
            return ExpressionRelation.equal.holds(values[0], values[1]) == true ? .null : values[0]
        case .has:
            guard case .map(let members) = values[0], let name = values[1].text else {
                return .null
            }
            return .bool(members[name] != nil)
        case .contains:
            guard !values[1].isNothing else { return .null }
            switch values[0] {
            case .text, .array, .map:
                return .bool(Comparison.contains(values[1]).holds(for: values[0]))
            default: return .null
            }
        default:
            guard let text = values[0].text, let start = values[1].int else { return .null }
            guard values.count > 2 else {
                return ExpressionFunction.substring(text, from: start, count: .max)
            }
            guard let count = values[2].int else { return .null }
            return ExpressionFunction.substring(text, from: start, count: count)
        }
    }

    private static func substring(_ text: String, from start: Int64, count: Int64) -> Value {
        guard count >= 0 else { return .null }
        let characterCount = start < 0 ? text.count : 0
        let (first, isOut) = start.addingReportingOverflow(Int64(characterCount))
        guard !isOut, first >= 0,
            let begin = text.index(
                text.startIndex,
                offsetBy: Int(Swift.min(first, Int64(Int32.max))),
                limitedBy: text.endIndex
            )
        else { return .null }
        let rest = text[begin...]
        return .text(String(rest.prefix(Int(Swift.min(count, Int64(Int32.max))))))
    }

    private func textual(_ text: String) -> Value {
        switch self {
        case .trim:
            guard let first = text.firstIndex(where: { !$0.isWhitespace }),
                let last = text.lastIndex(where: { !$0.isWhitespace })
            else { return .text("") }
            return .text(String(text[first...last]))
        default:
            let result = self == .lower ? text.lowercased() : text.uppercased()
            let isBounded = result.utf8.count <= ExpressionLimit.resultByteCount
            return isBounded ? .text(result) : .null
        }
    }

    private static func length(of value: Value) -> Value {
        switch value {
        case .text(let text):
            .int(Int64(text.hasByteCharacters ? text.utf8.count : text.count))
        case .bytes(let bytes): .int(Int64(bytes.count))
        case .array(let elements): .int(Int64(elements.count))
        case .map(let members): .int(Int64(members.count))
        default: .null
        }
    }

    private func numeric(_ value: Value) -> Value {
        switch value {
        case .int(let int):
            guard self == .abs, int < 0 else { return value }
            let (positive, isOut) = Int64(0).subtractingReportingOverflow(int)
            return isOut ? .null : .int(positive)
        case .float(let float):
            return switch self {
            case .abs: .finite(float.magnitude)
            case .round: .finite(float.rounded(.toNearestOrAwayFromZero))
            case .floor: .finite(float.rounded(.down))
            default: .finite(float.rounded(.up))
            }
        default: return .null
        }
    }
}

// Conversions.
extension ExpressionFunction {
    private func converted(_ value: Value) -> Value {
        switch self {
        case .text: ExpressionFunction.text(of: value)
        case .int: ExpressionFunction.int(of: value)
        case .float: ExpressionFunction.float(of: value)
        case .bool: ExpressionFunction.bool(of: value)
        case .uuid: plainly(value, .uuid)
        default: plainly(value, .instant)
        }
    }

    /// As a field of the type takes it.
    private func plainly(_ value: Value, _ type: FieldType) -> Value {
        value.coerced(to: type) ?? Value.null
    }

    private static func text(of value: Value) -> Value {
        switch value {
        case .text: value
        case .bool(let bool): .text(bool ? "true" : "false")
        case .int(let int): .text("\(int)")
        case .float(let float): float.isFinite ? .text("\(float)") : .null
        case .uuid(let id): .text(id.description)
        case .instant(let instant): instant.hasPlainYear ? .text(instant.description) : .null
        case .date(let day): day.hasPlainYear ? .text(day.description) : .null
        case .null, .bytes, .array, .map, .vector: .null
        }
    }

    private static func int(of value: Value) -> Value {
        switch value {
        case .int: value
        case .bool(let bool): .int(bool ? 1 : 0)
        case .float(let float):
            Int64(exactly: float.rounded(.towardZero)).map(Value.int) ?? .null
        case .text(let text): Int64(text).map(Value.int) ?? .null
        default: .null
        }
    }

    private static func float(of value: Value) -> Value {
        switch value {
        case .float: value
        case .int(let int): .float(Double(int))
        case .text(let text):
            text.isDecimalNumber ? Double(text).map(Value.finite) ?? .null : .null
        default: .null
        }
    }

    private static func bool(of value: Value) -> Value {
        switch value {
        case .bool: value
        case .int(0), .text("false"): .bool(false)
        case .int(1), .text("true"): .bool(true)
        default: .null
        }
    }
}

// The calendar.
extension ExpressionFunction {
    private static let dayMicroseconds: Int64 = 86_400_000_000

    private static func day(_ value: Value) -> Value {
        switch value {
        case .date: value
        case .text(let text): Day(text).map(Value.date) ?? .null
        case .instant(let instant): .date(instant.day)
        default: .null
        }
    }

    /// What the clocks of a zone show at an instant, as the instant at which those of UTC show it;
    /// nil of another value, and in a zone that is not known.
    private static func local(_ value: Value, _ zone: Value) -> Instant? {
        guard case .instant(let instant) = value, let zone = zone.text,
            let distance = Zones.shared.distance(zone, at: instant)
        else { return nil }
        let (local, isOut) = instant.microseconds.addingReportingOverflow(distance)
        return isOut ? nil : Instant(microseconds: local)
    }

    private func calendar(_ value: Value) -> Value {
        let day: Day
        let rest: Int64
        switch value {
        case .date(let given):
            day = given
            rest = 0
        case .instant(let instant):
            day = instant.day
            let remainder = instant.microseconds % ExpressionFunction.dayMicroseconds
            rest = remainder < 0 ? remainder + ExpressionFunction.dayMicroseconds : remainder
        default: return .null
        }
        let seconds = rest / 1_000_000
        return switch self {
        case .year: .int(Int64(day.civil.year))
        case .month: .int(Int64(day.civil.month))
        case .day: .int(Int64(day.civil.day))
        case .hour: .int(seconds / 3600)
        case .minute: .int(seconds / 60 % 60)
        case .second: .int(seconds % 60)
        case .weekday: .int(ExpressionFunction.weekday(of: day))
        default: .null
        }
    }

    /// From 1 for Monday to 7; the first of January 1970 was a Thursday.
    private static func weekday(of day: Day) -> Int64 {
        let remainder = (Int64(day.number) + 3) % 7
        return (remainder < 0 ? remainder + 7 : remainder) + 1
    }
}

extension String {
    /// Whether it is a number as JSON has it, a sign of plus or leading zeros allowed.
    var isDecimalNumber: Bool {
        var rest = Substring(self).utf8
        func takeDigits() -> Bool {
            let count = rest.prefix { $0.isExpressionDigit }.count
            rest.removeFirst(count)
            return count > 0
        }
        func takeSign() {
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
                rest.removeFirst()
            }
        }
        takeSign()
        guard takeDigits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard takeDigits() else { return false }
        }
        if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            takeSign()
            guard takeDigits() else { return false }
        }
        return rest.isEmpty
    }
}
