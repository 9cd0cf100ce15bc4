"""Tables that change, and tables whose handles are references, of TensorFlow 1.15."""
from __future__ import annotations

from typing import Any


def files(tf: Any) -> dict[str, bytes]:
    return {"words.txt": b"a\nb\nc\n"}


def _steps(r: Any, tf: Any, handle: Any, key: Any, value: Any, default: Any, ref: str) -> Any:
    """Ops of a table: functions of what is fed that give steps."""
    keys, values = tf.placeholder(key), tf.placeholder(value)
    insert = getattr(r, f"LookupTableInsert{ref}")(table_handle=handle, keys=keys, values=values)
    find = getattr(r, f"LookupTableFind{ref}")(table_handle=handle, keys=keys, default_value=default)
    size = getattr(r, f"LookupTableSize{ref}")(table_handle=handle)
    export = getattr(r, f"LookupTableExport{ref}")(table_handle=handle, Tkeys=key, Tvalues=value)
    take = getattr(r, f"LookupTableImport{ref}")(table_handle=handle, keys=keys, values=values)
    return (lambda k, v: ([insert], {keys: k, values: v}), lambda k: ([find], {keys: k}), [size], [*export],
            lambda k, v: ([take], {keys: k, values: v}), keys)


def _words(tf: Any, ref: str) -> Any:
    r = tf.raw_ops
    handle = getattr(r, f"MutableHashTable{ref}")(key_dtype=tf.string, value_dtype=tf.int64)
    insert, find, size, export, take, keys = _steps(r, tf, handle, tf.string, tf.int64, tf.constant(-1, tf.int64), ref)
    out = [size, export, insert(["a", "b", "a"], [1, 2, 3]), size, find([["a", "z"], ["b", "a"]]),
           insert(["a", "b"], [1]), insert([["q"]], [[7]]), size, take(["n"], [5]), export, find(["a", "n"])]
    if ref:
        remove = r.LookupTableRemoveV2(table_handle=handle, keys=keys)
        out += [([remove], {keys: ["n", "z"]}), size, export]
    two = tf.placeholder_with_default(tf.constant([1, 2], tf.int64), None)
    wrong = getattr(r, f"LookupTableFind{ref}")(table_handle=handle, keys=["n"], default_value=two)
    return [*out, [wrong]]


def words(tf: Any) -> Any:
    return _words(tf, "V2")


def words_by_reference(tf: Any) -> Any:
    return _words(tf, "")


def _vectors(tf: Any, ref: str) -> Any:
    r = tf.raw_ops
    handle = getattr(r, f"MutableHashTableOfTensors{ref}")(key_dtype=tf.int64, value_dtype=tf.float32, value_shape=[2])
    insert, find, size, export, take, _ = _steps(r, tf, handle, tf.int64, tf.float32, [0., -1.], ref)
    wrong = getattr(r, f"MutableHashTableOfTensors{ref}")(key_dtype=tf.int64, value_dtype=tf.float32, value_shape=[])
    return [insert([[4], [5]], [[[1, 2]], [[3, 4]]]), size, find([5, 6]), find([[5, 6, 4]]), insert([7], [[1, 2, 3]]),
            take([8], [[3, 4]]), export, [getattr(r, f"LookupTableSize{ref}")(table_handle=wrong)]]


def vectors(tf: Any) -> Any:
    return _vectors(tf, "V2")


def vectors_by_reference(tf: Any) -> Any:
    return _vectors(tf, "")


