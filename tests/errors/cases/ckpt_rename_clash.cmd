graphcli ckpt rename ../../wire/recorded/kinds -o x --map scalar=empty
