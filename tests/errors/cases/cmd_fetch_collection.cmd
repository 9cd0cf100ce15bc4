graphcli run ../../../specs/line.yaml --fetch trainable_variables
