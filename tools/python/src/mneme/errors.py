# Derived from formats/operations.md by tools/python/derive.
"""Errors: one class for each code of formats/operations.md#errors.

The hundreds tell what an error is about, and an `except` may name one of them: `RequestError`,
`RuleError`, `StoreError`, `FileError`, `WireError`; or all, `MnemeError`.
"""

from __future__ import annotations

from ._error import (
    Action,
    FileError,
    MnemeError,
    RequestError,
    RuleError,
    StoreError,
    WireError,
)

__all__ = [
    "Action",
    "AlreadyExists",
    "BadBackup",
    "BadCursor",
    "BadExpression",
    "BadFilter",
    "BadFrame",
    "BadJob",
    "BadKey",
    "BadOwner",
    "BadPath",
    "BadQuery",
    "BadRequest",
    "BadSchema",
    "BadText",
    "BadVector",
    "Cancelled",
    "CheckFailed",
    "ConditionFailed",
    "Conflict",
    "Corrupt",
    "DamagedLog",
    "DanglingEdge",
    "DeadlineExceeded",
    "Denied",
    "Disconnected",
    "DiskFailed",
    "DiskFull",
    "Duplicate",
    "FileError",
    "Forbidden",
    "HorizonPassed",
    "KeyReused",
    "LeaseLost",
    "MissingField",
    "MissingReference",
    "MissingRole",
    "MnemeError",
    "NewerFormat",
    "NoHistory",
    "NoTransaction",
    "NotAStore",
    "NotExact",
    "NotFound",
    "OutcomeUnknown",
    "QuotaExceeded",
    "ReadOnly",
    "ReadOnlyCollection",
    "RecallNotReached",
    "Referenced",
    "RequestError",
    "RuleError",
    "SchemaConflict",
    "SessionEnded",
    "ShuttingDown",
    "SnapshotTooOld",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreOutOfMemory",
    "TlsRequired",
    "TokenExpired",
    "TooLarge",
    "TooManyLogins",
    "TooManyRequests",
    "Unauthenticated",
    "UnknownCollection",
    "UnknownEdgeType",
    "UnknownField",
    "UnknownStore",
    "UnknownZone",
    "UnsupportedVersion",
    "VectorsMissing",
    "WireError",
    "WrongModel",
    "WrongType",
]


class UnknownCollection(RequestError):
    """No such collection."""
    code, name, action = 100, "unknownCollection", Action.FIX_INPUT


class UnknownField(RequestError):
    """No such field."""
    code, name, action = 101, "unknownField", Action.FIX_INPUT


class WrongType(RequestError):
    """A value, a key or an end of an edge is of another type."""
    code, name, action = 102, "wrongType", Action.FIX_INPUT


class MissingField(RequestError):
    """A required field has no value."""
    code, name, action = 103, "missingField", Action.FIX_INPUT


class BadVector(RequestError):
    """A vector has another dimension, a component that is not finite, or a length that its
    metric does not take.
    """
    code, name, action = 104, "badVector", Action.FIX_INPUT


class UnknownEdgeType(RequestError):
    """No such edge type."""
    code, name, action = 105, "unknownEdgeType", Action.FIX_INPUT


class DanglingEdge(RequestError):
    """An end of an edge is not there."""
    code, name, action = 106, "danglingEdge", Action.FIX_INPUT


class BadFilter(RequestError):
    """A filter cannot be read or does not fit its field."""
    code, name, action = 107, "badFilter", Action.FIX_INPUT


class BadSchema(RequestError):
    """A schema breaks a rule."""
    code, name, action = 108, "badSchema", Action.FIX_INPUT


class TooLarge(RequestError):
    """Something is over its limit."""
    code, name, action = 109, "tooLarge", Action.FIX_INPUT


class BadText(RequestError):
    """Not given yet."""
    code, name, action = 110, "badText", Action.FIX_INPUT


class NotFound(RequestError):
    """What was named is not there."""
    code, name, action = 111, "notFound", Action.FIX_INPUT


class BadRequest(RequestError):
    """The request cannot be read or makes no sense."""
    code, name, action = 112, "badRequest", Action.FIX_INPUT


class SchemaConflict(RequestError):
    """A definition says otherwise than the one that stands."""
    code, name, action = 113, "schemaConflict", Action.FIX_INPUT


class BadOwner(RequestError):
    """No path of an owner."""
    code, name, action = 114, "badOwner", Action.FIX_INPUT


