// Which keys of one part of an index a comparison allows: spans of the part's keys, as ascending
// parts have them. A record for which the comparison holds has a key in one of them; where the
// spans are exact, it holds for every record that has.

internal import MnemeModel
internal import MnemeTree

/// Keys of a part that stand together, from `lower` up to, not including, `upper`.
struct KeySpan {
    var lower: [UInt8]
    var upper: [UInt8]
    /// Whether it is just one key.
    var isPoint: Bool

    /// Null alone.
    static let null = KeySpan(lower: [0x02], upper: [0x03], isPoint: true)
    /// Everything but null.
    static let values = KeySpan(lower: [0x03], upper: [0x7f], isPoint: false)

    /// All keys that start so.
    init(prefix: [UInt8], isPoint: Bool) {
        lower = prefix
        // Tags are below 0x80.
        upper = TreeRange.afterPrefix(prefix) ?? [0x7f]
        self.isPoint = isPoint
    }

    init(lower: [UInt8], upper: [UInt8], isPoint: Bool) {
        self.lower = lower
        self.upper = upper
        self.isPoint = isPoint
    }

    var isEmpty: Bool { !lower.lexicographicallyPrecedes(upper) }

    /// Whether all of its keys are in another.
    func isWithin(_ other: KeySpan) -> Bool {
        !lower.lexicographicallyPrecedes(other.lower)
            && !other.upper.lexicographicallyPrecedes(upper)
    }

    func intersection(_ other: KeySpan) -> KeySpan {
        KeySpan(
            lower: lower.lexicographicallyPrecedes(other.lower) ? other.lower : lower,
            upper: upper.lexicographicallyPrecedes(other.upper) ? upper : other.upper,
            isPoint: isPoint || other.isPoint
        )
    }

    /// The keys of the part behind a prefix of the index, inverted where it descends.
    func range(behind prefix: [UInt8], descending: Bool) -> TreeRange {
        guard descending else { return TreeRange(from: prefix + lower, to: prefix + upper) }
        // What starts with an end stands behind it, inverted too.
        let first = TreeRange.afterPrefix(upper.map { ~$0 })
        let last = TreeRange.afterPrefix(lower.map { ~$0 })
        return TreeRange(
            from: isPoint ? prefix + lower.map { ~$0 } : prefix + (first ?? []),
            to: last.map { prefix + $0 } ?? TreeRange.afterPrefix(prefix)
        )
    }

    /// The bytes of a point in a part.
    func bytes(descending: Bool) -> [UInt8] { descending ? lower.map { ~$0 } : lower }
}

/// Spans of a part that do not touch, ascending.
struct KeySpans {
    /// So many points are kept apart; more are one span from the first to the last.
    static let limit = 1 << 16

    var spans: [KeySpan]
    /// Whether whatever comparison they were made of holds for every key in them.
    var isExact: Bool

    /// Whether they are one point.
    var isSingle: Bool { spans.count == 1 && spans[0].isPoint }
    var arePoints: Bool { spans.allSatisfy(\.isPoint) }

    /// One point for each key.
    init(points: [[UInt8]], isExact: Bool) {
        self.isExact = isExact
        if points.count == 1 {
            spans = [KeySpan(prefix: points[0], isPoint: true)]
        } else if points.count > KeySpans.limit {
            var (least, most) = (points[0], points[0])
            for point in points {
                if point.lexicographicallyPrecedes(least) { least = point }
                if most.lexicographicallyPrecedes(point) { most = point }
            }
            let last = KeySpan(prefix: most, isPoint: true)
            spans = [KeySpan(lower: least, upper: last.upper, isPoint: false)]
            self.isExact = false
        } else {
            spans = []
            let sorted = points.sorted { $0.lexicographicallyPrecedes($1) }
            for point in sorted where spans.last?.lower != point {
                spans.append(KeySpan(prefix: point, isPoint: true))
            }
        }
    }

    init(_ span: KeySpan, isExact: Bool) {
        spans = span.isEmpty ? [] : [span]
        self.isExact = isExact
    }

    /// The keys in both.
    ///
    /// - Complexity: O(spans of both).
    func intersection(_ other: KeySpans) -> KeySpans {
        var result = KeySpans(points: [], isExact: isExact && other.isExact)
        var (i, j) = (0, 0)
        while i < spans.count, j < other.spans.count {
            let both = spans[i].intersection(other.spans[j])
            if !both.isEmpty { result.spans.append(both) }
            if spans[i].upper.lexicographicallyPrecedes(other.spans[j].upper) {
                i += 1
            } else {
                j += 1
            }
        }
        return result
    }

    /// Whether every key in them is in others.
    ///
    /// - Complexity: O(spans of both).
    func isWithin(_ other: KeySpans) -> Bool {
        var place = 0
        for span in spans {
            while place < other.spans.count,
                !span.lower.lexicographicallyPrecedes(other.spans[place].upper)
            {
                place += 1
            }
            guard place < other.spans.count, span.isWithin(other.spans[place]) else { return false }
        }
        return true
    }
}

