// Words of memory that threads read and write at once, each for itself. Those that were never
// written are zero and, by the page, take no memory.

internal import Glibc
package import Synchronization

/// So many words, zero at first.
///
/// For any thread. Words say nothing about one another.
///
/// SAFETY: the words are this object's own, live as long as it does, and are only reached
/// atomically; all bytes zero are an `Atomic<UInt64>` of 0.
@safe
package final class AtomicWords: @unchecked Sendable {
    package let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many they are; a power of two.
    package let count: Int

    /// At least `least` words, as many as a power of two.
    package init(atLeast least: Int) {
        var count = 1
        while count < least { count *= 2 }
        let stride = MemoryLayout<Atomic<UInt64>>.stride
        guard let memory = unsafe calloc(count, stride) else {
            preconditionFailure("no memory for \(count) words")
        }
        self.count = count
        unsafe words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    }

    deinit { unsafe free(words) }

    /// A word; of an index beyond the last, that at its lower bits.
    @inlinable
    package func load(_ index: Int) -> UInt64 {
        unsafe words[index & (count - 1)].load(ordering: .relaxed)
    }

    /// Replaces a word.
    @inlinable
    package func store(_ word: UInt64, _ index: Int) {
        unsafe words[index & (count - 1)].store(word, ordering: .relaxed)
    }

    /// Adds to a word.
    package func add(_ amount: UInt64, _ index: Int) {
        unsafe words[index & (count - 1)].wrappingAdd(amount, ordering: .relaxed)
    }
}
