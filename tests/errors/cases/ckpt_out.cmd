graphcli ckpt strip ../../wire/recorded/kinds -o no/where/x
