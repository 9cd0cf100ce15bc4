graphcli ckpt ls damaged_index
