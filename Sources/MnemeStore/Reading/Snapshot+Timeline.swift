// What recall reads of a scope where it looks at every record: the entries of the recall list, in
// the order of their sessions. Format: formats/digests.md.

internal import MnemeBase
package import MnemeModel
internal import MnemePages
package import MnemeRecall
internal import MnemeText
internal import MnemeTree

extension Snapshot {
    /// The records of a scope in the order of their sessions.
    ///
    /// Those are left out that are put aside, as far as `sight` does not ask for them, and what is
    /// not valid at the snapshot's instant.
    ///
    /// - Returns: nil where the collection has no recall list or it is being built, and where there
    ///   are more than `limit` records or more than 64 owners.
    /// - Complexity: O(records).
    package func timeline(
        _ collection: CollectionEntry,
        _ scope: OwnerScope,
        limit: Int,
        _ sight: Sight
    ) throws(MnemeError) -> Timeline? {
        guard let list = collection.recallList else { return nil }
        return try reading { state throws(StoreError) in
            try state.timeline(collection, list, scope, limit: limit, sight)
        }
    }

    /// Whether a collection has a recall list that can be asked.
    package func recallList(
        of collection: CollectionEntry
    ) throws(MnemeError) -> IndexReadiness {
        guard let list = collection.recallList else { return .missing }
        return try reading { state throws(StoreError) in
            state.state.roots.building[list.number] == nil ? .ready : .building
        }
    }

    /// The words of a question, as digests have words.
    ///
    /// - Throws: `.tooLarge` for more than a mebibyte.
    package func askedWords(_ question: String) throws(MnemeError) -> [AskedWord] {
        guard question.utf8.count <= 1 << 20 else {
            throw MnemeError(
                .tooLarge,
                "a question has at most \(1 << 20) bytes, and this one has "
                    + "\(question.utf8.count); shorten it"
            )
        }
        do throws(TextError) {
            return try DigestMakers.shared.with { (maker) throws(TextError) in
                try maker.asked(question)
            }
        } catch {
            throw MnemeError(
                .corrupt,
                "the text index has no stemmer; install libstemmer",
                cause: "\(error)"
            )
        }
    }
}

extension StateReader {
    private static let ownerLimit = 64

    fileprivate func timeline(
        _ collection: CollectionEntry,
        _ list: RecallList,
        _ scope: OwnerScope,
        limit: Int,
        _ sight: Sight
    ) throws(StoreError) -> Timeline? {
        guard state.roots.building[list.number] == nil else { return nil }
        // Of an owner who is reached, those who reach the collection see what all see.
        let isShared = reach?.reaches(collection: collection.schema.name) ?? true
        guard isShared, let key = shelfKey(list, scope, sight), let shelf = opening?.timelines
        else {
            return try timeline(collection, list, scope, limit, sight)?.timeline
        }
        let mark = state.roots.listed[key.owner]
        if let known = shelf.timeline(key, mark: mark, at: visibility.instant) {
            return known.count > limit ? nil : known
        }
        guard let made = try timeline(collection, list, scope, limit, sight) else { return nil }
        shelf.keep(made, key, mark: mark)
        return made.timeline
    }

    /// Under what a timeline is kept; nil where it is not: of several owners, of what is put aside,
    /// inside a transaction, and while there is what was withdrawn and not swept yet.
    private func shelfKey(
        _ list: RecallList,
        _ scope: OwnerScope,
        _ sight: Sight
    ) -> TimelineShelf.Key? {
        guard case .some(let owners) = scope, owners.count == 1, sight.isStandard, trace == nil,
            state.roots.withdrawn.isEmpty
        else { return nil }
        return TimelineShelf.Key(
            owner: owners[0],
            list: list.number,
            definition: state.catalog.version
        )
    }

