// A memory whose time somebody else tells, for what takes a year.

package import MnemeBase
package import MnemeModel
internal import MnemeStore

extension Memory {
    /// Makes a store that lives in this process's memory and ends with it, in which it is as late
    /// as a clock says; no work is done behind it.
    ///
    /// - Throws: as `inMemory`.
    package static func inMemory(
        options: MemoryOptions = MemoryOptions(),
        clock: any Clock
    ) throws(MnemeError) -> Memory {
        var files = StoreOptions()
        files.disk = MemoryDisk()
        files.clock = clock
        files.worksInBackground = false
        return try Memory(
            store: try Store.open("memory", .create, options: files),
            options: options
        )
    }
}
