graphcli run gradient_off.yaml --feed x=[1,2] --check-gradients loss
