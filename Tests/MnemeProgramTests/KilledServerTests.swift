// A server that is killed under load, a few times; tools/kill-server does it as often as one likes.

import Foundation
import KilledServer
import MnemeBase
import Testing

@Suite struct KilledServerTests {
    private static func server(_ place: BuiltProgram, isUnix: Bool) -> KilledServer {
        let seed = RealRandomness().next() >> 16
        print("killed server: seed \(seed)")
        var server = KilledServer(
            program: BuiltProgram.executable,
            directory: place.directory.path,
            address: isUnix
                ? "unix:" + place.path("socket") : KilledServer.address(RealRandomness()),
            seed: seed
        )
        server.longest = 400
        return server
    }

    @Test(arguments: [false, true])
    func acknowledgedWritesOutliveTheServer(isUnix: Bool) async throws {
        let place = try BuiltProgram()
        var server = Self.server(place, isUnix: isUnix)
        server.kills = 3
        let report = try await server.run { _ in }
        // Each writer was heard before and after every kill.
        #expect(report.acknowledged >= server.writers * (server.kills + 1))
        #expect(report.lives > 0)
    }

    @Test func aLostRecordIsSeen() async throws {
        let place = try BuiltProgram()
        var server = Self.server(place, isUnix: true)
        server.kills = 1
        server.plantsLoss = true
        do throws(KilledServerFailure) {
            _ = try await server.run { _ in }
            Issue.record("it was not seen")
        } catch {
            #expect(
                error.description.contains("batch 0 of writer 0 is there by halves"),
                "\(error)"
            )
        }
    }
}
