// How long those wait who failed to log in: after a few failures from one address, and twice as
// long after each further one, so that nobody tries many tokens. The table is bounded, and used on
// the loop's thread.

internal import MnemeBase
internal import MnemeTransport

/// The addresses from which logins failed.
struct LoginBrake {
    private struct Failures {
        var count: Int
        /// Until when no further one is looked at.
        var until: Microseconds
        var last: Microseconds
    }

    /// So many failures are nobody's guesses.
    static let free = 5
    /// The wait after one more, and the longest one.
    private static let firstWait: Microseconds = 1_000_000
    private static let longestWait: Microseconds = 60_000_000
    /// After so long without a failure an address is forgotten.
    private static let memory: Microseconds = 600_000_000
    /// So many addresses are known.
    static let most = 1024

    /// So many refusals a second are kept of those that are no failures.
    static let mostKept = 20

    private var failures: [String: Failures] = [:]
    private var kept = (since: Microseconds.min, count: 0)

    /// How many addresses are known.
    var count: Int { failures.count }

    /// How long an address has to wait before it may log in; 0 as a rule.
    func wait(_ address: String, now: Microseconds) -> Microseconds {
        failures[address].map { max(0, $0.until - now) } ?? 0
    }

    /// Notes a failure.
    mutating func fail(_ address: String, now: Microseconds) {
        var known = failures[address] ?? Failures(count: 0, until: 0, last: now)
        if now - known.last > Self.memory { known.count = 0 }
        known.count += 1
        known.last = now
        if known.count > Self.free {
            let doublings = Microseconds(min(known.count - Self.free - 1, 16))
            known.until = now + min(Self.longestWait, Self.firstWait << doublings)
        }
        if failures[address] == nil, failures.count >= Self.most { makeRoom(now) }
        failures[address] = known
    }

    /// Forgets an address from which somebody was let in.
    mutating func succeed(_ address: String) { failures[address] = nil }

    /// Whether a refusal that is no failure is kept where refusals are.
    ///
    /// With a good token one can be refused as often as one likes.
    mutating func keepsRefusal(now: Microseconds) -> Bool {
        if kept.since == .min || now - kept.since >= 1_000_000 { kept = (now, 0) }
        kept.count += 1
        return kept.count <= Self.mostKept
    }

    /// Forgets what is old, or else who waits least.
    private mutating func makeRoom(_ now: Microseconds) {
        failures = failures.filter { now - $0.value.last <= Self.memory }
        while failures.count >= Self.most {
            let least = failures.min { left, right in
                (left.value.until, left.value.last) < (right.value.until, right.value.last)
            }
            guard let least else { return }
            failures[least.key] = nil
        }
    }
}

extension LoginBrake {
    /// What an address is known by: its host without a port; of IPv6 the network, of which one
    /// machine may have every number.
    static func name(of peer: SocketAddress) -> String {
        guard case .tcp(let host, _) = peer.address else { return "unix" }
        return name(ofHost: host)
    }

    /// The same of a host by its number, as the system writes it.
    static func name(ofHost host: String) -> String {
        guard host.contains(":"), !host.hasPrefix("::") else { return host }
        let written = host.split(separator: ":", omittingEmptySubsequences: false)
        var groups = written.filter { !$0.isEmpty }
        // A run of zeros is left out, wherever it stands.
        if groups.count < 8, let place = written.firstIndex(where: \.isEmpty) {
            groups.insert(contentsOf: Array(repeating: "0", count: 8 - groups.count), at: place)
        }
        return groups.prefix(4).joined(separator: ":")
    }
}
