// The process that is killed: writes batches and says in a file, after each one was acknowledged,
// that it was. It never ends by itself.

internal import Glibc
internal import MnemeBase
internal import MnemeLog
internal import MnemeModel
internal import MnemeStore

enum KillWriter {
    /// Arguments: directory, kind, seed, file of acknowledgements.
    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 4, let kind = LoopKind(rawValue: arguments[1]),
            let seed = UInt64(arguments[2])
        else { return 2 }
        let file = unsafe open(arguments[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return 2 }
        do throws(MnemeError) {
            let store = try Store.open(arguments[0], options: LoopStore.options)
            try store.define(LoopSchema.schema)
            let first = try LoopStore.progress(store, kind)
            let gate = Gate()
            for writer in 1..<max(kind.writers, 1) {
                BackgroundThread.start {
                    write(store, kind, seed, writer, from: first[writer], to: file)
                    gate.open()
                }
            }
            write(store, kind, seed, 0, from: first[0], to: file)
            return 1
        } catch {
            print("writer: \(error)")
            return 1
        }
    }

    private static func write(
        _ store: Store,
        _ kind: LoopKind,
        _ seed: UInt64,
        _ writer: Int,
        from first: Int,
        to file: Int32
    ) {
        var number = first
        while true {
            let batch = LoopBatch(kind, seed: seed, writer: writer, number: number)
            do throws(MnemeError) {
                _ = try store.commit(batch.changes, batch.durability)
            } catch {
                print("writer \(writer), batch \(number): \(error)")
                exit(1)
            }
            // One call, so that lines of several writers are whole; the system keeps it.
            let line = Array("\(writer) \(number)\n".utf8)
            _ = unsafe Glibc.write(file, line, line.count)
            number += 1
        }
    }
}

/// How the kill loop opens its store, and what it reads from it.
enum LoopStore {
    /// Small segments and frequent checkpoints, so that kills meet them.
    static var options: StoreOptions {
        var options = StoreOptions()
        options.logLimits.smallestSegment = 256 << 10
        options.logLimits.largestSegment = 1 << 20
        options.replayBudget = 2_000
        options.writerMergeLimit = 64
        return options
    }

    /// The next batch of each writer.
    static func progress(_ store: Store, _ kind: LoopKind) throws(MnemeError) -> [Int] {
        let snapshot = store.snapshot()
        var next: [Int] = []
        for writer in 0..<kind.writers {
            let record = try snapshot.record(Reference(LoopSchema.progress, .int(Int64(writer))))
            next.append(record?["batch"].int.map { Int($0) + 1 } ?? 0)
        }
        return next
    }
}
