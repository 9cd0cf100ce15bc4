graphcli ckpt rename ../../wire/recorded/kinds -o x --regex 'a=\1'
