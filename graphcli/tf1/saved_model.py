"""SavedModel: folders of a graph, its signatures, its variables and the files that it reads (tf.saved_model of TF1).

    saved_model.pb              the MetaGraphDefs, each under its tags
    variables/variables.*       a checkpoint of the variables
    assets/                     copies of the files that constants of the graph name
"""
from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import BadState, InvalidType, InvalidValue, NoFile, UsageError, reason_of
from ..graph.collections import GraphKeys
from ..graph.default import use_graph
from ..graph.graph import Node, Tensor
from ..graph.types import string
from ..wire.files import write_whole
from ..wire.messages import message
from .context import add_to_collection, get_collection
from .graph_def import as_text_proto
from .meta_graph import import_meta_graph
from .modules import modules
from .saved_model_signatures import DEFAULT_SERVING_SIGNATURE_DEF_KEY, SERVING, check_signatures, predict_signature_def
from .saver import Saver

EXPORTS = """
saved_model: Builder simple_save load maybe_saved_model_directory contains_saved_model=maybe_saved_model_directory
saved_model: main_op_with_restore ASSETS_DIRECTORY ASSETS_KEY MAIN_OP_KEY LEGACY_INIT_OP_KEY SAVED_MODEL_FILENAME_PB
saved_model: SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION VARIABLES_DIRECTORY VARIABLES_FILENAME
saved_model.builder: SavedModelBuilder=Builder
saved_model.loader: load maybe_saved_model_directory
saved_model.main_op: main_op main_op_with_restore
saved_model.constants: ASSETS_DIRECTORY ASSETS_KEY MAIN_OP_KEY LEGACY_INIT_OP_KEY SAVED_MODEL_FILENAME_PB
saved_model.constants: SAVED_MODEL_FILENAME_PBTXT SAVED_MODEL_SCHEMA_VERSION VARIABLES_DIRECTORY VARIABLES_FILENAME
"""

ASSETS_DIRECTORY, ASSETS_KEY = "assets", "saved_model_assets"
MAIN_OP_KEY, LEGACY_INIT_OP_KEY, TRAIN_OP_KEY = "saved_model_main_op", "legacy_init_op", "saved_model_train_op"
SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT = "saved_model.pb", "saved_model.pbtxt"
SAVED_MODEL_SCHEMA_VERSION = 1
VARIABLES_DIRECTORY, VARIABLES_FILENAME = "variables", "variables"
_ASSET_TYPE = "type.googleapis.com/tensorflow.AssetFileDef"


