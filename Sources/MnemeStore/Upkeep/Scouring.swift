// What was erased leaves everything derived: deltas that say by a base what they take out, places
// of the page file that nothing uses any more, postings of documents that are dead. Each by itself,
// in slices, behind everything else; who erases calls them in the order that `PageScour` states.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages
internal import MnemeText
internal import MnemeTree
internal import MnemeVectors
internal import Synchronization

extension Store {
    /// Pages of one flattening checkpoint.
    private static let flattenedPages = 2048
    /// Times that all deltas are looked for: ordinary checkpoints may write some beside.
    private static let flattenRounds = 4

    /// Writes every page anew that stands as a base and a delta, by a base alone, in checkpoints of
    /// at most some 16 MiB of them; at least one checkpoint in any case.
    ///
    /// Afterwards the newest checkpoint is of a state not older than when it was called, and no
    /// page of it has a base from before; one that cannot be read stays as it is.
    ///
    /// - Throws: as `checkpoint`.
    func flattenPages() throws(StoreError) {
        var before: [PageID]?
        for _ in 0..<Self.flattenRounds {
            let ids = pages.pagesWithDeltas
            // What is left of the round before cannot be read.
            if let before, ids.isEmpty || ids == before { return }
            before = ids
            try flatten(ids)
        }
    }

    /// Writes pages anew by a base alone.
    ///
    /// - Throws: as `checkpoint`.
    func flatten(_ all: [PageID]) throws(StoreError) {
        var ids = all[...]
        repeat {
            let part = Array(ids.prefix(Self.flattenedPages))
            ids = ids.dropFirst(part.count)
            try checkpointing.withLock { _ throws(StoreError) in
                try checkpointAlone(flattening: part)
            }
        } while !ids.isEmpty
    }

    /// Writes a text run anew that stands at a place or behind it.
    ///
    /// - Returns: whether there may be another.
    /// - Throws: as `renewRun`.
    func moveRun(from place: UInt64) throws(StoreError) -> Bool {
        let state = newest.state
        let found = state.runs.first { run in
            run.extent.withLock { $0.map { $0.place.place >= place } ?? false }
        }
        guard let found else { return false }
        return try exchange([found], seenIn: state)
    }

    /// Goes on with a pass over the free places of the page file; at most 1 MiB.
    ///
    /// - Returns: whether there is more.
    /// - Throws: `.pages`; a sync that failed is one of the page file's.
    func scourPages(_ pass: inout PageScour) throws(StoreError) -> Bool {
        var taken = pass
        defer { pass = taken }
        return try onPages { () throws(PageError) in try taken.step() }
    }

    /// Writes the first text run anew that holds documents which died up to a sequence, without
    /// all that are dead.
    ///
    /// - Returns: whether there may be another; false, too, where nothing is written any more.
    /// - Throws: `.inconsistent` or `.pages` when a run is damaged.
    /// - Complexity: O(documents), and a merge of the one run.
    func renewRun(deadThrough sequence: UInt64) throws(StoreError) -> Bool {
        let state = newest.state
        for run in state.runs
        where try RunMerging.holdsDead(run, through: sequence, in: state.root.view) {
            return try exchange([run], seenIn: state)
        }
        return false
    }

    /// Merges neighbouring runs of a state without their dead documents and the words of fields
    /// that are not searched any more, and puts the result in their place, where they are still
    /// there.
    ///
    /// - Returns: false where nothing is written any more.
    func exchange(_ parts: [StoredRun], seenIn state: StoreState) throws(StoreError) -> Bool {
        let view = state.root.view
        let merged = try RunMerging.merge(
            parts,
            cleanThrough: state.sequence,
            without: state.catalog.droppedTexts
        ) { ordinal, birth in RunMerging.isDead(ordinal, birth, in: view) }
        let dropped = parts.reduce(0) { $0 + $1.documentCount } - merged.documentCount
        let isOpen = Mutex(true)
        asWriter { [writer] in
            let went = writer.rearrange { state in
                state.replacing(parts, by: merged, dropped: dropped)
            }
            isOpen.withLock { $0 = went }
        }
        return isOpen.withLock { $0 }
    }

    /// Reads the page file and tells what stands in it where nothing is in use, and in a state's
    /// trees.
    ///
    /// No checkpoint is written meanwhile.
    ///
    /// - Returns: what stands outside pages, and what is wrong with the newest state's.
    /// - Throws: `.pages` when the page file cannot be read.
    func pageResidues() throws(StoreError) -> (outside: PageResidues, inside: SlackFindings) {
        try checkpointing.withLock { _ throws(StoreError) in
            let pages = pages
            let outside = try onPages { () throws(PageError) in
                try pages.residues { payload in pages.extents(ofState: payload) }
            }
            return (outside, slackFindings())
        }
    }

