// The one door to the kernels in C.

internal import CKernels

/// The sets of kernels of this machine.
///
/// SAFETY: the tables are constants of the process, filled before main.
enum Kernels {
    /// The best set.
    nonisolated(unsafe) static let chosen: mneme_vector_kernels =
        unsafe mneme_vector_kernels_chosen().pointee

    /// Every set that this machine can run, best first, plain C last.
    static var all: [mneme_vector_kernels] {
        var sets: [mneme_vector_kernels] = unsafe []
        while let set = unsafe mneme_vector_kernels_at(sets.count) {
            unsafe sets.append(set.pointee)
        }
        return unsafe sets
    }
}

/// The kernels of this process.
package enum VectorKernels {
    /// The name of the set in use: `avx512vnni`, `avx2`, `neon` or `plain`.
    package static var name: String { unsafe String(cString: Kernels.chosen.name) }
}
