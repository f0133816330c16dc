// What a recall is asked for in the end: what the call says, where it says nothing what its
// collection does, and else what the engine has.

internal import MnemeModel
internal import MnemeStore

extension Signal {
    /// What is guessed from the wording of the question and of the memories, by a language's words
    /// and by names.
    static let hints: Set<Signal> = [.answer, .dated, .time, .speaker]
}

extension Recall {
    /// The same question with what its collection says where it says nothing itself.
    ///
    /// - Throws: `.missingRole` for layers of a collection without such a field.
    func completed(by collection: Collection) throws(MnemeError) -> Recall {
        var recall = self
        let rule = collection.recall ?? RecallRule()
        recall.weights = weights ?? rule.weights
        recall.minimumSimilarity = minimumSimilarity ?? rule.minimumSimilarity
        recall.fusion = fusion ?? rule.fusion ?? .weighted
        recall.hints = hints ?? rule.hints ?? true
        if recall.hints == false { recall.signals.subtract(Signal.hints) }
        guard !layers.isEmpty else { return recall }
        guard collection.field("layers") != nil else {
            throw MnemeError(
                .missingRole,
                "layers are asked for, and collection \"\(collection.name)\" has no field "
                    + "\"layers\"; define it, or filter by the fields that say so there"
            )
        }
        let wanted = layers.map { Value.text($0.rawValue) }
        let filter = Filter.compare(field: "layers", .any(wanted))
        recall.filter = recall.filter.map { .and([$0, filter]) } ?? filter
        return recall
    }

    /// What is said to somebody who asks a collection for windows that has no recall list.
    ///
    /// `isLarge`: whether it has one, and too many records.
    func notes(of collection: Collection, isLarge: Bool) -> [String] {
        let isWanted = weights.map { $0[.window] != 0 } ?? (signals.count < Signal.allCases.count)
        guard isWanted, signals.contains(.window), !question.isEmpty else { return [] }
        let way = "window and what goes with it did not run: "
        if isLarge {
            return [way + "there are too many records; ask for one owner's, or for fewer"]
        }
        let roles = collection.roles
        let fields = [roles.owner, roles.session, roles.position ?? roles.time].compactMap(\.self)
        guard roles.text != nil, !fields.isEmpty else {
            return [
                way + "the collection \"\(collection.name)\" has no role text, or none of owner, "
                    + "session, position and time; define them"
            ]
        }
        let names = fields.map { Value.text($0).json() }.joined(separator: ", ")
        return [
            way + "the collection \"\(collection.name)\" has no recall list; define its index "
                + "{\"name\": \"recall\", \"fields\": [\(names)]}"
        ]
    }
}
