graphcli ckpt sow ../../wire/recorded/kinds
