graphcli run values.yaml --fetch parts --feed x= --feed nothing=1 --random nowhere --feed y=[1,
