// What tests leave on the disk goes away here.

internal import Foundation

/// Directories of tests.
package enum Directories {
    /// Removes a directory and all that is in it; nothing where it is not there.
    package static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}
