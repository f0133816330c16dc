"""The catalog: schemas, and the numbers that follow from their order. formats/store.md#catalog."""

from dataclasses import dataclass, field
from typing import Any

from primitives import Damage, Newer


@dataclass
class ReferenceRule:
    number: int
    fields: list[str]
    to: str
    on: list[str]


@dataclass
class LateField:
    """A field that records have which were put before it was defined."""
    since: int  # the schema version that has it first
    number: int
    value: Any  # None where only an expression, or reading a text, would tell


@dataclass
class Collection:
    number: int
    name: str
    key: str = "text"
    owner_field: "int | None" = None
    fields: dict[str, int] = field(default_factory=dict)
    field_count: int = 0  # with those that were dropped
    types: dict[int, Any] = field(default_factory=dict)
    texts: dict[int, int] = field(default_factory=dict)  # text number by field number
    vectors: dict[int, int] = field(default_factory=dict)  # vector number by field number
    counters: dict[int, int] = field(default_factory=dict)  # counter's number by field number
    late: list[LateField] = field(default_factory=list)
    indexes: dict[str, "Index"] = field(default_factory=dict)
    references: dict[str, ReferenceRule] = field(default_factory=dict)
    archived_at: "int | None" = None  # fields by the roles that say so
    archived: "int | None" = None
    roles: dict[str, str] = field(default_factory=dict)  # names of fields

    def is_archived(self, fields: dict[int, Any]) -> bool:
        at = fields.get(self.archived_at) if self.archived_at else None
        return getattr(at, "kind", None) == "instant" or (
            self.archived is not None and fields.get(self.archived) is True)


@dataclass
class Part:
    """A field of an index, and the members to follow into it."""
    name: str
    members: list[str]
    is_descending: bool
    is_folded: bool
    contains: bool


@dataclass
class Index:
    number: int
    parts: list[Part]
    is_unique: bool
    has_distinct_nulls: bool
    condition: "str | None"


class Catalog:
    """What is defined."""

    def __init__(self):
        self.version = 0
        self.next = 1
        self.collections: dict[int, Collection] = {}
        self.edge_types: dict[int, str] = {}
        self.edge_collections: dict[int, Collection] = {}  # edges as records, for their indexes
        self.past_rows: set[int] = set()  # collections of edges that have ended
        self.unique_edges: dict[int, bool] = {}  # whether they are undirected, by number
        self.vector_types: dict[int, dict] = {}
        self.is_loose = False  # whether words came or went otherwise than by puts
        self.counted: set[int] = set()  # collections and types of which usage is counted

    def _take(self) -> int:
        number = self.next
        self.next += 1
        return number

    def add(self, schema: Any):
        """Adds one schema, as its CBOR says it."""
        try:
            if "drop" in schema:
                self._drop(schema["drop"])
            if "switch" in schema:
                self._switch(schema["switch"])
            for one in schema.get("collections", []):
                self._add_collection(one)
                if one.get("history") is not None:
                    self._add_collection(_history(one))
            for one in schema.get("edges", []):
                is_new = one["name"] not in self.edge_types.values()
                if is_new:
                    number = self._take()
                    self.edge_types[number] = one["name"]
                    if one.get("unique"):
                        self.unique_edges[number] = bool(one.get("undirected"))
                    self.edge_collections[number] = _edge_collection(number, one)
                number = next(key for key, name in self.edge_types.items() if name == one["name"])
                self._add_indexes(self.edge_collections[number], one)
                for field in one.get("fields", []) if is_new else []:
                    self._add_search(self.edge_collections[number], field)
                if one.get("history") is not None:
                    self._add_collection(_past(one))
                    self.past_rows.update(
                        number for number, rows in self.collections.items()
                        if rows.name == one["name"] + "$edges")
                if one.get("usage"):
                    self.counted.add(number)
            for one in schema.get("collections", []):
                self._add_references(one)
        except (KeyError, AttributeError, TypeError) as error:
            raise Damage(f"a schema cannot be read: {error!r}") from error
        self.version += 1

    def _add_search(self, collection: Collection, spelled: dict):
        """Gives a number to a property of edges that is searched."""
        number, kind = collection.fields[spelled["name"]], spelled["type"]
        if isinstance(kind, dict) and "vector" in kind:
            collection.vectors[number] = self._take()
            self.vector_types[collection.vectors[number]] = kind["vector"]
        if spelled.get("searchable"):
            collection.texts[number] = self._take()

    def _drop(self, drop: dict):
        if "collection" in drop or "edge" in drop:
            # What is left of it goes by frames of its own, under its number.
            if "collection" in drop:
                gone = next(one for one in self.collections.values()
                            if one.name == drop["collection"]["name"])
                for one in self.collections.values():
                    if one.name == gone.name + "$history":
                        one.name = ""
                gone.name = ""
            else:
                number = next(key for key, name in self.edge_types.items()
                              if name == drop["edge"]["name"])
                for one in self.collections.values():
                    if one.name == self.edge_types[number] + "$edges":
                        one.name = ""
                self.edge_types[number] = ""
            return
        if set(drop) == {"field"}:
            collection = next(one for one in self.collections.values()
                              if one.name == drop["field"]["collection"])
            number = collection.fields.pop(drop["field"]["name"])
            self.is_loose |= collection.texts.pop(number, None) is not None
            if number in collection.vectors:
                del self.vector_types[collection.vectors.pop(number)]
            collection.counters.pop(number, None)
            collection.late = [one for one in collection.late if one.number != number]
            return
        if set(drop) == {"search"}:
            collection = next(one for one in self.collections.values()
                              if one.name == drop["search"]["collection"])
            del collection.texts[collection.fields[drop["search"]["name"]]]
            self.is_loose = True
            return
        if set(drop) != {"index"}:
            raise Newer(f"a drop of {', '.join(drop)}")
        among = {number: one for number, one in self.edge_collections.items()
                 if self.edge_types[number]} if "edge" in drop["index"] else self.collections
        name = drop["index"].get("edge") or drop["index"]["collection"]
        collection = next(one for one in among.values() if one.name == name)
        del collection.indexes[drop["index"]["name"]]

    def _switch(self, change: dict):
        collection = next(one for one in self.collections.values()
                          if one.name == change["collection"])
        old, new = collection.fields[change["vector"]], collection.fields.pop(change["to"])
        if old not in collection.vectors or new not in collection.vectors:
            raise Damage(f"a switch of fields of {collection.name} that are no vectors")
        collection.fields[change["vector"]] = new
        collection.fields[change["old"]] = old

    def _add_collection(self, spelled: dict):
        known = [one for one in self.collections.values() if one.name == spelled["name"]]
        is_there = bool(known)
        if known:
            collection = known[0]
        else:
            collection = Collection(self._take(), spelled["name"], spelled.get("key", "text"))
            self.collections[collection.number] = collection
        searched = {one["name"] for one in spelled.get("fields", []) if one.get("searchable")}
        for name, number in collection.fields.items():
            if name in searched and number not in collection.texts:
                collection.texts[number] = self._take()
                self.is_loose = True
        for one in spelled.get("fields", []):
            if one["name"] in collection.fields:
                continue
            collection.field_count += 1
            number = collection.field_count
            collection.fields[one["name"]] = number
            collection.types[number] = one["type"]
            if isinstance(one["type"], dict) and "vector" in one["type"]:
                collection.vectors[number] = self._take()
                self.vector_types[collection.vectors[number]] = one["type"]["vector"]
            if one.get("searchable"):
                collection.texts[number] = self._take()
            if one.get("fill") == "next":
                collection.counters[number] = self._take()
            if is_there and ("default" in one or "generated" in one):
                self.is_loose |= bool(one.get("searchable"))
                collection.late.append(
                    LateField(self.version + 1, number, _standard(one.get("default"), one["type"])))
        self._add_indexes(collection, spelled)
        if spelled.get("usage") or spelled.get("quotas") is not None:
            self.counted.add(collection.number)
        owner = spelled.get("roles", {}).get("owner")
        if owner is not None:
            collection.owner_field = collection.fields[owner]
        roles = spelled.get("roles", {})
        collection.roles |= roles
        if "archivedAt" in roles:
            collection.archived_at = collection.fields[roles["archivedAt"]]
        if "archived" in roles:
            collection.archived = collection.fields[roles["archived"]]

    def _add_indexes(self, collection: Collection, spelled: dict):
        for one in spelled.get("indexes", []):
            if one["name"] not in collection.indexes:
                collection.indexes[one["name"]] = Index(
                    self._take(), [_part(part) for part in one["fields"]],
                    one.get("unique", False), one.get("distinctNulls", False), one.get("where"))

    def _add_references(self, spelled: dict):
        collection = next(
            one for one in self.collections.values() if one.name == spelled["name"])
        for one in spelled.get("references", []):
            if one["name"] not in collection.references:
                collection.references[one["name"]] = ReferenceRule(
                    self._take(), one["fields"], one["to"], one.get("on", []))


