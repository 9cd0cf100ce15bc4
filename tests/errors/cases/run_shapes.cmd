graphcli run run_shapes.yaml --feed a='[[1, 2]]' --feed b='[[1, 2]]'
