// The canonical spelling of a tree: words in lower case, one blank around operators and after
// commas, brackets only where the tree would be read otherwise.

/// Writes trees.
struct ExpressionWriter {
    /// What was written.
    private(set) var text = ""
    /// Where each node begins, in bytes, in the order in which they are spelled from outside in.
    private(set) var starts: [Int] = []

    /// Writes a node where something as tight as this belongs.
    mutating func write(_ node: ExpressionNode, at wanted: ExpressionPrecedence) {
        let isBracketed = node.precedence < wanted
        if isBracketed { text += "(" }
        starts.append(text.utf8.count)
        write(node)
        if isBracketed { text += ")" }
    }

    private mutating func write(_ node: ExpressionNode) {
        switch node {
        case .literal(let value): text += ExpressionWriter.literal(value)
        case .field(let name, let steps): write(name, steps)
        case .or(let parts): write(parts, at: .and, between: " or ")
        case .and(let parts): write(parts, at: .not, between: " and ")
        case .not(let part): writeOpposite(of: part)
        case .compare(let relation, let left, let right):
            write(left, at: .join)
            text += " \(relation.rawValue) "
            write(right, at: .join)
        case .isNull, .isIn, .between, .like: writeTest(node, isOpposite: false)
        case .arithmetic(let operation, let left, let right):
            write(left, at: operation.precedence)
            text += " \(operation.rawValue) "
            write(right, at: operation.next)
        case .negate(let part): writeNegative(of: part)
        case .join(let parts): write(parts, at: .sum, between: " || ")
        case .choice(let branches, let otherwise): write(branches, otherwise)
        case .call(let function, let arguments):
            text += function.rawValue + "("
            write(arguments, at: .or, between: ", ")
            text += ")"
        }
    }

    private mutating func write(
        _ parts: [ExpressionNode],
        at wanted: ExpressionPrecedence,
        between separator: String
    ) {
        for (index, part) in parts.enumerated() {
            if index > 0 { text += separator }
            write(part, at: wanted)
        }
    }

    private mutating func writeOpposite(of part: ExpressionNode) {
        guard part.isTurnedInside else {
            text += "not "
            write(part, at: .not)
            return
        }
        starts.append(text.utf8.count)
        writeTest(part, isOpposite: true)
    }

    private mutating func writeTest(_ node: ExpressionNode, isOpposite: Bool) {
        let not = isOpposite ? "not " : ""
        switch node {
        case .isNull(let part):
            write(part, at: .join)
            text += " is \(not)null"
        case .isIn(let part, let others):
            write(part, at: .join)
            text += " \(not)in ("
            write(others, at: .or, between: ", ")
            text += ")"
        case .between(let part, let low, let high):
            write(part, at: .join)
            text += " \(not)between "
            write(low, at: .join)
            text += " and "
            write(high, at: .join)
        case .like(let part, let pattern):
            write(part, at: .join)
            text += " \(not)like " + ExpressionWriter.quoted(pattern.text, by: "'")
        default: break
        }
    }

    /// A sign before digits would be part of the number, and two signs are hard to see.
    private mutating func writeNegative(of part: ExpressionNode) {
        text += "-"
        switch part {
        case .negate: writeBracketed(part)
        case .literal(let value) where value.number != nil: writeBracketed(part)
        default: write(part, at: .sign)
        }
    }

    private mutating func writeBracketed(_ part: ExpressionNode) {
        text += "("
        write(part, at: .or)
        text += ")"
    }

    private mutating func write(_ branches: [ExpressionBranch], _ otherwise: ExpressionNode?) {
        text += "case"
        for branch in branches {
            text += " when "
            write(branch.condition, at: .or)
            text += " then "
            write(branch.value, at: .or)
        }
        if let otherwise {
            text += " else "
            write(otherwise, at: .or)
        }
        text += " end"
    }

    private mutating func write(_ name: String, _ steps: [ExpressionStep]) {
        let isBare = name.isExpressionName && !ExpressionWord.isReserved(name)
        text += isBare ? name : ExpressionWriter.quoted(name, by: "\"")
        for step in steps {
            switch step {
            case .member(let name):
                text += "."
                text += name.isExpressionName ? name : ExpressionWriter.quoted(name, by: "\"")
            case .element(let index): text += "[\(index)]"
            }
        }
    }

    private static func literal(_ value: Value) -> String {
        switch value {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): "\(value)"
        case .float(let value): "\(value)"
        case .text(let text): quoted(text, by: "'")
        case .instant(let instant): "instant '\(instant)'"
        case .date(let day): "date '\(day)'"
        case .uuid(let id): "uuid '\(id)'"
        // Others have no literals; a tree that was read has none of them.
        case .null, .bytes, .array, .map, .vector: "null"
        }
    }

    private static func quoted(_ text: String, by mark: Unicode.Scalar) -> String {
        var quoted = String.UnicodeScalarView()
        quoted.append(mark)
        for scalar in text.unicodeScalars {
            if scalar == mark { quoted.append(mark) }
            quoted.append(scalar)
        }
        quoted.append(mark)
        return String(quoted)
    }
}

extension String {
    /// Whether it can stand bare as a name: letters, digits and `_`, no digit first.
    var isExpressionName: Bool {
        guard let first = utf8.first, first.isExpressionLetter else { return false }
        return utf8.allSatisfy { $0.isExpressionLetter || $0.isExpressionDigit }
    }
}

extension UInt8 {
    var isExpressionDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// A letter or `_`.
    var isExpressionLetter: Bool {
        self | 0x20 &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_")
    }
}
