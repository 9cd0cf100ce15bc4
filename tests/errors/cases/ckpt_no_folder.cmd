graphcli ckpt ls nowhere/model
