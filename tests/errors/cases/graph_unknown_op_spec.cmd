graphcli export graph_unknown_op.pbtxt -o - --format yaml
