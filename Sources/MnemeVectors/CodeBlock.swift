// Codes side by side with their columns, wherever they lie: the unit of a scan.

internal import CKernels

/// Entries of an index in columns.
///
/// SAFETY: whoever makes a block keeps its memory readable and unchanged while a search may use it:
/// `count` times the code's bytes at `codes`, `count` elements in every other column.
@safe @usableFromInline package struct CodeBlock {
    /// Codes, `shape.codeByteCount` bytes each; fastest at a 64-byte boundary.
    @usableFromInline package let codes: UnsafePointer<UInt8>
    /// The factors' scales.
    @usableFromInline package let scales: UnsafePointer<Float>
    /// The factors' biases.
    @usableFromInline package let biases: UnsafePointer<Float>
    /// Where the full vectors lie, in the words of the `VectorSource`.
    @usableFromInline package let addresses: UnsafePointer<UInt64>
    /// Who the entries are; one every `ordinalStride` words.
    @usableFromInline package let ordinals: UnsafePointer<UInt64>
    /// Words from one entry's ordinal to the next one's.
    @usableFromInline package let ordinalStride: Int
    /// How many entries.
    @usableFromInline package let count: Int

    /// A block over memory of the caller's.
    @inlinable
    package init(
        codes: UnsafePointer<UInt8>,
        scales: UnsafePointer<Float>,
        biases: UnsafePointer<Float>,
        addresses: UnsafePointer<UInt64>,
        ordinals: UnsafePointer<UInt64>,
        ordinalStride: Int = 1,
        count: Int
    ) {
        unsafe self.codes = codes
        unsafe self.scales = scales
        unsafe self.biases = biases
        unsafe self.addresses = addresses
        unsafe self.ordinals = ordinals
        self.ordinalStride = ordinalStride
        self.count = count
    }

    /// Makes the caches ready for the columns that every scan reads besides the codes.
    func prefetchFactors() {
        unsafe mneme_prefetch(scales, count * 4)
        unsafe mneme_prefetch(biases, count * 4)
    }
}

/// Who has the full vectors.
@usableFromInline package protocol VectorSource {
    /// Puts a pointer to the full row behind each address into `rows`; the owner checks the address
    /// and that the row's bytes can be read and are those that were written for the ordinal. The
    /// rows stay readable until the search that asked returns.
    ///
    /// - Throws: `.unreadable` for the first address that leads nowhere.
    /// - Precondition: as many ordinals as addresses.
    func resolve(
        _ addresses: UnsafeBufferPointer<UInt64>,
        of ordinals: UnsafePointer<UInt64>,
        into rows: UnsafeMutablePointer<UnsafeRawPointer>
    ) throws(VectorError)
}
