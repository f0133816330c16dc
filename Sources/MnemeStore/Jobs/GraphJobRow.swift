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
        var writer = ByteWriter(capacity: rows.count * rowSize)
        for row in rows {
            writer.put(row.ordinal)
            writer.put(row.value.bitPattern)
        }
        return Put(results.name, key(name, part: part), ["rows": .bytes(writer.bytes)])
    }

    /// The rows of a part; nil of bytes that are none.
    static func rows(_ bytes: [UInt8]) -> [GraphResultRow]? {
        var reader = ByteReader(bytes)
        var rows: [GraphResultRow] = []
        rows.reserveCapacity(bytes.count / rowSize)
        while reader.remaining > 0 {
            guard let ordinal = try? reader.get(UInt64.self),
                let bits = try? reader.get(UInt64.self)
            else { return nil }
            rows.append(GraphResultRow(ordinal: ordinal, value: Double(bitPattern: bits)))
        }
        return rows
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
        var jobs: [GraphJob] = []
        for ordinal in try ordinals(under: StoreKeys.records(rows.number))
        where try visibleEntry(ordinal) != nil {
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
        var keys: [Key] = []
        for ordinal in try ordinals(under: range, atMost: count) {
            keys.append(try stored(ordinal).key)
        }
        return keys
    }
}
