"""The protocol without sockets: whatever a server sends, a typed failure and nothing else."""

from __future__ import annotations

import random
import struct
import unittest

from mneme import _cbor, _frames
from mneme._frames import HEAD, Kind
from mneme._protocol import Exchange, Protocol
from mneme.errors import BadFrame, Cancelled, Disconnected, MnemeError, ShuttingDown, TooLarge

from .support import WELCOME, response, welcome

NOTHING = _cbor.encode({"records": []})


def error_payload(code: int = 111, action: int = 2, zero: int = 0) -> bytes:
    body = {"code": code, "name": "notFound", "action": "fixInput", "message": "No."}
    return struct.pack("<HBBI", code, action, zero, 0) + _cbor.encode(body)


def opened(credit: int = 100_000, largest: int = 1 << 20) -> Protocol:
    protocol = Protocol(b"", credit=credit, largest_response=largest)
    protocol.receive(welcome())
    assert protocol.welcome is not None
    return protocol


def asked(protocol: Protocol) -> Exchange:
    return protocol.request(4, _cbor.encode({"get": []}))


class OpeningTests(unittest.TestCase):
    def test_a_welcome_truncated_at_every_byte_is_waited_for(self) -> None:
        whole = welcome()
        for count in range(len(whole)):
            protocol = Protocol(b"", credit=1, largest_response=1)
            protocol.receive(whole[:count])
            self.assertFalse(protocol.is_open)
            self.assertIsNone(protocol.failure)
            protocol.end_of_file()
            self.assertIsInstance(protocol.failure, Disconnected)
            protocol = Protocol(b"", credit=1, largest_response=1)
            for piece in (whole[:count], whole[count:]):
                protocol.receive(piece)
            self.assertTrue(protocol.is_open)

    def test_a_welcome_that_breaks_its_table_is_refused(self) -> None:
        bad = [WELCOME[:count] for count in range(len(WELCOME))]
        bad += [WELCOME + b"x", WELCOME[:-4] + b"\xff\xff\xff\xff"]
        for offset, value in [
            (0, b"\0\0"), (0, b"\2\0"), (2, b"\1\0"), (4, b"\0\0\0\0"), (4, b"\0\0\1\0"),
            (8, b"\1"), (16, b"\0\0\0\0"), (16, b"\0\0\0\x41"), (20, b"\0\0\0\0"), (24, bytes(8)),
            (28, b"\1"),
        ]:  # fmt: skip
            bad.append(WELCOME[:offset] + value + WELCOME[offset + len(value) :])
        for payload in bad:
            protocol = Protocol(b"", credit=1, largest_response=1)
            protocol.receive(welcome(payload))
            self.assertIsInstance(protocol.failure, BadFrame, payload)

    def test_an_error_in_the_place_of_a_welcome(self) -> None:
        protocol = Protocol(b"", credit=1, largest_response=1)
        protocol.receive(_frames.frame(Kind.ERROR, error_payload(506)))
        assert protocol.failure is not None
        self.assertEqual(protocol.failure.code, 506)

    def test_anything_else_first_is_refused(self) -> None:
        for data in [
            response(NOTHING), _frames.frame(Kind.PING, bytes(8)), _frames.frame(Kind.GOODBYE),
            _frames.frame(Kind.ERROR, error_payload(), id=1), b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"-ERR unknown command\r\n", bytes(64), b"\xff" * 64,
        ]:  # fmt: skip
            protocol = Protocol(b"", credit=1, largest_response=1)
            protocol.receive(data)
            self.assertIsInstance(protocol.failure, BadFrame)


