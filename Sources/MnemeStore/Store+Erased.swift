// The proof that a record or an edge is gone: no frame of the log carries it, the indexes do not
// lead to it, and bytes that nothing uses are zero. Whatever is found is told with its place.

internal import MnemeBase
internal import MnemeLog
package import MnemeModel
internal import MnemePages
internal import Synchronization

extension Store {
    /// Looks for whatever the files still hold of a record.
    ///
    /// Every frame of the log is read, also those that are not needed any more and those in files
    /// that count for nothing, and every byte of the files that is outside of frames and of pages
    /// in use is held to be zero. `progress` is
    /// called now and then with the frames read so far.
    ///
    /// - Returns: what was found, and what has not been taken out of the files yet.
    /// - Throws: `.notFound` for a collection that is not there; when a file cannot be read.
    /// - Complexity: O(bytes of all files).
    package func erasureProof(
        of reference: Reference,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        let snapshot = snapshot()
        let collection = try snapshot.catalog.collection(reference.collection)
        var proof = ErasureProof(reference: reference)
        proof.isAlive = try snapshot.ordinal(reference) != nil
        try look(for: .record(collection.number, reference.key), &proof, progress)
        return proof
    }

    /// Looks for whatever the files still hold of an edge, by its number.
    ///
    /// Of its link and of the row that is kept of it once it has ended, as above.
    ///
    /// - Complexity: O(bytes of all files).
    package func erasureProof(
        ofEdge edge: UInt64,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        var proof = ErasureProof(edge: edge)
        let rows: Set<UInt16>
        do throws(StoreError) {
            let reader = reader()
            rows = reader.state.catalog.pastRows
            let entry = edge < OrdinalTable.limit ? try reader.livingEntry(edge) : nil
            proof.isAlive = entry.map { $0.flags & OrdinalFlags.edge != 0 } ?? false
            if !proof.isAlive { proof.isAlive = try reader.pastEdge(edge, ofType: nil) != nil }
        } catch {
            throw MnemeError(error)
        }
        try look(for: .edge(edge, rows), &proof, progress)
        return proof
    }

    /// Looks for whatever the files still hold of an owner and those below it.
    ///
    /// Of their records, of edges from them, and of answers under idempotency keys that hand out
    /// what was theirs, as above; owners' names stay.
    ///
    /// - Complexity: O(bytes of all files + ordinals).
    package func erasureProof(
        ofOwner owner: String,
        progress: (Int) -> Void = { _ in }
    ) throws(MnemeError) -> ErasureProof {
        guard !owner.isEmpty else {
            throw MnemeError(.badOwner, "the owner is empty; give the path of one")
        }
        var proof = ErasureProof(owner: owner)
        let remains: ErasedRemains
        do throws(StoreError) {
            let reader = reader()
            let owners = Set(try reader.owners(in: owner).map { UInt64($0) })
            for ordinal in 1..<max(reader.state.roots.nextOrdinal, 1) where !proof.isAlive {
                guard let entry = try reader.entry(ordinal) else { continue }
                proof.isAlive =
                    entry.death == OrdinalEntry.forever && owners.contains(UInt64(entry.owner))
            }
            if !proof.isAlive {
                let numbers = Set(owners.map { UInt32(truncatingIfNeeded: $0) })
                let answers = try reader.keptAnswers(about: owner, numbers, naming: [])
                proof.isAlive = !answers.isEmpty
            }
            remains = .owners(owners)
        } catch {
            throw MnemeError(error)
        }
        try look(for: remains, &proof, progress)
        return proof
    }

