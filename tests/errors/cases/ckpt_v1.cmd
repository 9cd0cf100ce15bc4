graphcli ckpt ls ../../wire/recorded/old
