// Jobs over a whole graph stand in records of the store's own collections: `$jobs` has one for each
// job, under its name, and `$results` what those found out that write into no field, in parts. So
// the log, its replay, checkpoints, backups and compaction know them as they know any record. A
// result has ordinals and numbers alone: nothing of a record that is deleted or erased stays in it.
// Format: formats/store.md#jobs.

internal import MnemeBase
internal import MnemeModel
internal import MnemePages
internal import MnemeTree

/// The collections of jobs, and what stands in them.
enum GraphJobField {
    static let job: UInt16 = 1
    static let rows: UInt16 = 1

    static let jobs = Collection("$jobs", fields: [Field("job", .bytes)])
    static let results = Collection("$results", fields: [Field("rows", .bytes)])

    /// Rows of one part of a result.
    static let rowsPerPart = 1024
    /// Bytes of one row.
    static let rowSize = 16

    /// The key of a part.
    static func key(_ name: String, part: Int) -> Key {
        let digits = String(part)
        return .text(name + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits)
    }

    /// The put of a job.
    static func put(_ job: GraphJob) throws(MnemeError) -> Put {
        do throws(CBORError) {
            return Put(jobs.name, .text(job.run.name), ["job": .bytes(try job.spelling.cbor())])
        } catch {
            let message = "the job names too many types; name fewer"
            throw MnemeError(.tooLarge, message, cause: "\(error)")
        }
    }

    /// The put of a part.
    static func put(_ name: String, part: Int, _ rows: [GraphResultRow]) -> Put {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * rowSize)
        for row in rows {
            for number in [row.ordinal, row.value.bitPattern] {
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: number >> shift))
                }
            }
        }
        return Put(results.name, key(name, part: part), ["rows": .bytes(bytes)])
    }

    /// The rows of a part; nil of bytes that are none.
    static func rows(_ bytes: [UInt8]) -> [GraphResultRow]? {
        guard bytes.count % rowSize == 0 else { return nil }
        return stride(from: 0, to: bytes.count, by: rowSize).map { start in
            var numbers: [UInt64] = [0, 0]
            for index in 0..<rowSize {
                numbers[index / 8] |= UInt64(bytes[start + index]) << UInt64(index % 8 * 8)
            }
            return GraphResultRow(ordinal: numbers[0], value: Double(bitPattern: numbers[1]))
        }
    }
}

/// A record of a result, and what was found out about it.
struct GraphResultRow: Equatable, Sendable {
    let ordinal: UInt64
    let value: Double
}

extension StateReader {
    /// Every job that was asked for and not forgotten, in the order in which they were asked for.
    func graphJobs() throws(StoreError) -> [GraphJob] {
        guard let rows = state.catalog.jobs else { return [] }
        let ordinals = try onTree { () throws(TreeError) in
            var ordinals: [UInt64] = []
            var cursor = try state.tree.cursor(StoreKeys.records(rows.number), in: view)
            while try cursor.next() { ordinals.append(try cursor.value64) }
            return ordinals
        }
        var jobs: [GraphJob] = []
        for ordinal in ordinals where try visibleEntry(ordinal) != nil {
            jobs.append(try graphJob(ordinal))
        }
        return jobs.sorted {
            ($0.asked.microseconds, $0.run.name) < ($1.asked.microseconds, $1.run.name)
        }
    }

    /// The job of a name; nil where there is none.
    func graphJob(named name: String) throws(StoreError) -> GraphJob? {
        guard let rows = state.catalog.jobs,
            let (ordinal, _) = try version(rows, .text(name))
        else { return nil }
        return try graphJob(ordinal)
    }

    private func graphJob(_ ordinal: UInt64) throws(StoreError) -> GraphJob {
        let row = try stored(ordinal)
        guard case .bytes(let bytes) = row[GraphJobField.job],
            let spelling = try? Value(cbor: bytes), let job = try? GraphJob(spelling: spelling)
        else { throw .inconsistent("row \(row.key) of the jobs is none") }
        return job
    }

    /// The rows of a part of a result; nil where there is no such part.
    func graphRows(_ name: String, part: Int) throws(StoreError) -> [GraphResultRow]? {
        guard let parts = state.catalog.results,
            let (ordinal, _) = try version(parts, GraphJobField.key(name, part: part))
        else { return nil }
        guard case .bytes(let bytes) = try stored(ordinal)[GraphJobField.rows],
            let rows = GraphJobField.rows(bytes)
        else { throw .inconsistent("part \(part) of the result of \(name) is none") }
        return rows
    }

    /// The keys of some parts of a result.
    func graphParts(_ name: String, atMost count: Int) throws(StoreError) -> [Key] {
        guard let parts = state.catalog.results else { return [] }
        // A slash stands in no name, and what follows it in no key before a zero.
        let range = TreeRange(
            from: StoreKeys.record(parts.number, .text(name + "/")),
            to: StoreKeys.record(parts.number, .text(name + "0"))
        )
        let ordinals = try onTree { () throws(TreeError) in
            var ordinals: [UInt64] = []
            var cursor = try state.tree.cursor(range, in: view)
            while ordinals.count < count, try cursor.next() {
                ordinals.append(try cursor.value64)
            }
            return ordinals
        }
        var keys: [Key] = []
        for ordinal in ordinals { keys.append(try stored(ordinal).key) }
        return keys
    }
}
