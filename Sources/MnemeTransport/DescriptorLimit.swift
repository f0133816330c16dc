// How many files and sockets the process may have open.

internal import Glibc

/// The system's limit of descriptors.
package enum DescriptorLimit {
    /// Raises what is allowed now to the most that the process may allow itself, and says how many
    /// that are.
    package static func raise() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(files, &limit) == 0 else { return 256 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        if unsafe setrlimit(files, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }
}
