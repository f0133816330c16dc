// A place where one thread waits for another, without polling.

internal import Glibc

/// A gate that opens once per pass: `wait` returns after an `open`, whichever came first.
///
/// SAFETY: the mutex and the condition live in memory of their own, which does not move, for as
/// long as the gate does; every access to `isOpen` happens under the mutex.
@safe package final class Gate: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isOpen = false

    /// A closed gate.
    package init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        // The wall clock may be set while somebody waits.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Lets the waiting thread, or the next one that comes, pass.
    package func open() {
        unsafe pthread_mutex_lock(mutex)
        isOpen = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits until the gate is open, and closes it behind.
    package func wait() {
        unsafe pthread_mutex_lock(mutex)
        while !isOpen { unsafe pthread_cond_wait(condition, mutex) }
        isOpen = false
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Waits at most so long, not at all below 0; false when nobody opened.
    package func wait(atMost microseconds: Microseconds) -> Bool {
        let microseconds = max(microseconds, 0)
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
        let total = Int64(deadline.tv_nsec) + microseconds % 1_000_000 * 1000
        deadline.tv_sec += Int(microseconds / 1_000_000 + total / 1_000_000_000)
        deadline.tv_nsec = Int(total % 1_000_000_000)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !isOpen {
            if unsafe pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
        }
        defer { isOpen = false }
        return isOpen
    }
}

/// Threads of our own.
package enum BackgroundThread {
    /// Starts `body` on a detached thread, of the lowest priority unless another is given.
    ///
    /// Waits up to a second where the system has no thread left, and ends the process then: whoever
    /// needs the thread would wait for ever.
    package static func start(niceness: Int32 = 19, _ body: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(BackgroundBody(niceness, body))
        var thread = pthread_t()
        for attempt in 0... {
            let code = unsafe pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    let body = unsafe Unmanaged<BackgroundBody>.fromOpaque(argument)
                    unsafe body.takeRetainedValue().runAtPriority()
                    return nil
                },
                unsafe box.toOpaque()
            )
            if code == 0 { break }
            precondition(attempt < 100, "the system starts no thread: error \(code)")
            usleep(10_000)
        }
        pthread_detach(thread)
    }
}

private final class BackgroundBody {
    private let niceness: Int32
    private let run: @Sendable () -> Void

    init(_ niceness: Int32, _ run: @escaping @Sendable () -> Void) {
        self.niceness = niceness
        self.run = run
    }

    func runAtPriority() {
        if niceness != 0 {
            // On Linux this is the calling thread's own priority.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
        }
        run()
    }
}
