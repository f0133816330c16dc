// What a job found out, written: into parts of a result, the best first, or into a field of the
// records, each under the condition that it is as it was when it was looked at, so that nothing of
// others is written over and nothing comes to be that was deleted.

internal import MnemeBase
internal import MnemeGraph
internal import MnemeModel
internal import MnemePages

extension Store {
    /// Parts of a result in one commit.
    private static let partsPerCommit = 16
    /// Records whose field is written in one commit.
    private static let patchesPerCommit = 256
    /// So often a record is looked at again that somebody has changed meanwhile.
    private static let mostTries = 8

    /// Keeps a result.
    func keep(
        _ values: [Double],
        _ graph: MeasuredGraph,
        _ job: inout GraphJob
    ) throws(StoreError) {
        let order = job.run.inOrder(values)
        let rests = courtesy
        let slice = GraphJobField.rowsPerPart * Self.partsPerCommit
        for start in stride(from: 0, to: order.count, by: slice) {
            try makeRoom()
            let end = min(start + slice, order.count)
            let puts = stride(from: start, to: end, by: GraphJobField.rowsPerPart).map { first in
                let nodes = order[first..<min(first + GraphJobField.rowsPerPart, end)]
                return GraphJobField.put(
                    job.run.name,
                    part: first / GraphJobField.rowsPerPart,
                    nodes.map { GraphResultRow(ordinal: graph.ordinals[$0], value: values[$0]) }
                )
            }
            try onJobs { () throws(MnemeError) in try commit(puts, .none) }
            job.written = end
            job.progress = Double(end) / Double(order.count)
            jobs.tell(job)
            rests.pause((end - start) * GraphJobField.rowSize)
        }
    }

    /// Writes what was found out into the field of the records.
    func write(
        _ values: [Double],
        _ graph: MeasuredGraph,
        _ job: inout GraphJob
    ) throws(StoreError) {
        let rests = courtesy
        let run = job.run
        let slice = Self.patchesPerCommit
        for start in stride(from: 0, to: values.count, by: slice) {
            try makeRoom()
            let end = min(start + slice, values.count)
            let rows = (start..<end).map { (graph.ordinals[$0], run.value(values[$0])) }
            job.written += try onJobs { () throws(MnemeError) in
                if let count = try patch(rows, run) { return count }
                // Some of them have changed under way; the others go on.
                var count = 0
                for row in rows { count += try patchAlone(row, run) }
                return count
            }
            job.progress = Double(end) / Double(values.count)
            jobs.tell(job)
            rests.pause((end - start) * 256)
        }
    }

    /// Writes into records in one commit; those that have the value already are left as they are.
    ///
    /// - Returns: how many were written; nil where one of them was changed or ended meanwhile, so
    ///   that none was.
    private func patch(
        _ rows: [(ordinal: UInt64, value: Value)],
        _ run: GraphRun
    ) throws(MnemeError) -> Int? {
        let patches = try snapshot().reading { (state) throws(StoreError) in
            try state.patches(rows, run)
        }
        if patches.isEmpty { return 0 }
        do throws(MnemeError) {
            _ = try commit(patches, .none)
            return patches.count
        } catch {
            switch error.code {
            case .notFound, .conditionFailed: return nil
            default: throw error
            }
        }
    }

    private func patchAlone(
        _ row: (ordinal: UInt64, value: Value),
        _ run: GraphRun
    ) throws(MnemeError) -> Int {
        for _ in 0..<Self.mostTries {
            if let count = try patch([row], run) { return count }
        }
        // Somebody changes it all the time; the next job comes by again.
        return 0
    }
}

extension StateReader {
    /// Patches of those records that are there, the owner's, and do not have their values.
    fileprivate func patches(
        _ rows: [(ordinal: UInt64, value: Value)],
        _ run: GraphRun
    ) throws(StoreError) -> [Change] {
        let name = run.collection ?? ""
        let field = run.field ?? ""
        let (collection, number): (CollectionEntry, UInt16)
        do throws(MnemeError) {
            // It may have been dropped, or be another one, since.
            try state.catalog.check(run)
            collection = try state.catalog.collection(name)
            number = try collection.fieldNumber(field)
        } catch {
            throw .refused(error)
        }
        // Whose a record is may have changed since it was read.
        let scope = try scope(run.owner)
        var changes: [Change] = []
        for (ordinal, value) in rows {
            guard let entry = try visibleEntry(ordinal), scope.contains(entry.owner),
                entry.collection == collection.number
            else { continue }
            let record = try stored(ordinal)
            if record[number].number == value.number { continue }
            let path = FieldPath(field)
            changes.append(
                .patch(Patch(name, record.key, [.set(path, value)], version: entry.birth))
            )
        }
        return changes
    }
}

extension GraphRun {
    /// The nodes in the order of a result: the largest values first, of groups their lowest
    /// numbers, which are those of the largest; then by ordinals.
    func inOrder(_ values: [Double]) -> [Int] {
        switch measure {
        case .degree, .pageRank:
            values.indices.sorted { (values[$0], $1) > (values[$1], $0) }
        case .components, .communities:
            values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        }
    }
}
