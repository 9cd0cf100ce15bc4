graphcli run ../../../specs/line.yaml --fetch w --restore ../../wire/recorded/kinds --rename scalar=weight
