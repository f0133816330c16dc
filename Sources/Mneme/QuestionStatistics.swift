// How rare a question's words are among an owner's memories, as the embedder wants it: by token.
// The text index counts stems, not tokens; a token of the question is taken to be as rare as the
// word that it is part of. Tokens that are part of no word (punctuation, the letter after an
// apostrophe) are taken to be everywhere.

internal import MnemeEmbed
internal import MnemeModel
internal import MnemeStore

struct QuestionStatistics: TokenStatistics {
    let memoryCount: Int
    private let holding: [Token: Int]

    /// nil when the scope has no statistics to go by.
    init?(
        _ question: String,
        _ field: String?,
        _ snapshot: Snapshot,
        _ collection: CollectionEntry,
        _ scope: OwnerScope
    ) throws(MnemeError) {
        let words = question.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        guard let field,
            let counts = try snapshot.wordCounts(words, field: field, collection, scope),
            counts.documents > 0
        else { return nil }
        memoryCount = counts.documents
        var holding: [Token: Int] = [:]
        for (word, count) in zip(words, counts.holding) where word.count > 1 {
            for token in Tokenizer.tokens(of: word) {
                holding[token] = max(holding[token] ?? 0, count)
            }
        }
        self.holding = holding
    }

    func memoriesHolding(_ token: Token) -> Int {
        holding[token] ?? memoryCount
    }
}
