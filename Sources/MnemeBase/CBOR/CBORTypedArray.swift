// Vectors as RFC 8746 typed arrays: a tag for the element's type, then a byte string of the
// elements, little-endian. They are copied as one block, so the host must be little-endian too.

#if _endian(big)
#error("typed arrays are copied in the host's byte order, which must be little-endian")
#endif

/// An element of a typed array.
package protocol CBORElement: BitwiseCopyable, Sendable {
    /// The tag of arrays of it.
    static var typedArrayTag: UInt64 { get }
}

extension UInt8: CBORElement { package static var typedArrayTag: UInt64 { 64 } }
extension UInt16: CBORElement { package static var typedArrayTag: UInt64 { 69 } }
extension UInt32: CBORElement { package static var typedArrayTag: UInt64 { 70 } }
extension UInt64: CBORElement { package static var typedArrayTag: UInt64 { 71 } }
extension Int8: CBORElement { package static var typedArrayTag: UInt64 { 72 } }
extension Int16: CBORElement { package static var typedArrayTag: UInt64 { 77 } }
extension Int32: CBORElement { package static var typedArrayTag: UInt64 { 78 } }
extension Int64: CBORElement { package static var typedArrayTag: UInt64 { 79 } }
extension Float16: CBORElement { package static var typedArrayTag: UInt64 { 84 } }
extension Float: CBORElement { package static var typedArrayTag: UInt64 { 85 } }
extension Double: CBORElement { package static var typedArrayTag: UInt64 { 86 } }

extension CBORWriter {
    /// Appends a typed array.
    ///
    /// Every bit of its elements is kept, those of not-a-numbers too.
    package mutating func put<Element: CBORElement>(typedArray elements: [Element]) {
        putTag(Element.typedArrayTag)
        putHead(major: 2, argument: UInt64(elements.count * MemoryLayout<Element>.stride))
        bytes.append(typedArray: elements)
    }
}

extension CBORReader {
    /// Reads a typed array.
    ///
    /// - Throws: `.unexpected` for anything but this element's tag over a byte string of definite
    ///   length, `.malformed` where the length is no multiple of the element's, `.truncated`.
    package mutating func readTypedArray<Element: CBORElement>(
        of type: Element.Type = Element.self
    ) throws(CBORError) -> [Element] {
        let start = position
        guard try readTag() == Element.typedArrayTag else { throw .unexpected(offset: start) }
        let range = try readBytesRange()
        guard let elements = bytes.elements(of: type, in: range) else {
            throw .malformed(offset: start)
        }
        return elements
    }
}

extension CBORValue {
    /// A typed array.
    package static func typedArray<Element: CBORElement>(_ elements: [Element]) -> CBORValue {
        var bytes: [UInt8] = []
        bytes.append(typedArray: elements)
        return .tagged(Element.typedArrayTag, .bytes(bytes))
    }

    /// The elements, where this is a typed array of this type and of whole elements.
    package func elements<Element: CBORElement>(of type: Element.Type = Element.self) -> [Element]?
    {
        guard case .tagged(Element.typedArrayTag, .bytes(let bytes)) = self else { return nil }
        return bytes.elements(of: type, in: 0..<bytes.count)
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: CBORElement>(typedArray elements: [Number]) {
        // SAFETY: the elements are bitwise copyable and without padding; the buffer is only read
        // while the closure runs.
        unsafe elements.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Copies the range as elements; nil where it does not hold a whole number of them.
    fileprivate func elements<Number: CBORElement>(
        of type: Number.Type,
        in range: Range<Int>
    ) -> [Number]? {
        let (count, rest) = range.count.quotientAndRemainder(
            dividingBy: MemoryLayout<Number>.stride
        )
        guard rest == 0 else { return nil }
        // SAFETY: every bit pattern is a value of these types, and `count` of them are exactly the
        // bytes of the range.
        return unsafe [Number](unsafeUninitializedCapacity: count) { target, written in
            unsafe self[range].withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: $0)
            }
            written = count
        }
    }
}
