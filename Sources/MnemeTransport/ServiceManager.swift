// What a server and the system's service manager tell each other, by libsystemd: that the server
// is ready (sd_notify(3)), and which sockets it has to listen on (sd_listen_fds(3)). Where nobody
// manages the server, nothing is said and there are no sockets.

internal import CSystemd
internal import Glibc
internal import MnemeBase

/// The system's service manager.
package enum ServiceManager {
    /// What a server says of itself.
    package enum State {
        /// It serves.
        case ready
        /// It reads its settings again, and says `ready` after that.
        case reloading
        /// It ends.
        case stopping
    }

    /// Says how the server stands.
    package static func say(_ state: State) {
        let text =
            switch state {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(RealClock().elapsed())"
            case .stopping: "STOPPING=1"
            }
        _ = unsafe sd_notify(0, text)
    }

    /// The sockets that the manager listens on for this server.
    ///
    /// They are this process's from now on, and are told once.
    ///
    /// - Throws: `.notASocket` for what is no listening stream socket, `.system`.
    package static func sockets() throws(TransportError) -> [PassedSocket] {
        let count = sd_listen_fds(1)
        guard count >= 0 else { throw .system(call: "sd_listen_fds", code: -count) }
        var sockets: [PassedSocket] = []
        for number in SD_LISTEN_FDS_START..<SD_LISTEN_FDS_START + count {
            guard sd_is_socket(number, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) > 0,
                let name = unsafe SocketAddress.taking({ unsafe getsockname(number, $0, $1) }),
                SocketCall.setBlocking(number, false)
            else { throw .notASocket(path: "descriptor \(number) of the service manager") }
            sockets.append(PassedSocket(number: number, address: name.address))
        }
        return sockets
    }
}

/// A socket that listens already.
package struct PassedSocket: Equatable, Sendable {
    /// The system's number; whoever listens on it closes it.
    let number: Int32
    /// Where it listens.
    package let address: Address
}
