// A filter made ready to be held against records where they stand. What bytes decide, they decide;
// where they do not, values are made of the fields in question. It holds where `FilterTest` says
// so.

package import MnemeBase

/// A filter that is ready to be held against the bodies of many records.
package struct BodyTest: Sendable {
    private let root: BodyNode

    /// Makes a filter ready; nil where it speaks of what no body has.
    ///
    /// `number`: of a field whose values stand in bodies, by its name.
    /// - Complexity: O(*n*) in its values.
    package init?(_ filter: Filter, _ number: (String) -> UInt16?) {
        guard let root = BodyNode(filter, number) else { return nil }
        self.root = root
    }

    /// Whether the condition holds for a body, of which it is known where the fields stand.
    ///
    /// - Throws: what is wrong with the bytes of a field.
    /// - Complexity: as `FilterTest.holds`.
    package func holds(_ body: [UInt8], _ places: FieldPlaces) throws(CBORError) -> Bool {
        try root.holds(body, places)
    }
}

private indirect enum BodyNode: Sendable {
    case compare(BodyComparison)
    case and([BodyNode])
    case or([BodyNode])
    case not(BodyNode)

    init?(_ filter: Filter, _ number: (String) -> UInt16?) {
        switch filter {
        case .compare(let name, let comparison):
            let path = FieldPath(name)
            guard let number = number(path.field) else { return nil }
            self = .compare(BodyComparison(filter, comparison, path, number))
        case .and(let parts):
            guard let nodes = BodyNode.all(parts, number) else { return nil }
            self = .and(nodes)
        case .or(let parts):
            guard let nodes = BodyNode.all(parts, number) else { return nil }
            self = .or(nodes)
        case .not(let part):
            guard let node = BodyNode(part, number) else { return nil }
            self = .not(node)
        }
    }

    private static func all(_ parts: [Filter], _ number: (String) -> UInt16?) -> [BodyNode]? {
        var nodes: [BodyNode] = []
        for part in parts {
            guard let node = BodyNode(part, number) else { return nil }
            nodes.append(node)
        }
        return nodes
    }

    func holds(_ body: [UInt8], _ places: FieldPlaces) throws(CBORError) -> Bool {
        switch self {
        case .compare(let comparison): return try comparison.holds(body, places)
        case .and(let parts):
            for part in parts {
                guard try part.holds(body, places) else { return false }
            }
            return true
        case .or(let parts):
            for part in parts {
                if try part.holds(body, places) { return true }
            }
            return false
        case .not(let part): return try !part.holds(body, places)
        }
    }
}

/// A comparison of one field, or of what lies in it.
private struct BodyComparison: Sendable {
    let number: UInt16
    /// What can be seen of it in bytes; nil where nothing can.
    let look: ByteLook?
    /// The same, of values.
    let test: FilterTest
    /// Whether it holds where the field is missing.
    let holdsOfNothing: Bool

    init(_ filter: Filter, _ comparison: Comparison, _ path: FieldPath, _ number: UInt16) {
        self.number = number
        test = FilterTest(filter)
        holdsOfNothing = test.holds { _ in .null }
        look =
            path.members.isEmpty
            ? ByteLook(comparison)
            : path.members.count == 1 ? ByteLook(comparison, of: path.members[0]) : nil
    }

    @inline(__always)
    func holds(_ body: [UInt8], _ places: FieldPlaces) throws(CBORError) -> Bool {
        guard let range = places.range(of: number) else { return holdsOfNothing }
        if let look {
            switch look.verdict(on: body.span, range) {
            case .holds: return true
            case .fails: return false
            case .unsure: break
            }
        }
        var reader = CBORReader(body, range)
        let value = try reader.readFieldValue()
        return test.holds { _ in value }
    }
}