extension IndexPart {
    /// What a comparison says of the part; nil when nothing.
    func spans(_ comparison: Comparison) -> KeySpans? {
        switch comparison {
        case .eq(let value): return points([value])
        case .isIn(let values): return points(values)
        case .exists(false): return points([.null])
        case .exists(true), .ne(.null): return isSpread ? nil : KeySpans(.values, isExact: true)
        case .gt(let low): return range(low, .greater, nil, nil)
        case .gte(let low): return range(low, .greaterOrEqual, nil, nil)
        case .lt(let high): return range(nil, nil, high, .less)
        case .lte(let high): return range(nil, nil, high, .lessOrEqual)
        case .within(let low, let high): return range(low, .greaterOrEqual, high, .lessOrEqual)
        case .prefix(let text):
            guard !isFolded, !text.isEmpty, hasText else { return nil }
            var writer = KeyWriter()
            writer.put(textPrefix: text)
            return KeySpans(KeySpan(prefix: writer.bytes, isPoint: false), isExact: false)
        case .any(let values): return isSpread ? elements(values) : nil
        case .all(let values):
            return isSpread ? values.first.flatMap { elements([$0]) } : nil
        case .contains(let value): return containing(value)
        case .ne, .notIn, .some: return nil
        }
    }

    private var hasText: Bool {
        switch elementType {
        case .text, .oneOf, .json: true
        default: false
        }
    }

    /// What `contains` says: only where it is about equality.
    private func containing(_ value: Value) -> KeySpans? {
        guard case .array(let element) = type else { return nil }
        if case .array(let values) = value { return values.first.flatMap { elements([$0]) } }
        // A text is also looked for inside texts.
        if case .text = element { return nil }
        if case .oneOf = element { return nil }
        return elements([value])
    }

    /// Points for values of which a record has one as an element.
    private func elements(_ values: [Value]) -> KeySpans {
        var points: [[UInt8]] = []
        points.reserveCapacity(values.count)
        for value in values {
            if let point = point(value) { points.append(point) }
        }
        return KeySpans(points: points, isExact: false)
    }

    /// Points for values of which a record has one.
    private func points(_ values: [Value]) -> KeySpans {
        var points: [[UInt8]] = []
        points.reserveCapacity(values.count)
        for value in values {
            var element = value
            // Of an array the record stands under each element.
            if isSpread, case .array(let elements) = value { element = elements.first ?? .null }
            if let point = point(element) { points.append(point) }
        }
        return KeySpans(points: points, isExact: !isSpread && !isFolded)
    }

    /// The key of a value; nil where no record has one that equals it.
    private func point(_ value: Value) -> [UInt8]? {
        var value = value
        switch (elementType, value) {
        case (.int, .float(let float)):
            guard let int = Int64(exactly: float) else { return nil }
            value = .int(int)
        case (.float, .int(let int)):
            if value.isBetweenFloats { return nil }
            value = .float(Double(int))
        default: break
        }
        var writer = KeyWriter()
        writer.put(value, ascending)
        return writer.bytes
    }

    /// The same part in the order of the values.
    private var ascending: IndexPart {
        var part = self
        part.isDescending = false
        return part
    }

    private func range(
        _ low: Value?,
        _ lowRelation: ExpressionRelation?,
        _ high: Value?,
        _ highRelation: ExpressionRelation?
    ) -> KeySpans? {
        if case .array = type { return nil }
        var span = KeySpan.values
        var isExact = !isSpread && !isFolded
        if let low, let lowRelation {
            guard let end = end(low, lowRelation) else { return nil }
            span.lower = end.relation == .greater ? end.span.upper : end.span.lower
            if isJSON { span.upper = end.kind.upper }
            isExact = isExact && end.isExact
        }
        if let high, let highRelation {
            guard let end = end(high, highRelation) else { return nil }
            let upper = end.relation == .less ? end.span.lower : end.span.upper
            // What is between values of two kinds is nothing.
            span.upper = upper.lexicographicallyPrecedes(span.upper) ? upper : span.upper
            if isJSON, low == nil { span.lower = end.kind.lower }
            isExact = isExact && end.isExact
        }
        return KeySpans(span, isExact: isExact)
    }

    /// An end of a range.
    private struct End {
        let span: KeySpan
        let relation: ExpressionRelation
        /// All keys of values of the same kind.
        let kind: KeySpan
        let isExact: Bool
    }

    /// Nil where it says nothing of the keys.
    private func end(_ value: Value, _ relation: ExpressionRelation) -> End? {
        var (value, relation) = (value, relation)
        var isExact = true
        switch (type, value) {
        case (_, .null), (_, .array), (_, .map), (_, .vector): return nil
        case (.int, .float(let float)):
            // Above 1.5 is above 1; at least 1.5 is above 1 too.
            let floor = float.rounded(.down)
            guard let int = Int64(exactly: floor) else { return nil }
            if floor != float {
                relation = relation.isUpper ? .lessOrEqual : .greater
            }
            value = .int(int)
        case (.float, .int(let int)):
            // An end that is rounded on its way into the key may itself be meant.
            if value.isBetweenFloats {
                relation = relation.isUpper ? .lessOrEqual : .greaterOrEqual
                isExact = false
            }
            value = .float(Double(int))
        case (_, .text):
            if isFolded { return nil }
            isExact = false
        case (_, .bytes): isExact = false
        default: break
        }
        var writer = KeyWriter()
        writer.put(value, ascending)
        let span = KeySpan(prefix: writer.bytes, isPoint: true)
        let tag = writer.bytes[0]
        // False and true have a tag each.
        let first = tag == 0x05 ? 0x04 : tag
        let kind = KeySpan(lower: [first], upper: [first + (first == 0x04 ? 2 : 1)], isPoint: false)
        return End(span: span, relation: relation, kind: kind, isExact: isExact)
    }
}

extension ExpressionRelation {
    /// Whether it is about an upper end.
    fileprivate var isUpper: Bool { self == .less || self == .lessOrEqual }
}
