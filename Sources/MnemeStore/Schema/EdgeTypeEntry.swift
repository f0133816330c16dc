// A type of edges in a catalog, with the numbers of its indexes, its words and its vectors. What
// knows only records sees its edges as such: by number, properties as fields, and what they join
// behind these. Format: formats/store.md#catalog.

package import MnemeModel

/// An edge type and its number.
package struct EdgeTypeEntry: Sendable {
    package let number: UInt16
    package let type: EdgeType
    /// What its properties give and demand besides their types.
    let rules: FieldRules
    /// Its edges as records of a collection, for its indexes; nil where it has none.
    package let indexed: CollectionEntry?
    /// The same for its words and vectors; nil where no property is searched.
    package let searched: CollectionEntry?
    /// The numbers of its searched properties, in text runs or of vector indexes, in their order.
    let searchNumbers: [UInt16]

    /// `numbers`: of the type's indexes, in their order; `searches`: of its searched properties.
    ///
    /// - Throws: `.badSchema` of vectors that cannot be.
    init(
        number: UInt16,
        type: EdgeType,
        indexes numbers: [UInt16],
        searches: [UInt16]
    ) throws(MnemeError) {
        self.number = number
        self.type = type
        rules = FieldRules(type)
        searchNumbers = searches
        if numbers.isEmpty, searches.isEmpty {
            (indexed, searched) = (nil, nil)
            return
        }
        var draft = CollectionDraft(number: number, schema: type.asCollection)
        for field in draft.schema.fields { draft.addField(field.name) }
        for (number, field) in zip(searches, type.searchedFields) {
            if case .vector(let vector) = field.type {
                draft.add(try VectorEntry(number: number, name: field.name, type: vector))
            } else {
                draft.addText(number: number, field.name)
            }
        }
        for (number, index) in zip(numbers, type.indexes) { draft.add(number: number, index) }
        let entry = CollectionEntry(draft)
        indexed = numbers.isEmpty ? nil : entry
        searched = searches.isEmpty ? nil : entry
    }
}

extension EdgeType {
    /// The properties whose words are searched, and those that are vectors.
    var searchedFields: [Field] {
        fields.filter { field in
            if case .vector = field.type { true } else { field.isSearchable }
        }
    }
}
