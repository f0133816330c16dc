// Transactions of a client whose connection ends, or that is not sure of a change.

import Mneme
import MnemeBase
import MnemeClient
import MnemeModel
import MnemeWire
import Synchronization
import Testing

@Suite struct TransactionLossTests {
    @Test func aTransactionEndsWithItsConnection() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let client = try await Client.connect(server.address, options: .patient)
        let transaction = try await client.begin()
        #expect(try await transaction.get(Reference("things", "a")) == nil)
        server.cutAll()
        // Whether the client has heard of it yet or not.
        for _ in 0..<3 {
            let error = await failure {
                try await client.perform(.inside(transaction: transaction.id, .describe))
            }
            #expect(error?.code == .noTransaction, "\(String(describing: error))")
        }
        // The client has another connection, and there begins another one.
        let again = try await client.begin()
        #expect(try await again.get(Reference("things", "a")) == nil)
        try await again.commit()
        try await client.close()
    }

    @Test func whatNobodyBeganIsNotSent() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let client = try await Client.connect(server.address, options: .patient)
        for request: Request in [
            .inside(transaction: 5, .describe), .commitTransaction(5, .synced), .rollback(5),
        ] {
            #expect(await failure { try await client.perform(request) }?.code == .noTransaction)
        }
        #expect(server.state.withLock { $0.arrived } == [])
        try await client.close()
    }

    /// A change that was cancelled may be part of the transaction or not: it is rolled back.
    @Test func aCancelledChangeEndsTheTransaction() async throws {
        let memory = try makeMemory()
        let server = try TestServer(memory)
        let client = try await Client.connect(server.address, options: .patient)
        let transaction = try await client.begin()
        server.hold()
        let id = transaction.id
        let task = Task {
            await failure {
                try await client.perform(
                    .inside(
                        transaction: id,
                        .commit([.put(Put("things", "x", [:]))], .synced)
                    )
                )
            }
        }
        await server.arrival(of: 2)
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        let error = await failure { try await client.perform(.commitTransaction(id, .synced)) }
        #expect(error?.code == .noTransaction)
        await server.arrival(of: 3)
        #expect(server.state.withLock { $0.arrived.last } == .rollback)
        server.release()
        #expect(try await client.get(Reference("things", "x")) == nil)
        try await client.close()
    }
}
