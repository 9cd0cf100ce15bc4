import os

import graphcli.tf1 as tf


def tried(what, call):
    try:
        print(what, call())
    except tf.errors.NotFoundError:
        print(what, "not found")
    except tf.errors.AlreadyExistsError:
        print(what, "there already")
    except tf.errors.PermissionDeniedError:
        print(what, "not permitted")


tf.gfile.MakeDirs("a/b/c")
for name in ("one.txt", "two.txt", "a/x.txt", "a/b/y.txt"):
    with tf.gfile.Open(name, "w") as file:
        file.write("text\n")
for pattern in ("one.txt", "*.txt", "./*.txt", "a/*.txt", "**/*.txt", "*/x.txt", "o?e.txt", "none*", "a/b/../x.txt"):
    print(pattern, sorted(tf.gfile.Glob(pattern)), sorted(tf.io.gfile.glob([pattern, "a/b/*"])))
with tf.Session() as session:
    for pattern in ("one.txt", "*.txt", ["a/*.txt", "one.txt"]):
        print(session.run(tf.matching_files(pattern)))
    names = tf.data.Dataset.list_files("*.txt", shuffle=False).make_one_shot_iterator().get_next()
    print(session.run(names), session.run(names))
gfile = tf.gfile
tried("MkDir of a folder", lambda: gfile.MkDir("a"))
tried("MkDir in none", lambda: gfile.MkDir("q/r"))
tried("Remove", lambda: gfile.Remove("none"))
tried("DeleteRecursively", lambda: gfile.DeleteRecursively("none"))
tried("ListDirectory", lambda: gfile.ListDirectory("none"))
tried("Stat", lambda: gfile.Stat("none"))
tried("Rename", lambda: gfile.Rename("none", "some"))
tried("Rename to a file", lambda: gfile.Rename("one.txt", "two.txt"))
tried("Copy", lambda: gfile.Copy("none", "some"))
tried("Copy to a file", lambda: gfile.Copy("one.txt", "two.txt"))
tried("Copy over a file", lambda: gfile.Copy("one.txt", "two.txt", overwrite=True))
tried("read", lambda: gfile.GFile("none").read())
tried("read what is written", lambda: gfile.GFile("new.txt", "w").read())
tried("write what is read", lambda: gfile.GFile("one.txt").write("x"))
tried("write in no folder", lambda: gfile.GFile("q/r.txt", "w").write("x"))
print(isinstance(b"", tf.compat.bytes_or_text_types), isinstance(3, tf.compat.integral_types),
      isinstance(3.0, tf.compat.integral_types), isinstance(3, tf.compat.real_types),
      isinstance(3j, tf.compat.complex_types))
print(type(tf.GIT_VERSION) in (bytes, str), type(tf.COMPILER_VERSION) in (bytes, str), os.path.exists("a/b/c"))
