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

/// A part of a filter.
///
/// An object, as going through a tree of values would copy a part of it for every record.
private final class BodyNode: Sendable {
    private enum Kind {
        case compare
        case and
        case or
        case not
    }

    private let kind: Kind
    private let parts: [BodyNode]
    /// Of a comparison.
    private let comparison: BodyComparison?

    init?(_ filter: Filter, _ number: (String) -> UInt16?) {
        switch filter {
        case .compare(let name, let comparison):
            let path = FieldPath(name)
            guard let number = number(path.field) else { return nil }
            kind = .compare
            parts = []
            self.comparison = BodyComparison(filter, comparison, path, number)
            return
        case .and(let filters):
            guard let nodes = BodyNode.all(filters, number) else { return nil }
            (kind, parts) = (.and, nodes)
        case .or(let filters):
            guard let nodes = BodyNode.all(filters, number) else { return nil }
            (kind, parts) = (.or, nodes)
        case .not(let filter):
            guard let node = BodyNode(filter, number) else { return nil }
            (kind, parts) = (.not, [node])
        }
        comparison = nil
    }

    private static func all(_ filters: [Filter], _ number: (String) -> UInt16?) -> [BodyNode]? {
        var nodes: [BodyNode] = []
        for filter in filters {
            guard let node = BodyNode(filter, number) else { return nil }
            nodes.append(node)
        }
        return nodes
    }

    func holds(_ body: [UInt8], _ places: FieldPlaces) throws(CBORError) -> Bool {
        switch kind {
        case .compare:
            guard let comparison else { return false }
            return try comparison.holds(body, places)
        case .and:
            for index in parts.indices {
                guard try parts[index].holds(body, places) else { return false }
            }
            return true
        case .or:
            for index in parts.indices {
                if try parts[index].holds(body, places) { return true }
            }
            return false
        case .not: return try !parts[0].holds(body, places)
        }
    }
}

/// A comparison of one field, or of what lies in it.
private final class BodyComparison: Sendable {
    let number: UInt16
    /// What can be seen of it in bytes; nil where nothing can.
    let look: ByteLook?
    /// The same, of values.
    let test: FilterTest
    /// Whether it holds where the field is missing.
    let holdsOfNothing: Bool

    init(_ filter: Filter, _ comparison: Comparison, _ path: FieldPath, _ number: UInt16) {
        self.number = number
        let test = FilterTest(filter)
        self.test = test
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
