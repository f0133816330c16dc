// How many entries a range is said to have: what indexes are chosen by.

import MnemeBase
import MnemePages
import MnemeTree
import Testing

@Suite struct EstimateTests {
    /// Entries that were appended to many runs in turn: where one run ends stands a leaf that was
    /// begun last and has few, which says nothing of the leaves before it.
    @Test func whatStandsAtTheEndsIsNotTakenForTheMiddle() throws {
        let file = try PageFile.create(
            MemoryDisk(),
            path: "pages",
            identity: StoreIdentity(high: 7, low: 11),
            packs: true
        )
        let editor = file.edit()
        let tree = Tree.create(in: editor)
        let (groups, each) = (UInt8(12), 1600)
        let value = [UInt8](repeating: 5, count: 200)
        for number in 0..<each {
            for group in 0..<groups {
                try tree.insert(
                    [group, UInt8(number >> 8), UInt8(number & 0xff)],
                    value,
                    in: editor
                )
            }
        }
        file.publish(editor)
        let view = file.root.view
        for group in 0..<groups {
            let about = try tree.estimate(.prefix([group]), in: view)
            #expect((each / 2...each * 2).contains(about), "group \(group): \(about)")
            for (first, end) in [(3, 1200), (700, 1599), (20, 400)] {
                let range = TreeRange(
                    from: [group, UInt8(first >> 8), UInt8(first & 0xff)],
                    to: [group, UInt8(end >> 8), UInt8(end & 0xff)]
                )
                let about = try tree.estimate(range, in: view)
                let exact = try tree.count(range, in: view)
                #expect(exact == end - first)
                #expect((exact / 2...exact * 2).contains(about), "\(range): \(about)")
            }
        }
    }
}