    private func look(
        for remains: ErasedRemains,
        _ proof: inout ErasureProof,
        _ progress: (Int) -> Void
    ) throws(MnemeError) {
        do throws(StoreError) {
            let end = try durableState().position.place
            for number in log.allSegments {
                var walk = SegmentRemains(log, number, end: end)
                while let frame = try onLog({ () throws(LogError) in try walk.next() }) {
                    proof.frames += 1
                    progress(proof.frames)
                    if try remains.carries(frame) {
                        proof.findings.append(Self.carrier(frame))
                    }
                }
                proof.findings += walk.findings
            }
            for file in try onLog({ () throws(LogError) in try log.otherFiles() }) {
                read(file, remains, &proof)
            }
            proof.findings += try onLog { () throws(LogError) in try log.filesWithRemains() }
                .map { "\($0), which is to be a segment, is not all zero" }
            let residues = try pageResidues()
            proof.findings += residues.outside.findings.compactMap(line) + residues.inside.slack
            proof.damage = residues.inside.damage
            proof.waiting += waiting
            for (name, count) in try newest.state.goneNodes() {
                proof.waiting.append(
                    "the graph of \(name) has \(count) nodes of vectors that were deleted or "
                        + "replaced"
                )
            }
        } catch {
            throw MnemeError(error)
        }
    }

    /// Looks into a file that is none of the log's segments.
    private func read(
        _ file: SegmentRemains,
        _ remains: ErasedRemains,
        _ proof: inout ErasureProof
    ) {
        var walk = file
        proof.waiting.append(
            "log/\(walk.name) is not needed, and has not been zeroed and removed yet"
        )
        do throws(StoreError) {
            while let frame = try onLog({ () throws(LogError) in try walk.next() }) {
                proof.frames += 1
                if try remains.carries(frame) {
                    proof.findings.append(Self.carrier(frame))
                }
            }
        } catch {
            proof.findings.append("log/\(walk.name) cannot be read through, and is not all zero")
        }
        proof.findings += walk.findings
    }

    /// A place of the page file where nothing is in use, for people; nil of what only root blocks
    /// and bases since the last cleaning hold, where nothing was deleted since.
    private func line(_ residue: PageResidue) -> String? {
        let place = "pages from byte \(pageByte(residue.place)) on"
        switch residue.kind {
        case .free: return "\(place): \(residue.count) KiB are free and not zero"
        case .held: return "\(place): \(residue.count) KiB are kept for a reader of an older state"
        case .rest: return "\(place): bytes beside what is used are not zero"
        case .end: return "\(place): bytes behind the last place are not zero"
        case .older, .delta, .deadDelta: return nil
        }
    }

    /// What has not been taken out of the files yet, for people.
    private var waiting: [String] {
        newest.state.roots.dead.sorted { $0.key < $1.key }.map { number, dead in
            number == DeadBytes.pageFile
                ? "the page file was not cleaned since something was deleted or replaced"
                : "log/\(LogFile.name(number)) holds \(dead.byteCount) bytes that were deleted or "
                    + "replaced"
        }
    }

    private static func carrier(_ frame: Frame) -> String {
        "log/\(LogFile.name(frame.place.segment)) carries it at byte \(frame.place.offset), "
            + "sequence \(frame.sequence)"
    }
}

/// What frames are looked for.
private enum ErasedRemains {
    /// Versions of a record.
    case record(UInt16, Key)
    /// The link of an edge, and its row in one of some collections.
    case edge(UInt64, Set<UInt16>)
    /// Whatever is of owners, by their numbers, but for their names.
    case owners(Set<UInt64>)

    func carries(_ frame: Frame) throws(StoreError) -> Bool {
        let type = frame.content.type
        switch self {
        case .record(let collection, let key):
            guard type == StoreFrameType.put else { return false }
            guard let columns = try? PutColumns(frame.content.columns) else {
                throw .malformed(frame.place)
            }
            return columns.collection == collection && columns.key == key
        case .edge(let edge, let rows):
            if type == StoreFrameType.put {
                guard let columns = try? PutColumns(frame.content.columns) else {
                    throw .malformed(frame.place)
                }
                return rows.contains(columns.collection) && columns.key.number == edge
            }
            guard type == StoreFrameType.link else { return false }
            guard let columns = try? PlainColumns(frame.content.columns) else {
                throw .malformed(frame.place)
            }
            return columns.ordinal == edge
        case .owners(let owners):
            guard type == StoreFrameType.put || type == StoreFrameType.link else { return false }
            return owners.contains(frame.content.owner)
        }
    }
}

extension Key {
    /// The number that it is, of what has ordinals for keys.
    fileprivate var number: UInt64? {
        if case .int(let number) = self { UInt64(exactly: number) } else { nil }
    }
}
