// The named stores under one root: opened when somebody asks for them, kept open until the server
// ends. Opening waits for the disk, so it happens on a worker; everybody who asks meanwhile waits
// for the same opening.

internal import Glibc
package import Mneme
internal import MnemeBase
package import MnemeModel
internal import Synchronization

/// The stores of a server.
package final class StoreShelf: Sendable {
    package typealias Opened = @Sendable (Result<Memory, MnemeError>) -> Void

    /// Somebody who asked for a store.
    private struct Guest: Sendable {
        let mayCreate: Bool
        let opened: Opened
    }
    private enum Slot: Sendable {
        case opening
        case open(Memory)
    }
    private struct State {
        var slots: [String: Slot] = [:]
        /// Those who wait for a store that is being opened.
        var guests: [String: [Guest]] = [:]
        var isClosed = false
        /// Whether stores are made, and how many may be open.
        var createsStores: Bool
        var storeLimit: Int
    }

    /// The name that stands for none.
    package static let standardName = "default"

    private let options: ServerOptions
    private let workers: WorkerPool
    private let state: Mutex<State>

    /// The stores under the options' root.
    init(_ options: ServerOptions, _ workers: WorkerPool) {
        self.options = options
        self.workers = workers
        state = Mutex(
            State(createsStores: options.createsStores, storeLimit: options.storeLimit)
        )
    }

    /// Takes over what of a set-up holds for stores that are opened from now on.
    func take(_ changed: ServerOptions) {
        state.withLock { state in
            state.createsStores = changed.createsStores
            state.storeLimit = changed.storeLimit
        }
    }

    /// Hands out a store, opening it when it is not open yet.
    ///
    /// One that is not there is made where both this guest and the server want that. `opened` is
    /// called once, at once or on a worker.
    package func open(
        _ name: String,
        creating mayCreate: Bool = true,
        _ opened: @escaping Opened
    ) {
        let guest = Guest(mayCreate: mayCreate, opened: opened)
        let name = name.isEmpty ? Self.standardName : name
        guard Self.isName(name) else {
            let problem =
                "\"\(name.prefix(80))\" is no name of a store; use 1 to \(PlainName.limit) "
                + "letters, digits, dots, hyphens and underscores, the first no dot"
            return opened(.failure(MnemeError(.unknownStore, problem)))
        }
        enum Step {
            case answer(Result<Memory, MnemeError>)
            case begin
            case wait
        }
        let step = state.withLock { state -> Step in
            if state.isClosed { return .answer(.failure(Self.closed)) }
            switch state.slots[name] {
            case .open(let memory): return .answer(.success(memory))
            case .opening:
                state.guests[name, default: []].append(guest)
                return .wait
            case nil where state.slots.count >= state.storeLimit:
                return .answer(.failure(Self.full(state.storeLimit)))
            case nil:
                state.slots[name] = .opening
                state.guests[name] = [guest]
                return .begin
            }
        }
        switch step {
        case .answer(let result):
            if case .failure(let error) = result {
                options.report?(.failure(.storeRefused, error, store: name))
            }
            opened(result)
        case .wait: break
        case .begin: workers.submit { self.load(name, creating: mayCreate) }
        }
    }

    /// The stores that are open, by name.
    package var openStores: [String: Memory] {
        state.withLock { state in
            state.slots.compactMapValues { if case .open(let memory) = $0 { memory } else { nil } }
        }
    }

    /// Closes every store; nothing is opened afterwards.
    ///
    /// - Returns: what went wrong, by name.
    package func close() -> [String: MnemeError] {
        let open = openStores
        state.withLock { state in
            state.isClosed = true
            state.slots = state.slots.filter { if case .opening = $0.value { true } else { false } }
        }
        var failures: [String: MnemeError] = [:]
        for (name, memory) in open.sorted(by: { $0.key < $1.key }) {
            do throws(MnemeError) {
                try memory.close()
                options.report?(LogEvent(.storeClosed, store: name))
            } catch {
                failures[name] = error
                options.report?(.failure(.storeFailed, error, store: name))
            }
        }
        return failures
    }

    private func load(_ name: String, creating: Bool) {
        var result: Result<Memory, MnemeError>
        do throws(MnemeError) {
            result = .success(try openMemory(name, creating: creating))
        } catch {
            result = .failure(error)
        }
        let isMissing =
            if case .failure(let error) = result { error.code == .unknownStore } else { false }
        let (waiting, isTooLate) = state.withLock { state -> ([Guest], Bool) in
            var waiting = state.guests.removeValue(forKey: name) ?? []
            state.slots[name] = nil
            // Who came meanwhile may want what whoever began it did not.
            let creators = waiting.filter(\.mayCreate)
            if isMissing, !creating, !creators.isEmpty, !state.isClosed {
                state.slots[name] = .opening
                state.guests[name] = creators
                waiting.removeAll(where: \.mayCreate)
                workers.submit { self.load(name, creating: true) }
            }
            if case .success(let memory) = result, !state.isClosed {
                state.slots[name] = .open(memory)
            }
            return (waiting, state.isClosed)
        }
        if isTooLate, case .success(let memory) = result {
            try? memory.close()
            result = .failure(Self.closed)
        }
        if case .failure(let error) = result, !waiting.isEmpty {
            let isTheirs = [.unknownStore, .shuttingDown].contains(error.code)
            options.report?(.failure(isTheirs ? .storeRefused : .storeFailed, error, store: name))
        }
        for guest in waiting { guest.opened(result) }
    }

    private func openMemory(_ name: String, creating: Bool) throws(MnemeError) -> Memory {
        let createsStores = state.withLock { $0.createsStores }
        var options = MemoryOptions()
        options.createsIfMissing = createsStores && creating
        options.durability = self.options.durability
        options.masterKey = self.options.masterKey
        options.backupDirectory = self.options.backups.map { $0 + "/" + name }
        let report = self.options.report
        options.notice = { notice in
            report?(LogEvent(LogEvent.Name(notice.kind), store: name, message: notice.text))
        }
        let clock = RealClock()
        let began = clock.elapsed()
        do throws(MnemeError) {
            let memory = try Memory.open(self.options.root + "/" + name, options: options)
            let took = clock.elapsed() - began
            let fields: [LogEvent.Field] = [
                ("milliseconds", .milliseconds(took)), ("readOnly", .bool(memory.isReadOnly)),
            ]
            report?(LogEvent(.storeOpened, store: name, fields))
            for note in memory.notes {
                report?(LogEvent(.storeNote, store: name, message: note))
            }
            return memory
        } catch {
            guard error.code == .notAStore, !options.createsIfMissing else { throw error }
            let makesNone = createsStores ? "" : ", and it makes none"
            // The ending that the examples of the program have.
            let whole = name + ".mneme"
            let isThere = RealDisk().isDirectory(self.options.root + "/" + whole)
            let advice = isThere ? "there is \"\(whole)\"" : "check the name"
            throw MnemeError(
                .unknownStore,
                "there is no store \"\(name)\" on this server\(makesNone); \(advice)"
            )
        }
    }

    /// Whether a text may be a store's name: names that are a directory's own, whatever the file
    /// system.
    package static func isName(_ name: String) -> Bool { PlainName.isOne(name) }

    private static func full(_ limit: Int) -> MnemeError {
        MnemeError(
            .tooManyRequests,
            "the server has \(limit) stores open, and takes no more; use one of them, or start the "
                + "server anew"
        )
    }

    private static let closed = MnemeError(
        .shuttingDown,
        "the server is closing its stores; connect again when it is back"
    )
}
