graphcli ckpt export ../../wire/recorded/kinds -o x.safetensors
