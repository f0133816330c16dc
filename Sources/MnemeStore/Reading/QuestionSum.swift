// What tells a question from others, as a number: the checksum of where it looks, what for and in
// which order, without what a page of its answer may have of its own. It stands in cursors alone,
// and is made without the tree of a spelling, as every page of an answer needs it.

internal import MnemeBase
internal import MnemeModel

/// The bytes of a question; two that mean something else have other ones.
private struct QuestionBytes {
    var writer = CBORWriter(capacity: 256)

    mutating func put(_ text: String?) throws(CBORError) {
        try writer.put(text.map(Value.text) ?? .null)
    }

    mutating func put(_ filter: Filter?) throws(CBORError) {
        switch filter {
        case nil: mark(0)
        case .compare(let field, let comparison)?:
            mark(1)
            try put(field)
            try put(comparison)
        case .and(let parts)?: try put(parts, 2)
        case .or(let parts)?: try put(parts, 3)
        case .not(let part)?:
            mark(4)
            try put(part)
        }
    }

    private mutating func put(_ parts: [Filter], _ tag: UInt8) throws(CBORError) {
        mark(tag)
        writer.startArray(count: parts.count)
        for part in parts { try put(part) }
    }

    private mutating func put(_ comparison: Comparison) throws(CBORError) {
        switch comparison {
        case .eq(let value): try put(value, 10)
        case .ne(let value): try put(value, 11)
        case .gt(let value): try put(value, 12)
        case .gte(let value): try put(value, 13)
        case .lt(let value): try put(value, 14)
        case .lte(let value): try put(value, 15)
        case .isIn(let values): try put(.array(values), 16)
        case .notIn(let values): try put(.array(values), 17)
        case .any(let values): try put(.array(values), 18)
        case .all(let values): try put(.array(values), 19)
        case .prefix(let text): try put(.text(text), 20)
        case .exists(let flag): try put(.bool(flag), 21)
        case .contains(let value): try put(value, 22)
        case .within(let low, let high): try put(.array([low, high]), 23)
        case .some(let filter):
            mark(24)
            try put(filter)
        }
    }

    private mutating func put(_ value: Value, _ tag: UInt8) throws(CBORError) {
        mark(tag)
        try writer.put(value)
    }

    mutating func mark(_ number: UInt8) { writer.put(UInt64(number)) }
}

extension FindCursor {
    private static let questionSeed: UInt64 = 0x7175_6573_7469_6f6e

    /// What tells a question from others: where it looks, what for, and in which order.
    ///
    /// - Precondition: it was checked.
    /// - Throws: `.tooLarge` where its filter has more values than CBOR takes.
    /// - Complexity: O(*n*) in the filter.
    static func question(_ find: Find) throws(MnemeError) -> UInt64 {
        do throws(CBORError) {
            var bytes = QuestionBytes()
            bytes.mark(find.edges == nil ? 0 : 1)
            try bytes.put(find.edges ?? find.collection)
            try bytes.put(find.owner)
            try bytes.put(find.filter)
            for part in find.order {
                bytes.mark(part.isDescending ? 1 : 0)
                try bytes.put(part.field)
            }
            return Checksum.xxh3(bytes.writer.bytes, seed: questionSeed)
        } catch {
            throw MnemeError(
                .tooLarge,
                "the question is too large for an answer in parts; ask with fewer values in its "
                    + "filter, or with a higher limit",
                cause: "\(error)"
            )
        }
    }
}
