// Several runs become one: documents that are dead stay behind, the others are numbered anew. So do
// the words of fields that are not searched any more, and documents that have no others. Positions
// go along; of a document from a run without them they stay unknown.

extension TextRun {
    /// One run of the living documents of several.
    ///
    /// A document that is in more than one is kept once; with `joins` it has the words of all of
    /// them. `without` are fields whose words stay
    /// behind, and with them the documents that have no word in another one.
    ///
    /// - Throws: `.malformed` when a run's dictionary or postings are broken, `.tooLarge`.
    /// - Complexity: O(postings × log runs + terms × runs + documents × log documents).
    package static func merge(
        _ runs: [TextRun],
        joins: Bool = false,
        without: Set<UInt16> = [],
        dropping: (_ ordinal: UInt64, _ birth: UInt64) -> Bool = { _, _ in false }
    ) throws(TextError) -> TextRun {
        let plan = try MergePlan(runs, joins: joins, without: without, dropping: dropping)
        var writer = RunWriter(documents: plan.columns)
        var walks: [TermWalk] = []
        for run in runs { walks.append(try TermWalk(run)) }
        var list: [UInt64] = []
        var details = PostingDetails()
        while let first = smallest(walks) {
            let key = walks[first].key
            let field = UInt16(key[0]) << 8 | UInt16(key[1])
            let isWanted = !without.contains(field)
            list.removeAll(keepingCapacity: true)
            details.removeAll()
            var parts = 0
            for index in walks.indices.dropFirst(first) where walks[index].key == key {
                let before = list.count
                if isWanted {
                    try plan.append(&list, &details, runs[index], at: index, walks[index].list)
                }
                parts += list.count > before ? 1 : 0
                try walks[index].advance()
            }
            if parts > 1 {
                list.sort()
                if joins { PackedPosting.keepFirst(ofEachDocument: &list) }
            }
            writer.add(
                field: field,
                stem: Array(key[2...]),
                list,
                0..<list.count,
                details
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

    init(
        _ runs: [TextRun],
        joins: Bool,
        without: Set<UInt16>,
        dropping: (UInt64, UInt64) -> Bool
    ) throws(TextError) {
        locals = runs.map { [UInt32](repeating: Self.dropped, count: $0.documentCount) }
        var kept: [Kept] = []
        for (index, run) in runs.enumerated() {
            let wordless = without.isEmpty ? nil : Wordless(run, but: without)
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
                    if dropping(ordinal, birth) || wordless?.has(local) == true { continue }
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
        // Other copies of a document, by its new number, in the order of the runs.
        var copies: [(local: Int, document: Kept)] = []
        for document in kept {
            if documents.last?.isSameDocument(as: document) == true {
                if !joins { continue }
                copies.append((documents.count - 1, document))
            } else {
                documents.append(document)
            }
            locals[document.run][Int(document.local)] = UInt32(documents.count - 1)
        }
        columns.owners = documents.map(\.owner)
        columns.ordinals = documents.map(\.ordinal)
        columns.births = documents.map(\.birth)
        fillLengths(runs, documents, copies, without: without)
    }

    private mutating func fillLengths(
        _ runs: [TextRun],
        _ documents: [Kept],
        _ copies: [(local: Int, document: Kept)],
        without: Set<UInt16>
    ) {
        for field in Set(runs.flatMap(\.fields)).subtracting(without).sorted() {
            let offsets = runs.map { run in run.column(of: field).map(run.lengths(ofColumn:)) }
            func length(_ document: Kept) -> UInt16 {
                offsets[document.run].map { offset in
                    runs[document.run].bytes.short(offset + 2 * Int(document.local))
                } ?? 0
            }
            var lengths = documents.map(length)
            for copy in copies where lengths[copy.local] == 0 {
                lengths[copy.local] = length(copy.document)
            }
            guard lengths.contains(where: { $0 > 0 }) else { continue }
            columns.fields.append(field)
            columns.lengths.append(contentsOf: lengths)
        }
    }

    /// Appends the kept postings of one run's list, by ascending new local number.
    func append(
        _ list: inout [UInt64],
        _ details: inout PostingDetails,
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
                list.append(
                    PackedPosting.pack(local: local, number: details.frequencies.count)
                )
                guard cursor.appendPositions(to: &details.positions) != .broken else {
                    throw .malformed(offset: postings.positions.lowerBound)
                }
                details.endPosting(frequency: cursor.frequency)
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

/// Which documents of a run have no words but in some fields.
private struct Wordless {
    private let run: TextRun
    /// Where the lengths in the other fields stand.
    private let offsets: [Int]

    init(_ run: TextRun, but fields: Set<UInt16>) {
        self.run = run
        offsets = run.fields.filter { !fields.contains($0) }
            .compactMap { run.column(of: $0).map(run.lengths(ofColumn:)) }
    }

    func has(_ local: UInt32) -> Bool {
        offsets.allSatisfy { run.bytes.short($0 + 2 * Int(local)) == 0 }
    }
}
