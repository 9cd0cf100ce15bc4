"""Parts of a MetaGraphDef: what stands below a name scope, and a graph without savers."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..wire.messages import message

UNBOUND = "$unbound_inputs_"
UNBOUND_KEY = "unbound_inputs"
_TEXTS = {"VariableDef": ("variable_name", "initializer_name", "snapshot_name", "initial_value_name"),
          "CondContextDef": ("context_name", "pred_name", "pivot_name"),
          "WhileContextDef": ("context_name", "maximum_iterations_name", "pivot_name", "pivot_for_pred_name",
                              "pivot_for_body_name")}


def keep_scope(made: Any, scope: str, kinds: dict[str, str]) -> None:
    """Leaves the nodes and collections below a scope, with names without it.

    What they read from elsewhere is named ``$unbound_inputs_NAME`` and listed in the collection unbound_inputs.
    kinds: of collections of messages, the message.
    """
    lead = scope.rstrip("/") + "/"
    inside = [n for n in made.graph_def.node if n.name.startswith(scope)]
    names = {n.name for n in inside}
    unbound: list[str] = []

    def bound(text: str) -> str:
        mark, name = ("^", text[1:]) if text.startswith("^") else ("", text)
        if name.partition(":")[0] in names:
            return mark + name.removeprefix(lead)
        unbound.append(UNBOUND + name)
        return mark + UNBOUND + name

    for node in inside:
        node.name = node.name.removeprefix(lead)
        node.input[:] = [bound(i) for i in node.input]
        if "_class" in node.attr:
            places = [c.decode().removeprefix("loc:@") for c in node.attr["_class"].list.s]
            node.attr["_class"].list.s[:] = [f"loc:@{p.removeprefix(lead)}".encode() for p in places if p in names]
    del made.graph_def.node[:]
    made.graph_def.node.extend(inside)
    used = {n.op for n in inside} | {n.op for f in made.graph_def.library.function for n in f.node_def}
    ops = [o for o in made.meta_info_def.stripped_op_list.op if o.name in used]
    del made.meta_info_def.stripped_op_list.op[:]
    made.meta_info_def.stripped_op_list.op.extend(ops)
    for key in list(made.collection_def):
        _keep_items(made.collection_def[key], scope, lead, kinds.get(key))
        if made.collection_def[key].WhichOneof("kind") is None:
            del made.collection_def[key]
    if unbound:
        made.collection_def[UNBOUND_KEY].bytes_list.value.extend(n.encode() for n in unbound)


def _keep_items(collection: Any, scope: str, lead: str, kind: str | None) -> None:
    field = collection.WhichOneof("kind")
    if field == "node_list":
        names = [n for n in collection.node_list.value if n.startswith(scope)]
        collection.node_list.value[:] = [n.removeprefix(lead) for n in names]
        left = bool(names)
    elif field == "bytes_list":
        data = list(collection.bytes_list.value)
        if kind == "SaverDef":
            kept = []
        elif kind is not None:
            kept = [p for d in data if (p := _stripped(kind, d, scope, lead)) is not None]
        else:
            kept = [d for d in data if d.startswith(scope.encode())]
        collection.bytes_list.value[:] = kept
        left = bool(kept)
    else:
        return
    if not left:
        collection.ClearField(field)


def _stripped(kind: str, data: bytes, scope: str, lead: str) -> bytes | None:
    proto = message(kind).FromString(data)
    if not getattr(proto, _TEXTS[kind][0]).startswith(scope):
        return None
    _strip(proto, lambda name: name.removeprefix(lead))
    out: bytes = proto.SerializeToString(deterministic=True)
    return out


def _strip(proto: Any, bare: Callable[[str], str]) -> None:
    kind = proto.DESCRIPTOR.name
    for field in _TEXTS[kind]:
        if getattr(proto, field):
            setattr(proto, field, bare(getattr(proto, field)))
    if kind == "VariableDef":
        return
    for field in ("loop_exit_names", "loop_enter_names"):
        if kind == "WhileContextDef":
            getattr(proto, field)[:] = [bare(n) for n in getattr(proto, field)]
    values = proto.values_def
    values.values[:] = [bare(n) for n in values.values]
    outside = {bare(k): bare(v) for k, v in values.external_values.items()}
    values.external_values.clear()
    values.external_values.update(outside)
    for inner in proto.nested_contexts:
        _strip(getattr(inner, inner.WhichOneof("ctxt")), bare)


def without_savers(graph_def: Any, saver_def: Any = None) -> None:
    """Takes out the nodes of all Savers but one; each Saver's stand in a name scope of its own."""
    def scope_of(name: str) -> str:
        return name.partition(":")[0].rpartition("/")[0]

    scopes = {scope_of(n.name) for n in graph_def.node if n.op in ("SaveV2", "RestoreV2")}
    if saver_def is not None:
        scopes -= {scope_of(saver_def.save_tensor_name), scope_of(saver_def.restore_op_name)}
    leads = tuple(f"{s}/" for s in scopes if s)
    left = [n for n in graph_def.node if not leads or not n.name.startswith(leads)]
    del graph_def.node[:]
    graph_def.node.extend(left)
