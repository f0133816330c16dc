// The names of a world in two layers: what lookups see, and what a power cut would find, which is
// the durable names and, name by name, the changes since the last sync of their directory.
//
// A rename changes two names: the new one gets the file, the old one loses it. The loss never
// reaches the disk without the gain, so a renamed file is not lost between its names.

internal import MnemeBase

/// What a name stands for: the index of a file or of a directory.
enum Entry: Hashable, Sendable {
    case file(Int)
    case directory(Int)
}

/// A name in a directory.
struct Place: Hashable, Sendable {
    let directory: Int
    let name: String
}

struct Directories: Sendable {
    /// The index of `/`.
    static let root = 0
    /// The index of the directory that relative paths start from.
    static let working = 1

    /// A change that must be on the disk whenever the change that names it is.
    private struct Requirement: Sendable {
        let place: Place
        let number: Int
    }

    private struct NameChange: Sendable {
        let number: Int
        let entry: Entry?
        let requirement: Requirement?
    }

    private struct Directory: Sendable {
        var now: [String: Entry] = [:]
        var durable: [String: Entry] = [:]
        /// Oldest first, numbers ascending; no name has an empty list.
        var pending: [String: [NameChange]] = [:]
    }

    private var directories = [Directory(), Directory()]
    private var lastNumber = 0

    /// The number of directories ever made.
    var count: Int { directories.count }

    /// What readers find under a name.
    func entry(_ place: Place) -> Entry? { directories[place.directory].now[place.name] }

    /// The names in a directory, sorted.
    func names(in directory: Int) -> [String] { directories[directory].now.keys.sorted() }

    /// A new directory that has no name yet.
    mutating func makeDirectory() -> Int {
        directories.append(Directory())
        return directories.count - 1
    }

    /// Gives a name to an entry, or takes it away.
    mutating func set(_ place: Place, _ entry: Entry?) {
        lastNumber += 1
        change(place, entry, number: lastNumber, requirement: nil)
    }

    /// Moves the entry at `from` to `to`, in the place of what was there.
    mutating func rename(_ from: Place, to: Place) {
        guard let moved = entry(from) else { return }
        let gain = lastNumber + 1
        let loss = lastNumber + 2
        lastNumber = loss
        // A file may be found under both names after a power cut; a directory has one name only.
        var isDirectory = false
        if case .directory = moved { isDirectory = true }
        change(
            to,
            moved,
            number: gain,
            requirement: isDirectory ? Requirement(place: from, number: loss) : nil
        )
        change(from, nil, number: loss, requirement: Requirement(place: to, number: gain))
    }

    private mutating func change(
        _ place: Place,
        _ entry: Entry?,
        number: Int,
        requirement: Requirement?
    ) {
        directories[place.directory].now[place.name] = entry
        directories[place.directory].pending[place.name, default: []].append(
            NameChange(number: number, entry: entry, requirement: requirement)
        )
    }

    /// Makes the names in a directory durable.
    mutating func sync(_ directory: Int) {
        var reached: [Place: Int] = [:]
        for (name, changes) in directories[directory].pending {
            if let last = changes.last {
                reached[Place(directory: directory, name: name)] = last.number
            }
        }
        commit(reached)
    }

    /// The names that a power cut may leave: each one as it was after any of its changes, or before
    /// all of them.
    func settled(using dice: SeededRandomness) -> Directories {
        var reached: [Place: Int] = [:]
        for index in directories.indices {
            for name in directories[index].pending.keys.sorted() {
                guard let changes = directories[index].pending[name] else { continue }
                let kept = dice.below(changes.count + 1)
                if kept > 0 {
                    reached[Place(directory: index, name: name)] = changes[kept - 1].number
                }
            }
        }
        var settled = self
        settled.commit(reached)
        return settled.restarted()
    }

    /// The names as a world starts with them: lookups see the durable ones, nothing is pending.
    func restarted() -> Directories {
        var copy = self
        for index in directories.indices {
            copy.directories[index].now = directories[index].durable
            copy.directories[index].pending = [:]
        }
        return copy
    }

    /// Makes the changes durable up to the number given for each name, and all that they require.
    private mutating func commit(_ wanted: [Place: Int]) {
        var reached = wanted
        var work = Array(wanted.keys)
        while let place = work.popLast() {
            guard let number = reached[place] else { continue }
            for change in pending(place) where change.number <= number {
                guard let needed = change.requirement,
                    pending(needed.place).contains(where: { $0.number == needed.number }),
                    reached[needed.place, default: 0] < needed.number
                else { continue }
                reached[needed.place] = needed.number
                work.append(needed.place)
            }
        }
        // Each name is settled on its own, so the order of the dictionary does not matter.
        for (place, number) in reached {
            let changes = pending(place)
            guard let last = changes.last(where: { $0.number <= number }) else { continue }
            directories[place.directory].durable[place.name] = last.entry
            let rest = changes.filter { $0.number > number }
            directories[place.directory].pending[place.name] = rest.isEmpty ? nil : rest
        }
    }

    private func pending(_ place: Place) -> [NameChange] {
        directories[place.directory].pending[place.name] ?? []
    }

    /// Every path that readers can follow, in order; directories come with nil.
    ///
    /// Relative paths have no leading slash.
    func walk() -> [(path: String, file: Int?)] {
        var found: [(path: String, file: Int?)] = []
        func visit(_ directory: Int, _ prefix: String) {
            for name in names(in: directory) {
                switch directories[directory].now[name] {
                case .file(let file): found.append((prefix + name, file))
                case .directory(let below):
                    found.append((prefix + name, nil))
                    visit(below, prefix + name + "/")
                case nil: break
                }
            }
        }
        visit(Self.root, "/")
        visit(Self.working, "")
        return found.sorted { $0.path < $1.path }
    }
}
