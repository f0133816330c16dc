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

    /// Whether somebody asks for windows who would miss them: by their weight, or among some
    /// signals.
    ///
    /// `wished`: the signals as they were asked for, before any was switched off.
    func asksForWindows(_ wished: Set<Signal>) -> Bool {
        guard !question.isEmpty, signals.contains(.window) else { return false }
        return weights.map { $0[.window] != 0 } ?? (wished.count < Signal.allCases.count)
    }
}

extension Collection {
    /// What is said to somebody who asks for windows where they did not run.
    ///
    /// `list`: the collection's recall list.
    func withoutWindows(_ list: IndexReadiness) -> String {
        let way = "window and what goes with it did not run: "
        switch list {
        case .ready:
            return way + "more is wanted than is looked at record by record; ask for fewer"
        case .building:
            return way + "the recall list of the collection \"\(name)\" is being built; ask again "
                + "later"
        case .missing: break
        }
        let fields = [roles.owner, roles.session, roles.position ?? roles.time].compactMap(\.self)
        guard roles.text != nil, !fields.isEmpty else {
            return way + "the collection \"\(name)\" has no role text, or none of owner, session, "
                + "position and time; define them"
        }
        let names = fields.map { Value.text($0).json() }.joined(separator: ", ")
        return way + "the collection \"\(name)\" has no recall list; define its index "
            + "{\"name\": \"recall\", \"fields\": [\(names)]}"
    }
}
