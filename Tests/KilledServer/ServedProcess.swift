// `mneme serve` as a process of its own, to be killed.

internal import Glibc
internal import MnemeBase

/// A running server.
struct ServedProcess {
    let id: pid_t

    /// Starts a server; what it prints goes into `server.log` of the directory.
    ///
    /// - Throws: `KilledServerFailure` where the program cannot be started.
    init(_ program: String, directory: String, address: String) throws(KilledServerFailure) {
        let words = [program, "serve", "--root", directory + "/stores", "--listen", address]
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var files = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&files)
        defer { unsafe posix_spawn_file_actions_destroy(&files) }
        unsafe posix_spawn_file_actions_addopen(
            &files,
            1,
            directory + "/server.log",
            O_WRONLY | O_CREAT | O_APPEND,
            0o600
        )
        unsafe posix_spawn_file_actions_adddup2(&files, 1, 2)
        var child: pid_t = 0
        let result = unsafe posix_spawn(&child, program, &files, nil, &arguments, environ)
        guard result == 0 else {
            throw KilledServerFailure("\(program) cannot be started: error \(result)")
        }
        id = child
    }

    /// Whether it still runs; what became of it is asked once.
    func hasEnded() -> Bool {
        var status: Int32 = 0
        return unsafe waitpid(id, &status, WNOHANG) != 0
    }

    /// Sends a signal and waits for the end; the status as `waitpid` has it.
    @discardableResult
    func end(_ signal: Int32) -> Int32 {
        kill(id, signal)
        var status: Int32 = 0
        unsafe waitpid(id, &status, 0)
        return status
    }
}
