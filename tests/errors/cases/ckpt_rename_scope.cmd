graphcli ckpt rename ../../wire/recorded/kinds -o x --map al/=s/
