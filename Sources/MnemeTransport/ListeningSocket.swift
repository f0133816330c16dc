// A socket that listens for somebody else than a loop.

internal import Glibc

/// A listening TCP socket, closed with its owner.
package struct ListeningSocket: ~Copyable {
    private var descriptor: Descriptor
    /// Where it listens, with the port that the system chose.
    package let address: Address

    /// Listens.
    ///
    /// - Throws: as `Listener`; `.badAddress` for a Unix socket, whose file nobody would remove.
    package init(_ address: Address) throws(TransportError) {
        guard case .tcp = address else {
            throw .badAddress(text: address.description, problem: .portMissing)
        }
        let wanted = try address.listening()
        var bound = try Listener.bind(address, wanted)
        let number = bound.descriptor.number
        descriptor = bound.descriptor.take()
        self.address =
            (unsafe SocketAddress.taking { unsafe getsockname(number, $0, $1) } ?? wanted).address
    }

    /// The system's number.
    package var number: Int32 { descriptor.number }

    /// Leaves it to somebody else to close.
    package mutating func giveAway() { descriptor.forget() }
}
