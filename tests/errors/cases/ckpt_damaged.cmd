graphcli ckpt show damaged
