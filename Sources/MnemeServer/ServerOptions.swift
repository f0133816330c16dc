// How a server is set up.

package import MnemeBase
package import MnemeModel
package import MnemeTransport
package import MnemeWire

/// How a server is set up.
package struct ServerOptions: Sendable {
    /// The directory that holds one directory a store.
    package var root: String
    /// Where it listens: loopback addresses and Unix sockets; others where there are both TLS and
    /// tokens.
    package var addresses: [Address]
    /// Sockets that listen already and were passed to this process; in the place of addresses.
    package var sockets: [PassedSocket] = []
    /// Where figures and health are told over HTTP; nil where they are not.
    package var metricsAddress: Address?
    /// The files of its certificate; nil for speaking without TLS.
    package var tls: TLSFiles?
    /// Whether a store is made when somebody asks for one that is not there.
    package var createsStores = true
    /// How long commits are waited for where a request does not say.
    package var durability: Durability = .synced
    /// The directory that holds a directory for each store with the backups that clients ask for;
    /// nil refuses them.
    package var backups: String?
    /// The master key of the stores; those that are made with one are encrypted.
    package var masterKey: MasterKey?
    /// What every connection is held to.
    package var limits = ServerLimits()
    /// Connections at one time; one more is told `tooManyRequests`.
    package var connectionLimit = ServerOptions.usualConnectionLimit
    /// Stores that are open at one time, each with threads and files of its own; whoever wants one
    /// more is told `tooManyRequests`.
    package var storeLimit = 256
    /// Bytes of requests without an answer, and of answers that nobody has taken, of all
    /// connections together; with more, the one that has most of them is ended.
    package var burdenLimit = ServerOptions.usualBurdenLimit
    /// How long a connection may take to say who it is.
    package var helloMicroseconds: Microseconds = 10_000_000
    /// How long the rest of a frame, or a client's taking of what it is sent, may make no headway.
    package var stallMicroseconds: Microseconds = 30_000_000
    /// Threads for what would hold up the event loop.
    package var workerCount = 4
    /// How many of them may work for one connection at a time.
    package var workersPerConnection = 2
    /// Transactions that one connection may have open at a time: less than the store takes, so that
    /// nobody has them all.
    package var transactionsPerConnection = 250
    /// How long the loop looks for the next request before it sleeps, where requests come quickly:
    /// waking up takes longer than that.
    package var spinMicroseconds: Microseconds = 50
    /// How long a client has, when the server ends, to hear of it and to end its connection.
    package var drainMicroseconds: Microseconds = 500_000
    /// After so long without a question the loop itself writes commits.
    package var quietMicroseconds: Microseconds = 2_000
    /// A write of the loop that took longer than this leaves the next ones to the log threads.
    package var slowMicroseconds: Microseconds = 20_000
    /// Told what happens in the server and in its stores (`LogEvent.Name`); on any thread, and must
    /// not wait.
    package var report: (@Sendable (LogEvent) -> Void)?
    /// Which requests are told as slow; nil for none.
    package var slowRequests: SlowRequests?
    /// After how long the searches of vector fields are measured again; nil for never.
    package var recallCheckMicroseconds: Microseconds?
    /// Name and version, for clients' logs.
    package var name = "mneme"

    /// The usual set-up.
    package init(root: String, addresses: [Address]) {
        self.root = root
        self.addresses = addresses
    }

    /// Connections at one time where nobody says how many.
    package static let usualConnectionLimit = 16_384

    /// Bytes that are kept for all connections where nobody says how many.
    package static let usualBurdenLimit = 1 << 30

    /// So many connections more than there may be are told so; with more of them, those go that
    /// have not said who they are.
    static let turnedAwayLimit = 64

    /// Lowers the limits of connections and stores to what so many descriptors suffice for.
    ///
    /// Stores come first, up to a half of the descriptors: one that needs one must get it.
    package mutating func fit(descriptors: Int) {
        let some = max(0, descriptors - Self.ownDescriptors)
        storeLimit = max(1, min(storeLimit, some / 2 / Self.descriptorsPerStore))
        let left = some - storeLimit * Self.descriptorsPerStore
        connectionLimit = max(1, min(connectionLimit, left))
    }

    /// What the server itself has open, and those who are being told that it is full.
    private static let ownDescriptors = 128

    /// Its locks, its pages, and segments of its log; those that are read are mapped and closed.
    private static let descriptorsPerStore = 8
}
