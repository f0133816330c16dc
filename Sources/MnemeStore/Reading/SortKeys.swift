// What puts versions in order: fields and pseudo-fields, looked up once a question.

internal import MnemeModel
internal import MnemePages

/// Where the values of an order come from.
struct SortKeys: Sendable {
    private enum Part {
        /// The next of the fields that are read.
        case field
        case key
        case version
    }

    /// What was asked for.
    let order: [Order]
    /// The numbers of fields, in order.
    let fieldNumbers: [UInt16]
    /// Nil where all are fields.
    private let parts: [Part]?

    /// Those of an order that was checked.
    init(_ order: [Order], _ collection: CollectionEntry) {
        self.order = order
        fieldNumbers = order.compactMap { collection.fieldNumbers[$0.field] }
        let hasPseudo = order.contains { PseudoField.isOne($0.field) }
        parts =
            hasPseudo
            ? order.map { part in
                switch part.field {
                case PseudoField.key: .key
                case PseudoField.version: .version
                default: .field
                }
            } : nil
    }

    /// The values of the version that is open.
    func values(
        _ reader: inout RecordReader,
        _ entry: OrdinalEntry,
        _ key: Key
    ) throws(StoreError) -> [Value] {
        let read = try reader.values(fieldNumbers)
        guard let parts else { return read }
        var next = 0
        var values: [Value] = []
        values.reserveCapacity(parts.count)
        for part in parts {
            switch part {
            case .key: values.append(key.value)
            case .version: values.append(.int(Int64(clamping: entry.birth)))
            case .field:
                values.append(read[next])
                next += 1
            }
        }
        return values
    }
}
