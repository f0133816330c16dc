// A large batch made ready by two threads: the caller's and a helper's take pieces in turn, so that
// nobody waits for a helper that has something else to do.

internal import MnemeBase
internal import MnemeModel
internal import Synchronization

/// Prepares the changes of one batch.
final class SharedPreparation: Sendable {
    /// Changes a piece; a batch of fewer than four pieces is not worth a second thread.
    private static let piece = 32
    /// The least changes that two threads are used for.
    static let least = 4 * piece

    private struct Work {
        var next = 0
        var done = 0
        var pieces: [Result<[PreparedChange], MnemeError>?]
    }

    private let changes: [Change]
    private let preparation: ChangePreparation
    private let work: Mutex<Work>
    private let pieceCount: Int
    private let isDone = Gate()

    init(_ changes: [Change], _ preparation: ChangePreparation) {
        self.changes = changes
        self.preparation = preparation
        pieceCount = (changes.count + Self.piece - 1) / Self.piece
        work = Mutex(
            Work(
                pieces: [Result<[PreparedChange], MnemeError>?](
                    repeating: nil,
                    count: pieceCount
                )
            )
        )
    }

    /// The changes in their order.
    ///
    /// - Throws: what the first of them is refused with.
    func run(with helper: WorkerPool) throws(MnemeError) -> [PreparedChange] {
        // What a refusal names is what whoever asks reaches.
        let reach = Reach.current
        helper.submit { Reach.$current.withValue(reach) { self.takePieces() } }
        takePieces()
        isDone.wait()
        var prepared: [PreparedChange] = []
        prepared.reserveCapacity(changes.count)
        for piece in work.withLock({ $0.pieces }) {
            if let piece { prepared += try piece.get() }
        }
        return prepared
    }

    private func takePieces() {
        while let index = take() {
            let result = prepare(index)
            let isLast = work.withLock { work in
                work.pieces[index] = result
                work.done += 1
                return work.done == pieceCount
            }
            if isLast { isDone.open() }
        }
    }

    private func take() -> Int? {
        work.withLock { work in
            guard work.next < pieceCount else { return nil }
            defer { work.next += 1 }
            return work.next
        }
    }

    private func prepare(_ index: Int) -> Result<[PreparedChange], MnemeError> {
        let first = index * Self.piece
        return Result { () throws(MnemeError) in
            var prepared: [PreparedChange] = []
            prepared.reserveCapacity(Self.piece)
            for change in changes[first..<min(first + Self.piece, changes.count)] {
                prepared.append(try preparation.prepare(change))
            }
            return prepared
        }
    }
}

extension Store {
    /// Who helps to make large batches ready; nil where there are to be no threads.
    var helper: WorkerPool? {
        guard options.worksInBackground else { return nil }
        return helpers.withLock { pool in
            if let pool { return pool }
            let made = WorkerPool(threadCount: 1)
            pool = made
            return made
        }
    }
}
