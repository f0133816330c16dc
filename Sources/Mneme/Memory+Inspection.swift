// Looking into a store's files, for those who own them.

package import MnemeModel
package import MnemeStore

extension Memory {
    /// The inspector of the store.
    package var inspector: StoreInspector { StoreInspector(store) }

    /// Reads all of the log and the durable pages again, as the work behind does slowly.
    ///
    /// `progress` is told the bytes of the pages read so far, and all of them.
    ///
    /// - Returns: what does not read back, for people.
    /// - Throws: `.closed`.
    package func scrub(progress: (Int, Int) -> Void) throws(MnemeError) -> [String] {
        try store.scrubNow(progress: progress)
    }
}
