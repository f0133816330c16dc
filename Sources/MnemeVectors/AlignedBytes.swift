// Scratch memory of the room: one allocation, aligned for the widest registers.

/// Memory of its own, 64-byte aligned and zeroed, freed with the value.
///
/// SAFETY: the base is valid for `byteCount` bytes for as long as the value lives; whoever hands
/// out parts of it lays them out without overlap and keeps the value alive.
@safe struct AlignedBytes: ~Copyable {
    let base: UnsafeMutableRawPointer

    init(byteCount: Int) {
        unsafe base = .allocate(byteCount: max(byteCount, 64), alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: max(byteCount, 64))
    }

    deinit { unsafe base.deallocate() }

    /// The part from `offset` on, as elements.
    func part<Element>(at offset: Int, of type: Element.Type) -> UnsafeMutablePointer<Element> {
        unsafe (base + offset).assumingMemoryBound(to: type)
    }
}
