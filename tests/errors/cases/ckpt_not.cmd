graphcli ckpt ls bad.json
