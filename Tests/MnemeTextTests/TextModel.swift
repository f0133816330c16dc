// The plain model that the room is held against: documents in an array, BM25 by the book in Double.

import MnemeBase

@testable import MnemeText

/// A document as the model keeps it.
struct ModelDocument {
    let owner: UInt32
    let ordinal: UInt64
    let birth: UInt64
    let fields: [UInt16: [String]]

    var document: TextDocument {
        TextDocument(
            owner: owner,
            ordinal: ordinal,
            birth: birth,
            fields: fields.sorted { $0.key < $1.key }.map {
                TextField($0.key, $0.value.joined(separator: " "), language: .plain)
            }
        )
    }
}

/// All documents, the dead ones that no merge has dropped included.
struct TextModel {
    var documents: [ModelDocument] = []

    /// A random document of words w0, w1, …, the low ones frequent.
    static func document(
        _ random: SeededRandomness,
        ordinal: UInt64,
        birth: UInt64,
        owners: Int
    ) -> ModelDocument {
        var fields: [UInt16: [String]] = [:]
        for field in [UInt16(3), 7, 300] where random.below(4) > 0 {
            fields[field] = (0..<random.below(12)).map { _ in word(random) }
        }
        return ModelDocument(
            owner: UInt32(random.below(owners) * 5),
            ordinal: ordinal,
            birth: birth,
            fields: fields
        )
    }

    static func word(_ random: SeededRandomness) -> String {
        let bound = 1 + random.below(60)
        return "w\(random.below(bound))"
    }

    /// One term in one field, by the book.
    private struct Weight {
        let parameters: TextFieldParameters
        let stem: String
        let factor: Double
        let average: Double
    }

    private func weights(_ query: TextQuery, _ counted: [ModelDocument]) -> [Weight] {
        var weights: [Weight] = []
        for parameters in query.fields where parameters.weight > 0 {
            let having = counted.compactMap { $0.fields[parameters.field] }.filter { !$0.isEmpty }
            let average = Double(having.reduce(0) { $0 + $1.count }) / Double(max(having.count, 1))
            for term in query.terms where term.weight > 0 {
                let stem = String(decoding: term.stem, as: UTF8.self)
                let frequency = Double(having.count { $0.contains(stem) })
                let rarity = Double(having.count) - frequency + 0.5
                let factor =
                    Double(term.weight * parameters.weight) * Double(parameters.k1 + 1)
                    * logarithm(1 + rarity / (frequency + 0.5))
                weights.append(
                    Weight(parameters: parameters, stem: stem, factor: factor, average: average)
                )
            }
        }
        return weights
    }

    private func score(_ document: ModelDocument, _ weights: [Weight]) -> Double {
        weights.reduce(0) { total, weight in
            let words = document.fields[weight.parameters.field] ?? []
            let count = Double(words.count { $0 == weight.stem })
            if count == 0 { return total }
            let (k1, b) = (Double(weight.parameters.k1), Double(weight.parameters.b))
            let norm = k1 * (1 - b + b * Double(words.count) / weight.average)
            return total + weight.factor * count / (count + norm)
        }
    }

    func isIn(_ document: ModelDocument, _ scope: TextScope) -> Bool {
        switch scope {
        case .all: true
        case .owner(let owner): document.owner == owner
        case .owners(let owners): owners.contains(document.owner)
        }
    }

    /// All visible matches with their scores, best first.
    func search(
        _ query: TextQuery,
        visible: (UInt64, UInt64) -> Bool
    ) -> [(document: ModelDocument, score: Double)] {
        let inside = documents.filter { isIn($0, query.scope) }
        let counted = query.statistics == .global ? documents : inside
        let weights = weights(query, counted)
        return inside.filter { visible($0.ordinal, $0.birth) }
            .map { ($0, score($0, weights)) }
            .filter { $0.1 > 0 }
            .sorted { $0.1 > $1.1 }
    }
}
