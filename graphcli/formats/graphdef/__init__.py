"""Files of TensorFlow's graphs: GraphDef (.pb, .pbtxt), MetaGraphDef (.meta) and SavedModel, binary and text.

    text.text_kind, detect.binary_kind   which of them it is, by its content
    read.read(data, name)                -> OpenedFile
    write.to_bytes(graph, …)             Graph -> bytes, by the kind that is asked for
"""
