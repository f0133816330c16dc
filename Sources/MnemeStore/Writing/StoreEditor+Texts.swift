// What a definition means for the words of records that are there: those of a field that comes to
// be searched are indexed behind the commits, those of one that is not searched any more go behind.
// Format: formats/store.md#text.

internal import MnemeModel
internal import MnemeText

extension StoreEditor {
    /// Notes whose words are indexed behind from now on, and whose are on their way out.
    ///
    /// `birth`: the definition's sequence. Whatever is put behind it is indexed with it.
    func noteTexts(_ planned: PlannedDefinition, before: Catalog, _ birth: UInt64) {
        for (collection, text) in planned.catalog.lateTexts(since: before)
        where roots.counts[collection] ?? 0 > 0 {
            roots.building[text.number] = IndexProgress(
                collection: collection,
                next: 1,
                end: birth
            )
        }
        guard planned.catalog.droppedTexts.count > before.droppedTexts.count else { return }
        for older in before.collections {
            for text in older.texts where planned.catalog.droppedTexts.contains(text.number) {
                roots.building.removeValue(forKey: text.number)
                roots.leaving[text.number] = older.number
            }
        }
    }
}

extension CollectionEntry {
    /// The words that a version has in searched fields; `value` gives its fields by number.
    func words(_ value: (UInt16) -> Value) -> [TextField] {
        texts.compactMap { text in
            guard let number = fieldNumbers[text.name], case .text(let words) = value(number)
            else { return nil }
            return TextField(text.number, words, language: text.language)
        }
    }

    /// Whether a version has words in the text index.
    func hasText(_ record: StoredRecord) -> Bool {
        texts.contains { text in
            fieldNumbers[text.name].map { record[$0].text != nil } ?? false
        }
    }
}
