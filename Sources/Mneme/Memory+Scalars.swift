// Scalars: numbers that move toward where they rest. Of each there is one record with what it came
// to by its last change, which is all that a question of now reads, and a row for each change. What
// a scalar is at an instant is computed when it is asked for, of the settings that held then.

internal import Glibc
internal import MnemeModel
internal import MnemeStore

extension Memory {
    /// How often a change is tried anew where others change the scalar meanwhile.
    private static let mostTries = 256
    /// The most scalars of one answer, and the most changes of each.
    private static let mostTold = 1000

    /// Sets or moves a scalar.
    func setting(
        _ change: ScalarChange,
        _ durability: Durability,
        once: OnceKey? = nil
    ) throws(MnemeError) -> Scalars {
        try change.check()
        if let once, let known = try store.repeated(once, durability) {
            return try set(before: known)
        }
        try defineWhereMissing(MemoryLayout.scalarsCollection, durability)
        try defineWhereMissing(MemoryLayout.scalarChangesCollection, durability)
        for _ in 1...Self.mostTries {
            let snapshot = store.snapshot()
            try checkScalars(snapshot.schema)
            let reference = ScalarState.reference(change.owner, change.name)
            let record = try snapshot.versionedRecord(reference)
            let old = record.map(ScalarState.init)
            let new = try change.made(of: old, snapshot.instant)
            let fields = new.fields
            // With a key the row is kept as it was made, also where rows go later.
            let row = Put(
                MemoryLayout.scalarChanges,
                store.newKey(),
                fields,
                returns: once == nil ? nil : .new
            )
            do throws(MnemeError) {
                let committed = try store.commit(
                    [
                        .put(
                            Put(
                                MemoryLayout.scalars,
                                reference.key,
                                fields,
                                version: record?.version ?? 0
                            )
                        ),
                        .put(row),
                    ],
                    durability,
                    once: once
                )
                if committed.isRepeated { return try set(before: committed) }
                let scalar = new.scalar(at: new.last.at)
                return Scalars([scalar], at: snapshot.instant, sequence: committed.sequence)
            } catch {
                guard error.code == .conditionFailed else { throw error }
            }
        }
        throw MnemeError(
            .conflict,
            "others change \"\(change.name)\" of \(change.owner) faster than it can be read; ask "
                + "again"
        )
    }

    /// What a change answered that was made under the same idempotency key.
    private func set(before known: Committed) throws(MnemeError) -> Scalars {
        guard case .putReturning(let put)? = known.outcomes.last, let record = put.record else {
            throw MnemeError.unexpected("the change of a scalar")
        }
        let state = ScalarState(record)
        var answer = Scalars(
            [state.scalar(at: state.last.at)],
            at: store.snapshot().instant,
            sequence: known.sequence
        )
        answer.isRepeated = true
        return answer
    }

    /// What scalars are, or were.
    func scalars(_ question: ScalarQuestion) throws(MnemeError) -> Scalars {
        guard (0...Self.mostTold).contains(question.history) else {
            throw MnemeError(
                .badRequest,
                "scalar.get.history is \(question.history); give 0 to \(Self.mostTold)"
            )
        }
        if let name = question.name { try ScalarChange.check(name: name) }
        let snapshot = store.snapshot()
        let instant = question.asOf ?? snapshot.instant
        var scalars: [Scalar] = []
        let schema = snapshot.schema
        if schema.collections.contains(where: { $0.name == MemoryLayout.scalars }) {
            try checkScalars(schema)
            for newest in try states(question, snapshot) {
                var held: ScalarState? = newest
                if newest.last.at > instant {
                    held = try changes(newest, until: instant, limit: 1, snapshot).first
                }
                guard let state = held else { continue }
                var scalar = state.scalar(at: instant)
                if question.history > 0 {
                    scalar.history = try changes(
                        state,
                        until: instant,
                        limit: question.history,
                        snapshot
                    ).map(\.last)
                }
                scalars.append(scalar)
            }
        }
        return Scalars(scalars, at: instant, sequence: snapshot.sequence)
    }

