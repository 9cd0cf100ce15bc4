graphcli ckpt ls ../../wire/recorded/kind