class BadExpression(RequestError):
    """An expression cannot be read, or does not fit the fields or its place."""
    code, name, action = 115, "badExpression", Action.FIX_INPUT


class BadCursor(RequestError):
    """A cursor of find is none, is damaged, or belongs to another question."""
    code, name, action = 116, "badCursor", Action.FIX_INPUT


class Duplicate(RuleError):
    """A key or a value of a unique index is taken, or an edge of a unique type is there."""
    code, name, action = 200, "duplicate", Action.FIX_INPUT


class CheckFailed(RuleError):
    """A check does not hold, or an edge is not as its type demands."""
    code, name, action = 201, "checkFailed", Action.FIX_INPUT


class MissingReference(RuleError):
    """What a record names is not there."""
    code, name, action = 202, "missingReference", Action.FIX_INPUT


class Referenced(RuleError):
    """A record is named by another one, and may not go or change its name."""
    code, name, action = 203, "referenced", Action.FIX_INPUT


class ConditionFailed(RuleError):
    """A condition of a change does not hold of what is there."""
    code, name, action = 204, "conditionFailed", Action.FIX_INPUT


class Conflict(RuleError):
    """Others have changed what a transaction has read, or what its changes depend on; it has
    ended, and is to be begun again. Or what a claim or a deleteWhere looks for changes faster than
    it can look; it is to be asked again. Or a vector field was switched between what it read and
    its commit.
    """
    code, name, action = 205, "conflict", Action.RETRY


class NoTransaction(RuleError):
    """No such transaction is open here: it was committed, rolled back or left, or another
    connection began it.
    """
    code, name, action = 206, "noTransaction", Action.FIX_INPUT


class KeyReused(RuleError):
    """An idempotency key was given with another request before."""
    code, name, action = 207, "keyReused", Action.FIX_INPUT


class BadQuery(RuleError):
    """What match is given cannot be understood; the message says where."""
    code, name, action = 208, "badQuery", Action.FIX_INPUT


class NoHistory(RuleError):
    """A collection keeps no history, or none that goes back so far."""
    code, name, action = 209, "noHistory", Action.FIX_INPUT


class UnknownZone(RuleError):
    """The machine has no time zone of this name, or no time zones at all."""
    code, name, action = 210, "unknownZone", Action.FIX_INPUT


class QuotaExceeded(RuleError):
    """An owner would have more than a quota allows."""
    code, name, action = 211, "quotaExceeded", Action.FIX_INPUT


class BadPath(RuleError):
    """An edge has a cost or a strength that paths cannot be measured by."""
    code, name, action = 212, "badPath", Action.FIX_INPUT


class ReadOnlyCollection(RuleError):
    """A collection is the store's own, and nothing changes it."""
    code, name, action = 213, "readOnlyCollection", Action.FIX_INPUT


class VectorsMissing(RuleError):
    """A vector field is to be switched to another one, and records have a vector in one of them
    alone.
    """
    code, name, action = 214, "vectorsMissing", Action.FIX_INPUT


class WrongModel(RuleError):
    """A vector is said to be of another model than the field's."""
    code, name, action = 215, "wrongModel", Action.FIX_INPUT


class RecallNotReached(RuleError):
    """Of the program alone: mneme vectors check found that less is found than is wanted."""
    code, name, action = 216, "recallNotReached", Action.FIX_INPUT


class MissingRole(RuleError):
    """The collection has no field with the role, or of the name, that the request needs."""
    code, name, action = 217, "missingRole", Action.FIX_INPUT


class BadJob(RuleError):
    """A job is not as the request needs it: it has ended or has not, or its name is taken; or
    an edge has a weight that is none.
    """
    code, name, action = 218, "badJob", Action.FIX_INPUT


class SessionEnded(RuleError):
    """A session has ended, and takes nothing more; another one may go on from it."""
    code, name, action = 219, "sessionEnded", Action.FIX_INPUT


class LeaseLost(RuleError):
    """An event is not its claimer's any more: it was settled, or his time was over and another
    one claimed it.
    """
    code, name, action = 223, "leaseLost", Action.FIX_INPUT


class Forbidden(RuleError):
    """The asker's permit does not allow this request, or not of what it names."""
    code, name, action = 226, "forbidden", Action.FIX_INPUT


class TokenExpired(RuleError):
    """The asker's token, or the permit that a program was given, is over; get another one."""
    code, name, action = 227, "tokenExpired", Action.FIX_INPUT


