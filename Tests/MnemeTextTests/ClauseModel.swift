// The plain model of clauses: documents one by one, by the book.

import MnemeBase

@testable import MnemeText

extension TextModel {
    /// How often a pattern is in the words of a field.
    private func count(_ pattern: TextPattern, _ words: [String]) -> Int {
        let stems = words.map { Array($0.utf8) }
        switch pattern {
        case .word(let stem): return stems.count { $0 == stem }
        case .prefix(let prefix, let stem):
            return stems.count { $0.starts(with: prefix) || (!stem.isEmpty && $0 == stem) }
        case .phrase(let phrase):
            return stems.indices.count { start in
                phrase.allSatisfy { word in
                    start + word.offset < stems.count && stems[start + word.offset] == word.stem
                }
            }
        }
    }

    /// All visible documents that are what a query demands, with their scores, best first.
    func demanding(
        _ query: TextQuery,
        visible: (UInt64, UInt64) -> Bool
    ) -> [(document: ModelDocument, score: Double)] {
        let inside = documents.filter { isIn($0, query.scope) }
        let counted = query.statistics == .global ? documents : inside
        let all =
            query.terms.map { term in
                TextClause(
                    .optional,
                    weight: term.weight,
                    query.fields.map { TextWay($0.field, .word(term.stem)) }
                )
            } + query.clauses
        var scores = [Double](repeating: 0, count: inside.count)
        var held = [[Bool]](repeating: [], count: inside.count)
        for clause in all {
            var holds = [Bool](repeating: false, count: inside.count)
            for way in clause.ways {
                guard let parameters = query.fields.first(where: { $0.field == way.field }) else {
                    continue
                }
                let having = counted.compactMap { $0.fields[way.field] }.filter { !$0.isEmpty }
                let average =
                    Double(having.reduce(0) { $0 + $1.count }) / Double(max(having.count, 1))
                let frequency = Double(having.count { count(way.pattern, $0) > 0 })
                let rarity = Double(having.count) - frequency + 0.5
                let (k1, b) = (Double(parameters.k1), Double(parameters.b))
                let factor =
                    Double(clause.weight * parameters.weight) * (k1 + 1)
                    * logarithm(1 + rarity / (frequency + 0.5))
                for (index, document) in inside.enumerated() {
                    let words = document.fields[way.field] ?? []
                    let times = Double(count(way.pattern, words))
                    if times == 0 { continue }
                    holds[index] = true
                    let norm = k1 * (1 - b + b * Double(words.count) / average)
                    scores[index] += factor * times / (times + norm)
                }
            }
            for index in inside.indices { held[index].append(holds[index]) }
        }
        let found = inside.indices.filter { index in
            var (optional, isRight, isRequired) = (0, true, false)
            for (clause, holds) in zip(all, held[index]) {
                switch clause.occurrence {
                case .required:
                    isRequired = true
                    if !holds { isRight = false }
                case .excluded: if holds { isRight = false }
                case .optional: optional += holds ? 1 : 0
                }
            }
            let needed = max(query.minimum, isRequired ? 0 : 1)
            return isRight && optional >= needed
                && visible(inside[index].ordinal, inside[index].birth)
        }
        return found.map { (inside[$0], scores[$0]) }.sorted { $0.1 > $1.1 }
    }
}
