graphcli ckpt ls ''
