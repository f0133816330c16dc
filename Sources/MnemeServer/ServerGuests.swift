// What the connections of one loop share: how many they are, and the commits of one turn, which go
// to the log together.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport

/// Who is connected, and what they want written.
///
/// SAFETY: listeners and connections of one loop use it on its thread.
final class ServerGuests: @unchecked Sendable {
    let options: ServerOptions
    let shelf: StoreShelf
    let workers: WorkerPool
    private var count = 0
    /// Stores with commits of this turn.
    private var changed: [Memory] = []
    private var lastQuestion: Microseconds = .min

    init(_ options: ServerOptions, _ shelf: StoreShelf, _ workers: WorkerPool) {
        self.options = options
        self.shelf = shelf
        self.workers = workers
    }

    /// Who serves a new connection.
    func welcome(_ connection: Connection) -> any ConnectionHandler {
        count += 1
        return ServerConnection(self, hasRoom: count <= options.connectionLimit)
    }

    /// A connection has ended.
    func left() { count -= 1 }

    /// Somebody asks: whoever does so soon again should not find the loop waiting for the disk.
    func noteQuestion(_ loop: EventLoop) { lastQuestion = loop.now() }

    /// Begins a change that is made ready in little time; it is written with the others of this
    /// turn.
    func change(
        _ memory: Memory,
        _ request: Request,
        _ durability: Durability?,
        _ loop: EventLoop,
        _ answer: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) {
        guard memory.gather(request, durability: durability, completion: answer) else {
            return memory.start(request, durability: durability, completion: answer)
        }
        if changed.isEmpty { loop.submit { [self] in write(loop) } }
        if !changed.contains(where: { $0 === memory }) { changed.append(memory) }
    }

    /// Has the commits of the turn written.
    ///
    /// Where nobody asked anything for a while, everybody waits for a commit, and the loop itself
    /// writes: two hand-overs between threads would cost as much as half a data sync. Else the log
    /// threads do, and questions are answered meanwhile.
    private func write(_ loop: EventLoop) {
        let isQuiet = loop.now() - options.quietMicroseconds > lastQuestion
        for memory in changed {
            if isQuiet { memory.leadCommits() } else { memory.pushCommits() }
        }
        changed.removeAll(keepingCapacity: true)
    }
}
