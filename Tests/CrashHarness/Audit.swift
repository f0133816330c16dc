// Reading everything back: each way into the store must show the state that the oracle expects, no
// more and no less.

package import MnemeBase
internal import MnemeModel
package import MnemeStore

/// Holds a snapshot against an expected state.
package struct Audit {
    let snapshot: Snapshot
    let now: Microseconds
    /// Answers that are right too, because the disk is damaged: they name the damage.
    private(set) var tolerated: Set<MnemeError.Code> = []
    /// Whether rows of vectors that were read before may be other ones now.
    private(set) var rowsMayBeDamaged = false

    /// An audit at an instant, which must be the snapshot's.
    package init(_ snapshot: Snapshot, now: Microseconds) {
        self.snapshot = snapshot
        self.now = now
    }

    /// The same audit on a damaged disk: each question is answered rightly, or with an error that
    /// names the damage, which ends nothing but that question.
    func onDamage(rowsMayBeDamaged: Bool) -> Audit {
        var audit = self
        audit.tolerated = Self.damageCodes
        audit.rowsMayBeDamaged = rowsMayBeDamaged
        return audit
    }

    /// What an answer may name as damage.
    static let damageCodes: Set<MnemeError.Code> = [
        .corrupt, .damagedLog, .notAStore, .newerFormat, .disk,
    ]

    /// Asks a question or more; one that is answered with damage ends them.
    func each(_ body: () throws(HarnessFailure) -> Void) throws(HarnessFailure) {
        do throws(HarnessFailure) {
            try body()
        } catch {
            if !error.isNamedDamage { throw error }
        }
    }

    /// The first of the candidates whose records are those of the snapshot.
    ///
    /// `census`: what the log comes to, which tells apart states that a snapshot shows alike.
    func state(
        among candidates: [ExpectedState],
        _ census: LogCensus,
        accepts: (ExpectedState) throws(HarnessFailure) -> Void = { _ in }
    ) throws(HarnessFailure) -> ExpectedState {
        var first: HarnessFailure?
        for candidate in candidates {
            var state = candidate
            state.expire(at: now)
            do throws(HarnessFailure) {
                try checkSchema(state)
                let shown = state.shown()
                try checkRecords(shown)
                try checkWalks(shown, every: 1)
                try census.check(candidate, snapshot, now: now)
                try checkLives(state)
                try accepts(state)
                return candidate
            } catch {
                first = first ?? error
            }
        }
        throw first ?? HarnessFailure("no state is expected")
    }

    /// Everything that a snapshot can be asked.
    ///
    /// `dice`: choose which words, vectors and filters are tried.
    /// - Throws: the first difference.
    package func check(_ expected: ExpectedState, dice: SeededRandomness) throws(HarnessFailure) {
        var state = expected
        state.expire(at: now)
        try checkSchema(state)
        try checkLives(state)
        try checkGone(state)
        state = state.shown()
        try checkRecords(state)
        try checkOwners(state)
        try checkOrders(state, dice)
        try checkFilters(state, dice)
        try checkWords(state, dice)
        if !rowsMayBeDamaged { try checkVectors(state, dice) }
        try checkWalks(state, every: 3)
        try checkPaths(state, dice)
    }

    // MARK: Asking

    /// What `body` gives; an error is a finding.
    func ask<Result>(
        _ what: String,
        _ body: () throws(MnemeError) -> Result
    )
        throws(HarnessFailure) -> Result
    {
        do throws(MnemeError) {
            return try body()
        } catch {
            var failure = HarnessFailure("\(what): \(error)")
            failure.isNamedDamage = tolerated.contains(error.code)
            throw failure
        }
    }

    /// A question whose answer must hold so many rows at most.
    func rows(_ find: Find) throws(HarnessFailure) -> [Found.Row] {
        try ask("find in \(find.collection)") { () throws(MnemeError) in
            try snapshot.find(find)
        }.rows
    }

    /// A limit that leaves nothing out.
    func limit(_ state: ExpectedState) -> Int { state.records.count + 10 }

    func expect<Element: Hashable>(
        _ what: String,
        _ found: some Sequence<Element>,
        _ wanted: some Sequence<Element>
    ) throws(HarnessFailure) {
        var counts: [Element: Int] = [:]
        for element in found { counts[element, default: 0] += 1 }
        for element in wanted { counts[element, default: 0] -= 1 }
        let wrong = counts.filter { $0.value != 0 }
        guard !wrong.isEmpty else { return }
        let missing = wrong.filter { $0.value < 0 }.map { HarnessFailure.shown($0.key) }.sorted()
        let extra = wrong.filter { $0.value > 0 }.map { HarnessFailure.shown($0.key) }.sorted()
        throw HarnessFailure(
            "\(what): missing \(missing.prefix(5)), too much \(extra.prefix(5))"
        )
    }

    // MARK: Records

    private func checkSchema(_ state: ExpectedState) throws(HarnessFailure) {
        if snapshot.schema != state.schema {
            throw HarnessFailure("the schema is another: \(snapshot.schema.json())")
        }
    }

    private func checkRecords(_ state: ExpectedState) throws(HarnessFailure) {
        for collection in state.schema.collections {
            let wanted = state.records(in: collection.name).map { key, record in
                Record(Reference(collection.name, key), fields: record.fields)
            }
            for record in wanted {
                try each { () throws(HarnessFailure) in
                    let found = try ask("read \(record.reference)") { () throws(MnemeError) in
                        try snapshot.record(record.reference)
                    }
                    if found != record {
                        throw HarnessFailure(
                            "\(record.reference) is \(found?.json() ?? "missing"), "
                                + "expected \(record.json())"
                        )
                    }
                }
            }
            try each { () throws(HarnessFailure) in
                let found = try rows(Find(collection.name, limit: limit(state))).map(\.record)
                try expect("all of \(collection.name)", found, wanted)
                if found != wanted {
                    throw HarnessFailure("all of \(collection.name) are not ordered by key")
                }
            }
        }
    }

    private func checkGone(_ state: ExpectedState) throws(HarnessFailure) {
        for reference in state.gone where state.records[reference] == nil {
            try each { () throws(HarnessFailure) in
                let found = try ask("read \(reference)") { () throws(MnemeError) in
                    try snapshot.record(reference)
                }
                if found != nil { throw HarnessFailure("\(reference) is there, and was deleted") }
            }
        }
    }

    private func checkOwners(_ state: ExpectedState) throws(HarnessFailure) {
        for owner in HarnessSchema.owners + ["nobody", "a"] {
            for collection in state.schema.collections {
                try each { () throws(HarnessFailure) in
                    guard let role = collection.roles.owner else { return }
                    let wanted = state.records(in: collection.name).filter { _, record in
                        guard case .text(let path)? = record.fields[role] else { return false }
                        return path == owner || path.hasPrefix(owner + "/")
                    }
                    let found = try rows(Find(collection.name, owner: owner, limit: limit(state)))
                    try expect(
                        "\(collection.name) of \(owner)",
                        found.map(\.record.reference.key),
                        wanted.map(\.key)
                    )
                }
            }
        }
    }
}
