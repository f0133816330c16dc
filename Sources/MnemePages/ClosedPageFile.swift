// A page file that is looked into and not opened: nothing is written to it, and its pages may be
// damaged. Format: formats/pages.md#root-block.

package import MnemeBase

/// What can be read of a page file beside its pages.
package struct ClosedPageFile {
    private let file: any DiskFile
    /// The payloads of the whole root blocks, that of the newest checkpoint first.
    package let payloads: [[UInt8]]
    /// Bytes of a place, by payload.
    private let placeSizes: [UInt64]

    /// Reads the root blocks; those of another store or a newer version are left out.
    ///
    /// - Throws: `.disk`.
    package init(
        _ disk: any Disk,
        path: String,
        identity: StoreIdentity
    ) throws(PageError) {
        do throws(DiskError) {
            file = try disk.open(path, .read)
            let blocks = try RootBlocks(of: file).blocks
                .filter { $0.version <= RootBlock.version && $0.identity == identity }
                .sorted { $0.checkpoint > $1.checkpoint }
            payloads = blocks.map(\.payload)
            placeSizes = blocks.map { UInt64($0.placeSize) }
        } catch {
            throw .disk(error)
        }
    }

    /// The bytes of an extent that the payload of an index names.
    ///
    /// - Throws: `.corrupt` when it lies outside the file or its checksum does not match, `.disk`.
    /// - Complexity: O(bytes).
    package func bytes(
        of extent: ExtentPlace,
        namedBy index: Int
    ) throws(PageError) -> [UInt8] {
        let size = placeSizes[index]
        let limit = try PageFile.byteCount(file)
        guard extent.byteCount > 0, extent.place < limit / size,
            extent.byteCount <= limit - extent.place * size
        else {
            throw .corrupt(id: 0, place: extent.place, reason: "an extent where no extent can be")
        }
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try file.read(
                at: extent.place * size,
                count: Int(extent.byteCount)
            )
        } catch {
            throw .disk(error)
        }
        guard Checksum.xxh3(bytes, seed: extent.place) == extent.checksum else {
            throw .corrupt(
                id: 0,
                place: extent.place,
                reason: "an extent's checksum does not match"
            )
        }
        return bytes
    }

    /// Gives the file back.
    package func close() { try? file.close() }
}