def _past(spelled: dict) -> dict:
    """The collection that a history of edges makes. formats/store.md#past-edges."""
    types = [
        ("type", "int"), ("from", "int"), ("to", "int"), ("linked", "instant"),
        ("ended", "instant"), ("properties", "bytes"), ("names", "bytes"),
        ("ends", {"array": "int"})]
    return {
        "name": spelled["name"] + "$edges", "key": "int",
        "fields": [{"name": name, "type": kind} for name, kind in types],
        "indexes": [{"name": "ends", "fields": ["ends"]}]}


def _history(spelled: dict) -> dict:
    """The collection that a history makes. formats/store.md#history."""
    types = [
        ("of", spelled.get("key", "text")), ("version", "int"), ("at", "instant"),
        ("since", "instant"), ("until", "instant"), ("kind", "text"), ("wasFirst", "bool"),
        ("author", "text"), ("reason", "text"), ("before", "bytes"),
        ("absent", {"array": "int"}), ("cuts", "bytes")]
    return {
        "name": spelled["name"] + "$history", "key": "int",
        "fields": [{"name": name, "type": kind} for name, kind in types],
        "indexes": [
            {"name": "versions", "fields": ["of", "version"]},
            {"name": "times", "fields": ["at", "version"]}]}


def _standard(value: Any, kind: Any) -> Any:
    """A default as its field keeps it; None where that takes more than a look."""
    if kind == "float" and type(value) is int:
        return float(value)
    if kind in ("uuid", "instant", "date") and isinstance(value, str):
        return None
    return value


def _edge_collection(number: int, spelled: dict) -> Collection:
    collection = Collection(number, spelled["name"], "int")
    fields = [(one["name"], one["type"]) for one in spelled.get("fields", [])]
    for place, (name, kind) in enumerate([*fields, ("$from", "int"), ("$to", "int")]):
        collection.fields[name] = place + 1
        collection.types[place + 1] = kind
    return collection


def _part(spelled) -> Part:
    if isinstance(spelled, str):
        spelled = {"field": spelled}
    name, *members = spelled["field"].split(".")
    return Part(name, members, spelled.get("descending", False), spelled.get("folded", False),
                spelled.get("contains", False))
