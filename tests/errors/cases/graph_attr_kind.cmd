graphcli info graph_attr_kind.pbtxt
