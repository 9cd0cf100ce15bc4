graphcli run ../../../specs/line.yaml --fetch w --eager --logdir x
