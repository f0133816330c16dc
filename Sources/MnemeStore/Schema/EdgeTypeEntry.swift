// An edge type of the catalog. What its indexes and its words are is told of its edges as if they
// were records of a collection.

internal import MnemeBase
package import MnemeModel

/// An edge type and its number.
package struct EdgeTypeEntry: Sendable {
    package let number: UInt16
    package let type: EdgeType
    /// What its properties give and demand besides their types.
    let rules: FieldRules
    /// Its edges as records of a collection, for its indexes; nil where it has none.
    package let indexed: CollectionEntry?
    /// The same for its words; nil where no property is searched.
    package let searched: CollectionEntry?

    /// `numbers`: of the type's indexes, in their order; `texts`: of its searched properties.
    init(number: UInt16, type: EdgeType, indexes numbers: [UInt16], texts: [UInt16]) {
        self.number = number
        self.type = type
        rules = FieldRules(type)
        if numbers.isEmpty, texts.isEmpty {
            (indexed, searched) = (nil, nil)
            return
        }
        var draft = CollectionDraft(number: number, schema: type.asCollection)
        for field in draft.schema.fields { draft.addField(field.name) }
        for (number, index) in zip(numbers, type.indexes) { draft.add(number: number, index) }
        for (number, field) in zip(texts, type.searchedFields) {
            draft.addText(number: number, field.name)
        }
        let entry = CollectionEntry(draft)
        indexed = numbers.isEmpty ? nil : entry
        searched = texts.isEmpty ? nil : entry
    }

    /// The numbers of its searched properties in text runs, in their order.
    var textNumbers: [UInt16] { searched?.texts.map(\.number) ?? [] }
}

extension EdgeType {
    /// The properties whose words are searched.
    var searchedFields: [Field] { fields.filter(\.isSearchable) }
}
