// One sign of a script without spaces, asked for alone. Texts of such scripts are cut into pairs of
// signs, formats/text-run.md, so that no word of the index is that sign but where a text ends with
// it.

internal import MnemeText

extension PlacedWord {
    /// Whether it is one sign of a script without spaces.
    var isSign: Bool {
        isPair && String(decoding: stem, as: UTF8.self).unicodeScalars.count == 1
    }

    /// What it is looked for by in a question: one sign by all words that it begins, as each sign
    /// of a text begins one, be it a pair or the last sign alone.
    var pattern: TextPattern { isSign ? .prefix(stem, stem: []) : .word(stem) }
}
