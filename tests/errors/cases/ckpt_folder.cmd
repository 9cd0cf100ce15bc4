graphcli ckpt ls ../../wire/recorded
