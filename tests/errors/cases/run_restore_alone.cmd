graphcli run ../../../specs/line.yaml --fetch w --partial
