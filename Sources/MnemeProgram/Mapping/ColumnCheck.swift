// Whether the columns that a mapping names are there: a name that no row has would make records
// without what it should give, and nobody would notice.

internal import Mneme
internal import MnemeCommandLine

/// Holds the names in a mapping against a source.
enum ColumnCheck {
    /// How many objects are looked at where each has names of its own.
    static let rowCount = 1000

    /// - Throws: `Failure` for a column that is not there, with those that are.
    static func run(_ mapping: Mapping, _ path: String) throws(Failure) {
        var source = try mapping.source.open(path)
        var wanted: [(name: RowPath, place: String)] = []
        for rule in mapping.rules { wanted += rule.paths.map { ($0, rule.place) } }
        for (name, value) in mapping.values.sorted(by: { $0.key < $1.key }) {
            wanted += value.paths.map { ($0, "values.\(name)") }
        }
        wanted.removeAll { path, _ in
            path.root.hasPrefix("@") || mapping.values[path.root] != nil
                || mapping.source.optional.contains(path.root)
        }
        func isIn(_ names: Set<String>, _ path: RowPath) -> Bool {
            names.contains(path.root) || names.contains(path.description)
        }
        if let columns = source.columns {
            let names = Set(columns)
            guard let missing = wanted.first(where: { !isIn(names, $0.name) }) else { return }
            throw Failure(
                "\(missing.place): \(path) has no column \(quoted(missing.name.root)). Its "
                    + "columns: "
                    + "\(listed(columns)). Correct the name.",
                code: .unknownField
            )
        }
        var names: Set<String> = []
        var count = 0
        while count < rowCount {
            switch try source.next() {
            case .end:
                if count == 0 { return }
                count = rowCount
            case .bad: break
            case .row(let row):
                names.formUnion(row.members.keys)
                count += 1
            }
        }
        guard let missing = wanted.first(where: { !isIn(names, $0.name) }) else { return }
        throw Failure(
            "\(missing.place): none of the first objects of \(path) has the member "
                + "\(quoted(missing.name.root)). Members there: "
                + "\(TextFlow.shortened(listed(names.sorted()), to: 400)). Correct the name.",
            code: .unknownField
        )
    }
}
