graphcli ckpt rename ../../wire/recorded/kinds -o x --regex '(=x'
