import MnemeBase
import MnemePages
import Testing

@testable import MnemeTree

/// Byte strings in the order of trees.
struct Bytes: Comparable, Hashable {
    let bytes: [UInt8]

    static func < (left: Bytes, right: Bytes) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// What keys and values of a run look like.
enum Flavour: CaseIterable {
    case composite, short, long, mixed, sharedPrefix

    func key(_ randomness: SeededRandomness) -> [UInt8] {
        func random(_ count: Int, _ letters: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(randomness.below(letters)) }
        }
        switch self {
        case .composite:
            var writer = KeyWriter(collection: 3, index: UInt16(randomness.below(3)))
            writer.put(Int64(randomness.below(20)) - 10)
            writer.put(ordinal: UInt64(randomness.below(300)))
            return writer.bytes
        case .short: return random(randomness.below(5), 6)
        case .long: return random(randomness.below(1025), 2)
        case .mixed:
            let length = randomness.below(4) == 0 ? 1024 - randomness.below(40) : 3
            return random(length, 256).map { $0 & 0x83 }
        case .sharedPrefix:
            let prefix = [UInt8](repeating: 7, count: [0, 3, 500, 1000][randomness.below(4)])
            return prefix + random(randomness.below(4), 9)
        }
    }

    func value(_ randomness: SeededRandomness) -> [UInt8] {
        let limit =
            switch self {
            case .composite: 9
            case .short: 30
            case .long, .mixed, .sharedPrefix: randomness.below(3) == 0 ? 1025 : 20
            }
        return (0..<randomness.below(limit)).map { _ in UInt8(randomness.below(256)) }
    }
}

@Suite struct TreeTests {
    static func contents(
        _ tree: Tree,
        _ view: PageView,
        _ range: TreeRange,
        reversed: Bool
    )
        throws -> [(Bytes, [UInt8])]
    {
        var found: [(Bytes, [UInt8])] = []
        var cursor = try tree.cursor(range, reversed: reversed, in: view)
        while let (key, value) = try cursor.nextEntry() { found.append((Bytes(bytes: key), value)) }
        #expect(try !cursor.next())
        return found
    }

    static func expectSame(_ tree: Tree, _ view: PageView, _ model: [Bytes: [UInt8]]) throws {
        try tree.checkStructure(view, andSlack: true)
        #expect(try tree.count(in: view) == model.count)
        let expected = model.sorted { $0.key < $1.key }
        let forward = try contents(tree, view, .all, reversed: false)
        #expect(forward.map(\.0) == expected.map(\.key))
        #expect(forward.map(\.1) == expected.map(\.value))
        let backward = try contents(tree, view, .all, reversed: true)
        #expect(backward.map(\.0) == expected.map(\.key).reversed())
        #expect(backward.map(\.1) == expected.map(\.value).reversed())
    }

