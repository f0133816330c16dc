// What the connections of one loop share: how many they are, who is served next, who works for
// whom, and the commits of one turn, which go to the log together.

internal import Mneme
internal import MnemeBase
internal import MnemeModel
internal import MnemeTransport

/// Who is connected, and what they want written.
///
/// SAFETY: listeners and connections of one loop use it on its thread.
final class ServerGuests: @unchecked Sendable {
    private(set) var options: ServerOptions
    let shelf: StoreShelf
    let workers: WorkerPool
    let figures: ServerFigures
    /// For durations.
    let clock = RealClock()
    /// Who is let in.
    let tokens: TokenBook
    /// What is shown to them, where TLS is spoken.
    let tls: TLSKeeper?
    /// Who failed to be.
    var logins = LoginBrake()
    /// When the tokens were looked at last.
    private var tokensSeen: Microseconds = .min
    private var filesSeen: Microseconds = .min
    /// Threads that stand back a little, for those who ask much beside others.
    private let patientWorkers: WorkerPool
    /// Who is there, and how much is kept for them.
    var room = GuestRoom()
    private var count: Int { room.count }
    /// Those who had a slice, in the order of their next ones, and whether these were asked for.
    private var queued: [ServerConnection] = []
    private var isQueueAsked = false
    /// When somebody was last served who does not ask much.
    private var lastLight: Microseconds = .min
    /// Stores with commits that wait, and how many commits.
    private var changed: [Memory] = []
    private var changeCount = 0
    /// How many waited when sockets were last looked at, and how often that was.
    private var seenCount = 0
    private var lookCount = 0
    /// Whether the loop writes at the moment, so that answers come on its thread.
    private(set) var isLeading = false
    private var lastQuestion: Microseconds = .min
    /// When the loop may write again, after a disk that was slow.
    private var slowUntil: Microseconds = .min

    init(
        _ options: ServerOptions,
        _ shelf: StoreShelf,
        _ workers: WorkerPool,
        _ figures: ServerFigures,
        _ tokens: TokenBook,
        _ tls: TLSKeeper?
    ) {
        (self.options, self.shelf) = (options, shelf)
        (self.workers, self.figures) = (workers, figures)
        (self.tokens, self.tls) = (tokens, tls)
        patientWorkers = WorkerPool(
            threadCount: options.workerCount,
            niceness: Self.patientNiceness
        )
    }

    /// Who serves a new connection.
    func welcome(_ connection: Connection) -> any ConnectionHandler {
        ServerConnection(self, connection.id)
    }

    /// A connection is there.
    func entered(_ guest: ServerConnection) {
        figures.note(.came)
        room.enter(guest)
        if room.count > options.connectionLimit + ServerOptions.turnedAwayLimit {
            room.takeOldestStranger()?.dropSilent()
        }
    }

    /// Whether one more may be let in; whoever may not be is counted.
    func takesAnother() -> Bool {
        if room.admittedCount < options.connectionLimit { return true }
        figures.note(.turnedAway)
        return false
    }

    /// Notes how much is kept for a connection; where that is too much with all others, whoever
    /// has most of it is ended.
    func noteBurden(_ guest: ServerConnection, _ byteCount: Int) {
        room.note(guest, byteCount)
        while room.byteCount > options.burdenLimit, let most = room.takeMostBurdensome() {
            most.dropBurdensome()
        }
    }

    /// Takes over what of a set-up holds for connections that are there.
    func take(_ changed: ServerOptions) {
        options.connectionLimit = changed.connectionLimit
        options.burdenLimit = changed.burdenLimit
        options.slowRequests = changed.slowRequests
    }

    /// Looks whether the certificate is another one by now, as often as is cheap.
    func refreshFiles(_ loop: EventLoop) {
        let now = loop.now()
        guard now - Self.tokenPause > filesSeen else { return }
        filesSeen = now
        tls?.refresh()
    }

    /// Looks whether the tokens are others by now, `atOnce` or as often as is cheap.
    func refreshTokens(_ loop: EventLoop, atOnce: Bool) {
        let now = loop.now()
        guard atOnce || now - Self.tokenPause > tokensSeen else { return }
        tokensSeen = now
        tokens.refresh()
    }

    /// A connection has ended.
    func left(_ guest: ServerConnection) {
        room.leave(guest)
        figures.note(.left)
    }

