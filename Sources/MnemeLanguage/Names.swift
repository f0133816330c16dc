// Titles and names, by capitals and quotation marks.

extension Tokens {
    /// A title between quotation marks has at most so many words.
    private static let mostTitleWords = 12

    /// The titles of a text, as ranges of tokens: what stands between quotation marks and begins
    /// with a capital, and two or more words with capitals in a row, with small words such as "of"
    /// between them.
    ///
    /// - Complexity: O(tokens).
    func titles(capitalisesNouns: Bool) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = 0
        while index < count {
            if self[index].isMark("\""), let end = quoteEnd(index) {
                if index + 1 < end, self[index + 1].flags.contains(.capital) {
                    found.append(index + 1..<end)
                }
                index = end + 1
            } else if !capitalisesNouns, isTitleWord(index),
                !self[index].flags.contains(.startsSentence) || self[index].word == 0
            {
                let end = titleEnd(index)
                if end.words > 1 { found.append(index..<end.index) }
                index = end.index
            } else {
                index += 1
            }
        }
        return found
    }

    private func quoteEnd(_ index: Int) -> Int? {
        var place = index + 1
        while place < count, place <= index + 2 * Self.mostTitleWords {
            if self[place].isMark("\"") { return place }
            place += 1
        }
        return nil
    }

    /// Whether a word could be one of a title, or of a name.
    private func isTitleWord(_ index: Int) -> Bool {
        let token = self[index]
        guard token.kind == .word, token.flags.contains(.capital) else { return false }
        let sense = sense(index)
        return sense.month == 0 && sense.weekday == 0 && !sense.marks.contains(.firstPerson)
    }

    private func titleEnd(_ start: Int) -> (index: Int, words: Int) {
        var index = start
        var end = start
        var words = 0
        while index < count {
            if index > start, !self[index].flags.contains(.gap) { break }
            if isTitleWord(index), index == start || !self[index].flags.contains(.startsSentence) {
                words += 1
                end = index + 1
                let isPossessive = self[index].flags.contains(.possessive)
                index += 1
                if isPossessive { break }
            } else if index > start, self[index].kind == .word,
                sense(index).marks.contains(.inTitle), index - end < 3
            {
                index += 1
            } else {
                break
            }
        }
        return (end, words)
    }

    /// Whether a word is a name: a capital where none need be, unknown to the table; or a first
    /// word that is unknown and has `'s`, or a verb behind it; or what follows Dr and the like.
    func isName(_ index: Int, capitalisesNouns: Bool) -> Bool {
        let token = self[index]
        guard token.kind == .word, token.flags.contains(.capital), token.word == 0,
            !token.flags.contains(.allCapitals), token.count > 1
        else { return false }
        if index > 0 {
            var before = index - 1
            if self[before].isMark("."), before > 0 { before -= 1 }
            if self[before].kind == .word, sense(before).marks.contains(.title) { return true }
        }
        if capitalisesNouns { return false }
        guard token.flags.contains(.startsSentence) else { return true }
        if token.flags.contains(.possessive) { return true }
        guard index + 1 < count, self[index + 1].kind == .word else { return false }
        let marks = sense(index + 1).marks
        return !marks.isDisjoint(with: [.past, .future, .auxiliary])
            || self[index + 1].flags.contains(.pastSuffix)
    }

    /// Whether a name is of whom the text speaks to, as behind a greeting.
    func isAddressed(_ index: Int) -> Bool {
        guard index + 1 == count || self[index + 1].kind == .mark else { return false }
        guard index > 0 else { return true }
        let before = self[index - 1]
        if before.kind == .mark { return before.isMark(",") }
        return before.kind == .word && sense(index - 1).marks.contains(.greeting)
    }

    /// Whether a place is named: behind in, at and their like a capital, or a word for a place.
    func isPlace(_ index: Int, capitalisesNouns: Bool) -> Bool {
        guard self[index].kind == .word, sense(index).marks.contains(.placeLead) else {
            return false
        }
        var hasArticle = false
        var place = index + 1
        while place < count, place <= index + 3, self[place].kind == .word {
            let sense = sense(place)
            if sense.marks.contains(.place) { return true }
            if sense.isDate { return false }
            if self[place].flags.contains(.capital), self[place].word == 0 {
                return !(capitalisesNouns && hasArticle)
            }
            if sense.marks.contains(.stop) || sense.role == .the { hasArticle = true }
            place += 1
        }
        return false
    }
}

extension WordSense {
    /// Whether it names days by itself.
    var isDate: Bool {
        month != 0 || weekday != 0 || holiday != 0 || dayOffset != nil || unit != .none
    }
}
