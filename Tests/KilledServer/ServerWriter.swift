// One writer of a killed server: writes batch after batch through a client that it never makes
// anew, and keeps what it was told about each.

internal import MnemeClient
internal import MnemeModel
internal import Synchronization

/// What writers were told.
final class ServerNotes: Sendable {
    struct State {
        var mayWrite = true
        var acknowledged = 0
        var failure: KilledServerFailure?
    }
    private let state = Mutex(State())

    var acknowledged: Int { state.withLock { $0.acknowledged } }
    var mayWrite: Bool { state.withLock { $0.mayWrite && $0.failure == nil } }
    var failure: KilledServerFailure? { state.withLock { $0.failure } }

    func noteAcknowledged() { state.withLock { $0.acknowledged += 1 } }
    func stop() { state.withLock { $0.mayWrite = false } }
    func fail(_ failure: KilledServerFailure) {
        state.withLock { $0.failure = $0.failure ?? failure }
    }
}

/// A writer at its end: batches by what was said of them.
struct ServerWriter: Sendable {
    /// What a client says of a batch.
    enum Word: Sendable {
        /// It is there.
        case acknowledged
        /// Nothing of it was written.
        case refused
        /// It is there or not.
        case unknown
    }
    let number: Int
    let seed: UInt64
    /// By batch.
    private(set) var words: [Word] = []

    init(_ number: Int, seed: UInt64) {
        self.number = number
        self.seed = seed
    }

    func batch(_ batch: Int) -> ServerBatch {
        ServerBatch(writer: number, number: batch, seed: seed)
    }

    /// Writes until the notes say that it is enough.
    mutating func write(through client: Client, _ notes: ServerNotes) async {
        while notes.mayWrite {
            let batch = batch(words.count)
            do throws(MnemeError) {
                _ = try await client.perform(batch.request)
                words.append(.acknowledged)
                notes.noteAcknowledged()
                if words.count % 8 == 0 { try await read(through: client, notes) }
            } catch {
                switch error.code {
                case .outcomeUnknown: note(.unknown, batch)
                case .disconnected, .deadlineExceeded, .shuttingDown, .tooManyRequests:
                    note(.refused, batch)
                    try? await Task.sleep(for: .milliseconds(5))
                default: notes.fail(KilledServerFailure("\(batch) ended with \(error)"))
                }
            }
        }
    }

    /// Notes what was said of a batch; a read of it that failed afterwards says nothing.
    private mutating func note(_ word: Word, _ batch: ServerBatch) {
        if words.count == batch.number { words.append(word) }
    }

    /// Looks whether the newest batch is there, which was acknowledged.
    private func read(through client: Client, _ notes: ServerNotes) async throws(MnemeError) {
        let batch = batch(words.count - 1)
        let records = try await client.get(batch.references)
        do throws(KilledServerFailure) {
            if try !batch.isThere(records[...]) {
                throw KilledServerFailure("\(batch) was acknowledged and is not there")
            }
        } catch {
            notes.fail(error)
        }
    }
}
