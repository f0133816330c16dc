// What failures of the network are to whoever starts a server.

internal import MnemeModel
internal import MnemeTransport

extension MnemeError {
    /// What a failure of the network is to whoever starts a server.
    init(transport error: TransportError) {
        let code: Code =
            switch error {
            case .addressInUse: .busy
            case .badAddress, .notASocket, .unknownHost, .insecure: .badRequest
            default: .disk
            }
        self.init(code, "\(error)")
    }
}