class TooManyLogins(RuleError):
    """Too many logins from this address failed lately; the error's detail says after how many
    milliseconds to try again.
    """
    code, name, action = 228, "tooManyLogins", Action.RETRY


class TlsRequired(RuleError):
    """The server speaks TLS at this address, and the client does not."""
    code, name, action = 229, "tlsRequired", Action.FIX_INPUT


class OutcomeUnknown(StoreError):
    """Whether the commit survives is seen when the store is opened again."""
    code, name, action = 300, "outcomeUnknown", Action.REOPEN


class ReadOnly(StoreError):
    """Not given yet."""
    code, name, action = 301, "readOnly", Action.REOPEN


class StoreBusy(StoreError):
    """The store is open already."""
    code, name, action = 302, "busy", Action.RETRY


class SnapshotTooOld(StoreError):
    """What a read looks at was replaced by newer commits longer ago than the store keeps such."""
    code, name, action = 303, "snapshotTooOld", Action.RETRY


class StoreClosed(StoreError):
    """The store is closed."""
    code, name, action = 304, "closed", Action.REOPEN


class StoreOutOfMemory(StoreError):
    """The system has no memory for what is asked; nothing was changed."""
    code, name, action = 305, "outOfMemory", Action.RETRY


class HorizonPassed(StoreError):
    """What a watch asks for was compacted, and cannot be told whole any more; the message says
    from where on it can. Or it lies beyond the newest commit, as after a restore.
    """
    code, name, action = 306, "horizonPassed", Action.FIX_INPUT


class NotAStore(FileError):
    """No store, or a file of another one."""
    code, name, action = 400, "notAStore", Action.FIX_INPUT


class NewerFormat(FileError):
    """Written by a newer program."""
    code, name, action = 401, "newerFormat", Action.FIX_INPUT


class Corrupt(FileError):
    """What is derived from the log is damaged: a rebuild derives it again."""
    code, name, action = 402, "corrupt", Action.REOPEN


class DiskFull(FileError):
    """No room."""
    code, name, action = 403, "diskFull", Action.RETRY


class Denied(FileError):
    """Access is denied."""
    code, name, action = 404, "denied", Action.FIX_INPUT


class DiskFailed(FileError):
    """The disk failed."""
    code, name, action = 405, "disk", Action.REPORT


class AlreadyExists(FileError):
    """Something is there already."""
    code, name, action = 406, "exists", Action.FIX_INPUT


class DamagedLog(FileError):
    """The log is damaged or lacks segments: nothing derives it again."""
    code, name, action = 407, "damagedLog", Action.REPORT


class BadBackup(FileError):
    """No backup, a damaged one, or one that does not fit the store or the backups before it."""
    code, name, action = 408, "badBackup", Action.FIX_INPUT


class NotExact(FileError):
    """A backup does not have each commit up to that point any more; the message says which can
    be had.
    """
    code, name, action = 409, "notExact", Action.FIX_INPUT


class BadKey(FileError):
    """The key of an encrypted store is missing, is another one, or is given where none is
    needed.
    """
    code, name, action = 410, "badKey", Action.FIX_INPUT


class Cancelled(WireError):
    """The request was cancelled; it wrote nothing."""
    code, name, action = 500, "cancelled", Action.RETRY


class DeadlineExceeded(WireError):
    """Its deadline passed; it wrote nothing."""
    code, name, action = 501, "deadlineExceeded", Action.RETRY


class BadFrame(WireError):
    """Bytes came that are not those of wire.md; the connection is closed."""
    code, name, action = 502, "badFrame", Action.REPORT


class UnsupportedVersion(WireError):
    """Client and server have no version of the protocol in common."""
    code, name, action = 503, "unsupportedVersion", Action.FIX_INPUT


class TooManyRequests(WireError):
    """More requests or bytes in flight than the server takes; this one was not begun."""
    code, name, action = 504, "tooManyRequests", Action.RETRY


class Disconnected(WireError):
    """The connection ended before the answer; whether a write was done is not known."""
    code, name, action = 505, "disconnected", Action.REOPEN


class UnknownStore(WireError):
    """The server has no store of this name."""
    code, name, action = 506, "unknownStore", Action.FIX_INPUT


class ShuttingDown(WireError):
    """The server or the connection takes no more requests; this one was not begun."""
    code, name, action = 507, "shuttingDown", Action.RETRY


class Unauthenticated(WireError):
    """The server does not know who asks, or not this way of saying so."""
    code, name, action = 508, "unauthenticated", Action.FIX_INPUT
