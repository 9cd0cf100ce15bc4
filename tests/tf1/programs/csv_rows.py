"""Rows of files of fields between commas, with what is refused on the way."""
import graphcli.tf1 as tf

S, I = tf.string, tf.int32


def rows(text, defaults, **more):
    with tf.Graph().as_default() as graph, open("t.csv", "wb") as file:
        file.write(text)
        file.close()
        try:
            dataset = tf.data.experimental.CsvDataset("t.csv", defaults, **more)
        except (TypeError, ValueError) as error:
            print("a ValueError" if isinstance(error, ValueError) else "a TypeError")
            return
        row = tf.data.make_one_shot_iterator(dataset).get_next()
        print([t.shape.as_list() for t in row], [t.dtype.name for t in row],
              [n.name for n in graph.as_graph_def().node if n.op != "Const"])
        with tf.Session() as session:
            for _ in range(5):
                try:
                    print("  ", [v if isinstance(v, bytes) else v.item() for v in session.run(row)])
                except tf.errors.OutOfRangeError:
                    break
                except tf.errors.InvalidArgumentError:
                    print("   refused")


rows(b'id,name,v\n1,ab,2.5\n2,"c,d",\n3,,4\n', [I, ["none"], [9.0]], header=True)
rows(b"1,2.5,x\n4,NA,y\r\n", [tf.int64, [0.5]], select_cols=[0, 1], na_value="NA")
rows(b'"a\nb",c\r\nd,"e""f"\n', [S, S])
rows(b'a"b,c\n1,2\n', [S, S])
rows(b'a"b;c\n', [S, S], use_quote_delim=False, field_delim=";")
rows(b"x,1\n,2\ny,z\nw,3", [S, I])
rows(b"a\n\nc", [["x"]])
rows(b"a\n\nc", [S])
rows(b"a\rb\n", [S])
rows(b"1,2\n", [I], select_cols=[5])
rows(b"1", [S], select_cols=[1, 0])
rows(b"1", [S], select_cols=[0, 1])
rows(b"1,2,3\n", [S, S])
rows(b"", [S], header=True)
rows(b"", [S])
rows(b"1", [[1, 2]])
rows(b"1", S)
rows(b"1", [])
rows(b"1", [tf.uint8])