    private func timeline(
        _ collection: CollectionEntry,
        _ list: RecallList,
        _ scope: OwnerScope,
        _ limit: Int,
        _ sight: Sight
    ) throws(StoreError) -> DatedTimeline? {
        var timeline = Timeline()
        let ranges = try ranges(collection, list, scope)
        guard let ranges else { return nil }
        if try FindPlan.estimate(ranges, estimate) > 2 * limit { return nil }
        let mayHide = self.mayHide
        let now = visibility.instant
        var end = Int64.max
        var passed = 0
        var wanted = WantedCheck()
        for range in ranges {
            var cursor = try onTree { () throws(TreeError) in
                try state.tree.cursor(range, in: view)
            }
            timeline.breakOff()
            while let run = try onTree({ () throws(TreeError) in try cursor.nextRun() }) {
                for position in 0..<run.count {
                    passed += 1
                    if passed > limit { return nil }
                    try wanted.passed(passed, self)
                    guard let value = run.cells.value(position) else {
                        throw StoreError(TreeError.pages(run.damage))
                    }
                    let ordinal = value.value64
                    var isExpired = false
                    if mayHide {
                        if let entry = try visibleEntry(ordinal) {
                            end = min(end, entry.expiresAt)
                        } else {
                            guard try hasExpired(ordinal) else { continue }
                            isExpired = true
                        }
                    }
                    guard let digest = Digest(value.bytes, from: 8) else { return nil }
                    if isExpired {
                        if isShown(digest, sight) {
                            timeline.pass(PassedRecord(ordinal, digest, isExpired: true))
                        }
                        continue
                    }
                    for bound in [digest.validFrom, digest.validTo] {
                        if let bound, bound.microseconds > now {
                            end = min(end, bound.microseconds)
                        }
                    }
                    guard isShown(digest, sight) else { continue }
                    if isTrue(digest) {
                        timeline.append(ordinal, digest)
                    } else if isOver(digest) {
                        timeline.pass(PassedRecord(ordinal, digest, isExpired: false))
                    }
                }
            }
        }
        timeline.seal()
        // Where the clock is set back, what had begun or expired may be otherwise.
        return DatedTimeline(timeline: timeline, holds: now..<max(now + 1, end))
    }

    /// Where the entries of a scope stand; nil where that is too many places.
    private func ranges(
        _ collection: CollectionEntry,
        _ list: RecallList,
        _ scope: OwnerScope
    ) throws(StoreError) -> [TreeRange]? {
        guard case .some(let owners) = scope, collection.ownerNumber != nil else {
            return [StoreKeys.entries(ofIndex: list.number, collection.number)]
        }
        guard owners.count <= Self.ownerLimit else { return nil }
        var ranges: [TreeRange] = []
        for owner in owners {
            let bytes = try onTree { () throws(TreeError) in
                try state.tree.value(StoreKeys.ownerName(owner), in: view)
            }
            guard let bytes, let path = String(validating: bytes, as: UTF8.self) else { continue }
            var key = KeyWriter(collection: collection.number, index: list.number)
            key.put(path, descending: false)
            ranges.append(.prefix(key.bytes))
        }
        return ranges
    }

    /// Whether a record of this digest is as far put aside as is wanted.
    func isShown(_ digest: Digest, _ sight: Sight) -> Bool {
        func isSeen(_ mark: Digest.Marks, _ wanted: Marked?) -> Bool {
            wanted == .include || digest.marks.contains(mark) == (wanted == .only)
        }
        return isSeen(.deleted, sight.deleted) && isSeen(.archived, sight.archived)
    }

    /// Whether what a record of this digest says is valid now.
    func isTrue(_ digest: Digest) -> Bool {
        let now = Instant(microseconds: visibility.instant)
        return digest.validFrom.map { $0 <= now } ?? true && digest.validTo.map { now < $0 } ?? true
    }

    /// Whether what a record of this digest says is not valid any more.
    func isOver(_ digest: Digest) -> Bool {
        digest.validTo.map { $0.microseconds <= visibility.instant } ?? false
    }

    /// Whether the time of a record that is not seen is over; it may have been deleted too.
    func hasExpired(_ ordinal: UInt64) throws(StoreError) -> Bool {
        guard let entry = try entry(ordinal), entry.expiresAt <= visibility.instant,
            entry.expiresAt != OrdinalEntry.withdrawn
        else { return false }
        return try reaches(entry)
    }
}
