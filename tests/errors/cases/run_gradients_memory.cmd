graphcli run ../../../specs/line.yaml --check-gradients loss --memory 1M
