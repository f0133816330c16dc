import MnemeBase
import Testing

@testable import MnemePages

@Suite struct PageEditorTests {
    @Test func discardingGivesNumbersBack() throws {
        let world = try World()
        var editor = world.file.edit()
        let (first, _) = editor.allocate(kind: 9)
        let (second, page) = editor.allocate(kind: 9)
        page.store(UInt64(77), 100)
        world.file.publish(editor)

        editor = world.file.edit()
        editor.free(second)
        let (third, _) = editor.allocate(kind: 9)
        #expect(third == second)
        _ = editor.allocate(kind: 9)
        editor.free(first)
        world.file.discard(editor)

        editor = world.file.edit()
        #expect(try editor.page(second).load64(100) == 77)
        let (fourth, _) = editor.allocate(kind: 9)
        #expect(fourth != first && fourth != second)
        #expect(fourth.number == 2)
        world.file.publish(editor)
    }

    @Test func discardingKeepsNoMemory() throws {
        var world = try World()
        var editor = world.file.edit()
        for number in 0..<UInt64(3000) { editor.allocate(kind: 9).1.store(number, 100) }
        world.file.publish(editor)
        try world.file.checkpoint(world.file.root, payload: [])
        _ = try world.reopen()
        func load(_ count: UInt64) throws {
            let editor = world.file.edit()
            for number in 0..<count {
                let id = PageID(.tree, number)
                #expect(try editor.page(id).load64(100) == number)
                // Loaded into nodes of the editor's own, then copied or freed.
                if number % 3 == 0 { try editor.edit(id).store(UInt64(0), 100) }
                if number % 3 == 1 { editor.free(id) }
            }
            world.file.discard(editor)
        }
        for _ in 0..<3 { try load(1500) }
        // Every page that was looked at is in memory once, and the six nodes are.
        #expect(world.file.usage.residentBytes <= (1500 + 6) * PageLayout.size)
        editor = world.file.edit()
        for number in 0..<UInt64(3000) {
            #expect(try editor.page(PageID(.tree, number)).load64(100) == number)
        }
        world.file.discard(editor)
        #expect(world.file.usage.residentBytes == (3000 + 6) * PageLayout.size)
    }
}