class FrameTests(unittest.TestCase):
    def test_heads_that_break_their_table(self) -> None:
        heads = [
            HEAD.pack(7, 4, 1, 4, 1), HEAD.pack(65_545, 4, 1, 4, 1),
            HEAD.pack(2**32 - 1, 4, 1, 4, 1),
            HEAD.pack(4_093, 9, 0, 0, 0), HEAD.pack(16, 0, 0, 0, 0), HEAD.pack(16, 11, 0, 0, 0),
            HEAD.pack(16, 255, 0, 0, 0), HEAD.pack(16, 3, 0, 4, 1), HEAD.pack(8, 6, 0, 0, 1),
            HEAD.pack(12, 7, 0, 0, 0), HEAD.pack(9, 4, 3, 4, 1), HEAD.pack(9, 4, 2, 4, 1),
            HEAD.pack(9, 4, 128, 4, 1), HEAD.pack(16, 9, 1, 0, 0), HEAD.pack(16, 9, 0, 1, 0),
            HEAD.pack(16, 9, 0, 0, 1), HEAD.pack(9, 4, 1, 4, 0), HEAD.pack(9, 4, 1, 4, 9),
            HEAD.pack(16, 5, 0, 0, 9), HEAD.pack(12, 9, 0, 0, 0), HEAD.pack(8, 10, 0, 0, 0),
            HEAD.pack(8, 4, 0, 4, 1), HEAD.pack(58, 2, 0, 0, 0),
        ]  # fmt: skip
        for head in heads:
            protocol = opened()
            exchange = asked(protocol)
            protocol.receive(head)
            self.assertIsInstance(protocol.failure, BadFrame, head.hex())
            with self.assertRaises(Disconnected):
                exchange.result()
            self.assertEqual(protocol.outgoing, b"")
            protocol.receive(response(NOTHING))

    def test_errors_that_cannot_be_read(self) -> None:
        whole = error_payload()
        bad = [whole[:count] for count in range(len(whole))] + [whole + b"\0"]
        bad += [error_payload(action=0), error_payload(action=5), error_payload(zero=1)]
        bad.append(struct.pack("<HBBI", 112, 2, 0, 0) + whole[8:])
        bad.append(struct.pack("<HBBI", 111, 2, 0, 0) + b"\x81\x01")
        for payload in bad:
            protocol = opened()
            asked(protocol)
            protocol.receive(_frames.frame(Kind.ERROR, payload, id=1))
            self.assertIsInstance(protocol.failure, BadFrame, payload.hex())

    def test_an_answer_that_is_another_one(self) -> None:
        for opcode, body in [
            (4, b"\xff"), (4, b""), (4, _cbor.encode({"done": {}})), (99, NOTHING), (4, b"\x01"),
            (4, _cbor.encode({"records": [], "more": 1})), (4, NOTHING + b"\0"),
        ]:  # fmt: skip
            protocol = opened()
            exchange, other = asked(protocol), asked(protocol)
            protocol.receive(response(body, opcode=opcode))
            with self.assertRaises(MnemeError, msg=body.hex()):
                exchange.result()
            protocol.receive(response(NOTHING, id=2))
            self.assertEqual(other.result(), ("records", []))

    def test_every_way_to_cut_a_conversation(self) -> None:
        talk = response(NOTHING, id=2) + _frames.frame(Kind.PING, bytes(8)) + response(NOTHING)
        for count in range(len(talk)):
            protocol = opened()
            first, second = asked(protocol), asked(protocol)
            protocol.receive(talk[:count])
            protocol.receive(talk[count:])
            self.assertEqual((first.result(), second.result()), (("records", []),) * 2)

    def test_any_bytes_end_in_a_failure_or_are_waited_for(self) -> None:
        dice = random.Random(7)
        talk = response(NOTHING, id=2) + _frames.frame(Kind.PING, bytes(8)) + response(NOTHING)
        for _ in range(2_000):
            data = bytearray(talk)
            for _ in range(dice.randint(1, 6)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            protocol = opened()
            exchanges = [asked(protocol), asked(protocol)]
            while data:
                count = dice.randint(1, len(data))
                protocol.receive(bytes(data[:count]))
                del data[:count]
            protocol.end_of_file()
            self.assertIsNotNone(protocol.failure)
            for exchange in exchanges:
                self.assertTrue(exchange.is_done)
                try:
                    exchange.result()
                except MnemeError:
                    pass


class StreamTests(unittest.TestCase):
    def test_credit_is_given_back_as_it_is_used(self) -> None:
        protocol = opened(credit=100_000)
        exchange = asked(protocol)
        protocol.outgoing.clear()
        body = _cbor.encode({"records": [{"text": "x" * 150_000}]})
        given = 100_000
        for start in range(0, len(body), 40_000):
            piece = body[start : start + 40_000]
            given -= len(piece)
            self.assertGreaterEqual(given, 0)
            protocol.receive(response(piece, last=start + 40_000 >= len(body)))
            self.assertIsNone(protocol.failure)
            while protocol.outgoing:
                length, kind, _, _, _, count = struct.unpack_from("<IBBHII", protocol.outgoing)
                self.assertEqual((length, kind), (12, Kind.CREDIT))
                given += count
                del protocol.outgoing[:16]
        self.assertEqual(len(exchange.result()[1][0]["text"]), 150_000)

    def test_a_server_that_takes_more_credit_than_it_has(self) -> None:
        protocol = opened(credit=100)
        asked(protocol)
        protocol.receive(response(bytes(101), last=False))
        self.assertIsInstance(protocol.failure, BadFrame)

    def test_two_streams_at_once_and_other_disorder(self) -> None:
        for pieces in [
            [response(b"a", last=False), response(b"b", id=2, last=False)],
            [response(b"a", last=False), response(b"b", opcode=5, last=False)],
            [response(b"", last=False)],
            [response(NOTHING), response(NOTHING)],
        ]:  # fmt: skip
            protocol = opened()
            asked(protocol), asked(protocol)
            for piece in pieces:
                protocol.receive(piece)
            self.assertIsInstance(protocol.failure, BadFrame)

    def test_whole_answers_stand_between_pieces(self) -> None:
        protocol = opened()
        long, short = asked(protocol), asked(protocol)
        protocol.receive(response(NOTHING[:3], last=False) + response(NOTHING, id=2))
        self.assertTrue(short.is_done)
        protocol.receive(response(NOTHING[3:]))
        self.assertEqual(long.result(), ("records", []))

    def test_an_error_ends_a_stream(self) -> None:
        protocol = opened()
        exchange, other = asked(protocol), asked(protocol)
        protocol.receive(response(b"\x01\x02", last=False))
        protocol.receive(_frames.frame(Kind.ERROR, error_payload(), id=1))
        with self.assertRaises(MnemeError):
            exchange.result()
        protocol.receive(response(NOTHING[:3], id=2, last=False) + response(NOTHING[3:], id=2))
        self.assertEqual(other.result(), ("records", []))

    def test_an_answer_beyond_the_clients_limit_fails_alone(self) -> None:
        protocol = opened(largest=4_096)
        exchange, other = asked(protocol), asked(protocol)
        protocol.outgoing.clear()
        protocol.receive(response(bytes(5_000), last=False))
        self.assertIn(_frames.frame(Kind.CANCEL, id=1), bytes(protocol.outgoing))
        protocol.receive(response(bytes(5)) + response(NOTHING, id=2))
        with self.assertRaises(TooLarge):
            exchange.result()
        self.assertEqual(other.result(), ("records", []))

    def test_an_answer_without_an_end_is_refused(self) -> None:
        protocol = opened(credit=1 << 30, largest=1 << 20)
        asked(protocol)
        for _ in range(40):
            protocol.receive(response(bytes(65_536), last=False))
        self.assertIsInstance(protocol.failure, BadFrame)


class LifeTests(unittest.TestCase):
    def test_ids_are_free_again_when_requests_end(self) -> None:
        protocol = opened()
        protocol._last_id = 0xFFFFFFFE
        self.assertEqual([asked(protocol).id for _ in range(3)], [0xFFFFFFFF, 1, 2])
        self.assertTrue(protocol.has_room(3))
        asked(protocol)
        self.assertFalse(protocol.has_room(3))
        protocol.receive(response(NOTHING, id=1))
        self.assertTrue(protocol.has_room(3))
        self.assertFalse(protocol.has_room(131_072))
        protocol = opened()
        asked(protocol)
        protocol._last_id = 0xFFFFFFFF
        self.assertEqual(asked(protocol).id, 2)

    def test_an_abandoned_request_keeps_its_id_until_its_end(self) -> None:
        protocol = opened()
        exchange = asked(protocol)
        protocol.outgoing.clear()
        protocol.abandon(exchange)
        self.assertEqual(protocol.outgoing, _frames.frame(Kind.CANCEL, id=1))
        self.assertIn(1, protocol.in_flight)
        protocol.receive(response(NOTHING))
        self.assertEqual(protocol.in_flight, {})
        with self.assertRaises(Cancelled):
            exchange.result()

    def test_a_request_that_no_server_takes_is_not_sent(self) -> None:
        protocol = opened()
        protocol.outgoing.clear()
        with self.assertRaises(TooLarge):
            protocol.request(4, bytes(65_536))
        self.assertEqual(protocol.outgoing, b"")

    def test_goodbye(self) -> None:
        protocol = opened()
        exchange = asked(protocol)
        protocol.outgoing.clear()
        protocol.receive(_frames.frame(Kind.GOODBYE, error_payload(507, 1)))
        with self.assertRaises(ShuttingDown):
            asked(protocol)
        self.assertEqual(protocol.outgoing, b"")
        protocol.receive(response(NOTHING))
        self.assertEqual(exchange.result(), ("records", []))
        self.assertEqual(protocol.outgoing, _frames.frame(Kind.GOODBYE))
        protocol.receive(_frames.frame(Kind.GOODBYE))
        self.assertIsInstance(protocol.failure, BadFrame)

    def test_a_connection_that_ended_takes_no_requests(self) -> None:
        protocol = opened()
        protocol.end_of_file()
        with self.assertRaises(ShuttingDown):
            asked(protocol)


if __name__ == "__main__":
    unittest.main()
