// A directory whose stores a server has, for verbs with --connect.

import Foundation

extension BuiltProgram {
    /// Runs a line of the shell while `mneme serve` has the stores of the directory; `$address` is
    /// the server's.
    ///
    /// The line's status is that of the whole, unless the server does not end well.
    func served(_ line: String, _ options: String = "") throws -> Ended {
        let ended = try shell(
            """
            address="unix:$PWD/socket"
            : > .said
            "$built" serve --root . --listen "$address" \(options) > .said 2> .failed & server=$!
            for turn in {1..400}; do grep -q Listening .said && break; sleep 0.02; done
            ( \(line)
            ) < /dev/null
            status=$?
            kill -TERM $server; wait $server || { cat .failed >&2; exit 99; }
            exit $status
            """
        )
        return ended
    }
}
