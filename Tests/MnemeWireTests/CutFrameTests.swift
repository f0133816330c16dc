// What strangers send to a server's session: frames that are cut, promise more than comes, or come
// by the thousand. It hands out nothing that is not whole, and holds what came and no more.

import MnemeBase
import MnemeModel
import Testing

@testable import MnemeWire

@Suite struct CutFrameTests {
    private func opened() -> ServerSession {
        let session = ServerSession()
        session.receive(frame(.hello, Hello(store: "s", client: "t", clientVersion: "1").bytes))
        _ = session.next(now: 0)
        session.accept(identityHigh: 1, identityLow: 2, server: "s")
        _ = session.takeOutput()
        return session
    }

    /// Every request as a frame, and every other kind that a client sends.
    private func frames() throws -> [[UInt8]] {
        let requests = try Golden.bodies().filter(\.isRequest).map { body in
            frame(.request, opcode: body.number, id: 7, RequestHead().bytes + body.bytes)
        }
        return requests + [
            frame(.cancel, id: 7), frame(.credit, [1, 0, 0, 0]), frame(.goodbye),
            frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]), frame(.pong, [1, 2, 3, 4, 5, 6, 7, 8]),
        ]
    }

    @Test func aFrameCutAtAnyByteIsNothing() throws {
        let frames = try frames()
        #expect(frames.count > 20)
        for whole in frames {
            for count in whole.indices {
                let session = opened()
                session.receive(Array(whole[..<count]))
                #expect(session.next(now: 0) == nil && session.output.isEmpty)
                #expect(session.requestCount == 0 && session.burdenByteCount == count)
                #expect(session.isInFrame == (count > 0))
                // With its rest it is what it was.
                session.receive(Array(whole[count...]))
                _ = session.next(now: 0)
                #expect(!session.isInFrame && session.frameCount == 2)
            }
        }
    }

    @Test func aHelloCutAtAnyByteIsNothing() {
        let whole = frame(.hello, Hello(store: "s", client: "t", clientVersion: "1").bytes)
        for count in whole.indices {
            let session = ServerSession()
            session.receive(Array(whole[..<count]))
            #expect(session.next(now: 0) == nil && !session.isGreeted && session.output.isEmpty)
        }
    }

    @Test func aPromiseMakesNoRoom() throws {
        var splitter = FrameSplitter(limit: 16 << 20)
        var promising = frame(.request, opcode: 2, id: 1, [0, 0, 0, 0, 0, 0, 0, 0])
        // Sixteen mebibytes less a little are to come.
        (promising[0], promising[1], promising[2], promising[3]) = (0, 0, 0xff, 0)
        splitter.append(promising, 0..<promising.count)
        #expect(try splitter.next() == nil)
        #expect(splitter.capacity < 1024)
        // What has come is kept, and room for as much again at most.
        let piece = [UInt8](repeating: 7, count: 64 << 10)
        for _ in 0..<32 { splitter.append(piece, 0..<piece.count) }
        #expect(try splitter.next() == nil)
        #expect(splitter.waitingCount == promising.count + 32 * piece.count)
        #expect(splitter.capacity <= 2 * splitter.waitingCount + piece.count)
    }

    @Test func whoIsIdleHoldsLittleRoom() throws {
        var splitter = FrameSplitter(limit: 16 << 20)
        let wide = frame(.request, opcode: 2, id: 1, [UInt8](repeating: 7, count: 200_000))
        splitter.append(wide, 0..<wide.count)
        #expect(try splitter.next()?.payload.count == 200_000)
        #expect(try splitter.next() == nil)
        #expect(splitter.capacity <= FrameSplitter.keptCapacity)
        var writer = FrameWriter()
        let long = [UInt8](repeating: 7, count: 200_000)
        writer.put(FrameHead(.pong, id: 0, payloadCount: long.count), long[...])
        writer.discard(writer.waitingCount)
        #expect(writer.capacity <= FrameWriter.keptCapacity)
    }

    /// A small request that came behind a large one does not hold on to that.
    @Test func aRequestThatIsKeptHoldsItselfAlone() throws {
        let session = opened()
        let references = [Reference("n", .text(String(repeating: "x", count: 4 << 20)))]
        session.receive(try frame(Request.get(references), id: 1) + frame(.describe, id: 2))
        var kept: [ServerRequest] = []
        while case .request(let request)? = session.next(now: 0) { kept.append(request.kept) }
        #expect(kept.map(\.id) == [1, 2])
        let small = try #require(kept.last)
        #expect(small.body.bytes.capacity < 4096)
        #expect(try small.body.request(.describe) == .describe)
        #expect(kept[0].body.count > 4 << 20)
    }

    @Test func tinyFramesByTheThousandAreHeldWithinTheLimits() throws {
        let session = opened()
        var flood: [UInt8] = []
        for id in 1...3000 as ClosedRange<UInt32> {
            flood += try frame(.describe, id: id) + frame(.cancel, id: 90_000 + id)
            flood += frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8])
        }
        session.receive(flood)
        var handedOut = 0
        var refused = 0
        while true {
            while let event = session.next(now: 0) {
                guard case .request = event else {
                    Issue.record("\(event)")
                    return
                }
                handedOut += 1
            }
            #expect(session.output.count <= session.limits.waitingOutput + 4096)
            if session.output.isEmpty { break }
            for answer in try split(session.takeOutput()) where answer.head.kind == .error {
                refused += 1
            }
        }
        #expect(handedOut == session.limits.requestsInFlight)
        #expect(handedOut + refused == 3000 && session.requestCount == handedOut)
        #expect(session.burdenByteCount <= session.limits.bytesInFlight)
    }
}
