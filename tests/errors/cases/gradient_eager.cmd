graphcli run gradient_off.yaml --check-gradients loss --eager
