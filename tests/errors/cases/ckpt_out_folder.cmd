graphcli ckpt strip ../../wire/recorded/kinds -o ../
