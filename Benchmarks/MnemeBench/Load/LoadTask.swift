// What a load sends, and whoever says what that is.

internal import Mneme
internal import MnemeBase

/// The databases that a load can be sent to.
enum LoadEngine: String, CaseIterable, Sendable {
    case mneme, redis, postgresql
}

/// One message to a database, of the kind that its connections take.
enum LoadMessage {
    /// A request to Mneme.
    case request(Request)
    /// Commands of Redis that are sent at once.
    case commands([[String]])
    /// A prepared statement of PostgreSQL, by its number, with its parameters as texts.
    case statement(Int, [String?])
    /// Statements of PostgreSQL as they are.
    case script(String)
}

/// One piece of work: messages of which each is sent when the one before is answered.
///
/// It takes as long as all of them together.
struct LoadTask {
    /// Which of the operations of its work it is of.
    var operation: Int
    var messages: [LoadMessage]
    /// Whether an answer without anything in it is as good as any.
    var mayFindNothing = false
    /// What it makes: which counter its number is of, and the number.
    var made: (counter: Int, number: Int)?
}

/// Says what a load sends; used on the loop's thread.
protocol LoadWork: AnyObject {
    /// The names of the operations.
    var operations: [String] { get }
    /// What a connection speaks.
    func speech() -> any LoadSpeech
    /// The next task; nil when there is nothing more to do.
    ///
    /// - Throws: what is wrong with it.
    func next(_ chance: SeededRandomness) throws -> LoadTask?
    /// A task is done as it should be.
    func done(_ task: LoadTask)
}

/// Somebody who asks as fast as he is answered, beside a load.
struct LoadFlood {
    let work: any LoadWork
    let connections: Int
    /// Tasks that each connection keeps in flight.
    let depth: Int
}

/// What happened on a connection.
enum LoadEvent {
    /// It takes messages from now on.
    case ready
    /// A message is answered: with so many rows, records, or things done.
    case answered(UInt32, count: Int)
    /// A message failed.
    case failed(UInt32, code: String, message: String)
    /// The connection is of no more use.
    case broken(String)
}

/// The protocol of a database on one connection, without the socket.
protocol LoadSpeech: AnyObject {
    /// Whether the other side takes no more messages before it has answered some.
    var isFull: Bool { get }
    /// Puts what a connection begins with into the output.
    func begin()
    /// Puts a message into the output, and says by which number its answer will go.
    ///
    /// - Throws: `LoadRefusal` where it cannot be sent; nothing is then.
    func send(_ message: LoadMessage) throws(LoadRefusal) -> UInt32
    /// Takes in what came; then `next` says what happened, until it says nil.
    func receive(_ bytes: RawSpan)
    func next() -> LoadEvent?
    /// Takes what is to be sent.
    func takeOutput() -> [UInt8]
}

extension LoadSpeech {
    var isFull: Bool { false }
}

/// Why a message was not sent.
struct LoadRefusal: Error {
    var code: String
    var message: String
}
