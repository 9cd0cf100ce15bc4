graphcli ckpt stats ../../wire/recorded/kinds 'al/*'