    @Test(arguments: Flavour.allCases)
    func behavesAsADictionary(_ flavour: Flavour) throws {
        let randomness = SeededRandomness(seed: newSeed("tree \(flavour)"))
        let world = try World()
        var editor = world.file.edit()
        let tree = Tree.create(in: editor)
        var model: [Bytes: [UInt8]] = [:]
        let steps = 1500
        for step in 0..<(3 * steps) {
            // Growing, then mixed, then shrinking.
            if randomness.below(100) < [15, 50, 85][step / steps] {
                let isKnown = randomness.below(3) > 0
                let known = isKnown ? model.keys.randomElement(using: randomness) : nil
                let key = known?.bytes ?? flavour.key(randomness)
                let removed = try tree.remove(key, in: editor)
                #expect(removed == (model.removeValue(forKey: Bytes(bytes: key)) != nil))
            } else {
                let (key, value) = (flavour.key(randomness), flavour.value(randomness))
                let before = try tree.insert(key, value, in: editor)
                #expect(before == model.updateValue(value, forKey: Bytes(bytes: key)))
            }
            if step % 20 == 0 {
                let key = flavour.key(randomness)
                let expected = model[Bytes(bytes: key)]
                #expect(try tree.value(key, in: editor.view) == expected)
                #expect(try tree.holds(key, in: editor.view) == (expected != nil))
                let number = expected.map { value in
                    value.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                }
                #expect(try tree.value64(key, in: editor.view) == number)
            }
            if randomness.below(steps / 6) == 0 {
                try Self.expectSame(tree, editor.view, model)
                world.file.publish(editor)
                editor = world.file.edit()
            }
        }
        for key in model.keys { #expect(try tree.remove(key.bytes, in: editor)) }
        try Self.expectSame(tree, editor.view, [:])
        try tree.destroy(in: editor)
        #expect(!editor.view.holds(tree.root))
    }

    @Test(arguments: Flavour.allCases)
    func cursorsKeepToTheirRange(_ flavour: Flavour) throws {
        let randomness = SeededRandomness(seed: newSeed("ranges \(flavour)"))
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        var keys: Set<Bytes> = []
        for _ in 0..<700 {
            let key = flavour.key(randomness)
            keys.insert(Bytes(bytes: key))
            try tree.insert(key, [1, 2, 3], in: editor)
        }
        let sorted = keys.sorted()
        for round in 0..<150 {
            var range = TreeRange(from: flavour.key(randomness), to: flavour.key(randomness))
            if round % 5 == 0 { range.upper = nil }
            if round % 3 == 0 { range.lower = TreeRange.after(sorted[round % sorted.count].bytes) }
            if round % 7 == 0 {
                let key = flavour.key(randomness)
                let prefix = Array(key.prefix(randomness.below(5)))
                range = .prefix(prefix)
                let count = sorted.filter { $0.bytes.starts(with: prefix) }.count
                #expect(try tree.count(range, in: editor.view) == count)
            }
            let expected = sorted.filter { key in
                let isBelow = range.upper.map(key.bytes.lexicographicallyPrecedes) ?? true
                return !key.bytes.lexicographicallyPrecedes(range.lower) && isBelow
            }
            let forward = try Self.contents(tree, editor.view, range, reversed: false)
            #expect(forward.map(\.0) == expected)
            let backward = try Self.contents(tree, editor.view, range, reversed: true)
            #expect(backward.map(\.0) == expected.reversed())
            #expect(try tree.count(range, in: editor.view) == expected.count)
            for reversed in [false, true] {
                var cursor = try tree.cursor(range, reversed: reversed, in: editor.view)
                let passed = min(expected.count, randomness.below(20))
                for _ in 0..<passed { #expect(try cursor.next()) }
                #expect(try cursor.countRest() == expected.count - passed)
                #expect(try !cursor.next())
            }
        }
    }

    @Test func cursorsReadOrdinalsAndValues() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        for ordinal in 0..<UInt64(2000) {
            var writer = KeyWriter(collection: 1, index: 2)
            writer.put(ordinal: ordinal &* 0x9e37_79b9_7f4a_7c15)
            let value = (0..<8).map { UInt8(truncatingIfNeeded: ordinal >> UInt64($0 * 8)) }
            try tree.insert(writer.bytes, value, in: editor)
        }
        var cursor = try tree.cursor(in: editor.view)
        var before: UInt64?
        while try cursor.next() {
            let ordinal = try cursor.ordinal
            #expect(try ordinal == cursor.value64 &* 0x9e37_79b9_7f4a_7c15)
            if let before { #expect(before < ordinal) }
            before = ordinal
        }
    }

    @Test func keysInOrderFillTheLeaves() throws {
        let world = try World()
        let editor = world.file.edit()
        let whole = Tree.create(in: editor)
        let grouped = Tree.create(in: editor)
        let falling = Tree.create(in: editor)
        let mixed = Tree.create(in: editor)
        for ordinal in 0..<UInt64(20_000) {
            for (tree, group, sign) in [
                (whole, UInt16(0), Int64(1)), (grouped, UInt16(ordinal / 40 % 5), 1),
                (falling, 0, -1), (mixed, UInt16(ordinal % 5), -1),
            ] {
                var writer = KeyWriter(collection: 1, index: group)
                writer.put(sign * Int64(ordinal))
                try tree.insert(writer.bytes, [1, 2, 3, 4], in: editor)
            }
        }
        for tree in [whole, grouped, falling, mixed] {
            try tree.checkStructure(editor.view, andSlack: true)
            var used = 0
            var pages = 0
            func walk(_ id: PageID) throws {
                let node = try TreeNode(try editor.page(id), id, level: nil)
                if node.level == 0 {
                    used += node.used
                    pages += 1
                }
                for index in 0..<node.count where node.level > 0 { try walk(node.child(index)) }
            }
            try walk(tree.root)
            #expect(used * 10 >= pages * TreeLayout.capacity * 8)
        }
    }

    @Test func refusesWhatIsTooLong() throws {
        let world = try World()
        let editor = world.file.edit()
        let tree = Tree.create(in: editor)
        #expect(throws: TreeError.keyTooLong(byteCount: 1025)) {
            try tree.insert([UInt8](repeating: 1, count: 1025), [], in: editor)
        }
        #expect(throws: TreeError.valueTooLong(byteCount: 1025)) {
            try tree.insert([1], [UInt8](repeating: 1, count: 1025), in: editor)
        }
        #expect(try tree.count(in: editor.view) == 0)
    }

    @Test func readersKeepTheirRoot() throws {
        let randomness = SeededRandomness(seed: newSeed("tree readers"))
        var world = try World()
        var editor = world.file.edit()
        let tree = Tree.create(in: editor)
        var model: [Bytes: [UInt8]] = [:]
        var pinned: [(root: PageRoot, model: [Bytes: [UInt8]])] = []
        var durable: [Bytes: [UInt8]] = [:]
        for round in 0..<100 {
            let before = model
            for _ in 0..<randomness.below(40) {
                let key = Flavour.mixed.key(randomness)
                if randomness.below(3) == 0 {
                    try tree.remove(key, in: editor)
                    model[Bytes(bytes: key)] = nil
                } else {
                    let value = Flavour.mixed.value(randomness)
                    try tree.insert(key, value, in: editor)
                    model[Bytes(bytes: key)] = value
                }
            }
            if round > 0, randomness.below(5) == 0 {
                world.file.discard(editor)
                model = before
            } else {
                pinned.append((world.file.publish(editor), model))
            }
            if randomness.below(6) == 0, let last = pinned.last {
                try world.file.checkpoint(last.root, payload: [UInt8(round)])
                durable = last.model
            }
            if randomness.below(3) == 0, !pinned.isEmpty {
                let chosen = pinned.remove(at: randomness.below(pinned.count))
                try Self.expectSame(tree, chosen.root.view, chosen.model)
            }
            if randomness.below(20) == 0, !durable.isEmpty {
                pinned = []
                _ = try world.reopen()
                model = durable
                try Self.expectSame(tree, world.file.root.view, model)
            }
            editor = world.file.edit()
        }
        for (root, model) in pinned { try Self.expectSame(tree, root.view, model) }
    }
}

extension Collection {
    /// An element that `randomness` chooses.
    func randomElement(using randomness: SeededRandomness) -> Element? {
        var generator = randomness
        return randomElement(using: &generator)
    }
}
