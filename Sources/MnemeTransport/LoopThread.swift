// The thread of a loop. It has the normal priority: what runs behind belongs to BackgroundThread.

internal import CEpoll
internal import Glibc
internal import MnemeBase

/// A thread that runs one loop.
package final class LoopThread: Sendable {
    private let done = Gate()

    /// Starts a thread for `loop`.
    ///
    /// - Throws: `.system` when the system has no thread left.
    package init(running loop: EventLoop) throws(TransportError) {
        let box = unsafe Unmanaged.passRetained(LoopBody(loop, done))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<LoopBody>.fromOpaque(argument).takeRetainedValue()
                body.loop.run()
                body.done.open()
                return nil
            },
            unsafe box.toOpaque()
        )
        guard code == 0 else {
            unsafe box.release()
            throw .system(call: "pthread_create", code: code)
        }
        unsafe mneme_set_thread_name(thread, "mneme-loop")
        pthread_detach(thread)
    }

    /// Waits until the loop has ended; any number of threads may.
    package func wait() {
        done.wait()
        done.open()
    }
}

private final class LoopBody {
    let loop: EventLoop
    let done: Gate

    init(_ loop: EventLoop, _ done: Gate) {
        self.loop = loop
        self.done = done
    }
}
