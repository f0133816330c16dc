// The system's list of sockets to watch, level-triggered: an event comes again until what it tells
// of is gone.

internal import CEpoll
internal import Glibc

/// What can be told of a socket.
struct Readiness: OptionSet {
    let rawValue: UInt32

    /// There is something to read, or the input has ended.
    static let input = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    static let output = Readiness(rawValue: EPOLLOUT.rawValue)
    /// An error waits.
    ///
    /// Told unasked.
    static let failure = Readiness(rawValue: EPOLLERR.rawValue)
    /// Both directions are over.
    ///
    /// Told unasked.
    static let hangUp = Readiness(rawValue: EPOLLHUP.rawValue)
    /// Told once a change, not until it is dealt with.
    static let edge = Readiness(rawValue: EPOLLET.rawValue)
}

/// An epoll descriptor and the room for its answers.
///
/// SAFETY: the room is allocated once, never moves and is freed with the object; the kernel writes
/// at most `capacity` events into it.
@safe final class Epoll {
    private static let capacity = 256

    private let descriptor: Descriptor
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(TransportError) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        descriptor = Descriptor(number)
        unsafe events = .allocate(capacity: Self.capacity)
        unsafe events.initialize(repeating: epoll_event(), count: Self.capacity)
    }

    deinit { unsafe events.deallocate() }

    /// Watches a descriptor; `token` comes back with its events.
    func add(_ number: Int32, _ interest: Readiness, token: UInt64) throws(TransportError) {
        try control(EPOLL_CTL_ADD, number, interest, token)
    }

    /// Watches for something else.
    func change(_ number: Int32, _ interest: Readiness, token: UInt64) throws(TransportError) {
        try control(EPOLL_CTL_MOD, number, interest, token)
    }

    /// Watches no more.
    func remove(_ number: Int32) { try? control(EPOLL_CTL_DEL, number, [], 0) }

    /// Waits for events, at most so long (−1: for ever, 0: not at all).
    ///
    /// - Returns: how many came.
    func wait(milliseconds: Int32) -> Int {
        let count = unsafe epoll_wait(
            descriptor.number,
            events,
            Int32(Self.capacity),
            milliseconds
        )
        // Only an interruption can fail here; it is as good as no event.
        return max(0, Int(count))
    }

    /// One of the events that came.
    func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        precondition(index >= 0 && index < Self.capacity)
        return unsafe (events[index].data.u64, Readiness(rawValue: events[index].events))
    }

    private func control(
        _ operation: Int32,
        _ number: Int32,
        _ interest: Readiness,
        _ token: UInt64
    )
        throws(TransportError)
    {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = token
        guard unsafe epoll_ctl(descriptor.number, operation, number, &event) == 0 else {
            throw .last("epoll_ctl")
        }
    }
}

/// A descriptor that wakes a sleeping loop.
///
/// It is watched by edges, so nobody has to read it.
struct WakeSignal: ~Copyable, Sendable {
    private let descriptor: Descriptor

    init() throws(TransportError) {
        let number = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard number >= 0 else { throw .last("eventfd") }
        descriptor = Descriptor(number)
    }

    var number: Int32 { descriptor.number }

    /// Wakes whoever watches; from any thread.
    func wake() {
        var one: UInt64 = 1
        // It counts to 2^64 − 2 before it would refuse, and is awake then anyway.
        while unsafe Glibc.write(descriptor.number, &one, 8) < 0, errno == EINTR {}
    }
}
