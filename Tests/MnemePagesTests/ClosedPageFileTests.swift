// Looking into page files that are damaged, foreign or short.

import MnemeBase
import Testing

@testable import MnemePages

@Suite struct ClosedPageFileTests {
    private func filled() throws -> (world: World, places: [ExtentPlace]) {
        let world = try World()
        var places: [ExtentPlace] = []
        var kept: [PageExtent] = []
        for number in 1...3 as ClosedRange<UInt8> {
            let extent = try world.file.writeExtent([UInt8](repeating: number, count: 9000))
            kept.append(extent)
            places.append(extent.place)
            try world.file.checkpoint(world.file.root, payload: [number])
        }
        return (world, places)
    }

    private func look(_ world: World) throws -> ClosedPageFile {
        try ClosedPageFile(world.disk, path: world.path, identity: world.identity)
    }

    @Test func theNewestWholeBlockComesFirst() throws {
        let (world, places) = try filled()
        let closed = try look(world)
        #expect(closed.payloads == [[3], [2]])
        #expect(try closed.bytes(of: places[2], namedBy: 0) == [UInt8](repeating: 3, count: 9000))
        // The third checkpoint stands where the first one did.
        let file = try world.disk.open(world.path, .readWrite)
        try file.write([9], at: 100)
        #expect(try look(world).payloads == [[2]])
        let other = StoreIdentity(high: 1, low: 1)
        let foreign = try ClosedPageFile(world.disk, path: world.path, identity: other)
        #expect(foreign.payloads.isEmpty)
        try file.truncate(to: 5000)
        #expect(try look(world).payloads.isEmpty)
    }

    @Test func extentsAreHeldAgainstTheFile() throws {
        let (world, places) = try filled()
        let closed = try look(world)
        let place = places[2]
        for (first, count) in [
            (place.place, UInt64.max), (UInt64.max, 9000), (place.place, 0), (1 << 40, 9000),
            (place.place, 8999),
        ] {
            let bad = ExtentPlace(place: first, byteCount: count, checksum: place.checksum)
            #expect(throws: PageError.self) { try closed.bytes(of: bad, namedBy: 0) }
        }
    }
}
