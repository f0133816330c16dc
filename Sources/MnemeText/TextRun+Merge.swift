// Several runs become one: documents that are dead stay behind, the others are numbered anew.

extension TextRun {
    /// One run of the living documents of several.
    ///
    /// A document that is in more than one is kept once.
    ///
    /// - Throws: `.malformed` when a run's dictionary or postings are broken, `.tooLarge`.
    /// - Complexity: O(postings × log runs + terms × runs + documents × log documents).
    package static func merge(
        _ runs: [TextRun],
        dropping: (_ ordinal: UInt64, _ birth: UInt64) -> Bool = { _, _ in false }
    ) throws(TextError) -> TextRun {
        let plan = try MergePlan(runs, dropping: dropping)
        var writer = RunWriter(documents: plan.columns)
        var walks: [TermWalk] = []
        for run in runs { walks.append(try TermWalk(run)) }
        var list: [UInt64] = []
        while let first = smallest(walks) {
            let key = walks[first].key
            list.removeAll(keepingCapacity: true)
            var parts = 0
            for index in walks.indices.dropFirst(first) where walks[index].key == key {
                let before = list.count
                try plan.append(&list, runs[index], at: index, walks[index].list)
                parts += list.count > before ? 1 : 0
                try walks[index].advance()
            }
            if parts > 1 { list.sort() }
            writer.add(
                field: UInt16(key[0]) << 8 | UInt16(key[1]),
                stem: Array(key[2...]),
                list,
                0..<list.count
            )
        }
        return try TextRun(TextBytes(try writer.finish()), verifyingChecksum: false)
    }

    /// The first walk that stands at the smallest key.
    private static func smallest(_ walks: [TermWalk]) -> Int? {
        var best: Int?
        for index in walks.indices where walks[index].list != nil {
            guard let other = best else {
                best = index
                continue
            }
            let left = walks[index].head
            let right = walks[other].head
            if left < right
                || (left == right && walks[index].key.lexicographicallyPrecedes(walks[other].key))
            {
                best = index
            }
        }
        return best
    }
}

/// Which documents a merge keeps and what their numbers become.
private struct MergePlan {
    var columns = DocumentColumns()
    /// New local numbers per run and old local number; `dropped` for documents that stay behind.
    private var locals: [[UInt32]]

    private static let dropped = UInt32.max

    init(_ runs: [TextRun], dropping: (UInt64, UInt64) -> Bool) throws(TextError) {
        locals = runs.map { [UInt32](repeating: Self.dropped, count: $0.documentCount) }
        var kept: [Kept] = []
        for (index, run) in runs.enumerated() {
            for owner in 0..<run.layout.ownerCount {
                let number = run.bytes.word(run.layout.owners + 4 * owner)
                let range = run.locals(ofOwnerAt: owner)
                for local in range {
                    let ordinal = run.ordinal(local)
                    let birth = run.birth(local)
                    if local > range.lowerBound,
                        (run.ordinal(local - 1), run.birth(local - 1)) >= (ordinal, birth)
                    {
                        throw .malformed(offset: run.layout.ordinals + 8 * Int(local))
                    }
                    if dropping(ordinal, birth) { continue }
                    kept.append(
                        Kept(
                            owner: number,
                            ordinal: ordinal,
                            birth: birth,
                            run: index,
                            local: local
                        )
                    )
                }
            }
        }
        kept.sort()
        var documents: [Kept] = []
        documents.reserveCapacity(kept.count)
        for document in kept where documents.last?.isSameDocument(as: document) != true {
            locals[document.run][Int(document.local)] = UInt32(documents.count)
            documents.append(document)
        }
        columns.owners = documents.map(\.owner)
        columns.ordinals = documents.map(\.ordinal)
        columns.births = documents.map(\.birth)
        fillLengths(runs, documents)
    }

    private mutating func fillLengths(_ runs: [TextRun], _ documents: [Kept]) {
        for field in Set(runs.flatMap(\.fields)).sorted() {
            let offsets = runs.map { run in run.column(of: field).map(run.lengths(ofColumn:)) }
            let lengths = documents.map { document in
                offsets[document.run].map { offset in
                    runs[document.run].bytes.short(offset + 2 * Int(document.local))
                } ?? 0
            }
            guard lengths.contains(where: { $0 > 0 }) else { continue }
            columns.fields.append(field)
            columns.lengths.append(contentsOf: lengths)
        }
    }

    /// Appends the kept postings of one run's list, by ascending new local number.
    func append(
        _ list: inout [UInt64],
        _ run: TextRun,
        at index: Int,
        _ postings: PostingList?
    ) throws(TextError) {
        guard let postings else { return }
        var cursor = PostingCursor(run, postings, limit: .max)
        var seen = 0
        while cursor.local != PostingCursor.end {
            let local = locals[index][Int(cursor.local)]
            if local != Self.dropped {
                list.append(PackedPosting.pack(local: local, frequency: cursor.frequency))
            }
            seen += 1
            cursor.advance()
        }
        guard seen == postings.count else { throw .malformed(offset: postings.start) }
    }

    private struct Kept: Comparable {
        let owner: UInt32
        let ordinal: UInt64
        let birth: UInt64
        let run: Int
        let local: UInt32

        static func < (left: Kept, right: Kept) -> Bool {
            if left.owner != right.owner { return left.owner < right.owner }
            if left.ordinal != right.ordinal { return left.ordinal < right.ordinal }
            if left.birth != right.birth { return left.birth < right.birth }
            return (left.run, left.local) < (right.run, right.local)
        }

        func isSameDocument(as other: Kept) -> Bool {
            owner == other.owner && ordinal == other.ordinal && birth == other.birth
        }
    }
}
