// Numbers that edges have in a property: how strong they are, what they cost, what they weigh. That
// all edges which are followed may have one is found out before any is read.

internal import MnemeGraph
internal import MnemeModel

/// What edges have in a property that is a number.
final class EdgeNumbers {
    private let property: String
    private let keeps: Bool
    private var readers: [UInt16: EdgeReader] = [:]
    private var known: [UInt64: Double?] = [:]

    /// `keeps`: each is read once, as it may be asked for again.
    init(_ property: String, _ state: StateReader, keeps: Bool = true) {
        self.property = property
        self.keeps = keeps
        for entry in state.state.catalog.edgeTypes {
            let scope = EdgeScope(entry: entry, catalog: state.state.catalog)
            readers[entry.number] = EdgeReader(state, scope)
        }
    }

    /// The number of an edge of a type; nil where it has none, or the type is gone.
    func number(of edge: UInt64, ofType type: UInt16) throws(StoreError) -> Double? {
        if let known = known[edge] { return known }
        let ends = EdgeEnds(edge: edge, from: 0, to: 0)
        let value = try readers[type]?.properties(ends)[property]
        let number: Double? =
            switch value {
            case .int(let number): Double(number)
            case .float(let number): number
            default: nil
            }
        if keeps { known[edge] = .some(number) }
        return number
    }
}

extension Catalog {
    /// Expects edges of some types to have a number in a property.
    ///
    /// `what`: what goes by it, as in "which … ", for people. `code`: of one that is no number.
    ///
    /// - Throws: `.unknownField` where a type lacks it; `code`.
    func expectNumber(
        _ property: String,
        of types: [EdgeTypeEntry],
        _ code: MnemeError.Code,
        _ what: String
    ) throws(MnemeError) {
        for entry in types {
            let name = entry.type.name
            guard let field = entry.type.fields.first(where: { $0.name == property }) else {
                throw MnemeError(
                    .unknownField,
                    "edges \"\(name)\" have no property \(quoted(property)), which \(what); name "
                        + "the types to follow in \"types\""
                )
            }
            switch field.type {
            case .int, .float: continue
            default:
                throw MnemeError(
                    code,
                    "property \(quoted(property)) of edges \"\(name)\" is no number, and \(what) "
                        + "it; name an int or a float"
                )
            }
        }
    }

    /// The types that are followed, by their numbers; all when nil.
    func followed(_ numbers: [UInt16]?) -> [EdgeTypeEntry] {
        guard let numbers else { return edgeTypes }
        return edgeTypes.filter { numbers.contains($0.number) }
    }
}