    /// The states of the scalars in question, by name.
    private func states(
        _ question: ScalarQuestion,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> [ScalarState] {
        if let name = question.name {
            let record = try snapshot.record(ScalarState.reference(question.owner, name))
            return record.map { [ScalarState($0)] } ?? []
        }
        let find = Find(
            MemoryLayout.scalars,
            where: .eq("owner", .text(question.owner)),
            order: [Order("name")],
            limit: Self.mostTold
        )
        return try snapshot.find(find).rows.map { ScalarState($0.record) }
    }

    /// What a scalar came to by its changes up to an instant, the newest first.
    private func changes(
        _ state: ScalarState,
        until instant: Instant,
        limit: Int,
        _ snapshot: Snapshot
    ) throws(MnemeError) -> [ScalarState] {
        let find = Find(
            MemoryLayout.scalarChanges,
            where: .and([
                .eq("owner", .text(state.owner)), .eq("name", .text(state.name)),
                .compare(field: "at", .lte(.instant(instant))),
            ]),
            order: [Order("at", descending: true), Order("number", descending: true)],
            limit: limit
        )
        return try snapshot.find(find).rows.map { ScalarState($0.record) }
    }

    /// Expects that the collections of scalars are the memory layer's.
    private func checkScalars(_ schema: Schema) throws(MnemeError) {
        for wanted in [MemoryLayout.scalarsCollection, MemoryLayout.scalarChangesCollection] {
            let known = schema.collections.first { $0.name == wanted.name }
            let hasAll = wanted.fields.allSatisfy { field in
                known?.field(field.name)?.type == field.type
            }
            guard hasAll, known?.key == wanted.key else {
                throw MnemeError(
                    .schemaConflict,
                    "the collection \"\(wanted.name)\" was defined otherwise than scalars need it, "
                        + "with the fields "
                        + wanted.fields.map(\.name).joined(separator: ", ")
                        + "; call that one something else"
                )
            }
        }
    }
}

/// What a scalar came to by a change, with the settings from then on.
struct ScalarState {
    var owner: String
    var name: String
    var last: Scalar.Change
    var rest: Double
    var decay: Double
    var minimum: Double?
    var maximum: Double?

    /// The record of a scalar.
    static func reference(_ owner: String, _ name: String) -> Reference {
        // No name has a colon, so no two scalars have one key.
        Reference(MemoryLayout.scalars, .text("\(owner):\(name)"))
    }

    /// A scalar that is not there yet.
    init(_ name: String, owner: String, at instant: Instant) {
        self.owner = owner
        self.name = name
        last = Scalar.Change(number: 0, at: instant, before: 0, value: 0)
        rest = 0
        decay = 0
    }

    /// The state that a record has.
    init(_ record: Record) {
        let at = EventTable.instant(record["at"]) ?? Instant(microseconds: 0)
        self.init(record["name"].text ?? "", owner: record["owner"].text ?? "", at: at)
        last = Scalar.Change(
            number: record["number"].int ?? 0,
            at: at,
            before: record["before"].number ?? 0,
            value: record["value"].number ?? 0,
            trigger: record["trigger"].text,
            reason: record["reason"].text
        )
        rest = record["rest"].number ?? 0
        decay = record["decay"].number ?? 0
        minimum = record["minimum"].number
        maximum = record["maximum"].number
    }

    /// What its record and the row of its last change have.
    var fields: [String: Value] {
        var fields: [String: Value] = [
            "owner": .text(owner), "name": .text(name), "number": .int(last.number),
            "at": .instant(last.at), "before": .float(last.before), "value": .float(last.value),
            "rest": .float(rest), "decay": .float(decay),
        ]
        if let minimum { fields["minimum"] = .float(minimum) }
        if let maximum { fields["maximum"] = .float(maximum) }
        if let trigger = last.trigger { fields["trigger"] = .text(trigger) }
        if let reason = last.reason { fields["reason"] = .text(reason) }
        return fields
    }

