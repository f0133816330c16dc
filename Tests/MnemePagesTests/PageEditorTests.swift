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
}
