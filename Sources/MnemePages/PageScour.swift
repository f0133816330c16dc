// Scouring: what once stood at places that are free now is overwritten with zeros, and the free end
// of the file is cut off. Behind everything else, in steps, beside readers, the writer and
// checkpoints: free places are taken while they are looked at, so that nobody else writes there.
// Places that the older root block may name are left alone: it must stand as long as a crash can
// bring a reader back to it. What is known to be zero is not looked at again.
// Format: formats/pages.md#scouring.

internal import Glibc
internal import MnemeBase
internal import Synchronization

/// A pass over the free places of a page file.
///
/// So that nothing is in the file any more that was taken out of the state before an instant:
///
/// 1. Publish a root without it, and let go of every older root and extent: a reader that holds one
///    keeps its pages, and all that became free after it, from being zeroed.
/// 2. `touch` all `pagesWithDeltas`, and write that root with `checkpoint(flattening: true)`:
///    nothing in the newest checkpoint says it any more.
/// 3. Write another checkpoint, of any kind: the older root block does not name it either.
/// 4. Run a pass to its end.
///
/// What is written to between the steps does no harm. After an opening a pass does nothing before
/// the first checkpoint is durable.
package struct PageScour {
    /// Bytes of a step.
    private static let stepBytes = 1 << 20
    /// Runs of free places of a step.
    private static let stepRuns = 256

    private let pages: PageFile
    private var next: UInt64 = 0
    private var hasBegun = false
    /// Bytes that were looked at so far.
    package private(set) var bytesRead = 0
    /// Bytes that were not zero, and are now.
    package private(set) var bytesZeroed = 0

    /// Starts with the first place.
    package init(_ pages: PageFile) { self.pages = pages }

    /// Goes on by at most 1 MiB; at the end it syncs, and then cuts the file.
    ///
    /// Zeros are synced before the file is cut, so that they reach what a file system gives to
    /// others then.
    ///
    /// - Returns: whether there is more.
    /// - Throws: `.disk`; after a sync that failed no checkpoint is written any more.
    package mutating func step() throws(PageError) -> Bool {
        if !hasBegun {
            pages.places.extend(to: try PageFile.placeCount(pages.file))
            hasBegun = true
        }
        var left = UInt64(Self.stepBytes / PlaceLayout.size)
        for _ in 0..<Self.stepRuns where left > 0 {
            guard
                let run = pages.places.borrow(from: next, atMost: left, forZeroing: true)
            else {
                try end()
                return false
            }
            do throws(PageError) {
                try zero(run)
            } catch {
                pages.places.giveBack(run, isZero: false)
                throw error
            }
            pages.places.giveBack(run, isZero: true)
            next = run.first + run.count
            left -= run.count
        }
        return true
    }

    /// Zeroes places where they are not zero.
    private mutating func zero(_ run: PlaceAllocator.Borrowed) throws(PageError) {
        let start = run.first * UInt64(PlaceLayout.size)
        let length = try PageFile.byteCount(pages.file)
        guard start < length else { return }
        let count = Int(min(run.count * UInt64(PlaceLayout.size), length - start))
        do throws(DiskError) {
            let bytes = try pages.file.read(at: start, count: count)
            bytesRead += count
            if bytes.isZero { return }
            try pages.file.write([UInt8](repeating: 0, count: count), at: start)
            try pages.file.writeBack()
            bytesZeroed += count
        } catch {
            throw .disk(error)
        }
    }

    private mutating func end() throws(PageError) {
        if bytesZeroed > 0 { try pages.syncZeros() }
        try pages.cutEnd()
    }
}

extension PageFile {
    /// Makes zeros durable.
    ///
    /// What else was written beside may be lost with a sync that fails, and a later one would not
    /// say so: no checkpoint follows.
    fileprivate func syncZeros() throws(PageError) {
        try checkpointed.withLock { state throws(PageError) in
            do throws(DiskError) {
                try file.sync()
            } catch {
                state.failure = error
                throw .disk(error)
            }
        }
    }

    /// Cuts off what is free at the end of the file.
    fileprivate func cutEnd() throws(PageError) {
        // No checkpoint and no extent takes places or writes meanwhile.
        try checkpointed.withLock { _ throws(PageError) in
            try growing.withLock { _ throws(PageError) in
                guard let end = places.cutEnd() else { return }
                do throws(DiskError) {
                    let byteCount = end * UInt64(PlaceLayout.size)
                    if try file.byteCount() > byteCount { try file.truncate(to: byteCount) }
                } catch {
                    throw .disk(error)
                }
            }
        }
    }
}

extension [UInt8] {
    /// Whether all are zero.
    var isZero: Bool { self[...].isZero }
}

extension ArraySlice<UInt8> {
    /// Whether all are zero.
    var isZero: Bool {
        unsafe withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let first = unsafe bytes.first else { return true }
            return unsafe first == 0 && memcmp(base, base + 1, bytes.count - 1) == 0
        }
    }
}
