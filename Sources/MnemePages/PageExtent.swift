// Extents: immutable runs of bytes at neighbouring places, for what is larger than a page and never
// changed. Written before the checkpoint that names them; given back when nobody reads them any
// more. Format: formats/pages.md#extent.

package import MnemeBase
internal import Synchronization

/// Where an extent stands, as the store writes it down.
package struct ExtentPlace: Hashable, Sendable {
    /// The first place.
    package let place: UInt64
    /// Bytes, without what fills the last place up.
    package let byteCount: UInt64
    /// XXH3-64 of the bytes, seeded with the first place.
    package let checksum: UInt64

    /// As it was written down.
    package init(place: UInt64, byteCount: UInt64, checksum: UInt64) {
        self.place = place
        self.byteCount = byteCount
        self.checksum = checksum
    }

    var placeCount: UInt64 {
        let size = UInt64(PlaceLayout.size)
        return byteCount / size + (byteCount % size == 0 ? 0 : 1)
    }
}

/// An extent in use.
///
/// When the last reference goes, its places come back with the next checkpoint that begins.
package final class PageExtent: Sendable {
    /// Where it stands.
    package let place: ExtentPlace
    private let file: PageFile
    private let isNamed = Atomic(true)

    init(place: ExtentPlace, file: PageFile) {
        self.place = place
        self.file = file
    }

    deinit {
        if isNamed.load(ordering: .acquiring) {
            file.places.releaseAfterNextCheckpoint(place.place, count: place.placeCount)
        } else {
            file.places.giveBack(place.place, count: place.placeCount)
        }
    }

    /// Says that neither the newest durable checkpoint nor any later one names it: its places come
    /// back with the last reference, and need not wait for a checkpoint.
    package func becameUnnamed() { isNamed.store(false, ordering: .releasing) }

    /// The first bytes, or all where there are fewer; nothing vouches for them.
    ///
    /// - Throws: `.disk`.
    package func head(byteCount: Int) throws(PageError) -> [UInt8] {
        let start = place.place * UInt64(PlaceLayout.size)
        do throws(DiskError) {
            let count = min(byteCount, Int(clamping: place.byteCount))
            return try file.file.read(at: start, count: count)
        } catch {
            throw .disk(error)
        }
    }

    /// Maps the bytes and verifies them.
    ///
    /// - Throws: `.corrupt` when the checksum does not match, `.disk`.
    /// - Complexity: O(bytes), at the speed of the checksum.
    package func map() throws(PageError) -> Mapping {
        let start = place.place * UInt64(PlaceLayout.size)
        let mapping: Mapping
        do throws(DiskError) {
            mapping = try file.file.map(at: start, count: Int(place.byteCount))
            try mapping.touch(at: 0, count: mapping.count)
        } catch {
            throw .disk(error)
        }
        let bytes = unsafe UnsafeRawBufferPointer(start: mapping.base, count: mapping.count)
        let checksum = Checksum.xxh3(unsafe RawSpan(_unsafeBytes: bytes), seed: place.place)
        guard checksum == place.checksum else {
            throw .corrupt(
                id: 0,
                place: place.place,
                reason: "an extent's checksum does not match"
            )
        }
        return mapping
    }
}

extension PageFile {
    /// Writes bytes as an extent.
    ///
    /// It is durable with the next checkpoint, and lost without one. `pause`: as of `checkpoint`.
    ///
    /// - Precondition: not empty.
    package func writeExtent(
        _ bytes: [UInt8],
        pause: (Int) -> Void = { _ in }
    ) throws(PageError) -> PageExtent {
        precondition(!bytes.isEmpty)
        return try growing.withLock { _ throws(PageError) in try writeExtentAlone(bytes, pause) }
    }

    /// Bytes of an extent that are written in one piece.
    private static let extentPart = 64 << 10

    private func writeExtentAlone(
        _ bytes: [UInt8],
        _ pause: (Int) -> Void
    ) throws(PageError) -> PageExtent {
        do throws(DiskError) { try settling.settle(in: file) } catch { throw .disk(error) }
        let count = (bytes.count + PlaceLayout.size - 1) / PlaceLayout.size
        let first = places.takeExtent(UInt64(count))
        let place = ExtentPlace(
            place: first,
            byteCount: UInt64(bytes.count),
            checksum: Checksum.xxh3(bytes, seed: first)
        )
        do throws(DiskError) {
            // Whole places: a mapping never ends before the last one, and no part of a place is
            // written apart.
            let rest = count * PlaceLayout.size - bytes.count
            let filled = rest == 0 ? bytes : bytes + [UInt8](repeating: 0, count: rest)
            let start = first * UInt64(PlaceLayout.size)
            for part in stride(from: 0, to: filled.count, by: Self.extentPart) {
                let end = min(part + Self.extentPart, filled.count)
                try file.write(
                    unsafe filled.span.bytes.extracting(part..<end),
                    at: start + UInt64(part)
                )
                if end < filled.count {
                    try file.writeBack()
                    pause(end - part)
                }
            }
        } catch {
            places.giveBack(first, count: UInt64(count))
            throw .disk(error)
        }
        return PageExtent(place: place, file: self)
    }

    /// The bytes of an extent that one of the root blocks names, read from the file.
    ///
    /// - Throws: `.corrupt` when it lies outside the file or its checksum does not match, `.disk`.
    /// - Complexity: O(bytes).
    package func bytes(of extent: ExtentPlace) throws(PageError) -> [UInt8] {
        let limit = try Self.placeCount(file)
        guard extent.byteCount > 0, extent.place < limit,
            extent.placeCount <= limit - extent.place
        else {
            throw .corrupt(
                id: 0,
                place: extent.place,
                reason: "an extent where no extent can be"
            )
        }
        let bytes: [UInt8]
        do throws(DiskError) {
            bytes = try file.read(
                at: extent.place * UInt64(PlaceLayout.size),
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

    /// Takes up an extent that the durable checkpoint names.
    ///
    /// - Throws: `.corrupt` when its places are in use by something else or lie beyond the end of
    ///   the file, `.disk`.
    package func openExtent(_ place: ExtentPlace) throws(PageError) -> PageExtent {
        let limit = try Self.placeCount(file)
        guard place.byteCount > 0, place.place < PlaceLayout.limit,
            place.place % UInt64(PlaceLayout.extentAlignment) == 0,
            places.reserve(place.place, count: place.placeCount, limit: limit)
        else {
            throw .corrupt(
                id: 0,
                place: place.place,
                reason: "an extent where no extent can be"
            )
        }
        return PageExtent(place: place, file: self)
    }
}
