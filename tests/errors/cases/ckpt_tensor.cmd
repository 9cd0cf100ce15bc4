graphcli ckpt show ../../wire/recorded/kinds all/float31
