// Whose records a question means, as numbers of owners.

internal import MnemeText
internal import MnemeVectors

/// Whose records are meant.
package enum OwnerScope: Sendable {
    case all
    /// Numbers of owners, ascending.
    case some([UInt32])
    case nobody

    func contains(_ owner: UInt32) -> Bool {
        switch self {
        case .all: true
        case .some(let numbers): Self.holds(numbers, owner)
        case .nobody: false
        }
    }

    private static func holds(_ numbers: [UInt32], _ owner: UInt32) -> Bool {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < owner { low = middle + 1 } else { high = middle }
        }
        return low < numbers.count && numbers[low] == owner
    }

    var vectors: VectorScope {
        switch self {
        case .all: .all
        case .some(let numbers): numbers.count == 1 ? .owner(numbers[0]) : .owners(numbers)
        case .nobody: .owners([])
        }
    }

    var texts: TextScope {
        switch self {
        case .all: .all
        case .some(let numbers): numbers.count == 1 ? .owner(numbers[0]) : .owners(numbers)
        case .nobody: .owners([])
        }
    }
}