    /// What is wrong with the pages of the newest state, and with their slack.
    private func slackFindings() -> SlackFindings {
        let state = newest.state
        let view = state.root.view
        var findings = SlackFindings(pageByte)
        findings.look(into: "the keys") { andSlack throws(StoreError) in
            try onTree { () throws(TreeError) in
                try state.tree.checkStructure(view, andSlack: andSlack)
            }
        }
        findings.look(into: "the adjacency") { andSlack throws(StoreError) in
            try onPages { () throws(PageError) in
                try state.adjacency.tree.checkStructure(view, andSlack: andSlack)
            }
        }
        for (name, field, head) in state.vectorHeads {
            findings.look(into: "the vector index \(name)") { andSlack throws(StoreError) in
                try onPages { () throws(PageError) in
                    try VectorIndex.open(field.coder, head, in: view)
                        .checkStructure(state.root, andSlack: andSlack)
                }
            }
        }
        findings.look(into: "the ordinal table") { andSlack throws(StoreError) in
            try onPages { () throws(PageError) in
                if andSlack { return try OrdinalTable.checkSlack(view) }
                for id in view.ordinalPages { _ = try view.page(id) }
            }
        }
        return findings
    }
}

/// What is wrong with the pages of a state, for people.
struct SlackFindings {
    /// Where bytes that nothing uses are not zero.
    private(set) var slack: [String] = []
    /// What does not read back.
    private(set) var damage: [String] = []
    /// Where a place of the page file stands in it.
    private let byte: (UInt64) -> UInt64

    init(_ byte: @escaping (UInt64) -> UInt64) { self.byte = byte }

    /// Looks into what is called `name`; where its slack is refused, it is looked at without that
    /// once more, which tells one from the other.
    mutating func look(
        into name: String,
        _ check: (_ andSlack: Bool) throws(StoreError) -> Void
    ) {
        do throws(StoreError) { return try check(true) } catch {
            do throws(StoreError) { try check(false) } catch {
                damage.append(line(error, name))
                return
            }
            slack.append("\(name): bytes of its pages that nothing uses are not zero")
        }
    }

    private func line(_ error: StoreError, _ name: String) -> String {
        guard case .pages(.corrupt(_, let place, let reason)) = error else {
            return "\(name) cannot be read: \(MnemeError(error).message)"
        }
        // What contradicts itself has no place.
        return place > 0
            ? "pages is damaged at byte \(byte(place)), in \(name): \(reason)"
            : "\(name) is damaged: \(reason)"
    }
}

extension PageFile {
    /// The extents of the state that a root block's payload names; those that can be found.
    fileprivate func extents(ofState payload: [UInt8]) -> [ExtentPlace] {
        guard let place = StatePayload.place(payload) else { return [] }
        guard let bytes = try? bytes(of: place), let image = try? StateImage(bytes) else {
            return [place]
        }
        return [place] + image.runs.map(\.place)
    }
}

extension RunMerging {
    /// Whether a document is of a version that is not the newest, or of a record that is gone.
    ///
    /// The table has no entry of what is dead like all others of its page. What cannot be read of
    /// it is taken to say that they live.
    static func isDead(_ ordinal: UInt64, _ birth: UInt64, in view: PageView) -> Bool {
        do throws(PageError) {
            guard let entry = try OrdinalTable.entry(ordinal, in: view) else { return true }
            return entry.birth != birth || entry.death != OrdinalEntry.forever
        } catch {
            return false
        }
    }

    /// Whether a run holds a document that died up to a sequence, or may have: when a version that
    /// was replaced died is not written down if it was replaced again, nor when a record did whose
    /// page of the ordinal table is gone.
    ///
    /// - Complexity: O(documents).
    static func holdsDead(
        _ stored: StoredRun,
        through sequence: UInt64,
        in view: PageView
    ) throws(StoreError) -> Bool {
        guard stored.cleanThrough < sequence else { return false }
        let run = try stored.run
        for local in 0..<UInt32(clamping: run.documentCount) {
            let (ordinal, birth) = (run.ordinal(local), run.birth(local))
            guard birth < sequence else { continue }
            let entry: OrdinalEntry?
            do throws(PageError) {
                entry = try OrdinalTable.entry(ordinal, in: view)
            } catch {
                continue
            }
            guard let entry, entry.birth == birth else { return true }
            if entry.death <= sequence { return true }
        }
        return false
    }
}