    /// What it is at an instant: rest + distance · (1 − decay)^hours.
    ///
    /// Before its change it is what the change made of it.
    func value(at instant: Instant) -> Double {
        let passed = Double(instant.microseconds) - Double(last.at.microseconds)
        let hours = max(0, passed) / 3_600_000_000
        let kept = pow(1 - decay, hours)
        let distance = last.value - rest
        // Two numbers may lie further apart than there are numbers.
        if !distance.isFinite { return bounded(rest * (1 - kept) + last.value * kept) }
        return bounded(rest + distance * kept)
    }

    /// The nearest number in its bounds.
    func bounded(_ value: Double) -> Double {
        min(max(value, minimum ?? -.infinity), maximum ?? .infinity)
    }

    /// What is told of it.
    func scalar(at instant: Instant) -> Scalar {
        Scalar(
            name,
            owner: owner,
            value: value(at: instant),
            rest: rest,
            decay: decay,
            minimum: minimum,
            maximum: maximum,
            last: last
        )
    }
}

extension ScalarChange {
    /// Expects what can be said without looking at the scalar.
    fileprivate func check() throws(MnemeError) {
        try Self.check(name: name)
        for (place, number) in [
            ("value", value), ("by", by), ("rest", rest), ("decay", decay),
            ("minimum", minimum), ("maximum", maximum),
        ] {
            guard let number, !number.isFinite else { continue }
            throw refused("\(place) is \(number); give a finite number")
        }
        if let decay, !(0...1).contains(decay) {
            throw refused("decay is \(decay); give the part that is lost in an hour, 0 to 1")
        }
        if value != nil, by != nil {
            throw refused("value sets it and by moves it; give one of them")
        }
        guard
            value != nil || by != nil || rest != nil || decay != nil || minimum != nil
                || maximum != nil
        else { throw refused("nothing is to change; give value, by or a setting") }
    }

    /// Expects a name.
    fileprivate static func check(name: String) throws(MnemeError) {
        let isName =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard !isName else { return }
        throw MnemeError(
            .badRequest,
            "a scalar's name has 1 to 64 of a-z, A-Z, 0-9, _, . and -; choose such a one"
        )
    }

    /// What a scalar becomes by it; `old` is nil where there is none.
    fileprivate func made(of old: ScalarState?, _ now: Instant) throws(MnemeError) -> ScalarState {
        var state = old ?? ScalarState(name, owner: owner, at: now)
        // Rows are in the order of their instants, whatever a clock says.
        let at = max(now, state.last.at)
        let before = state.value(at: at)
        state.rest = rest ?? state.rest
        state.decay = decay ?? state.decay
        state.minimum = minimum ?? state.minimum
        state.maximum = maximum ?? state.maximum
        if let low = state.minimum, let high = state.maximum, low > high {
            throw refused("minimum \(low) is above maximum \(high); give bounds in their order")
        }
        try expect("rest", state.rest, within: state)
        if let value { try expect("value", value, within: state) }
        let from = old == nil ? state.rest : before
        let moved = state.bounded(value ?? from + (by ?? 0))
        guard moved.isFinite else {
            throw refused("\(from) moved by \(by ?? 0) is beyond all numbers; give less, or bounds")
        }
        let (number, isOver) = state.last.number.addingReportingOverflow(1)
        guard !isOver else { throw refused("its changes cannot be counted any more") }
        state.last = Scalar.Change(
            number: number,
            at: at,
            before: from,
            value: moved,
            trigger: trigger,
            reason: reason
        )
        return state
    }

    /// Expects a number within the bounds that hold from this change on.
    private func expect(
        _ place: String,
        _ number: Double,
        within state: ScalarState
    ) throws(MnemeError) {
        if state.bounded(number) == number { return }
        let bounds =
            switch (state.minimum, state.maximum) {
            case (let low?, let high?): "\(low) to \(high)"
            case (let low?, nil): "\(low) or more"
            case (nil, let high?): "\(high) or less"
            // Without bounds nothing is out of them.
            case (nil, nil): "any number"
            }
        throw refused(
            "\(place) is \(number), and \"\(name)\" is bounded; give \(bounds), or set another "
                + "minimum or maximum with it"
        )
    }

    private func refused(_ what: String) -> MnemeError {
        MnemeError(.badRequest, "scalar.set: \(what)")
    }
}
