graphcli ckpt diff ../../wire/recorded/kinds ../../wire/recorded/parts hole
