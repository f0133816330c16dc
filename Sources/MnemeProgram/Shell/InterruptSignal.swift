// Control-C while a statement runs: the signal is held, and a thread takes it and tells the
// statement that is running.

internal import Glibc
internal import MnemeBase
internal import Synchronization

/// SIGINT, taken by a thread of its own.
enum InterruptSignal {
    private static let receiver = Mutex<(@Sendable () -> Void)?>(nil)

    /// Keeps the signal from ending the process, and has a thread take it from now on.
    ///
    /// Called before there are other threads: those that are started later inherit it.
    static func hold() {
        var signals = set
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        BackgroundThread.start(niceness: 0) {
            while true {
                var signals = set
                var number: Int32 = 0
                guard unsafe sigwait(&signals, &number) == 0 else { return }
                receiver.withLock { $0 }?()
            }
        }
    }

    /// Who is told from now on; nil: nobody, and the signal does nothing.
    static func tell(_ someone: (@Sendable () -> Void)?) {
        receiver.withLock { $0 = someone }
    }

    private static var set: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        return signals
    }
}
