// What records were, in a run: the model notes every version that a change makes of a record, and a
// question for a history is held against all of them.

import MnemeModel

/// One version of a record, as the model has it.
struct PlainVersion {
    let at: Int64
    let kind: History.Kind
    /// Without vectors; nil of the end of a record.
    let fields: [String: Value]?
}

/// What records of collections with a history were.
struct PlainHistories {
    private var versions: [Reference: [PlainVersion]] = [:]
    /// Records that were erased, with what followed them: nobody knows what is left of theirs.
    private var lost: Set<Reference> = []
    /// Collections whose older versions are told by fields that came later.
    private var redefined: Set<String> = []

    /// All that the model knows of.
    var known: [Reference] { versions.keys.sorted { "\($0)" < "\($1)" } }

    /// Takes what a commit has made, in order, at an instant.
    mutating func add(_ made: [PlainModel.Made], at now: Int64, erases: Bool) {
        for one in made {
            let last = versions[one.reference]?.last
            if erases { lost.insert(one.reference) }
            let fields = one.fields?.filter { _, value in
                if case .vector = value { false } else { true }
            }
            let hasExpired = one.fields == nil && one.expiresAt <= now
            let version = PlainVersion(
                at: hasExpired ? max(one.expiresAt, last?.at ?? 0) : now,
                kind: hasExpired
                    ? .expired
                    : fields == nil ? .deleted : last?.fields == nil ? .created : .updated,
                fields: fields
            )
            versions[one.reference, default: []].append(version)
        }
    }

    mutating func redefine(_ collection: String) { redefined.insert(collection) }

    func isKnown(_ reference: Reference) -> Bool {
        !lost.contains(reference) && !redefined.contains(reference.collection)
    }

    /// Texts that count as equal may be written otherwise, which is a change.
    private static func isSame(_ old: Value?, _ new: Value?) -> Bool {
        switch (old, new) {
        case (.none, .none): true
        case (.some(let old), .some(let new)): old.json().utf8.elementsEqual(new.json().utf8)
        default: false
        }
    }

    /// What a question is answered with.
    func answer(_ question: VersionQuestion) -> (versions: [History.Version], isComplete: Bool) {
        let all = versions[question.reference] ?? []
        var told: [History.Version] = []
        for (place, version) in all.enumerated().reversed() {
            let number = UInt64(place + 1)
            if let before = question.before, number >= before { continue }
            guard told.count < question.limit else { return (told, false) }
            let before = place > 0 ? all[place - 1].fields ?? [:] : [:]
            let after = version.fields ?? [:]
            var changes: [String: History.FieldChange] = [:]
            for name in Set(before.keys).union(after.keys)
            where !PlainHistories.isSame(before[name], after[name]) {
                changes[name] = History.FieldChange(
                    old: before[name] ?? .null,
                    new: after[name] ?? .null
                )
            }
            var one = History.Version(
                number: number,
                at: Instant(microseconds: version.at),
                kind: version.kind,
                changes: changes
            )
            if question.hasRecords, let fields = version.fields {
                one.record = Record(question.reference, fields: fields)
            }
            told.append(one)
        }
        return (told, true)
    }
}

extension TreeRun {
    /// Takes the versions that a commit has made of records.
    func keepVersions(erases: Bool) {
        let made = base.made.filter { one in
            base.schema.collections.contains {
                $0.name == one.reference.collection && $0.history != nil
            }
        }
        histories.add(made, at: base.now, erases: erases)
        base.made = []
        base.links = []
    }

    func askHistory(_ dice: TreeDice) throws {
        let known = histories.known
        let reference =
            known.isEmpty || dice.one(in: 9) ? dice.reference(base) : dice.pick(known)
        let question = VersionQuestion(
            reference,
            limit: dice.pick([0, 1, 3, 20, 1000]),
            before: dice.one(in: 3) ? UInt64(dice.below(6)) : UInt64?.none,
            records: dice.one(in: 2)
        )
        let told = perform(.history(question))
        note(.history(question))
        guard
            let collection = base.schema.collections.first(where: {
                $0.name == reference.collection
            })
        else {
            guard case .failure(let error) = told, error.code == .unknownCollection else {
                throw Difference("the history of what was dropped: \(told)")
            }
            return
        }
        guard collection.history != nil else {
            guard case .failure(let error) = told, error.code == .noHistory else {
                throw Difference("a history that is not kept: \(told)")
            }
            return
        }
        guard histories.isKnown(reference) else { return }
        guard case .success(.history(let history)) = told else {
            throw Difference("\(question): \(told)")
        }
        let wanted = histories.answer(question)
        guard history.versions == wanted.versions, history.isComplete == wanted.isComplete else {
            throw Difference(
                "\(question): \(history.versions), complete \(history.isComplete), wanted "
                    + "\(wanted.versions), complete \(wanted.isComplete)"
            )
        }
    }
}