class Builder:
    """Writes a SavedModel into a new folder (tf.saved_model.Builder).

    export_dir: where; it is made. Raises InvalidValue for a folder that has something in it.
    """

    def __init__(self, export_dir: Any) -> None:
        self._dir = os.fspath(export_dir)
        self._model = message("SavedModel")()
        self._model.saved_model_schema_version = SAVED_MODEL_SCHEMA_VERSION
        self._saved = False
        if os.path.isdir(self._dir) and os.listdir(self._dir):
            raise InvalidValue(f"Export directory {self._dir} already exists, and isn't empty. Please choose a "
                               "different export directory, or delete all the contents of the specified directory: "
                               f"{os.listdir(self._dir)}")
        os.makedirs(self._dir, exist_ok=True)

    def add_meta_graph_and_variables(self, sess: Any, tags: Iterable[str],
                                     signature_def_map: Mapping[str, Any] | None = None,
                                     assets_collection: Sequence[Tensor] | None = None, legacy_init_op: Any = None,
                                     clear_devices: bool = False, main_op: Any = None,
                                     strip_default_attrs: bool = False, saver: Any = None) -> None:
        """The first graph, with the values of its variables in the session. Raises AssertionError for a second one,
        InvalidType and InvalidValue for signatures, assets or ops that are none."""
        if self._saved:
            raise AssertionError("Graph state including variables and assets has already been saved. Please invoke "
                                 "`add_meta_graph()` instead.")
        saver = self._prepared(signature_def_map or {}, assets_collection,
                               legacy_init_op if main_op is None else main_op, saver)
        folder = os.path.join(self._dir, VARIABLES_DIRECTORY)
        os.makedirs(folder, exist_ok=True)
        saver.save(sess, os.path.join(folder, VARIABLES_FILENAME), write_meta_graph=False, write_state=False)
        self._add(saver, tags, signature_def_map or {}, clear_devices)
        self._saved = True

    def add_meta_graph(self, tags: Iterable[str], signature_def_map: Mapping[str, Any] | None = None,
                       assets_collection: Sequence[Tensor] | None = None, legacy_init_op: Any = None,
                       clear_devices: bool = False, main_op: Any = None, strip_default_attrs: bool = False,
                       saver: Any = None) -> None:
        """A further graph, for the same variables. Raises AssertionError before the first."""
        if not self._saved:
            raise AssertionError("Graph state including variables and assets has not been saved yet. Please invoke "
                                 "`add_meta_graph_and_variables()` first.")
        saver = self._prepared(signature_def_map or {}, assets_collection,
                               legacy_init_op if main_op is None else main_op, saver)
        self._add(saver, tags, signature_def_map or {}, clear_devices)

    def save(self, as_text: bool = False) -> Any:
        """Writes the file of the graphs, binary or text; returns its path as bytes."""
        path = os.path.join(self._dir, SAVED_MODEL_FILENAME_PBTXT if as_text else SAVED_MODEL_FILENAME_PB)
        data = as_text_proto(self._model).encode() if as_text else self._model.SerializeToString(deterministic=True)
        write_whole(path, lambda file: file.write(data))
        return path.encode()

    def _prepared(self, signatures: Mapping[str, Any], assets: Any, main_op: Any, saver: Any) -> Any:
        """The Saver of a graph, once its assets are copied and its collections are filled."""
        check_signatures(signatures)
        self._copy(assets)
        if main_op is not None:
            if not isinstance(main_op, Node):
                raise InvalidType(f"Expected {main_op} to be an Operation but got type {type(main_op)} instead.")
            for key in (MAIN_OP_KEY, LEGACY_INIT_OP_KEY):
                if get_collection(key):
                    raise InvalidValue(f"Graph already contains one or more main ops under the collection {key}.")
            add_to_collection(MAIN_OP_KEY, main_op)
        if saver is not None:
            return saver
        return Saver(sharded=True, allow_empty=True)

    def _copy(self, assets: Any) -> None:
        """Copies the files of constants; two of one name are apart by a number."""
        paths: dict[str, str] = {}
        for tensor in assets or ():
            path = _asset_path(tensor)
            name = stem = os.path.basename(path)
            number = 0
            while name in paths and paths[name] != path and not filecmp.cmp(paths[name], path, shallow=False):
                number += 1
                name = f"{stem}_{number}"
            paths[name] = path
            asset = message("AssetFileDef")(filename=name)
            asset.tensor_info.name = tensor.name
            add_to_collection(ASSETS_KEY, message("AnyMessage")(type_url=_ASSET_TYPE,
                                                                value=asset.SerializeToString(deterministic=True)))
        folder = os.path.join(self._dir, ASSETS_DIRECTORY)
        if paths:
            os.makedirs(folder, exist_ok=True)
        for name, path in paths.items():
            try:
                shutil.copyfile(path, os.path.join(folder, name))
            except OSError as error:
                raise UsageError(f"cannot copy the asset {path}: {reason_of(error)}") from None

    def _add(self, saver: Any, tags: Iterable[str], signatures: Mapping[str, Any], clear_devices: bool) -> None:
        proto = saver.export_meta_graph(clear_devices=clear_devices)
        proto.meta_info_def.tags.extend(tags)
        for key, signature in signatures.items():
            proto.signature_def[key].CopyFrom(signature)
        self._model.meta_graphs.add().CopyFrom(proto)


def _asset_path(tensor: Any) -> str:
    """The path in a constant. Raises InvalidType for what is no constant scalar of a string."""
    if not isinstance(tensor, Tensor):
        raise InvalidType(f"Asset path tensor {tensor} must be a Tensor.")
    if tensor.op.type != "Const" or tensor.dtype.base_dtype is not string:
        raise InvalidType(f"Asset path tensor {tensor} must be a constant of dtype string.")
    value = np.asarray(tensor.op.attrs["value"], object)
    if value.size != 1:
        raise InvalidType(f"Asset path tensor {tensor} must be a scalar.")
    path = value.reshape(-1)[0]
    text: str = path.decode() if isinstance(path, bytes) else path
    if not text:
        raise InvalidValue(f"Asset filepath tensor {tensor} in is invalid.")
    return text