def buckets(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.MutableDenseHashTableV2(empty_key=tf.constant(-1, tf.int64), deleted_key=tf.constant(-2, tf.int64),
                                       value_dtype=tf.float32, value_shape=[2], initial_num_buckets=4)
    insert, find, size, export, take, keys = _steps(r, tf, handle, tf.int64, tf.float32, [7., 8.], "V2")
    remove = r.LookupTableRemoveV2(table_handle=handle, keys=keys)
    return [export, insert([5, 9], [[1, 2], [3, 4]]), export, insert([5, 13, 1, 17], [[1, 2]] * 4), export, size,
            find([9, 4, 17]), find([[9, 4, 17]]), ([remove], {keys: [9, 4]}), export, size, find([17, 9]),
            insert([17], [[9, 9]]), export, size, insert([-1], [[9, 9]]), find([-1]), ([remove], {keys: [-2]}),
            take([[3], [-1], [5], [-2]], [[1, 1]] * 4), export, find([3, 5]), size,
            insert([40, 41], [[1, 2], [3, 4]]), export]


def buckets_of_words(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.MutableDenseHashTableV2(empty_key="", deleted_key="-", value_dtype=tf.int64, initial_num_buckets=8)
    insert, find, size, export, _, _ = _steps(r, tf, handle, tf.string, tf.int64, tf.constant(-1, tf.int64), "V2")
    return [insert(["a", "b", "cc"], [1, 2, 3]), export, insert([f"d{i}" for i in range(9)], range(9)), export, size,
            find(["d3", "x"])]


def buckets_of_pairs(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.MutableDenseHashTableV2(empty_key=[0, 0], deleted_key=[-1, 0], value_dtype=tf.int32,
                                       initial_num_buckets=8)
    insert, find, size, export, _, _ = _steps(r, tf, handle, tf.int32, tf.int32, -1, "V2")
    return [insert([[1, 2], [3, 4], [-5, 0]], [1, 2, 3]), export, find([[3, 4], [9, 9]]), size]


def buckets_by_reference(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.MutableDenseHashTable(empty_key=tf.constant(0, tf.int64), value_dtype=tf.int64, initial_num_buckets=4)
    insert, find, size, export, _, _ = _steps(r, tf, handle, tf.int64, tf.int64, tf.constant(-1, tf.int64), "")
    return [insert([7, 3], [1, 2]), insert([11], [4]), export, find([3, 4]), size]


def buckets_that_are_none(tf: Any) -> Any:
    r = tf.raw_ops
    made = [r.MutableDenseHashTableV2(empty_key=0, deleted_key=d, value_dtype=tf.int32, **said) for d, said in (
        (-1, {"initial_num_buckets": 3}), (-1, {"max_load_factor": 1.5}), (-1, {"initial_num_buckets": 2}), (0, {}))]
    return [[r.LookupTableSizeV2(table_handle=h)] for h in made]


def filled_once_by_reference(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.HashTable(key_dtype=tf.string, value_dtype=tf.int64, shared_name="both")
    begin = r.InitializeTable(table_handle=handle, keys=["a", "b"], values=tf.constant([3, 4], tf.int64))
    other = r.HashTable(key_dtype=tf.string, value_dtype=tf.int64, shared_name="both")
    find, wrong = (r.LookupTableFind(table_handle=h, keys=["b", "z"], default_value=tf.constant(-1, tf.int64))
                   for h in (other, handle))
    insert = r.LookupTableInsert(table_handle=handle, keys=["b"], values=tf.constant([1], tf.int64))
    lines = r.HashTable(key_dtype=tf.string, value_dtype=tf.int64)
    path = tf.placeholder(tf.string, [])
    read = r.InitializeTableFromTextFile(table_handle=lines, filename=path, key_index=-2, value_index=-1)
    return [[wrong], [begin], [find], [insert], [r.LookupTableSize(table_handle=handle)],
            ([read], {path: "@/words.txt"}),
            [r.LookupTableFind(table_handle=lines, keys=["c", "z"], default_value=tf.constant(-1, tf.int64))]]


def what_is_filled_once_takes_nothing_in(tf: Any) -> Any:
    r = tf.raw_ops
    handle = r.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    return [[r.LookupTableInsertV2(table_handle=handle, keys=["a"], values=tf.constant([1], tf.int64))],
            [r.LookupTableRemoveV2(table_handle=handle, keys=["a"])]]