    /// Somebody asks: whoever does so soon again should not find the loop waiting for the disk.
    func noteQuestion(_ loop: EventLoop) { lastQuestion = loop.now() }

    // MARK: Slices

    /// Whether connections wait for their next slices.
    var hasQueue: Bool { !queued.isEmpty }

    /// Gives a connection another slice, after the next look at the sockets.
    func queue(_ connection: ServerConnection, _ loop: EventLoop) {
        queued.append(connection)
        askForSlices(loop)
    }

    private func askForSlices(_ loop: EventLoop) {
        guard !isQueueAsked, !queued.isEmpty else { return }
        isQueueAsked = true
        loop.submit { [self] in giveSlices(loop) }
    }

    /// Gives as many slices as there is time for in one, so that whoever comes now waits for one
    /// and not for those of all.
    private func giveSlices(_ loop: EventLoop) {
        isQueueAsked = false
        let start = loop.now()
        let waiting = queued
        queued = []
        var next = 0
        repeat {
            waiting[next].continueSlice()
            next += 1
        } while next < waiting.count && loop.now() - start < ServerConnection.sliceMicroseconds
        queued.insert(contentsOf: waiting[next...], at: 0)
        askForSlices(loop)
    }

    /// A guest was served who has had so much of the server's time lately.
    func note(_ use: Double, _ now: Microseconds) { if use <= GuestUse.much { lastLight = now } }

    /// Who works for a guest: where he asks much while others ask little, threads that leave the
    /// processor to theirs.
    func workers(for use: GuestUse, _ now: Microseconds) -> WorkerPool {
        let isBesideOthers = now - Self.lightTime < lastLight
        return isBesideOthers && use.isMuch(at: now) ? patientWorkers : workers
    }

    /// Half the weight of the others' threads: who asks little is given a processor as soon as he
    /// needs one, and whoever waits for a lock that such a thread holds waits twice as long at
    /// most, however many programs the machine runs.
    private static let patientNiceness: Int32 = 3

    /// So long those count who ask little.
    private static let lightTime: Microseconds = 250_000

    // MARK: Commits

    /// Begins a change that is made ready in little time; it is written with the others of this
    /// turn.
    func change(
        _ memory: Memory,
        _ request: Request,
        _ durability: Durability?,
        _ asker: Asker,
        _ loop: EventLoop,
        _ answer: @escaping @Sendable (Result<Response, MnemeError>) -> Void
    ) {
        guard memory.gather(request, durability: durability, for: asker, completion: answer) else {
            return memory.start(request, durability: durability, for: asker, completion: answer)
        }
        if changeCount == 0 { loop.submit { [self] in write(loop) } }
        changeCount += 1
        if !changed.contains(where: { $0 === memory }) { changed.append(memory) }
    }

    /// Has the commits that wait written.
    ///
    /// As long as every look at the sockets brings more of them, and somebody is left who may, they
    /// wait for the next look, so that one sync is for all.
    ///
    /// Where nobody asked anything for a while, everybody waits for a commit, and the loop itself
    /// writes: two hand-overs between threads would cost as much as half a data sync. Else, and for
    /// a while after a write that took long, the log threads do, and questions are answered
    /// meanwhile. What is not known to be short they write in any case: the loop is that of all
    /// stores.
    private func write(_ loop: EventLoop) {
        if changeCount > seenCount, changeCount < count, lookCount < Self.looks {
            seenCount = changeCount
            lookCount += 1
            loop.submit { [self] in write(loop) }
            return
        }
        (changeCount, seenCount, lookCount) = (0, 0, 0)
        let start = loop.now()
        let isQuiet = start - options.quietMicroseconds > max(lastQuestion, slowUntil)
        let memories = changed
        changed.removeAll(keepingCapacity: true)
        isLeading = isQuiet
        defer { isLeading = false }
        for memory in memories {
            if isQuiet { memory.leadCommits() } else { memory.pushCommits() }
        }
        let end = loop.now()
        if isQuiet, end - start > options.slowMicroseconds { slowUntil = end + Self.slowTime }
    }

    /// How long the log threads write after a write that was slow.
    private static let slowTime: Microseconds = 1_000_000

    /// How long tokens are taken to be what they were.
    private static let tokenPause: Microseconds = 1_000_000

    /// How often the sockets are looked at for more commits.
    private static let looks = 16
}
