graphcli nodes good.yaml --collection variable
