graphcli run ../../../specs/line.yaml --fetch w --restore runs
