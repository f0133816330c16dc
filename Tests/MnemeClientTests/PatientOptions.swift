// Options for tests on machines that do much else: nothing that waits for an answer gives up before
// the answer can be there.

import MnemeClient

extension ClientOptions {
    /// The usual options with times that nobody runs out of.
    static var patient: ClientOptions {
        var options = ClientOptions()
        options.timeout = .seconds(600)
        options.connectTimeout = .seconds(120)
        return options
    }
}