def simple_save(session: Any, export_dir: Any, inputs: Mapping[str, Any], outputs: Mapping[str, Any],
                legacy_init_op: Any = None) -> None:
    """A SavedModel for serving, with one signature of inputs and outputs by name (tf.saved_model.simple_save)."""
    signatures = {DEFAULT_SERVING_SIGNATURE_DEF_KEY: predict_signature_def(inputs, outputs)}
    builder = Builder(export_dir)
    builder.add_meta_graph_and_variables(session, [SERVING], signatures, get_collection(GraphKeys.ASSET_FILEPATHS),
                                         main_op=legacy_init_op, clear_devices=True)
    builder.save()


# -- reading

def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder has the file of a SavedModel (tf.saved_model.contains_saved_model)."""
    folder = os.fspath(export_dir)
    return any(os.path.isfile(os.path.join(folder, n)) for n in (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT))


def _read(folder: str) -> Any:
    """The SavedModel of a folder. Raises NoFile where there is none, InvalidValue for a file that is none."""
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    for name in (SAVED_MODEL_FILENAME_PB, SAVED_MODEL_FILENAME_PBTXT):
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        try:
            if name == SAVED_MODEL_FILENAME_PB:
                return message("SavedModel").FromString(data)
            return text_format.Parse(data.decode(), message("SavedModel")(), allow_unknown_field=True)
        except (DecodeError, text_format.ParseError, UnicodeDecodeError):
            raise InvalidValue(f"{path} is no SavedModel") from None
    raise NoFile(f"SavedModel file does not exist at: {folder}/{{{SAVED_MODEL_FILENAME_PBTXT}|"
                 f"{SAVED_MODEL_FILENAME_PB}}}")


def load(sess: Any, tags: Iterable[str], export_dir: Any, import_scope: str | None = None, **saver_kwargs: Any) -> Any:
    """Adds the graph of these tags to the session's, restores its variables and runs what it begins with
    (tf.saved_model.load); returns its MetaGraphDef.

    Raises BadState where no graph has these tags, what ``import_meta_graph`` and ``Saver.restore`` raise.
    """
    folder, wanted = os.fspath(export_dir), list(tags)
    model = _read(folder)
    proto = next((m for m in model.meta_graphs if set(m.meta_info_def.tags) == set(wanted)), None)
    if proto is None:
        there = [set(m.meta_info_def.tags) for m in model.meta_graphs]
        raise BadState(f"MetaGraphDef associated with tags {str(wanted).strip('[]')} could not be found in SavedModel, "
                       f"with available tags '{there}'.")
    with use_graph(sess.graph):
        saver = import_meta_graph(proto, import_scope=import_scope, **saver_kwargs)
        if saver is not None:
            saver.restore(sess, os.path.join(folder, VARIABLES_DIRECTORY, VARIABLES_FILENAME))
        begins = [name for key in (MAIN_OP_KEY, LEGACY_INIT_OP_KEY) if key in proto.collection_def
                  for name in proto.collection_def[key].node_list.value]
        if begins:
            lead = f"{import_scope}/" if import_scope else ""
            sess.run([sess.graph.as_graph_element(lead + begins[0])], _assets(folder, proto, lead))
    return proto


def _assets(folder: str, proto: Any, lead: str) -> dict[str, str]:
    """What is fed for the constants that name files: where these are now."""
    assets = list(proto.asset_file_def)
    if not assets and ASSETS_KEY in proto.collection_def:
        assets = [message("AssetFileDef").FromString(a.value) for a in proto.collection_def[ASSETS_KEY].any_list.value]
    return {lead + a.tensor_info.name: os.path.join(folder, ASSETS_DIRECTORY, a.filename) for a in assets}


def main_op() -> Any:
    """An op that initializes all variables and tables (tf.saved_model.main_op.main_op)."""
    tf = modules["tf"]
    return tf.group(tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer())


def main_op_with_restore(restore_op_name: str) -> Any:
    """``main_op`` and then the op of this name (tf.saved_model.main_op_with_restore)."""
    tf = modules["tf"]
    with tf.control_dependencies([main_op()]):
        return tf.group(restore_op_name)
