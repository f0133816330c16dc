// The certificate of a server that runs: its files are looked at again now and then, so that a new
// one counts for connections from then on, without a restart. What cannot be read leaves the one
// that there was.

internal import MnemeBase
internal import Synchronization

/// What a server shows and believes, as its files say.
package final class TLSKeeper: Sendable {
    private struct State {
        var context: TLSContext
        /// What the files held when they were read last, whatever came of it.
        var seen: [[UInt8]?]
    }

    private let files: TLSFiles
    private let report: (@Sendable (TLSError?) -> Void)?
    private let state: Mutex<State>
    /// The most bytes of a file.
    private static let mostBytes: UInt64 = 1 << 20

    /// Reads the files of a server.
    ///
    /// `report` is told when they were read again, and with what that failed.
    ///
    /// - Throws: `TLSError`.
    package init(
        _ files: TLSFiles,
        report: (@Sendable (TLSError?) -> Void)? = nil
    ) throws(TLSError) {
        self.files = files
        self.report = report
        let seen = Self.contents(files)
        let context = try TLSContext(files, isServer: true)
        state = Mutex(State(context: context, seen: seen))
    }

    /// What connections from now on have in common.
    package var context: TLSContext { state.withLock { $0.context } }

    /// Looks at the files again.
    package func refresh() {
        let contents = Self.contents(files)
        let outcome = state.withLock { state -> Result<Void, TLSError>? in
            if contents == state.seen { return nil }
            state.seen = contents
            do throws(TLSError) {
                state.context = try TLSContext(files, isServer: true)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success: report?(nil)
        case .failure(let error): report?(error)
        case nil: break
        }
    }

    private static func contents(_ files: TLSFiles) -> [[UInt8]?] {
        let disk = RealDisk()
        return files.paths.map { path in
            guard let file = try? disk.open(path, .read) else { return nil }
            defer { try? file.close() }
            guard let count = try? file.byteCount(), count <= mostBytes else { return nil }
            return try? file.read(at: 0, count: Int(count))
        }
    }
}
