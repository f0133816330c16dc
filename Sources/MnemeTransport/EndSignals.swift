// The signals that ask a program to end, and the one that asks it to read its files again.

internal import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken where they are waited for.
package enum EndSignals {
    /// Keeps the signals from ending the process; threads that are started later inherit it.
    package static func hold() {
        var signals = set
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Waits for one of them; they must be held.
    ///
    /// SIGHUP has `reload` called, and it is waited on; it ends where there is none.
    package static func wait(reload: (() -> Void)? = nil) {
        var signals = set
        while true {
            var number: Int32 = 0
            unsafe sigwait(&signals, &number)
            guard number == SIGHUP, let reload else { return }
            reload()
        }
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
