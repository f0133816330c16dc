// Holding a filter against edges as they are come by: what each type has is looked up once.

internal import MnemeGraph
internal import MnemeModel

/// A filter over edges, by type; an edge of any other type does not pass.
struct EdgeTest {
    private struct Test {
        var reader: EdgeReader
        let filter: FilterTest
        let names: Set<String>
    }

    private var tests: [UInt16: Test] = [:]

    /// A test of filters that were checked.
    init(_ filters: [UInt16: Filter], _ state: StateReader) {
        for (number, filter) in filters {
            guard let entry = state.state.catalog.edgeType(number: number) else { continue }
            let scope = EdgeScope(entry: entry, catalog: state.state.catalog)
            tests[number] = Test(
                reader: EdgeReader(state, scope),
                filter: FilterTest(filter),
                names: filter.fields
            )
        }
    }

    /// Whether an edge of a type passes; it is read for its properties.
    mutating func passes(_ type: UInt16, _ ends: EdgeEnds) throws(StoreError) -> Bool {
        guard let names = tests[type]?.names,
            let values = try tests[type]?.reader.values(names, of: ends)
        else { return false }
        return tests[type]?.filter.holds { values[$0] ?? .null } ?? false
    }

    /// Whether an edge that is known by its number passes; which ends it joins is read with it.
    mutating func passes(_ step: EdgeStep) throws(StoreError) -> Bool {
        guard let names = tests[step.type]?.names,
            let values = try tests[step.type]?.reader.values(names, of: step.edge)
        else { return false }
        return tests[step.type]?.filter.holds { values[$0] ?? .null } ?? false
    }
}

extension EdgeReader {
    /// What an edge has under some names, of which nothing but the number is known.
    fileprivate mutating func values(
        _ names: Set<String>,
        of edge: UInt64
    ) throws(StoreError) -> [String: Value] {
        let asksEnds = names.contains { EdgeScope.isEnd($0) }
        return try values(
            names,
            of: asksEnds ? try state.everKnownEnds(of: edge) : EdgeEnds(edge: edge, from: 0, to: 0)
        )
    }
}
