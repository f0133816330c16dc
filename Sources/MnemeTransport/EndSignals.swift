// The signals that ask a program to end.

internal import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken where they are waited for.
package enum EndSignals {
    /// Keeps the signals from ending the process; threads that are started later inherit it.
    package static func hold() {
        var signals = set
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Waits for one of them; they must be held.
    package static func wait() {
        var signals = set
        var number: Int32 = 0
        unsafe sigwait(&signals, &number)
    }

    private static var set: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGHUP)
        return signals
    }
}
