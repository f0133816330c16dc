// Actions that wait for their time: a binary heap by (deadline, order of arrival). It does not look
// at a clock; whoever owns it says what time it is. A cancelled entry loses its action at once and
// its place in the heap when it comes up, or when cancelled entries are the most.

internal import MnemeBase

/// A timer that can be cancelled.
package struct TimerID: Equatable, Hashable, Sendable {
    let slot: Int
    let sequence: UInt64
}

/// Deadlines and what is due at them.
struct TimerQueue {
    private struct Entry {
        let deadline: Microseconds
        let sequence: UInt64
        let slot: Int

        func isBefore(_ other: Entry) -> Bool {
            (deadline, sequence) < (other.deadline, other.sequence)
        }
    }

    private struct Slot {
        var sequence: UInt64
        var action: (() -> Void)?
    }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [Int] = []
    private var nextSequence: UInt64 = 1
    private var cancelledCount = 0

    /// How many wait.
    var count: Int { heap.count - cancelledCount }

    /// The earliest deadline.
    ///
    /// - Complexity: constant, and that of removal for every cancelled entry before it.
    mutating func nextDeadline() -> Microseconds? {
        while let first = heap.first {
            if isLive(first) { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// Adds an action.
    ///
    /// - Complexity: O(log n).
    mutating func add(at deadline: Microseconds, _ action: @escaping () -> Void) -> TimerID {
        let sequence = nextSequence
        nextSequence += 1
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = Slot(sequence: sequence, action: action)
        } else {
            slot = slots.count
            slots.append(Slot(sequence: sequence, action: action))
        }
        heap.append(Entry(deadline: deadline, sequence: sequence, slot: slot))
        rise(heap.count - 1)
        return TimerID(slot: slot, sequence: sequence)
    }

    /// Takes an action back; false where it has been taken or cancelled before.
    ///
    /// - Complexity: constant on average.
    @discardableResult mutating func cancel(_ id: TimerID) -> Bool {
        guard id.slot < slots.count, slots[id.slot].sequence == id.sequence,
            slots[id.slot].action != nil
        else { return false }
        slots[id.slot].action = nil
        cancelledCount += 1
        if cancelledCount > 64, cancelledCount > heap.count / 2 { dropCancelled() }
        return true
    }

    /// Takes the first action whose deadline has come, in order; those that were added as
    /// `limit` or later stay.
    mutating func takeDue(at now: Microseconds, before limit: UInt64) -> (() -> Void)? {
        while let first = heap.first {
            guard let action = slots[first.slot].action else {
                removeFirst()
                continue
            }
            // An action that is due and younger than the round waits for the next one.
            guard first.deadline <= now, first.sequence < limit else { return nil }
            slots[first.slot].action = nil
            cancelledCount += 1
            removeFirst()
            return action
        }
        return nil
    }

    /// Where a round of `takeDue` ends that should not meet what it adds itself.
    var roundLimit: UInt64 { nextSequence }

    private func isLive(_ entry: Entry) -> Bool { slots[entry.slot].action != nil }

    /// Removes the first entry, whose action is gone.
    private mutating func removeFirst() {
        let entry = heap[0]
        cancelledCount -= 1
        freeSlots.append(entry.slot)
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        sink(0)
    }

    private mutating func dropCancelled() {
        var live: [Entry] = []
        for entry in heap {
            if isLive(entry) { live.append(entry) } else { freeSlots.append(entry.slot) }
        }
        // A sorted array is a heap.
        heap = live.sorted { $0.isBefore($1) }
        cancelledCount = 0
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
