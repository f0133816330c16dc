// Who is here, without sockets.

import MnemeBase
import Testing

@testable import MnemeServer

@Suite struct GuestRoomTests {
    private func guests() throws -> ServerGuests {
        let options = ServerOptions(root: "/nowhere", addresses: [])
        let workers = WorkerPool(threadCount: 1)
        return ServerGuests(
            options,
            StoreShelf(options, workers),
            workers,
            ServerFigures(),
            try TokenBook(root: "/nowhere"),
            nil
        )
    }

    @Test func strangersGoInTheirOrderAndOnce() throws {
        let guests = try guests()
        var room = GuestRoom()
        let all = (0..<300).map { ServerConnection(guests, UInt64($0)) }
        for guest in all { room.enter(guest) }
        for guest in all where guest.number % 3 == 0 { room.admit(guest) }
        #expect(room.count == 300 && room.admittedCount == 100)
        room.admit(all[0])
        #expect(room.admittedCount == 100)
        #expect(room.takeOldestStranger()?.number == 1)
        room.leave(all[2])
        #expect(room.takeOldestStranger()?.number == 4)
        for guest in all where guest.number != 2 { room.leave(guest) }
        #expect(room.takeOldestStranger() == nil)
        #expect(room.count == 0 && room.admittedCount == 0 && room.byteCount == 0)
    }

    /// However many come and go, those are found who stayed.
    @Test func comingAndGoingLeavesNothing() throws {
        let guests = try guests()
        var room = GuestRoom()
        let stayed = ServerConnection(guests, 0)
        room.enter(stayed)
        for number in 1..<5000 as Range<UInt64> {
            let guest = ServerConnection(guests, number)
            room.enter(guest)
            room.leave(guest)
            #expect(room.listedCount <= 130)
        }
        #expect(room.takeOldestStranger() === stayed)
    }

    @Test func whoeverHasMostIsEndedFirstAndOnce() throws {
        let guests = try guests()
        var room = GuestRoom()
        let all = (0..<4).map { ServerConnection(guests, UInt64($0)) }
        for guest in all { room.enter(guest) }
        for (guest, count) in zip(all, [100_000, 300_000, 10, 200_000]) { room.note(guest, count) }
        #expect(room.byteCount == 600_010)
        #expect(room.takeMostBurdensome() === all[1])
        room.note(all[1], 0)
        #expect(room.byteCount == 300_010)
        room.note(all[0], 250_000)
        #expect(room.takeMostBurdensome() === all[0])
        room.leave(all[3])
        // Who has little is nobody's burden.
        #expect(room.takeMostBurdensome() == nil)
        room.leave(all[0])
        #expect(room.byteCount == 10)
    }
}
